//! What can go wrong between the simulated judge and who asks it, on demand and with known frequencies.

mod draw;
mod errors;
mod mangle;
mod names;
mod spec;
mod throttles;

pub use draw::Ask;
pub(super) use draw::Draw;
pub(super) use errors::{quota_spent, unauthorized};
pub(super) use mangle::{mangle, said};
pub use names::{Fault, Group};
pub use spec::{Faults, FaultsError};
pub(super) use throttles::{spelled_out, throttled, too_many_at_once};

use super::outcome::Outcome;

/// What a fault needs to know.
pub(super) struct Scene<'a> {
    /// Milliseconds since 1970-01-01 UTC.
    pub(super) now: u64,
    /// What the request carried as `Authorization`.
    pub(super) authorization: &'a str,
    /// Chooses between two forms of one fault.
    pub(super) coin: bool,
    pub(super) faults: &'a Faults,
}

/// What is answered in place of the judge's reply, if this fault does not need the reply.
pub(super) fn instead(fault: Fault, scene: &Scene<'_>) -> Option<Outcome> {
    throttles::throttle(fault, scene.now, scene.faults.wait_ms).or_else(|| errors::error(fault, scene))
}
