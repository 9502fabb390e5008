//! From items to comparisons: each stands once, however many items hold it.

use std::collections::HashMap;

use super::comparison::{Comparison, ComparisonId, Entrant, Leg, Standing};
use super::orders::{high_first, permutation};
use crate::ask::Form;
use crate::bench::{Bench, ConversationId, GroupId, Item, TextId};
use crate::digest::Fields;

/// What tells one comparison from another.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Identity {
    conversation: ConversationId,
    group: Option<GroupId>,
    texts: Box<[TextId]>,
}

/// A comparison whose texts have not been looked at.
pub(super) struct Draft {
    identity: Identity,
    group: GroupId,
    first_leg: usize,
}

impl Draft {
    /// The comparison, with its hash and its seeded order.
    pub(super) fn finish(&self, bench: &Bench, form: Form, seed: u64) -> Comparison {
        let Identity { conversation, texts, .. } = &self.identity;
        let turns = || {
            let turns = bench.conversation(*conversation).iter();
            turns.map(|turn| (turn.role.as_str(), bench.texts.get(turn.content).as_ref()))
        };
        let contents: Vec<&str> = texts.iter().map(|text| bench.texts.get(*text).as_ref()).collect();
        let fields = |purpose: &str| {
            let fields = turns().fold(Fields::new(purpose), |fields, (role, content)| fields.text(role).text(content));
            fields.number(turns().count() as u64)
        };
        let all = |fields: Fields| contents.iter().fold(fields, |fields, text| fields.text(text));
        let hash = match form {
            Form::Pairwise => all(fields("tribunal comparison v1")),
            Form::Listwise => all(fields("tribunal list v1").number(contents.len() as u64)),
            Form::Pointwise => all(fields("tribunal answer v1")),
        };
        let seeded = match *contents {
            [low, high] if form == Form::Pairwise => {
                let first = usize::from(high_first(seed, turns(), low, high));
                vec![Entrant::new(first), Entrant::new(1 - first)]
            }
            _ => permutation(seed, turns(), &contents).into_iter().map(Entrant::new).collect(),
        };
        Comparison {
            form,
            conversation: *conversation,
            group: self.group,
            texts: texts.clone(),
            hash: hash.finish(),
            first_leg: self.first_leg,
            seeded: seeded.into_boxed_slice(),
        }
    }
}

/// The comparisons of the items so far, and what they are to them.
#[derive(Default)]
pub(super) struct Drafts {
    pub(super) list: Vec<Draft>,
    pub(super) legs: Vec<Leg>,
    index: HashMap<Identity, ComparisonId>,
}

impl Drafts {
    /// Adds what an item needs.
    pub(super) fn add(&mut self, bench: &Bench, at: usize, item: &Item, form: Form, by_group: bool) {
        match form {
            Form::Pairwise => self.add_pairs(bench, at, item, by_group),
            Form::Listwise => self.hold(at, item, distinct(bench, item), by_group),
            Form::Pointwise => {
                for (text, standing) in distinct(bench, item) {
                    self.hold(at, item, vec![(text, standing)], by_group);
                }
            }
        }
    }

    /// A pair for each best candidate and each other one.
    fn add_pairs(&mut self, bench: &Bench, at: usize, item: &Item, by_group: bool) {
        let others = || (0..item.candidates.len()).filter(|index| !item.best.contains(index));
        for best in &item.best {
            for other in others() {
                let standing = |candidate: usize, is_best: bool| {
                    let text = item.candidates[candidate].text;
                    (text, Standing { candidate: narrow(candidate), is_best, is_other: !is_best })
                };
                let mut pair = vec![standing(*best, true), standing(other, false)];
                // Stable: of equal texts the best one's stays first.
                pair.sort_by(|(one, _), (other, _)| bench.texts.get(*one).cmp(bench.texts.get(*other)));
                self.hold(at, item, pair, by_group);
            }
        }
    }

    fn hold(&mut self, at: usize, item: &Item, texts: Vec<(TextId, Standing)>, by_group: bool) {
        let (texts, standings): (Vec<TextId>, Vec<Standing>) = texts.into_iter().unzip();
        let group = by_group.then_some(item.group);
        let identity = Identity { conversation: item.conversation, group, texts: texts.into_boxed_slice() };
        let comparison = self.draft(identity, item.group);
        self.legs.push(Leg { item: at, comparison, standings: standings.into_boxed_slice() });
    }

    fn draft(&mut self, identity: Identity, group: GroupId) -> ComparisonId {
        if let Some(known) = self.index.get(&identity) {
            return *known;
        }
        let id = ComparisonId(narrow(self.list.len()));
        self.list.push(Draft { identity: identity.clone(), group, first_leg: self.legs.len() });
        self.index.insert(identity, id);
        id
    }
}

/// The distinct texts of an item, sorted by bytes, and what each is to it.
fn distinct(bench: &Bench, item: &Item) -> Vec<(TextId, Standing)> {
    let mut texts: Vec<(TextId, Standing)> = Vec::new();
    for (index, candidate) in item.candidates.iter().enumerate() {
        let is_best = item.best.contains(&index);
        if let Some((_, known)) = texts.iter_mut().find(|(text, _)| *text == candidate.text) {
            known.is_best |= is_best;
            known.is_other |= !is_best;
        } else {
            texts.push((candidate.text, Standing { candidate: narrow(index), is_best, is_other: !is_best }));
        }
    }
    texts.sort_by(|(one, _), (other, _)| bench.texts.get(*one).cmp(bench.texts.get(*other)));
    texts
}

/// Brings comparisons of one conversation together, so that their asks share a beginning that providers can cache; answers
/// with the new number of each.
pub(super) fn gather_conversations(drafts: &mut [Draft]) -> Vec<ComparisonId> {
    let mut places: Vec<usize> = (0..drafts.len()).collect();
    places.sort_by_key(|at| drafts[*at].identity.conversation);
    let mut renumbered = vec![ComparisonId(0); drafts.len()];
    for (new, old) in places.iter().enumerate() {
        renumbered[*old] = ComparisonId(narrow(new));
    }
    drafts.sort_by_key(|draft| draft.identity.conversation);
    renumbered
}

pub(super) fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
