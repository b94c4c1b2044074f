//! Writes that belong together, in one: an answer's pieces come one by one from the provider's connection, and each write of its
//! own would cost as much as all of them. Nothing waits for time: only what is ready now goes first, and where nobody else is
//! served, the first piece of an answer waits for nothing at all.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// As often as this, what else is ready on this thread goes first, as long as it adds something. No time is waited for.
const ROUNDS: u8 = 4;
/// So much is worth a write of its own.
const ENOUGH: usize = 16 << 10;

/// How many requests wait for the heads of their answers on a thread.
#[derive(Debug, Clone, Default)]
pub(super) struct Busy(Arc<AtomicUsize>);

/// One of them, until it is dropped.
pub(super) struct Answering(Busy);

impl Busy {
    /// One more.
    pub(super) fn one_more(&self) -> Answering {
        self.0.fetch_add(1, Ordering::Relaxed);
        Answering(self.clone())
    }

    fn is_anyone(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A connection whose small writes let everything else that is ready now go first, so that what they add goes along.
#[derive(Debug)]
pub(super) struct Gather<T> {
    inner: T,
    busy: Busy,
    /// Something was read since the last write: the next one begins an answer.
    begins: bool,
    /// How much there was to write the last time.
    seen: usize,
    rounds: u8,
}

impl<T> Gather<T> {
    pub(super) fn new(inner: T, busy: Busy) -> Self {
        Self { inner, busy, begins: true, seen: 0, rounds: 0 }
    }

    /// Whether others go first. Whoever writes comes again with as much or more.
    fn lets_others_go(&mut self, much: usize, context: &Context<'_>) -> bool {
        let is_urgent = self.begins && !self.busy.is_anyone();
        if is_urgent || much <= self.seen || much >= ENOUGH || self.rounds >= ROUNDS {
            return false;
        }
        self.seen = much;
        self.rounds += 1;
        context.waker().wake_by_ref();
        true
    }

    fn written(&mut self, done: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if done.is_ready() {
            (self.begins, self.seen, self.rounds) = (false, 0, 0);
        }
        done
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Gather<T> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.lets_others_go(bytes.len(), context) {
            return Poll::Pending;
        }
        let done = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.written(done)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, pieces: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        if self.lets_others_go(pieces.iter().map(|piece| piece.len()).sum(), context) {
            return Poll::Pending;
        }
        let done = Pin::new(&mut self.inner).poll_write_vectored(context, pieces);
        self.written(done)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Gather<T> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.inner).poll_read(context, buffer);
        self.begins |= read.is_ready();
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How much was there to write, each time; what became of it in the end.
    fn written(busy: &Busy, growing: &[usize]) -> Vec<usize> {
        let mut gather = Gather::new(Vec::<u8>::new(), busy.clone());
        let mut context = Context::from_waker(std::task::Waker::noop());
        let mut written = Vec::new();
        for much in growing {
            let bytes = vec![b'x'; *much];
            if let Poll::Ready(done) = Pin::new(&mut gather).poll_write(&mut context, &bytes) {
                written.push(done.unwrap());
            }
        }
        written
    }

    #[test]
    fn what_grows_is_written_together_and_nothing_waits_for_ever() {
        let (alone, crowded) = (Busy::default(), Busy::default());
        let _other = crowded.one_more();
        // As long as it grows, others go first; when it does not, it is written.
        assert_eq!(written(&crowded, &[5, 8, 13, 13]), [13]);
        // However long it grows.
        assert_eq!(written(&crowded, &[1, 2, 3, 4, 5, 1, 2, 2]), [5, 2]);
        // Much is not worth a wait.
        assert_eq!(written(&crowded, &[ENOUGH]), [ENOUGH]);
        // Where nobody else is served, the first piece goes at once, and the rest together.
        assert_eq!(written(&alone, &[5, 3, 8, 8]), [5, 8]);
    }
}
