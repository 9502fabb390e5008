//! The one writer: takes what comes, commits it in groups, never holds up a request.

use tokio::sync::mpsc;

use super::database::Store;
use super::entry::Entry;
use super::explain::StoreError;

/// The most entries of one commit, and the most that wait for the next. A kill loses no more than both.
pub const GROUP: usize = 64;

/// Commits the entries that come over its channel.
#[derive(Debug)]
pub struct Writer {
    store: Store,
    entries: mpsc::Receiver<Entry>,
}

impl Writer {
    /// A writer and the channel to it, which holds one group: a run whose disk is too slow waits for it.
    #[must_use]
    pub fn new(store: Store) -> (Self, mpsc::Sender<Entry>) {
        let (sender, entries) = mpsc::channel(GROUP);
        (Self { store, entries }, sender)
    }

    /// Commits what comes, all that has gathered during the last commit in one, until every sender is gone. An error ends it
    /// and closes the channel.
    pub async fn run(mut self) -> Result<(), StoreError> {
        let mut group = Vec::with_capacity(GROUP);
        while self.entries.recv_many(&mut group, GROUP).await > 0 {
            let store = self.store.clone();
            let committed = tokio::task::spawn_blocking(move || store.commit(&group).map(|()| group));
            group = committed.await.map_err(|error| self.store.problem(format!("the writer stopped: {error}")))??;
            group.clear();
        }
        Ok(())
    }
}
