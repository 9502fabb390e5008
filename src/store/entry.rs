//! What is written down of an exchange with an endpoint, and what else the writer is told.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::claims::Claim;
use crate::ask::{Failure, Key, Reply};
use crate::money::Usd;

/// What the writer is to do.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "nearly every order is a reply")]
pub enum Order {
    /// Write this down.
    Keep(Entry),
    /// Claim these keys, and say what became of each.
    Claim(Vec<Wish>, oneshot::Sender<Vec<Claim>>),
    /// Give up the claims to these keys.
    Release(Vec<Key>),
}

/// A key that is to be claimed, and the most that one attempt may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The key.
    pub key: Key,
    /// The most that it may cost; nothing where no price is known.
    pub worst: Usd,
}

/// What is kept of an exchange.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A reply.
    Reply(Had),
    /// An attempt that brought none.
    Failed(Attempt),
}

impl Entry {
    /// What it is about.
    pub(super) fn key(&self) -> &Key {
        match self {
            Self::Reply(had) => &had.key,
            Self::Failed(attempt) => &attempt.key,
        }
    }

    /// What it cost, or may have.
    pub(super) fn cost(&self) -> Usd {
        match self {
            Self::Reply(had) => had.cost,
            Self::Failed(attempt) => attempt.cost,
        }
    }

    /// Whether nothing more is asked under its key.
    pub(super) fn is_last(&self) -> bool {
        match self {
            Self::Reply(_) => true,
            Self::Failed(attempt) => attempt.is_last,
        }
    }
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
    /// What it cost; nothing where no price is known.
    pub cost: Usd,
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
    /// Whether the ask is given up.
    pub is_last: bool,
    /// What it may have cost, at its worst.
    pub cost: Usd,
}
