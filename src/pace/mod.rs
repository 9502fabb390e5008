//! Pace: when a request may be sent, and when again.

mod backoff;
mod budget;
mod meter;
mod room;
mod smooth;
mod tally;
mod tokens;
mod window;

pub use backoff::Backoff;
pub use budget::{Budget, Size, Ticket};
pub use meter::{LimitUse, Measure, Source};
pub use room::Room;
