//! Values of flags, and what is expected of them.

use std::path::PathBuf;

use crate::config::MOST_SAMPLES;

pub(super) fn bench(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, path)) if !name.is_empty() && !path.is_empty() => Ok((name.to_owned(), PathBuf::from(path))),
        _ => Err("expected NAME=PATH, such as rmb=RMB_dataset".to_owned()),
    }
}

pub(super) fn samples(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| (1..=MOST_SAMPLES).contains(number));
    number.ok_or_else(|| format!("expected a whole number from 1 to {MOST_SAMPLES}"))
}

pub(super) fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "expected a whole number, 0 or more".to_owned())
}

pub(super) fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "expected a whole number, 1 or more".to_owned())
}
