//! Which fault an attempt has, and which an ask: pure draws with the planted frequencies.

use blake3::{Hash, Hasher};

use super::super::decide::Draws;
use super::names::Fault;
use super::spec::Faults;

/// Every draw hangs on it: a change of the draws is a change of the version.
const VERSION: &str = "tribunal mock faults v1";

/// What is asked, retries being the same ask: the bytes of the body, and which sample it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ask(Hash);

impl Ask {
    pub(in super::super) fn of(body: Hash, sample: &[u8]) -> Self {
        Self(Hasher::new().update(body.as_bytes()).update(sample).finalize())
    }

    /// Draws for one purpose, such as an attempt, that hang on a version and a seed too.
    pub(in super::super) fn draws(self, version: &str, seed: u64, of: &str) -> Draws {
        Draws::over([version, &seed.to_string(), &*self.0.to_hex(), of].into_iter())
    }
}

/// The faults of one server.
pub(in super::super) struct Draw<'a> {
    pub(in super::super) faults: &'a Faults,
    pub(in super::super) seed: u64,
}

impl Draw<'_> {
    /// What goes wrong with an attempt, counted from 0.
    pub(in super::super) fn of_attempt(&self, ask: Ask, attempt: u64) -> Option<Fault> {
        self.pick(&self.draws(ask, &attempt.to_string()), false)
    }

    /// What stays wrong with an ask, or odd.
    pub(in super::super) fn of_ask(&self, ask: Ask) -> Option<Fault> {
        self.pick(&self.draws(ask, "ask"), true)
    }

    /// A coin for a fault of two forms.
    pub(in super::super) fn coin(&self, ask: Ask, attempt: u64) -> bool {
        self.draws(ask, &attempt.to_string()).bits("coin") & 1 == 0
    }

    fn draws(&self, ask: Ask, of: &str) -> Draws {
        ask.draws(VERSION, self.seed, of)
    }

    fn pick(&self, draws: &Draws, of_ask: bool) -> Option<Fault> {
        let mut left = draws.uniform("fault");
        Fault::all().filter(|fault| fault.group().is_of_ask() == of_ask).find(|fault| {
            left -= self.faults.share(*fault);
            left < 0.0
        })
    }
}
