//! Exit codes, and the troubles that lead to them.

use std::io;
use std::process::ExitCode;

use crate::bench::BenchError;
use crate::cases::CasesError;
use crate::config::ConfigError;
use crate::report::PathError;
use crate::run::RunError;
use crate::store::StoreError;
use crate::strategy::StrategyError;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: everything was answered.
    Complete = 0,
    /// 1: something that should not happen, such as a disk that fills up during a run.
    Unexpected = 1,
    /// 2: a flag, the configuration or a file of the person's is wrong; a damaged store is such a file.
    Usage = 2,
    /// 3: finished, but some asks failed.
    Incomplete = 3,
    /// 4: stopped at the budget.
    Budget = 4,
    /// 5: an endpoint refused: key, model, quota, or it is no such endpoint.
    Refused = 5,
    /// 130: interrupted.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A message for the person, and how the program ends.
#[derive(Debug)]
pub struct Trouble {
    /// How it ends.
    pub exit: Exit,
    /// What to tell.
    pub message: String,
    broken_pipe: bool,
}

impl Trouble {
    /// A trouble.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), broken_pipe: false }
    }

    /// A wrong flag, configuration or file.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Results that cannot be written out.
    #[must_use]
    pub fn output(error: &io::Error) -> Self {
        let broken_pipe = error.kind() == io::ErrorKind::BrokenPipe;
        Self { broken_pipe, ..Self::new(Exit::Unexpected, format!("the output cannot be written: {error}")) }
    }

    /// Whether the reader of the output has gone, which is no error.
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        self.broken_pipe
    }
}

impl From<ConfigError> for Trouble {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<BenchError> for Trouble {
    fn from(error: BenchError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<StrategyError> for Trouble {
    fn from(error: StrategyError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<PathError> for Trouble {
    fn from(error: PathError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<CasesError> for Trouble {
    fn from(error: CasesError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<RunError> for Trouble {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Render { .. } => Self::usage(error.to_string()),
            RunError::Store(_) | RunError::Io(_) | RunError::Damaged { .. } => {
                Self::new(Exit::Unexpected, error.to_string())
            }
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::new(Exit::Unexpected, error.to_string())
    }
}
