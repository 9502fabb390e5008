//! The person's wish to stop: Ctrl-C or SIGTERM.

use tokio::sync::watch;

use super::{Exit, note};

/// Waits for Ctrl-C or SIGTERM.
pub(super) async fn asked() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

/// Leaves at the first wish from now on, for work that waits on nothing: whatever is being written takes its name only when it is whole.
#[allow(clippy::disallowed_methods, reason = "the main task is busy and cannot listen")]
pub(super) fn leave_when_asked() -> tokio::task::JoinHandle<()> {
    tokio::spawn(async {
        asked().await;
        note("left at once; what was stored is kept");
        std::process::exit(Exit::Interrupted as i32);
    })
}

/// Turns `stop` true at the first wish and returns at the second.
pub(super) async fn twice(stop: &watch::Sender<bool>) {
    asked().await;
    stop.send_replace(true);
    note("stopping: nothing more is sent, what is in flight is waited for; once more leaves at once");
    asked().await;
}
