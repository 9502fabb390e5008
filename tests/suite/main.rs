//! The binary, driven as a user would.

mod architecture;
mod commands;
mod endpoints;
mod golds;
mod kills;
mod readme;
mod recorded;
mod rmb;
mod support;
