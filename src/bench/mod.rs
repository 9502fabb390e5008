//! Benchmarks: readers of their formats, and the items that come out.

mod catalog;
mod error;
mod item;
mod items;
mod limit;
mod odd;
mod preferences;
mod record;
mod records;
mod rmb;
mod sample;
mod source;
mod task;
mod texts;

pub use catalog::{Catalog, RMB, Scenario};
pub use error::BenchError;
pub use item::{Bench, Builder, Candidate, Conversation, ConversationId, Coverage, GroupId, Item, Turn};
pub use odd::{Odd, Oddity, oddities};
pub use record::RecordKind;
pub use records::read_records;
pub use rmb::read_rmb;
pub use sample::sample;
pub use source::{Format, Recognised, open, recognise};
pub use task::Task;
pub use texts::{TextId, Texts};
