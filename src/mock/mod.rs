//! A simulated judge: an OpenAI-compatible HTTP server whose planted truth (how often it is right, how it leans) is known.
//! It shares nothing with the rest of the crate but the wire format.

mod adversary;
mod decide;
mod faults;
mod hints;
mod limits;
mod outcome;
mod pairs;
mod parameters;
mod reply;
mod request;
mod saying;
mod send;
mod server;
mod stats;
#[cfg(test)]
mod tests;
mod wire;
mod words;

pub use adversary::{Adversary, Flight, ServerOptions};
pub use decide::{Decision, decide};
pub use faults::{Ask, Fault, Faults, FaultsError, Group};
pub use hints::{
    ATTACKED_HEADER, GOLD_HEADER, Gold, HintError, Hints, KIND_HEADER, LONGEST_HEADER, RANGE_HEADER, SAMPLE_HEADER,
    SLOTS_HEADER, Slot, Wanted,
};
pub use limits::{Charge, HeaderStyle, Latency, Limit, LimitUse, Limits, Outages, Output, Schedule};
pub use outcome::{Outcome, Transport};
pub use pairs::PairError;
pub use parameters::{Parameters, ParametersError};
pub use reply::{FinishReason, Usage};
pub use request::{ChatRequest, Message};
pub use server::Server;
pub use stats::Stats;
pub use words::Token;
