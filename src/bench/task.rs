//! The two tasks of a judge.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an item asks of a judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Which of two answers is better.
    Pairwise,
    /// Which of N answers is best.
    Bon,
}

impl Task {
    /// The name for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Pairwise => "pairwise",
            Self::Bon => "best-of-N",
        }
    }

    /// The word of the formats and the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pairwise => "pairwise",
            Self::Bon => "bon",
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Task {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "pairwise" => Ok(Self::Pairwise),
            "bon" => Ok(Self::Bon),
            _ => Err("expected pairwise or bon".to_owned()),
        }
    }
}
