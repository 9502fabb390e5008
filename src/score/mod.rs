//! Scores: verdicts held against the items' golds, by the benchmark's rules, and the metrics of a cell.

mod attack;
mod decidable;
mod item;
mod judge;
mod outcome;
mod position;
mod precision;
mod rate;
mod record;
mod repeats;
mod sample;
#[cfg(test)]
mod tests;
mod top;
mod word;

pub use attack::{AttackScore, Attacked, attack_score};
pub use item::{ItemScore, Policy, Ties, UnparsedPolicy, worth};
pub use judge::{Shown, score_judge};
pub use outcome::{Outcome, hold};
pub use position::Position;
pub use precision::Precision;
pub use rate::{Stands, hold_scores};
pub use record::{CellScore, Decidable, Overall, Record, Subset, score_cell};
pub use repeats::{Repeats, VotingPoint};
pub use sample::smallest_difference;
pub use word::{Said, said};
