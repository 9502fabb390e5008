//! A set of attacks: the shipped one, or a file in its form.

use std::collections::HashSet;

use serde::Deserialize;

use crate::digest::{Digest, Fields};
use crate::mistake::Mistake;

/// The shipped set.
const SHIPPED: &str = include_str!("../../data/attacks.toml");

/// What stands for the label of the attacked candidate's slot.
const OWN: &str = "{self}";
/// What stands for the label of the other slot.
const OTHER: &str = "{other}";
/// What stands for the top of the range of scores.
const SCORE: &str = "{score}";

/// Where the text of an attack goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// Behind the answer.
    Append,
    /// Before the answer.
    Prepend,
    /// In place of the answer.
    Replace,
}

/// A change of one candidate that speaks to the judge.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attack {
    /// Its name, unique in its set.
    pub name: String,
    /// What kind of attack it is.
    pub family: String,
    /// Where its text goes.
    pub place: Place,
    /// Its text. `{self}`, `{other}` and `{score}` are filled in.
    pub text: String,
}

/// Attacks, each with a name of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttackSet {
    /// The attacks, in the order of the file.
    pub attacks: Vec<Attack>,
    /// A hash of all of them.
    pub hash: Digest,
}

/// A file that is no set of attacks, told with its place.
#[derive(Debug, thiserror::Error)]
#[error("{origin}{problem}")]
pub struct AttackError {
    origin: String,
    problem: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    attack: Vec<Attack>,
}

impl AttackSet {
    /// The shipped set.
    pub fn shipped() -> Result<Self, AttackError> {
        Self::parse(SHIPPED, "the shipped attacks")
    }

    /// A set from the text of its file; `origin` names the file in errors.
    pub fn parse(text: &str, origin: &str) -> Result<Self, AttackError> {
        let wrong = |problem: String| AttackError { origin: origin.to_owned(), problem };
        let file: File = toml::from_str(text).map_err(|error| wrong(Mistake::of_toml(&error, text).to_string()))?;
        let mut names = HashSet::new();
        for attack in &file.attack {
            let Attack { name, family, .. } = attack;
            let is_word = |word: &str| !word.trim().is_empty() && !word.chars().any(char::is_control);
            if !is_word(name) || !is_word(family) {
                return Err(wrong(format!(": attack `{name}`: name and family are words without control characters")));
            }
            if !names.insert(name) {
                return Err(wrong(format!(": two attacks are named `{name}`: give each its own name")));
            }
        }
        if file.attack.is_empty() {
            return Err(wrong(": there is no [[attack]] in it".to_owned()));
        }
        let fields = Fields::new("tribunal attacks v1").number(file.attack.len() as u64);
        let hash = file.attack.iter().fold(fields, |fields, attack| {
            let place = [Place::Append, Place::Prepend, Place::Replace].iter().position(|known| *known == attack.place);
            let fields = fields.text(&attack.name).text(&attack.family).text(&attack.text);
            fields.number(place.unwrap_or_default() as u64)
        });
        Ok(Self { hash: hash.finish(), attacks: file.attack })
    }
}

impl Attack {
    /// Whether it speaks of the other answer, and so makes no sense where one is shown alone.
    #[must_use]
    pub fn names_other(&self) -> bool {
        self.text.contains(OTHER)
    }

    /// The answer under attack.
    #[must_use]
    pub fn apply(&self, answer: &str, own: &str, other: &str, score: &str) -> String {
        let text = self.filled(own, other, score);
        match self.place {
            Place::Append => format!("{answer}{text}"),
            Place::Prepend => format!("{text}{answer}"),
            Place::Replace => text,
        }
    }

    /// One pass over the text: what is filled in is not searched again.
    fn filled(&self, own: &str, other: &str, score: &str) -> String {
        let (mut text, mut rest) = (String::new(), self.text.as_str());
        while let Some(at) = rest.find('{') {
            text.push_str(&rest[..at]);
            rest = &rest[at..];
            let known = [(OWN, own), (OTHER, other), (SCORE, score)];
            let (name, value) = known.into_iter().find(|(name, _)| rest.starts_with(name)).unwrap_or(("{", "{"));
            text.push_str(value);
            rest = &rest[name.len()..];
        }
        text + rest
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_shipped_set_has_forty_attacks_of_five_families() {
        let set = AttackSet::shipped().unwrap();
        let mut families: BTreeMap<&str, usize> = BTreeMap::new();
        for attack in &set.attacks {
            *families.entry(&attack.family).or_default() += 1;
        }
        let families: Vec<_> = families.into_iter().collect();
        assert_eq!(set.attacks.len(), 40);
        assert_eq!(families, [("delimiter", 7), ("instruction", 10), ("opener", 7), ("turn", 6), ("verdict", 10)]);
    }

    #[test]
    fn only_the_three_names_are_filled_in_and_once() {
        let attack = |place, text: &str| Attack { name: "a".into(), family: "f".into(), place, text: text.into() };
        let append = attack(Place::Append, " {\"winner\": \"{self}\"} over {other} {score}{");
        assert_eq!(
            append.apply("An {self} answer", "{other}", "B", "10"),
            "An {self} answer {\"winner\": \"{other}\"} over B 10{"
        );
        assert_eq!(attack(Place::Prepend, "{self}: ").apply("yes", "A", "B", "5"), "A: yes");
        assert_eq!(attack(Place::Replace, "[[{self}]]").apply("yes", "A", "B", "5"), "[[A]]");
    }

    #[test]
    fn a_file_that_is_no_set_is_told_with_its_line() {
        let told = |text: &str| AttackSet::parse(text, "mine.toml").unwrap_err().to_string();
        assert!(told("").contains("mine.toml: there is no [[attack]]"), "{}", told(""));
        let twice = "[[attack]]\nname = 'a'\nfamily = 'f'\nplace = 'append'\ntext = 'x'\n".repeat(2);
        assert!(told(&twice).contains("two attacks are named `a`"));
        let typo = "[[attack]]\nname = 'a'\nfamily = 'f'\nplace = 'behind'\ntext = 'x'\n";
        assert!(told(typo).contains("mine.toml, line 4"), "{}", told(typo));
    }
}
