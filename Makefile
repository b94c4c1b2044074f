# The only entry points a newcomer needs. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help run demo test faults fuzz bench bench-at-rest lint package package-test check-elsewhere setup clean

help:
	@echo "make demo     watch the whole way once, with made-up accounts: nothing of yours is touched"
	@echo "make test     every test, the end-to-end ones included"
	@echo "make faults   storms, kills, failing disks and campaigns in full: what must not lose a login (about an hour)"
	@echo "              CODEX_LAB_FAULTS=480m for a night, CODEX_LAB_FAULTS_SEED=17 to make the same draws again"
	@echo "make run      start Codex Lab for real use"
	@echo "make package  build packages: deb and rpm (dmg on macOS, setup and msi on Windows)"
	@echo "make check-elsewhere  check the types of what is for Windows and macOS alone, on Debian as root"
	@echo "make package-test  install, start, upgrade and remove them in a clean Debian, as root (PROFILE=dev for a quick one)"
	@echo "make bench    how long things take and how they grow: the gateway beside nginx, 10,000 profiles, the desktop; writes bench/RESULTS.md"
	@echo "make bench-at-rest  what the idle app takes, looked at for an hour; writes bench/RESULTS.md"
	@echo "make fuzz     ten million hostile inputs for every parser (N=1000000 for fewer)"
	@echo "make lint     formatting, lints, types, licences"
	@echo "make setup    install what is missing to build and test (the others do it by themselves)"
	@echo "make clean    delete everything that was built"

setup:
	@scripts/setup test

demo:
	@scripts/demo

test:
	@scripts/test

faults:
	@scripts/faults

bench-at-rest:
	@scripts/setup at-rest
	@cd ui && npm run --silent build
	@scripts/release cargo build --release --package codex-lab --package codex-lab-desktop
	@scripts/release cargo bench --package codex-lab-bench --bench speed -- --at-rest

fuzz:
	@scripts/fuzz $(N)

bench:
	@scripts/setup bench
	@cd ui && npm run --silent build
	@scripts/release cargo build --release --package codex-lab --package codex-lab-desktop
	@scripts/release cargo bench --package codex-lab-bench --bench speed

lint:
	@scripts/lint

run:
	@scripts/setup build
	@cd ui && npm run --silent build
	@cargo build --package codex-lab-desktop
	@cargo run --package codex-lab-desktop

package:
	@scripts/package

check-elsewhere:
	@scripts/check-elsewhere

package-test:
	@scripts/package-test --profile $(or $(PROFILE),release)

clean:
	cargo clean
	rm -rf artefacts gen permissions ui/dist ui/node_modules tests/codex-cli/node_modules tests/opencode/node_modules tests/bench/portkey/node_modules
