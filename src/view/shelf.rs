//! What is looked at: the judgments as they are now, which others may take the place of while a run goes on.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::cases::{Cases, CasesError, Filter};

/// The most answers that are kept: stepping through cases asks for the same again and again.
const KEPT: usize = 16;

/// How far the runs are, where some are under way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Judgments that are there.
    pub there: usize,
    /// Judgments that there will be.
    pub of: usize,
    /// The store in which they are looked for.
    pub store: String,
}

/// The judgments as they are now.
#[derive(Debug)]
pub struct Shelf {
    now: Mutex<Now>,
}

#[derive(Debug)]
struct Now {
    version: u64,
    cases: Arc<Cases>,
    progress: Option<Progress>,
    problem: Option<String>,
    found: VecDeque<(Filter, Arc<Vec<u32>>)>,
}

/// The judgments at one time.
#[derive(Clone, Debug)]
pub(super) struct Look {
    pub(super) version: u64,
    pub(super) cases: Arc<Cases>,
    pub(super) progress: Option<Progress>,
    pub(super) problem: Option<String>,
}

impl Shelf {
    /// A shelf of these judgments; `progress` of runs that are under way.
    #[must_use]
    pub fn new(cases: Cases, progress: Option<Progress>) -> Self {
        let cases = Arc::new(cases);
        let now = Now { version: 0, cases, progress, problem: None, found: VecDeque::new() };
        Self { now: Mutex::new(now) }
    }

    /// Puts other judgments in place of those that are there; `progress` of runs that are under way.
    pub fn replace(&self, cases: Cases, progress: Option<Progress>) {
        let mut now = self.lock();
        now.version += 1;
        (now.cases, now.progress) = (Arc::new(cases), progress);
        now.found.clear();
    }

    /// Says why what is there cannot be renewed; `None` once it can.
    pub fn tell(&self, problem: Option<String>) {
        let mut now = self.lock();
        if now.problem != problem {
            now.version += 1;
            now.problem = problem;
            // What was found is kept for a version.
            now.found.clear();
        }
    }

    pub(super) fn look(&self) -> Look {
        let now = self.lock();
        Look {
            version: now.version,
            cases: Arc::clone(&now.cases),
            progress: now.progress.clone(),
            problem: now.problem.clone(),
        }
    }

    /// What a filter lets through.
    pub(super) fn find(&self, look: &Look, filter: &Filter) -> Result<Arc<Vec<u32>>, CasesError> {
        let is_kept = |now: &Now| now.version == look.version;
        {
            let now = self.lock();
            let kept = now.found.iter().find(|(kept, _)| is_kept(&now) && kept == filter);
            if let Some((_, found)) = kept {
                return Ok(Arc::clone(found));
            }
        }
        let found = Arc::new(look.cases.find(filter)?);
        let mut now = self.lock();
        if is_kept(&now) {
            now.found.push_front((filter.clone(), Arc::clone(&found)));
            now.found.truncate(KEPT);
        }
        Ok(found)
    }

    fn lock(&self) -> MutexGuard<'_, Now> {
        // Nothing in here panics between two assignments that belong together.
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
