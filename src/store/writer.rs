//! The one writer: takes what comes, commits it in groups, never holds up a request.

use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::claims::{Claim, Owner};
use super::database::Store;
use super::entry::Order;
use super::explain::StoreError;
use super::ledger::Purse;
use crate::clock;

/// The most orders that are not committed: half of them in a commit, half behind it. A kill loses no more replies.
pub const GROUP: usize = 64;
/// How often a commit is tried again where there may be room or peace in a while.
const TRIES: u32 = 4;
/// The first wait; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// Carries out the orders that come over its channel.
#[derive(Debug)]
pub struct Writer {
    store: Store,
    owner: Owner,
    purse: Option<Purse>,
    orders: mpsc::Receiver<Order>,
    trouble: watch::Sender<Option<String>>,
}

impl Writer {
    /// A writer, which tells of its trouble while it lasts, and the channel to it. What is asked is paid out of a purse, if there is one. A
    /// run whose disk is too slow waits for it.
    pub fn new(
        store: Store,
        purse: Option<Purse>,
        trouble: watch::Sender<Option<String>>,
    ) -> Result<(Self, mpsc::Sender<Order>), StoreError> {
        let (sender, orders) = mpsc::channel(GROUP / 2);
        let owner = Owner::new(&store)?;
        Ok((Self { store, owner, purse, orders, trouble }, sender))
    }

    /// Commits what comes, all that has gathered during the last commit in one, until every sender is gone. An error ends it
    /// and closes the channel.
    pub async fn run(mut self) -> Result<(), StoreError> {
        let mut group = Vec::with_capacity(GROUP / 2);
        while self.orders.recv_many(&mut group, GROUP / 2).await > 0 {
            let claims;
            (group, claims) = self.commit(group).await?;
            let answers = group.drain(..).filter_map(|order| match order {
                Order::Claim(_, answer) => Some(answer),
                Order::Keep(_) | Order::Release(_) => None,
            });
            for (answer, claims) in answers.zip(claims) {
                // Who asked may have ended; the claims end with the owner.
                let _ = answer.send(claims);
            }
        }
        self.owner.end();
        Ok(())
    }

    /// Commits; where the disk is full or another program holds the file, again and again for a quarter of a minute.
    async fn commit(&self, mut group: Vec<Order>) -> Result<(Vec<Order>, Vec<Vec<Claim>>), StoreError> {
        let mut waits = (0..TRIES).map(|tries| FIRST_WAIT * 2_u32.pow(tries));
        loop {
            let committed;
            (group, committed) = self.try_to_commit(group).await?;
            let error = match committed {
                Ok(claims) => {
                    self.trouble.send_if_modified(|trouble| trouble.take().is_some());
                    return Ok((group, claims));
                }
                Err(error) => error,
            };
            let Some(wait) = waits.next().filter(|_| error.may_pass()) else { return Err(error) };
            self.trouble.send_replace(Some(error.to_string()));
            clock::sleep(wait).await;
        }
    }

    async fn try_to_commit(
        &self,
        group: Vec<Order>,
    ) -> Result<(Vec<Order>, Result<Vec<Vec<Claim>>, StoreError>), StoreError> {
        let (store, owner, purse) = (self.store.clone(), self.owner.id, self.purse);
        let commit = move || {
            let committed = store.commit(&group, owner, purse);
            (group, committed)
        };
        if self.store.is_in_memory() {
            return Ok(commit());
        }
        let committed = tokio::task::spawn_blocking(commit).await;
        committed.map_err(|error| self.store.problem(format!("the writer stopped: {error}")))
    }
}
