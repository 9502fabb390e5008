//! Twins: each item of a benchmark as a pair of its gold and one other answer, and the same pair with that answer under attack.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::set::{Attack, AttackSet};
use crate::bench::{Bench, Candidate, ConversationId, Item, TextId};
use crate::digest::Fields;

/// Which attacks each pair meets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EachPair {
    /// One, drawn from its texts and the seed.
    #[default]
    One,
    /// All of them.
    All,
}

impl FromStr for EachPair {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "one" => Ok(Self::One),
            "all" => Ok(Self::All),
            _ => Err("expected one or all".to_owned()),
        }
    }
}

/// A benchmark as it was and under attack. The candidates of each item are two, in the order of their slots.
#[derive(Debug)]
pub struct Twins {
    /// The pairs as they were, one an item.
    pub clean: Bench,
    /// The pairs under attack.
    pub attacked: Bench,
    /// Of each pair under attack the item of `clean`, and the attack by its place in the set.
    pub of: Vec<(usize, usize)>,
}

impl Twins {
    /// The twins of a benchmark. What a pair is depends on its texts and the seed alone: of the answers that are not the best one is
    /// drawn, the slot of the best, and the attack. `top` is the top of the range of scores; an attack that names the other answer is left
    /// out where answers are `shown_alone`.
    #[must_use]
    pub fn new(bench: &Bench, set: &AttackSet, each: EachPair, seed: u64, top: f64, shown_alone: bool) -> Self {
        let usable: Vec<usize> =
            (0..set.attacks.len()).filter(|at| !(shown_alone && set.attacks[*at].names_other())).collect();
        let mut texts = bench.texts.clone();
        let (mut clean, mut attacked, mut of) = (Vec::new(), Vec::new(), Vec::new());
        for item in &bench.items {
            let Some(pair) = Pair::of(bench, item, seed) else { continue };
            for attack in pair.attacks(bench, &usable, each, seed) {
                let known = &set.attacks[attack];
                let changed = texts.intern(&pair.attacked(bench, known, &top.to_string()));
                let other = Candidate { text: changed, model: pair.other.model.clone() };
                attacked.push(pair.item(format!("{}#{}", item.id, known.name), item, other));
                of.push((clean.len(), attack));
            }
            clean.push(pair.item(item.id.clone(), item, pair.other.clone()));
        }
        let under_attack = format!("{} under attack", bench.name);
        Self {
            clean: bench.with_items(&bench.name, bench.texts.clone(), clean),
            attacked: bench.with_items(&under_attack, texts, attacked),
            of,
        }
    }
}

/// The gold of an item and another answer, and the slot of the gold.
struct Pair<'a> {
    gold: &'a Candidate,
    other: &'a Candidate,
    gold_first: bool,
    conversation: ConversationId,
}

impl<'a> Pair<'a> {
    /// `None` where every other answer is the gold's text: a tie by definition, which nothing can win.
    fn of(bench: &Bench, item: &'a Item, seed: u64) -> Option<Self> {
        let gold = &item.candidates[item.best[0]];
        let others = (0..item.candidates.len()).filter(|index| !item.best.contains(index));
        let others: Vec<&Candidate> =
            others.map(|index| &item.candidates[index]).filter(|other| other.text != gold.text).collect();
        let drawn = |purpose: &str| fields(bench, purpose, seed, item.conversation, gold.text);
        let text = |candidate: &&&Candidate| drawn("tribunal attacked answer v1").text(bench.texts.get(candidate.text));
        let other = others.iter().min_by_key(|candidate| text(candidate).finish()).copied()?;
        let gold_first = drawn("tribunal attacked slot v1").finish().bit();
        Some(Self { gold, other, gold_first, conversation: item.conversation })
    }

    /// The attacks that it meets.
    fn attacks(&self, bench: &Bench, usable: &[usize], each: EachPair, seed: u64) -> Vec<usize> {
        if each == EachPair::All {
            return usable.to_vec();
        }
        let fields = fields(bench, "tribunal attack v1", seed, self.conversation, self.gold.text);
        let unit = fields.text(bench.texts.get(self.other.text)).finish().unit();
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not negative, and below the length"
        )]
        let at = (unit * usable.len() as f64) as usize;
        usable.get(at).copied().into_iter().collect()
    }

    fn attacked(&self, bench: &Bench, attack: &Attack, top: &str) -> String {
        let (own, other) = if self.gold_first { ("B", "A") } else { ("A", "B") };
        attack.apply(bench.texts.get(self.other.text), own, other, top)
    }

    fn item(&self, id: String, item: &Item, other: Candidate) -> Item {
        let gold = self.gold.clone();
        let (candidates, best) = if self.gold_first { (vec![gold, other], 0) } else { (vec![other, gold], 1) };
        Item { id, candidates, best: vec![best], ..item.clone() }
    }
}

fn fields(bench: &Bench, purpose: &str, seed: u64, conversation: ConversationId, gold: TextId) -> Fields {
    let turns = bench.conversation(conversation);
    let fields = turns.iter().fold(Fields::new(purpose).number(seed), |fields, turn| {
        fields.text(turn.role.as_str()).text(bench.texts.get(turn.content))
    });
    fields.number(turns.len() as u64).text(bench.texts.get(gold))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::sample;

    fn twins(each: EachPair) -> (Twins, AttackSet) {
        let set = AttackSet::shipped().unwrap();
        (Twins::new(&sample().unwrap(), &set, each, 7, 10.0, false), set)
    }

    #[test]
    fn twins_differ_in_the_attacked_answer_alone() {
        let (twins, set) = twins(EachPair::All);
        assert_eq!(twins.attacked.items.len(), 40 * twins.clean.items.len());
        for (item, (clean, attack)) in twins.attacked.items.iter().zip(&twins.of) {
            let (clean, attack) = (&twins.clean.items[*clean], &set.attacks[*attack]);
            assert_eq!((item.conversation, &item.best, item.group), (clean.conversation, &clean.best, clean.group));
            let gold = item.best[0];
            let text = |bench: &Bench, item: &Item, at: usize| bench.texts.get(item.candidates[at].text).to_string();
            assert_eq!(text(&twins.attacked, item, gold), text(&twins.clean, clean, gold));
            let label = ["A", "B"][1 - gold];
            let (was, is) = (text(&twins.clean, clean, 1 - gold), text(&twins.attacked, item, 1 - gold));
            assert_eq!(is, attack.apply(&was, label, ["A", "B"][gold], "10"), "{}", attack.name);
        }
    }

    #[test]
    fn slots_and_attacks_are_spread_and_drawn_alike_each_time() {
        let (one, _) = twins(EachPair::One);
        let (again, _) = twins(EachPair::One);
        assert_eq!((&one.of, one.attacked.hash), (&again.of, again.attacked.hash));
        let first = one.clean.items.iter().filter(|item| item.best == [0]).count();
        assert!(first * 4 > one.clean.items.len() && first * 4 < one.clean.items.len() * 3, "{first}");
        let met: std::collections::HashSet<_> = one.of.iter().map(|(_, attack)| attack).collect();
        assert!(met.len() > 10, "{met:?}");
    }

    #[test]
    fn answers_shown_alone_meet_no_attack_that_names_another() {
        let set = AttackSet::shipped().unwrap();
        let alone = Twins::new(&sample().unwrap(), &set, EachPair::All, 7, 10.0, true);
        let naming = set.attacks.iter().filter(|attack| attack.names_other()).count();
        assert!(naming > 5);
        assert_eq!(alone.attacked.items.len(), (40 - naming) * alone.clean.items.len());
    }
}
