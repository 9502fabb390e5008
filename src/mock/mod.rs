//! A simulated judge: an OpenAI-compatible HTTP server whose planted truth (how often it is right, how it leans) is known.
//! It shares nothing with the rest of the crate but the wire format.

mod decide;
mod parameters;
mod reply;
mod request;
mod server;
mod wire;

pub use decide::{Decision, decide};
pub use parameters::{Parameters, ParametersError};
pub use reply::{FinishReason, Usage};
pub use request::{ChatRequest, GOLD_HEADER, HintError, Hints, Message, SAMPLE_HEADER, Slot};
pub use server::{RequestCounts, Server, ServerOptions};
