//! Reports: what a person or a program is shown of a run, and the files of its folder.

mod attack;
mod describe;
mod estimate;
mod folder;
mod items;
mod json;
mod judgments;
mod listing;
mod notes;
mod recorded;
mod table;
mod text;

pub use attack::{AttackReport, NamedAttack, attack_report};
pub use describe::{alarm_text, coverage_line, limit_line, missing_line, plan_lines, precision_line, truncated_line};
pub use estimate::{estimate_json, estimate_table, estimated_cost, short, together};
pub use folder::{FolderError, RunFolder};
pub use items::write_items;
pub use json::{CellReport, Covered, Hashes, ItemCoverage, PrecisionReport, Report, UsageReport, cell_report};
pub use judgments::JudgmentWriter;
pub use listing::listing;
pub use recorded::{Reread, recorded_replies, reread};
pub use table::{Width, table, wrapped};
pub use text::{count, counted, plain, plain_block};
