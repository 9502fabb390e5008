//! Judges: who is asked. The only user of the API client; nothing outside names one of its types.

mod access;
mod api_error;
mod baseline;
mod body;
mod endpoint;
mod failure;
mod hints;
mod limits;
mod logprobs;
mod replay;
mod sent;
mod transport;
mod wait;

pub use access::{Access, AccessError, hide_credentials, is_secret_name, looks_like_a_key};
pub use baseline::Baseline;
pub use body::read_reply;
#[cfg(test)]
pub(crate) use endpoint::Got;
pub use endpoint::{Answered, Endpoint, Timeouts};
pub use hints::{Hints, Wanted};
pub use replay::{Replay, ReplayError};
pub use wait::asked_wait;

use std::sync::Arc;

use crate::ask::Limits;
use crate::money::Prices;

/// Someone who can be asked.
#[derive(Debug)]
pub struct Judge {
    /// Its name in reports.
    pub name: String,
    /// How it answers.
    pub kind: JudgeKind,
}

/// How a judge answers.
#[derive(Debug)]
pub enum JudgeKind {
    /// By a rule that needs no model.
    Baseline(Baseline),
    /// With replies that were recorded.
    Replay(Replay),
    /// Over HTTP.
    Endpoint(Box<EndpointJudge>),
}

/// A model behind an endpoint.
#[derive(Debug)]
pub struct EndpointJudge {
    /// Where it is asked: one account, or several that answer alike.
    pub replicas: Vec<Replica>,
    /// What its replies are stored under: the host and path of its base URL and the model, without port or credentials.
    pub identity: String,
    /// Further fields of every request body.
    pub extra: Arc<serde_json::Map<String, serde_json::Value>>,
    /// What its tokens cost; `None` where nobody knows.
    pub prices: Option<Prices>,
    /// Whether it is the simulated judge, which is told the gold in a header.
    pub simulated: bool,
}

/// One account of a judge: a base URL and a key, with limits of its own.
#[derive(Debug)]
pub struct Replica {
    /// What people are told of it: its base URL, and the variable of its key where that tells it apart.
    pub name: String,
    /// Where it is asked.
    pub endpoint: Endpoint,
    /// What may be spent at it.
    pub limits: Limits,
}
