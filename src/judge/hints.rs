//! What the simulated judge is told beside a request, in headers: it stands outside body and key, and no other judge is told.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::verdict::slot_label;

/// The header that names the slot of the gold; `-` where the gold is not shown.
const GOLD: HeaderName = HeaderName::from_static("x-tribunal-gold");
/// The header that gives the sample number.
const SAMPLE: HeaderName = HeaderName::from_static("x-tribunal-sample");
/// The header that names what is wanted, where that is no label.
const KIND: HeaderName = HeaderName::from_static("x-tribunal-kind");
/// The header that gives the number of slots, where that is not two.
const SLOTS: HeaderName = HeaderName::from_static("x-tribunal-slots");
/// The header that gives the least and the greatest score, where there are such.
const RANGE: HeaderName = HeaderName::from_static("x-tribunal-range");

/// The header that names the slot of the longest candidate, where one is longer than all others.
const LONGEST: HeaderName = HeaderName::from_static("x-tribunal-longest");
/// The header that names the slot of a candidate under attack.
const ATTACKED: HeaderName = HeaderName::from_static("x-tribunal-attacked");

/// What is wanted of a judge: the kind of a verdict, or what an earlier step asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wanted {
    /// `[[A]]`, and the like for every other slot.
    #[default]
    Label,
    /// `[[A>>B]]`, and the like.
    FiveLevel,
    /// A score for each answer.
    Scores,
    /// A score for the one answer.
    Score,
    /// All answers in order of preference.
    Ranking,
    /// A JSON object.
    Json,
    /// A label alone, its token with probabilities.
    Logprobs,
    /// A text for later steps.
    Step,
}

impl Wanted {
    fn as_str(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::FiveLevel => "five-level",
            Self::Scores => "scores",
            Self::Score => "score",
            Self::Ranking => "ranking",
            Self::Json => "json",
            Self::Logprobs => "logprobs",
            Self::Step => "step",
        }
    }
}

/// What the simulated judge is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hints {
    /// The slot of the gold, counted from 0; `None` where it is not shown.
    pub gold: Option<u8>,
    /// The sample number.
    pub sample: u32,
    /// What is wanted.
    pub wanted: Wanted,
    /// How many slots are shown.
    pub slots: usize,
    /// The least and the greatest score.
    pub range: Option<[f64; 2]>,
    /// The slot of the longest candidate, where one is longer than all others.
    pub longest: Option<u8>,
    /// The slot of the candidate under attack.
    pub attacked: Option<u8>,
}

impl Hints {
    pub(super) fn headers(self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut insert = |name: HeaderName, value: String| {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        };
        insert(GOLD, self.gold.map_or_else(|| "-".to_owned(), |slot| slot_label(slot.into())));
        insert(SAMPLE, self.sample.to_string());
        if self.wanted != Wanted::Label {
            insert(KIND, self.wanted.as_str().to_owned());
        }
        if self.slots != 2 {
            insert(SLOTS, self.slots.to_string());
        }
        for (header, slot) in [(LONGEST, self.longest), (ATTACKED, self.attacked)] {
            if let Some(slot) = slot {
                insert(header, slot_label(slot.into()));
            }
        }
        if let Some([least, most]) = self.range {
            insert(RANGE, format!("{least},{most}"));
        }
        headers
    }
}
