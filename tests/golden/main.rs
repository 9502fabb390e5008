//! Golden folders: what stands in a file goes in, what must come out stands beside it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bad;
mod prompts;
mod verdicts;
mod wrong;
