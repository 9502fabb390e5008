//! The binary, driven as a user would.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod architecture;
mod attack;
mod bias;
mod browser;
mod commands;
mod compare;
mod data;
mod endpoints;
mod fastchat;
mod faults;
mod forms;
mod golds;
mod html;
mod init;
mod jury;
mod kills;
mod money;
mod parquet;
mod readme;
mod reask;
mod recorded;
mod reparse;
mod rmb;
mod schemas;
mod several_runs;
mod shared;
mod store;
mod support;
mod view;
