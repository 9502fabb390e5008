//! The one writer: takes what comes, commits it in groups, never holds up a request.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::database::{Store, StoreError};
use crate::ask::{Failure, Key, Reply};

/// The most entries of one commit, and the most that wait for the next: so many replies at most are lost by a kill, twice.
const GROUP: usize = 256;

/// What is kept of an exchange.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A reply.
    Reply(Had),
    /// An attempt that brought none.
    Failed(Attempt),
}

/// A reply that was had.
#[derive(Clone, Debug)]
pub struct Had {
    /// What it is stored under.
    pub key: Key,
    /// The identity of the judge.
    pub judge: Arc<str>,
    /// The raw body.
    pub body: String,
    /// What the body says.
    pub reply: Reply,
    /// The endpoint's own name for the exchange.
    pub request_id: Option<String>,
    /// When the request was sent, in milliseconds since 1970-01-01 UTC.
    pub sent_at: i64,
    /// From sending to the last byte.
    pub latency: Duration,
    /// How many attempts it took.
    pub attempts: u32,
}

/// An attempt that brought no reply.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// What its reply would have been stored under.
    pub key: Key,
    /// The identity of the judge.
    pub judge: Arc<str>,
    /// When the request was sent, in milliseconds since 1970-01-01 UTC.
    pub sent_at: i64,
    /// What happened.
    pub failure: Failure,
}

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
