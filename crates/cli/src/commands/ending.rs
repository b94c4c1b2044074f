//! How a command that goes on is told to end: by the terminal or the system, or by a reader that is gone.

/// So often it is looked whether somebody still reads.
#[cfg(unix)]
const LOOK: std::time::Duration = std::time::Duration::from_secs(2);

/// Comes when nobody reads standard output any more: to find that out by writing, there would have to be something to say.
#[cfg(unix)]
pub(super) async fn unread() {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    loop {
        let stdout = std::io::stdout();
        let mut looked_at = [PollFd::new(&stdout, PollFlags::empty())];
        let gone = PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL;
        if poll(&mut looked_at, Some(&now)).is_ok() && looked_at[0].revents().intersects(gone) {
            return;
        }
        tokio::time::sleep(LOOK).await;
    }
}

#[cfg(not(unix))]
pub(super) async fn unread() {
    std::future::pending().await
}

/// Comes when the terminal, or the system, asks the program to end. It is heard from this call on, whoever is asked first.
#[cfg(unix)]
pub(crate) fn ended() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let heard = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async move {
        let (Ok(mut interrupt), Ok(mut terminate)) = heard else { return std::future::pending().await };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
}

/// Comes with the same, and when the terminal's window is closed: what has drawn there has something to put in order first.
#[cfg(unix)]
pub(crate) fn left() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (ended, hung_up) = (ended(), signal(SignalKind::hangup()));
    async move {
        let Ok(mut hung_up) = hung_up else { return ended.await };
        tokio::select! {
            () = ended => {}
            _ = hung_up.recv() => {}
        }
    }
}

#[cfg(not(unix))]
pub(crate) use ended as left;

#[cfg(not(unix))]
pub(crate) async fn ended() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
