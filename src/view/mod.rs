//! A local web page on which judgments are looked at one by one. It is served to this machine alone, and takes what it shows for hostile.

mod case;
mod choices;
mod frame;
mod guard;
mod list;
mod markdown;
mod query;
mod server;
mod shelf;

pub use server::ViewServer;
pub use shelf::{Progress, Shelf};
