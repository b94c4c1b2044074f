//! Work that waits for files, off the async threads. What runs it is put together once, and not for each of a hundred kinds of
//! work: that would be a good part of the program.

use std::any::Any;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::task::JoinHandle;

use crate::failure::{Code, Failure};

/// What work came to, whatever that is.
type Done = Box<dyn Any + Send>;
type Work = Box<dyn FnOnce() -> Result<Done, Failure> + Send>;

/// Work that runs; it comes to an `R`.
#[must_use = "nothing else says how it ended"]
pub(super) struct Aside<R> {
    running: JoinHandle<Result<Done, Failure>>,
    comes_to: PhantomData<fn() -> R>,
}

/// Runs work that waits for files off the async threads.
pub(super) fn blocking<R: Send + 'static>(work: impl FnOnce() -> Result<R, Failure> + Send + 'static) -> Aside<R> {
    Aside { running: run(Box::new(move || Ok(Box::new(work()?)))), comes_to: PhantomData }
}

impl<R: 'static> Future for Aside<R> {
    type Output = Result<R, Failure>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let done = ready!(ended(&mut self.running, context))?;
        Poll::Ready(done.downcast().map(|done| *done).map_err(|_| broken()))
    }
}

fn run(work: Work) -> JoinHandle<Result<Done, Failure>> {
    tokio::task::spawn_blocking(work)
}

fn ended(running: &mut JoinHandle<Result<Done, Failure>>, context: &mut Context<'_>) -> Poll<Result<Done, Failure>> {
    Pin::new(running).poll(context).map(|joined| {
        joined.unwrap_or_else(|error| {
            // What a panic says of itself may hold anything.
            tracing::error!(panicked = error.is_panic(), "a task of the engine ended early");
            Err(broken())
        })
    })
}

fn broken() -> Failure {
    Failure::new(Code::Internal, "Something went wrong inside Codex Lab.").hint("Please report this; the log has more.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_work_comes_to_comes_back() {
        assert_eq!(blocking(|| Ok(vec![1, 2])).await.unwrap(), [1, 2]);
        let refused = blocking::<()>(|| Err(Failure::new(Code::Storage, "No."))).await.unwrap_err();
        assert_eq!((refused.code, refused.message.as_str()), (Code::Storage, "No."));
    }

    #[tokio::test]
    async fn work_that_panics_is_a_failure() {
        let failure = blocking::<()>(|| panic!("on purpose")).await.unwrap_err();
        assert_eq!(failure.code, Code::Internal);
    }
}
