//! What is odd in a benchmark: items that nobody can decide, and texts that break careless readers.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::item::{Bench, ConversationId, Item};
use super::task::Task;
use super::texts::TextId;
use crate::ask::Role;

/// A way of being odd, in the order in which they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Oddity {
    /// A pair whose two texts are equal, byte for byte.
    EqualTexts,
    /// A best text and another of the same item that are equal only without the white space around them.
    EqualTrimmed,
    /// A list that has a best text among its losers too.
    WinnerAmongLosers,
    /// A list with two equal losers.
    EqualLosers,
    /// An item of the same task, conversation, texts and gold as one before it.
    Duplicate,
    /// A pair of texts, here or in a list, of which another item says the contrary.
    ContraryGold,
    /// A conversation whose last turn, the user's, says nothing.
    EmptyLastTurn,
    /// A conversation with another turn that says nothing.
    EmptyOtherTurn,
    /// A candidate that says nothing.
    BlankAnswer,
    /// A control character other than tab, line feed and carriage return, in a turn or a candidate.
    ControlCharacter,
    /// Three or more U+FFFD one after another, in a turn or a candidate: what was there is lost.
    Replacement,
    /// A turn or a candidate with a verdict such as `[[A]]`, or with `{{`.
    VerdictOrTemplate,
    /// A conversation that does not begin with the user, system turns aside.
    UserNotFirst,
    /// A conversation that does not end with the user.
    UserNotLast,
}

/// An item that is odd.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Odd {
    /// Its id.
    pub id: String,
    /// Where or how, such as `turn 0: U+001B at character 12` or the item that it repeats; turns, candidates and characters count from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The fewest U+FFFD in a row that are told: one or two stand in many texts about encodings.
const FEWEST_REPLACEMENTS: usize = 3;

/// Everything odd in a benchmark: for each way of being odd that occurs, its items in the order of the files, each once.
#[must_use]
pub fn oddities(bench: &Bench) -> BTreeMap<Oddity, Vec<Odd>> {
    let mut found = Found { bench, odd: BTreeMap::new() };
    let mut texts = TextNotes { bench, known: HashMap::new() };
    for item in &bench.items {
        found.candidates(item);
        found.turns(item);
        found.texts(item, &mut texts);
    }
    found.duplicates();
    found.contrary_golds();
    found.odd
}

struct Found<'b> {
    bench: &'b Bench,
    odd: BTreeMap<Oddity, Vec<Odd>>,
}

impl Found<'_> {
    fn add(&mut self, oddity: Oddity, item: &Item, note: Option<String>) {
        self.odd.entry(oddity).or_default().push(Odd { id: item.id.clone(), note });
    }

    fn is_blank(&self, text: TextId) -> bool {
        self.bench.texts.get(text).trim().is_empty()
    }

    fn candidates(&mut self, item: &Item) {
        let bench = self.bench;
        let trimmed = |text: TextId| bench.texts.get(text).trim();
        let legs = || legs(item);
        if legs().any(|(best, other)| best == other) {
            let oddity = if item.task == Task::Pairwise { Oddity::EqualTexts } else { Oddity::WinnerAmongLosers };
            self.add(oddity, item, None);
        } else if legs().any(|(best, other)| trimmed(best) == trimmed(other)) {
            self.add(Oddity::EqualTrimmed, item, None);
        }
        let mut losers = sorted(item, false);
        let all = losers.len();
        losers.dedup();
        if losers.len() < all {
            self.add(Oddity::EqualLosers, item, None);
        }
        let blank: Vec<_> =
            (0..).zip(&item.candidates).filter(|(_, candidate)| self.is_blank(candidate.text)).collect();
        if !blank.is_empty() {
            let note =
                blank.iter().map(|(at, _): &(usize, _)| format!("candidate {at}")).collect::<Vec<_>>().join(", ");
            self.add(Oddity::BlankAnswer, item, Some(note));
        }
    }

    fn turns(&mut self, item: &Item) {
        let turns = self.bench.conversation(item.conversation);
        if turns.iter().find(|turn| turn.role != Role::System).is_none_or(|turn| turn.role != Role::User) {
            self.add(Oddity::UserNotFirst, item, None);
        }
        let ends_with_user = turns.last().is_some_and(|turn| turn.role == Role::User);
        if !ends_with_user {
            self.add(Oddity::UserNotLast, item, None);
        }
        let blank: Vec<usize> = (0..turns.len()).filter(|at| self.is_blank(turns[*at].content)).collect();
        let (last, others): (Vec<usize>, Vec<usize>) =
            blank.into_iter().partition(|at| ends_with_user && at + 1 == turns.len());
        if !last.is_empty() {
            self.add(Oddity::EmptyLastTurn, item, None);
        }
        if !others.is_empty() {
            let note = others.iter().map(|at| format!("turn {at}")).collect::<Vec<_>>().join(", ");
            self.add(Oddity::EmptyOtherTurn, item, Some(note));
        }
    }

    fn texts(&mut self, item: &Item, notes: &mut TextNotes<'_>) {
        let turns = (0..).zip(self.bench.conversation(item.conversation)).map(|(at, turn)| ("turn", at, turn.content));
        let answers = (0..).zip(&item.candidates).map(|(at, candidate)| ("candidate", at, candidate.text));
        let mut told: BTreeMap<Oddity, Vec<String>> = BTreeMap::new();
        for (what, at, text) in turns.chain::<Vec<(&str, usize, TextId)>>(answers.collect()) {
            for (oddity, note) in notes.of(text) {
                told.entry(*oddity).or_default().push(format!("{what} {at}: {note}"));
            }
        }
        for (oddity, notes) in told {
            self.add(oddity, item, Some(notes.join("; ")));
        }
    }

    fn duplicates(&mut self) {
        let mut first = HashMap::new();
        for item in &self.bench.items {
            let same = (item.task, item.conversation, sorted(item, true), sorted(item, false));
            let earlier: &Item = first.entry(same).or_insert(item);
            if earlier.id != item.id {
                self.add(Oddity::Duplicate, item, Some(format!("is {}", earlier.id)));
            }
        }
    }

    fn contrary_golds(&mut self) {
        let mut golds: HashMap<(ConversationId, TextId, TextId), &Item> = HashMap::new();
        for item in &self.bench.items {
            for (best, other) in legs(item).filter(|(best, other)| best != other) {
                golds.entry((item.conversation, best, other)).or_insert(item);
            }
        }
        for item in &self.bench.items {
            let contrary = legs(item).find_map(|(best, other)| golds.get(&(item.conversation, other, best)));
            // A list with its winner among the losers says both of itself, and is told as such.
            if let Some(contrary) = contrary.filter(|contrary| contrary.id != item.id) {
                self.add(Oddity::ContraryGold, item, Some(format!("against {}", contrary.id)));
            }
        }
    }
}

/// The texts of every best candidate against every other.
fn legs(item: &Item) -> impl Iterator<Item = (TextId, TextId)> {
    let text = |at: usize| item.candidates[at].text;
    let others = move || (0..item.candidates.len()).filter(|at| !item.best.contains(at));
    item.best.iter().flat_map(move |best| others().map(move |other| (text(*best), text(other))))
}

/// The texts of the best candidates, or of the others, in an order that does not depend on the item's.
fn sorted(item: &Item, best: bool) -> Vec<TextId> {
    let of_side = |at: &usize| item.best.contains(at) == best;
    let mut texts: Vec<TextId> =
        (0..item.candidates.len()).filter(of_side).map(|at| item.candidates[at].text).collect();
    texts.sort_unstable();
    texts
}

/// What is odd in each text, found once for every text.
struct TextNotes<'b> {
    bench: &'b Bench,
    known: HashMap<TextId, Vec<(Oddity, String)>>,
}

impl TextNotes<'_> {
    fn of(&mut self, id: TextId) -> &[(Oddity, String)] {
        let bench = self.bench;
        self.known.entry(id).or_insert_with(|| {
            let text = bench.texts.get(id);
            let notes = [
                (Oddity::ControlCharacter, control_characters(text)),
                (Oddity::Replacement, replacements(text)),
                (Oddity::VerdictOrTemplate, verdict_or_template(text)),
            ];
            notes.into_iter().filter_map(|(oddity, note)| Some((oddity, note?))).collect()
        })
    }
}

fn control_characters(text: &str) -> Option<String> {
    let is_odd = |character: &char| character.is_control() && !matches!(character, '\t' | '\n' | '\r');
    let mut odd = text.chars().enumerate().filter(|(_, character)| is_odd(character));
    let (at, first) = odd.next()?;
    let more = match odd.count() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!("U+{:04X} at character {at}{more}", u32::from(first)))
}

fn replacements(text: &str) -> Option<String> {
    let longest = text.split(|character| character != '\u{fffd}').map(|run| run.chars().count()).max()?;
    (longest >= FEWEST_REPLACEMENTS).then(|| format!("{longest} in a row"))
}

/// The first verdict that a text seems to give, or the start of a template.
fn verdict_or_template(text: &str) -> Option<String> {
    let verdict = text.match_indices("[[").find_map(|(at, open)| {
        let rest = &text[at + open.len()..];
        let (end, _) = rest.char_indices().take(LONGEST_VERDICT).find(|(at, _)| rest[*at..].starts_with("]]"))?;
        is_verdict(&rest[..end]).then(|| format!("[[{}]]", &rest[..end]))
    });
    verdict.or_else(|| text.contains("{{").then(|| "{{".to_owned()))
}

/// The most characters between the brackets, such as in `[[ A >> B ]]`, with one to spare for the brackets' end.
const LONGEST_VERDICT: usize = 12;

/// Whether this is what judges are told to write in brackets: a letter, two with a comparison between them, or a tie.
fn is_verdict(inside: &str) -> bool {
    let word: Vec<char> = inside.chars().filter(|character| !character.is_whitespace()).collect();
    match &word[..] {
        [letter] => letter.is_ascii_alphabetic(),
        [one, between @ .., other] if between.iter().all(|sign| "<>=".contains(*sign)) => {
            one.is_ascii_alphabetic() && other.is_ascii_alphabetic() && !between.is_empty()
        }
        _ => inside.trim().eq_ignore_ascii_case("tie"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_and_templates_are_found_and_lists_are_not() {
        for (text, found) in [
            ("so [[A]] it is", Some("[[A]]")),
            ("[[1, 2], [3]] then [[b]]", Some("[[b]]")),
            ("[[ A>>B ]]", Some("[[ A>>B ]]")),
            ("[[Tie]]", Some("[[Tie]]")),
            ("{{ x }}", Some("{{")),
            ("x[[1]] [[AB]] [[a.b]] [[]] [[é]] [[A] ] [[", None),
        ] {
            assert_eq!(verdict_or_template(text).as_deref(), found, "{text}");
        }
    }

    #[test]
    fn control_characters_are_told_by_code_and_place() {
        assert_eq!(control_characters("a\tb\r\n"), None);
        assert_eq!(control_characters("é\u{1b}[0m").as_deref(), Some("U+001B at character 1"));
        assert_eq!(control_characters("\u{0}\u{85}\u{7f}").as_deref(), Some("U+0000 at character 0 and 2 more"));
    }

    #[test]
    fn three_lost_characters_in_a_row_are_told_and_two_are_not() {
        assert_eq!(replacements("\u{fffd}\u{fffd}a\u{fffd}"), None);
        assert_eq!(replacements("a\u{fffd}\u{fffd}\u{fffd}\u{fffd}b").as_deref(), Some("4 in a row"));
    }
}
