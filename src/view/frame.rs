//! What stands around every page, and the words that pages share.

use minijinja::{AutoEscape, Environment};
use serde::Serialize;

use super::shelf::Look;
use crate::cases::{CasesError, Opinion};
use crate::report::{count, judge_and_strategy, plain, word};

/// The templates.
pub(super) fn templates() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("base", include_str!("pages/base.html"))?;
    environment.add_template("list", include_str!("pages/list.html"))?;
    environment.add_template("case", include_str!("pages/case.html"))?;
    Ok(environment)
}

/// What stands around every page.
#[derive(Serialize)]
pub(super) struct Frame {
    version: u64,
    progress: Option<String>,
    problem: Option<String>,
    gaps: Vec<String>,
}

impl Frame {
    pub(super) fn of(look: &Look) -> Self {
        let progress = look.progress.as_ref();
        Self {
            version: look.version,
            progress: progress.map(|progress| {
                let (there, of, store) = (count(progress.there), count(progress.of), plain(&progress.store));
                if progress.there < progress.of {
                    format!("not finished: {there} of {of} judgments are there; the others are looked for in the store {store}")
                } else {
                    format!("all {of} judgments are there, by the store {store}; the run has not written them yet")
                }
            }),
            problem: look.problem.as_deref().map(plain),
            gaps: look.cases.gaps().map(plain).collect(),
        }
    }
}

/// What came of a judgment, in a word.
pub(super) fn outcome(said: &Opinion) -> String {
    let other = if said.is_contrary { "contrary" } else { "scored" };
    said.outcome.and_then(word).unwrap_or_else(|| other.to_owned())
}

/// Who said it: the judge, and its strategy.
pub(super) fn judge(said: &Opinion) -> String {
    judge_and_strategy(&said.judge, said.strategy.as_deref())
}

/// The verdict in its word, or why there is none.
pub(super) fn verdict(said: &Opinion) -> String {
    said.verdict.as_deref().or(said.reason.as_deref()).map_or_else(String::new, plain)
}

/// Why a page cannot be shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum PageError {
    #[error(transparent)]
    Cases(#[from] CasesError),
    #[error("the page: {0}")]
    Page(#[from] minijinja::Error),
}
