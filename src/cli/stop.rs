//! The person's wish to stop: Ctrl-C or SIGTERM.

use tokio::sync::watch;

use super::note;

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

/// Turns `stop` true at the first wish and returns at the second.
pub(super) async fn twice(stop: &watch::Sender<bool>) {
    asked().await;
    stop.send_replace(true);
    note("stopping: nothing more is sent, what is in flight is waited for; once more leaves at once");
    asked().await;
}
