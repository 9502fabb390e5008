//! The store: the replies that have been had. The only user of SQL.

mod database;
mod entry;
mod explain;
mod integrity;
mod mounts;
mod open;
mod pages;
mod repair;
mod rows;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_opening;
#[cfg(test)]
mod tests_of_repair;
mod writer;

pub use database::Store;
pub use entry::{Attempt, Entry, Had};
pub use explain::StoreError;
pub use integrity::{Examined, Holdings, examine};
pub use repair::{Repaired, Salvage, repair};
pub use writer::{GROUP, Writer};
