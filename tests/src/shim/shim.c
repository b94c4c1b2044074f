/* Put before a program with LD_PRELOAD: counts the calls that change something below a folder, and lets some of them fail. It may
 * stop or kill the program at one of them, slow them down, set its clock wrong, and keep it from finding the addresses of names.
 * The program itself is unmodified. The variables are those that `Panel::env` sets, and those of tests/faults/fault.rs. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* Only below this folder, and only paths with this part. */
static const char *under;
static const char *part;
/* While this file is there, nothing fails. */
static const char *lifted;
/* Which call fails, from 1; all later ones too if it lasts. */
static long nth;
static int lasts;
static int fault;
/* Instead of failing, the program gets this signal at that call. */
static int sent;
/* What can be turned while the program runs, by whoever writes the file behind it; panel.rs has the same. */
static const volatile struct panel {
    int64_t ahead_ms;
    int64_t stands_at_ms;
    int64_t slow_us;
    int64_t error;
    int64_t nameless;
} *panel;
/* A line for each counted call. */
static int trace = -1;
static atomic_long counted;

static long number_of(const char *name) {
    const char *text = getenv(name);
    return text ? strtol(text, NULL, 10) : 0;
}

__attribute__((constructor)) static void begin(void) {
    under = getenv("FAULT_UNDER");
    part = getenv("FAULT_PART");
    lifted = getenv("FAULT_LIFTED");
    nth = number_of("FAULT_NTH");
    lasts = (int)number_of("FAULT_LASTS");
    fault = (int)number_of("FAULT_ERRNO");
    sent = (int)number_of("FAULT_SIGNAL");
    const char *turned = getenv("FAULT_PANEL");
    int fd = turned ? (int)syscall(SYS_openat, AT_FDCWD, turned, O_RDONLY | O_CLOEXEC, 0) : -1;
    if (fd >= 0) {
        void *there = mmap(NULL, sizeof *panel, PROT_READ, MAP_SHARED, fd, 0);
        if (there != MAP_FAILED) panel = there;
        syscall(SYS_close, fd);
    }
    const char *path = getenv("FAULT_TRACE");
    if (path) trace = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

/* Whether this call is to fail; errno is set then. Makes raw system calls only, so that it never meets itself. */
static int fails(const char *call, const char *path) {
    if (!under || !path) return 0;
    size_t length = strlen(under);
    if (strncmp(path, under, length) != 0 || (path[length] != '/' && path[length] != '\0')) return 0;
    if (part && !strstr(path, part)) return 0;
    int before = errno;
    long number = atomic_fetch_add(&counted, 1) + 1;
    int is_lifted = lifted && syscall(SYS_faccessat, AT_FDCWD, lifted, F_OK) == 0;
    int failing = nth > 0 && !is_lifted && (lasts ? number >= nth : number == nth);
    if (trace >= 0) {
        char line[PATH_MAX + 64];
        int size = snprintf(line, sizeof line, "%s %ld %s %s\n", failing ? "failed" : "passed", number, call, path + length);
        if (size > 0) syscall(SYS_write, trace, line, size < (int)sizeof line ? size : (int)sizeof line - 1);
    }
    if (panel && panel->slow_us > 0) {
        struct timespec pause = {panel->slow_us / 1000000, panel->slow_us % 1000000 * 1000};
        syscall(SYS_nanosleep, &pause, NULL);
    }
    if (failing && sent) {
        syscall(SYS_kill, (pid_t)syscall(SYS_getpid), sent);
        /* It was stopped, and goes on. */
        failing = 0;
    }
    int error = fault;
    if (!failing && panel && panel->error) {
        failing = 1;
        error = (int)panel->error;
    }
    errno = failing ? error : before;
    return failing;
}

static int fails_at(const char *call, int folder, const char *path) {
    if (path && path[0] == '/') return fails(call, path);
    char link[64], place[PATH_MAX];
    if (folder == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
    else snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    long size = syscall(SYS_readlinkat, AT_FDCWD, link, place, sizeof place - 1);
    if (size <= 0) return 0;
    place[size] = '\0';
    if (path && (size_t)size + strlen(path) + 2 < sizeof place) {
        strcat(place, "/");
        strcat(place, path);
    }
    return fails(call, place);
}

static int fails_fd(const char *call, int fd) {
    int before = errno;
    char link[64], place[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long size = syscall(SYS_readlinkat, AT_FDCWD, link, place, sizeof place - 1);
    errno = before;
    if (size <= 0) return 0;
    place[size] = '\0';
    return fails(call, place);
}

static int writes(int flags) {
    return (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) != 0;
}

/* The function behind this one. */
#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { \
        va_list rest; \
        va_start(rest, flags); \
        mode = va_arg(rest, mode_t); \
        va_end(rest); \
    }

int open(const char *path, int flags, ...) {
    MODE(flags)
    if (writes(flags) && fails_at("open", AT_FDCWD, path)) return -1;
    REAL(open);
    return real(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    MODE(flags)
    if (writes(flags) && fails_at("open", AT_FDCWD, path)) return -1;
    REAL(open64);
    return real(path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...) {
    MODE(flags)
    if (writes(flags) && fails_at("open", folder, path)) return -1;
    REAL(openat);
    return real(folder, path, flags, mode);
}

int openat64(int folder, const char *path, int flags, ...) {
    MODE(flags)
    if (writes(flags) && fails_at("open", folder, path)) return -1;
    REAL(openat64);
    return real(folder, path, flags, mode);
}

ssize_t write(int fd, const void *bytes, size_t size) {
    if (fails_fd("write", fd)) return -1;
    REAL(write);
    return real(fd, bytes, size);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (fails_fd("write", fd)) return -1;
    REAL(writev);
    return real(fd, parts, count);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t place) {
    if (fails_fd("pwrite", fd)) return -1;
    REAL(pwrite);
    return real(fd, bytes, size, place);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t place) {
    if (fails_fd("pwrite", fd)) return -1;
    REAL(pwrite64);
    return real(fd, bytes, size, place);
}

int fsync(int fd) {
    if (fails_fd("fsync", fd)) return -1;
    REAL(fsync);
    return real(fd);
}

int fdatasync(int fd) {
    if (fails_fd("fsync", fd)) return -1;
    REAL(fdatasync);
    return real(fd);
}

int ftruncate(int fd, off_t size) {
    if (fails_fd("ftruncate", fd)) return -1;
    REAL(ftruncate);
    return real(fd, size);
}

int ftruncate64(int fd, off64_t size) {
    if (fails_fd("ftruncate", fd)) return -1;
    REAL(ftruncate64);
    return real(fd, size);
}

int fallocate64(int fd, int mode, off64_t place, off64_t size) {
    if (fails_fd("fallocate", fd)) return -1;
    REAL(fallocate64);
    return real(fd, mode, place, size);
}

int posix_fallocate64(int fd, off64_t place, off64_t size) {
    if (fails_fd("fallocate", fd)) return errno;
    REAL(posix_fallocate64);
    return real(fd, place, size);
}

int chmod(const char *path, mode_t mode) {
    if (fails_at("chmod", AT_FDCWD, path)) return -1;
    REAL(chmod);
    return real(path, mode);
}

int fchmod(int fd, mode_t mode) {
    if (fails_fd("chmod", fd)) return -1;
    REAL(fchmod);
    return real(fd, mode);
}

int mkdir(const char *path, mode_t mode) {
    if (fails_at("mkdir", AT_FDCWD, path)) return -1;
    REAL(mkdir);
    return real(path, mode);
}

int rename(const char *from, const char *to) {
    if (fails_at("rename", AT_FDCWD, to)) return -1;
    REAL(rename);
    return real(from, to);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    if (fails_at("rename", to_folder, to)) return -1;
    REAL(renameat);
    return real(from_folder, from, to_folder, to);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned int flags) {
    if (fails_at("rename", to_folder, to)) return -1;
    REAL(renameat2);
    return real(from_folder, from, to_folder, to, flags);
}

int link(const char *from, const char *to) {
    if (fails_at("link", AT_FDCWD, to)) return -1;
    REAL(link);
    return real(from, to);
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
    if (fails_at("link", to_folder, to)) return -1;
    REAL(linkat);
    return real(from_folder, from, to_folder, to, flags);
}

int unlink(const char *path) {
    if (fails_at("unlink", AT_FDCWD, path)) return -1;
    REAL(unlink);
    return real(path);
}

int unlinkat(int folder, const char *path, int flags) {
    if (fails_at("unlink", folder, path)) return -1;
    REAL(unlinkat);
    return real(folder, path, flags);
}

int rmdir(const char *path) {
    if (fails_at("rmdir", AT_FDCWD, path)) return -1;
    REAL(rmdir);
    return real(path);
}

/* Of the time of day alone: what is waited for takes as long as it does. */
int clock_gettime(clockid_t clock, struct timespec *at) {
    REAL(clock_gettime);
    int result = real(clock, at);
    if (result == 0 && panel && clock == CLOCK_REALTIME && panel->stands_at_ms) {
        int64_t stands_at = panel->stands_at_ms;
        at->tv_sec = stands_at / 1000;
        at->tv_nsec = stands_at % 1000 * 1000000;
    } else if (result == 0 && panel && clock == CLOCK_REALTIME) {
        int64_t ahead = panel->ahead_ms;
        int64_t nanos = at->tv_nsec + ahead % 1000 * 1000000;
        at->tv_sec += ahead / 1000 + (nanos < 0 ? -1 : nanos / 1000000000);
        at->tv_nsec = nanos < 0 ? nanos + 1000000000 : nanos % 1000000000;
    }
    return result;
}

int getaddrinfo(const char *name, const char *port, const struct addrinfo *hints, struct addrinfo **found) {
    if (panel && panel->nameless) return EAI_AGAIN;
    REAL(getaddrinfo);
    return real(name, port, hints, found);
}
