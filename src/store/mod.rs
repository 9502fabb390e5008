//! The store: the replies that have been had. The only user of SQL.

mod database;
mod entry;
#[cfg(test)]
mod tests;
mod writer;

pub use database::{Store, StoreError};
pub use entry::{Attempt, Entry, Had};
pub use writer::{GROUP, Writer};
