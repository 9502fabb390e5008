//! A run: asks what is missing, then reads what there is. What each judge says depends on the stored replies alone.

mod account;
mod asked;
mod canary;
mod cell;
mod collect;
mod driver;
mod error;
mod estimate;
mod heard;
mod outage;
mod progress;
mod queue;
mod settings;
mod steps;
#[cfg(test)]
mod tests;
mod turns;
mod waiting;
mod walk;

pub use account::Stopped;
pub use asked::{AccountUse, Asked};
pub use canary::Alarm;
pub use cell::{Cell, messages, step_messages};
pub use collect::{Collected, Judgment, Tokens, collect};
pub use driver::Driver;
pub use error::RunError;
pub use estimate::{Basis, CellEstimate, Foretold, estimate};
pub use progress::{Counters, Pause, Progress, SoFar};
pub use settings::{Enough, LAST_REPLIES, Settings};
