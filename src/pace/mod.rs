//! Pace: when a request may be sent again.

mod backoff;

pub use backoff::Backoff;
