//! The report as one HTML file.

mod figures;
mod gather;
mod page;

pub use page::html;
