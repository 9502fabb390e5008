//! What every kind of record has in common: a file of JSON lines or a JSON array holds records of one kind.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::item::Builder;

/// A kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// The project's own items.
    Items,
    /// Preferences: a prompt, a chosen answer, a rejected one.
    Preferences,
}

/// What is wrong with a record.
pub(super) enum Wrong {
    /// A field, such as `candidates[1].text`, and the problem.
    Field(String, String),
    /// Its id, and the item (counted from 0) that has it already.
    Taken(String, usize),
}

impl Wrong {
    pub(super) fn field(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Field(field.into(), problem.into())
    }
}

/// One record of a file.
pub(super) trait Record<'a>: Deserialize<'a> {
    const KIND: RecordKind;
    /// Adds its item, which is called `unnamed` where it has no id of its own.
    fn add(&self, builder: &mut Builder, unnamed: String) -> Result<(), Wrong>;
}

/// What a record seems to be, by the names of its fields.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Record(RecordKind),
    /// An entry of one of RMB's files.
    Rmb,
    /// No object, or none of the known fields.
    Unknown,
}

#[derive(Deserialize)]
struct Marks {
    candidates: Option<IgnoredAny>,
    best: Option<IgnoredAny>,
    chosen: Option<IgnoredAny>,
    rejected: Option<IgnoredAny>,
    pair_uid: Option<IgnoredAny>,
    bon_uid: Option<IgnoredAny>,
}

/// What the text of a record seems to be.
pub(super) fn look(text: &str) -> Look {
    match serde_json::from_str(text) {
        Ok(Marks { pair_uid: Some(_), .. } | Marks { bon_uid: Some(_), .. }) => Look::Rmb,
        Ok(Marks { candidates: Some(_), .. } | Marks { best: Some(_), .. }) => Look::Record(RecordKind::Items),
        Ok(Marks { chosen: Some(_), .. } | Marks { rejected: Some(_), .. }) => Look::Record(RecordKind::Preferences),
        Ok(_) | Err(_) => Look::Unknown,
    }
}
