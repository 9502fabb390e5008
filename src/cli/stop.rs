//! The person's wish to stop: Ctrl-C or SIGTERM.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::{Exit, Trouble, note};

/// Listens for the wish, from the moment that it is made.
#[derive(Debug)]
pub(super) struct Wish {
    interrupt: Signal,
    terminate: Signal,
}

impl Wish {
    /// Listens from now on.
    pub(super) fn listen() -> Result<Self, Trouble> {
        let unexpected = |error: std::io::Error| Trouble::new(Exit::Unexpected, format!("no signals: {error}"));
        let interrupt = signal(SignalKind::interrupt()).map_err(unexpected)?;
        let terminate = signal(SignalKind::terminate()).map_err(unexpected)?;
        Ok(Self { interrupt, terminate })
    }

    /// Waits for it.
    pub(super) async fn came(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    /// Turns `stop` true at the first wish and returns at the second.
    pub(super) async fn came_twice(&mut self, stop: &watch::Sender<bool>) {
        self.came().await;
        stop.send_replace(true);
        note(
            "stopping: nothing more is sent, what is in flight is waited for, two minutes at the most; once more leaves at once",
        );
        self.came().await;
    }

    /// Leaves at the next one, for work that waits on nothing: whatever is being written takes its name only when it is whole.
    #[allow(clippy::disallowed_methods, reason = "the main task is busy and cannot listen")]
    pub(super) fn leave_when_it_comes(mut self) -> tokio::task::JoinHandle<()> {
        tokio::spawn(async move {
            self.came().await;
            note("left at once; what was stored is kept");
            std::process::exit(Exit::Interrupted as i32);
        })
    }
}
