//! Verdicts: what a reply says, read by a strategy's rule. A candidate's text is never searched, only the reply.

mod normalise;
mod read;
mod rule;
mod strip;

pub use read::{Reason, Verdict};
pub use rule::{CutOff, Kind, Meaning, Preference, Rule, RuleError, RuleFile, Take};
