//! The store: the replies that have been had. The only user of SQL.

mod claims;
mod database;
mod entry;
#[cfg(test)]
mod tests;
mod writer;

pub use claims::Claim;
pub use database::{Store, StoreError};
pub use entry::{Attempt, Entry, Had, Order};
pub use writer::{GROUP, Writer};
