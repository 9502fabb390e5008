//! The strategies that are embedded in the binary.

use include_dir::{Dir, include_dir};

use super::error::StrategyError;
use super::loaded::Strategy;

static PROMPTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/prompts");

/// The names of the shipped strategies, sorted.
#[must_use]
pub fn shipped_names() -> Vec<&'static str> {
    let mut names: Vec<_> =
        PROMPTS.files().filter_map(|file| file.path().file_name()?.to_str()?.strip_suffix(".toml")).collect();
    names.sort_unstable();
    names
}

/// The file of a shipped strategy, as written.
#[must_use]
pub fn shipped_source(name: &str) -> Option<&'static str> {
    PROMPTS.get_file(format!("{name}.toml"))?.contents_utf8()
}

/// A shipped strategy, loaded and checked; `None` where there is none of that name.
#[must_use]
pub fn shipped(name: &str) -> Option<Result<Strategy, StrategyError>> {
    Some(Strategy::load(shipped_source(name)?, name))
}
