//! Which candidate stands in which slot, and the asks that follow.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::Fields;

/// In which orders each comparison is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Orders {
    /// In one order, drawn from the texts and the seed.
    #[default]
    Seeded,
    /// In the seeded order and the other; a list of N in the N rotations of the seeded order.
    Both,
}

impl Orders {
    /// The word of the formats and the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Seeded => "seeded",
            Self::Both => "both",
        }
    }

    /// How many orders each pair is asked in.
    #[must_use]
    pub fn count(self) -> usize {
        match self {
            Self::Seeded => 1,
            Self::Both => 2,
        }
    }
}

impl fmt::Display for Orders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Orders {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "seeded" => Ok(Self::Seeded),
            "both" => Ok(Self::Both),
            _ => Err("expected seeded or both".to_owned()),
        }
    }
}

/// Whether the text that is higher by bytes stands first. It depends on the seed and the texts alone: not on the file or the
/// place in it, the judge, the strategy or the gold.
pub(super) fn high_first<'a>(
    seed: u64,
    conversation: impl Iterator<Item = (&'a str, &'a str)>,
    low: &str,
    high: &str,
) -> bool {
    let fields = Fields::new("tribunal order v1").number(seed);
    let (fields, turns) =
        conversation.fold((fields, 0), |(fields, turns), (role, content)| (fields.text(role).text(content), turns + 1));
    fields.number(turns).text(low).text(high).finish().bit()
}

/// Which text stands in each slot of a list, drawn alike: the texts, which are sorted by bytes, in the order of a hash of each place.
pub(super) fn permutation<'a>(
    seed: u64,
    conversation: impl Iterator<Item = (&'a str, &'a str)>,
    texts: &[&str],
) -> Vec<usize> {
    let fields = Fields::new("tribunal list order v1").number(seed);
    let (fields, turns) =
        conversation.fold((fields, 0), |(fields, turns), (role, content)| (fields.text(role).text(content), turns + 1));
    let fields = fields.number(turns).number(texts.len() as u64);
    let fields = texts.iter().fold(fields, |fields, text| fields.text(text));
    let mut places: Vec<usize> = (0..texts.len()).collect();
    places.sort_by_cached_key(|place| fields.clone().number(*place as u64).finish());
    places
}
