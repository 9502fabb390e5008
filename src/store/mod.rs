//! The store: the replies that have been had. The only user of SQL.

mod database;
#[cfg(test)]
mod tests;
mod writer;

pub use database::{Store, StoreError};
pub use writer::{Attempt, Entry, Had, Writer};
