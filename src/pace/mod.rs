//! Pace: when a request may be sent again.

mod backoff;
mod room;

pub use backoff::Backoff;
pub use room::Room;
