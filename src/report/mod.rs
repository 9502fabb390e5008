//! Reports: what a person or a program is shown of a run, and the files of its folder.

mod agree;
mod attack;
mod compare;
mod describe;
mod estimate;
mod folder;
mod items;
mod json;
mod judgments;
mod jury;
mod listing;
mod matrix;
mod notes;
mod power;
mod recorded;
mod table;
mod text;

pub use agree::agree_table;
pub use attack::{AttackReport, NamedAttack, attack_report};
pub use compare::{compare_json, compare_table};
pub use describe::{alarm_text, coverage_line, limit_line, missing_line, plan_lines, precision_line, truncated_line};
pub use estimate::{estimate_json, estimate_table, estimated_cost, short, together};
pub use folder::{FolderError, RunFolder};
pub use items::write_items;
pub use json::{CellReport, Covered, Hashes, ItemCoverage, PrecisionReport, Report, UsageReport, cell_report};
pub use judgments::JudgmentWriter;
pub use jury::jury_table;
pub use listing::listing;
pub use matrix::{correlate_table, matrix_table};
pub use power::power_table;
pub use recorded::{Reread, recorded_replies, reread};
pub use table::{Width, table, wrapped};
pub use text::{count, counted, plain, plain_block};
