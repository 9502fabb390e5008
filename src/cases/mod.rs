//! Cases: the judgments of runs one by one, found by what is asked of them, each with its texts, the reply, and what others said of it.

mod case;
mod entry;
mod error;
mod filter;
mod gather;
mod link;
mod material;
mod needle;
mod search;
mod told;

pub use case::{Answer, Case, CaseItem, Marked, Opinion, Speech};
pub use entry::{Entry, Picked};
pub use error::CasesError;
pub use filter::{Filter, Flip, Odd, Place};
pub use gather::{Cases, CasesBuilder, Counts};
pub use link::Link;
pub use material::Material;
