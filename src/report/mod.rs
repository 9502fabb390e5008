//! Reports: what a person or a program is shown of a run, and the files of its folder.

mod agree;
mod attack;
mod compare;
mod describe;
mod estimate;
mod export;
mod figures;
mod folder;
mod html;
mod items;
mod json;
mod judgments;
mod jury;
mod listing;
mod made;
mod markdown;
mod matrix;
mod notes;
#[cfg(feature = "parquet")]
mod parquet;
mod part;
mod power;
mod recorded;
mod show;
mod table;
mod text;

#[cfg(feature = "parquet")]
pub use self::parquet::{ParquetError, write_parquet};
pub use agree::agree_table;
pub use attack::{AttackReport, NamedAttack, attack_report};
pub use compare::{compare_json, compare_table};
pub use describe::{alarm_text, coverage_line, limit_line, missing_line, plan_lines, precision_line, truncated_line};
pub use estimate::{estimate_json, estimate_table, estimated_cost, short, together};
pub use export::csv;
pub use figures::{FigureFile, figure_files};
pub use folder::{CONFIG, ITEMS, JUDGMENTS, REPORT, RunFolder};
pub use html::html;
pub use items::write_items;
pub use json::{CellReport, Covered, Hashes, ItemCoverage, PrecisionReport, Report, UsageReport, cell_report};
pub use judgments::JudgmentWriter;
pub use jury::jury_table;
pub use listing::listing;
pub use markdown::markdown;
pub use matrix::{correlate_table, matrix_table};
pub use part::{PathError, write_text};
pub use power::power_table;
pub use recorded::{Reread, Wanted, recorded_replies, reread};
pub use show::item_text;
pub use table::{Width, table, wrapped};
pub use text::{count, counted, judge_and_strategy, plain, plain_block, visible, word};
