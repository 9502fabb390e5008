//! Golden folders: what stands in a file goes in, what must come out stands beside it.

mod verdicts;
