//! Verdicts: what a reply says, read by a strategy's rule. A candidate's text is never searched, only the reply.

mod file;
mod json;
mod label;
mod logprobs;
mod normalise;
mod number;
mod object;
mod preset;
mod ranking;
mod read;
mod reading;
mod resolve;
mod rule;
mod score;
mod slot;
mod strip;
mod take;
#[cfg(test)]
mod tests;
mod trace;

pub use file::RuleFile;
pub use logprobs::At;
pub use preset::Preset;
pub use reading::{Reading, Reason, Repair, Verdict};
pub use rule::{CutOff, Meaning, Preference, Rule, RuleError};
pub use slot::{slot_label, slot_of};
pub use take::Take;
