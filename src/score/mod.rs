//! Scores: verdicts held against the items' golds, by the benchmark's rules, and the metrics of a cell.

mod attack;
mod confidence;
mod decidable;
mod estimate;
mod family;
mod heard;
mod item;
mod judge;
mod length;
mod origin;
mod outcome;
mod position;
mod precision;
mod rate;
mod record;
mod repeats;
mod sample;
mod scenarios;
#[cfg(test)]
mod tests;
mod top;
mod word;

pub use attack::{AttackScore, Attacked, attack_score};
pub use confidence::{Confidence, ConfidenceBin, ConfidenceSource, CoveragePoint};
pub use estimate::{Difference, Share};
pub use family::{family, judge_family};
pub use heard::Heard;
pub use item::{ItemScore, Policy, Ties, UnparsedPolicy, worth};
pub use judge::{Shown, score_judge};
pub use length::{Length, LengthPart};
pub use origin::{Origin, Own, WriterScore};
pub use outcome::{Outcome, hold};
pub use position::{Position, SlotCounts};
pub use precision::Precision;
pub use rate::{Stands, hold_scores};
pub use record::{CellScore, Decidable, Overall, Record, Subset, score_cell};
pub use repeats::{Repeats, VotingPoint};
pub use sample::smallest_difference;
pub use scenarios::{ScenarioScore, Scenarios, TaskAgreement, TaskScenarios, deepest};
pub use word::{Said, said};
