//! The report as one HTML file.

mod made;
mod page;

pub use page::html;
