//! The limits that the simulated judge enforces, as providers do: windows, hidden concurrency, latency, outages.

mod announce;
mod gate;
mod latency;
mod output;
mod schedule;
mod spec;
mod usage;
mod window;

pub(super) use gate::{Cost, Gate};
pub use latency::Latency;
pub use output::Output;
pub use schedule::{Outages, Schedule};
pub use spec::{Charge, HeaderStyle, Limit, Limits};
pub use usage::LimitUse;
