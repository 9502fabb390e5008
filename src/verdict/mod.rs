//! Verdicts: what a reply says, read by a strategy's rule. A candidate's text is never searched, only the reply.

mod normalise;
mod read;
mod reading;
mod rule;
mod slot;
mod strip;

pub use reading::{Reading, Reason, Repair, Verdict};
pub use rule::{CutOff, Kind, Meaning, Preference, Rule, RuleError, RuleFile, Take};
pub use slot::{slot_label, slot_of};
