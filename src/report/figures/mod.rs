//! Pictures of a report, each with the numbers behind it: for the page, and as files.

mod attacks;
mod conclusion;
mod cost;
mod draw;
mod failures;
mod figure;
mod files;
mod leanings;
mod names;
mod scenarios;
mod scores;
mod sections;
mod sureness;

pub(super) use attacks::{ATTACKED, attacks};
pub(super) use conclusion::{conclusion, headline};
#[cfg(test)]
pub(super) use draw::STRONGEST;
pub(super) use failures::FAILURES;
pub(super) use figure::{Field, Figure};
pub use files::{FigureFile, figure_files};
pub(super) use names::{Named, all_simulated, named, partial, run_name};
pub(super) use scores::by_score;
pub(super) use sections::{Section, sections};
