//! What is written down of an exchange with an endpoint.

use std::sync::Arc;
use std::time::Duration;

use crate::ask::{Failure, Key, Reply};

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
