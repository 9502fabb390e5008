//! The store: the replies that have been had. The only user of SQL.

mod claims;
mod database;
mod entry;
mod explain;
mod integrity;
mod ledger;
mod mounts;
mod open;
mod pages;
mod repair;
mod rows;
#[cfg(test)]
mod tests;
mod writer;

pub use claims::Claim;
pub use database::Store;
pub use entry::{Attempt, Entry, Had, Order, Wish};
pub use explain::StoreError;
pub use integrity::{Examined, Holdings, examine};
pub use ledger::{Ledger, Purse, RunId};
pub use repair::{Repaired, Salvage, repair};
pub use writer::{GROUP, Writer};
