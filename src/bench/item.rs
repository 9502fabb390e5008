//! Items: what a benchmark asks, and the answers that it knows to be best.

use std::collections::HashMap;
use std::sync::Arc;

use super::catalog::Catalog;
use super::task::Task;
use super::texts::{TextId, Texts};
use crate::ask::Role;
use crate::digest::{Digest, Fields};

/// One turn of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Turn {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: TextId,
}

/// The turns of a conversation, in order.
pub type Conversation = Vec<Turn>;

/// The number of a distinct conversation (roles and contents) in its [`Bench`]: also the cluster of its items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConversationId(pub u32);

/// The number of a group path in its [`Bench`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupId(pub u32);

/// An answer to compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The answer.
    pub text: TextId,
    /// The model that wrote it, where the benchmark says so.
    pub model: Option<Arc<str>>,
}

/// One entry of a benchmark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its id, unique in the benchmark.
    pub id: String,
    /// Its group path, such as `Helpfulness/Chat/Discussion`.
    pub group: GroupId,
    /// What it asks.
    pub task: Task,
    /// The conversation that the candidates answer.
    pub conversation: ConversationId,
    /// Two or more answers.
    pub candidates: Vec<Candidate>,
    /// Indexes of the best candidates, ascending: at least one, not all.
    pub best: Vec<usize>,
}

/// How much of a benchmark was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Files that were read.
    pub files: usize,
    /// Files that the whole benchmark has.
    pub files_of: usize,
    /// Items that the whole benchmark has.
    pub items_of: usize,
}

/// A benchmark that was read: its items, and their texts and conversations, each kept once.
#[derive(Debug)]
pub struct Bench {
    /// What reports call it.
    pub name: String,
    /// Every distinct text.
    pub texts: Texts,
    /// Every distinct conversation, in the order of first appearance.
    pub conversations: Vec<Conversation>,
    /// Every distinct group path, in the order of first appearance.
    pub groups: Vec<Arc<str>>,
    /// The items, in the order of the files.
    pub items: Vec<Item>,
    /// How much of the benchmark this is.
    pub coverage: Coverage,
    /// What is known of the whole benchmark, if it is one with fixed subsets.
    pub catalog: Option<&'static Catalog>,
    /// A hash of the items and all their texts, whatever files they came from.
    pub hash: Digest,
}

impl Bench {
    /// Whether the items are the same in the same order, and all texts, however much of the benchmark was read for either.
    #[must_use]
    pub fn has_items_of(&self, other: &Self) -> bool {
        (&self.items, &self.groups, &self.conversations) == (&other.items, &other.groups, &other.conversations)
            && self.texts.all() == other.texts.all()
    }

    /// The turns of a conversation.
    #[must_use]
    pub fn conversation(&self, id: ConversationId) -> &Conversation {
        &self.conversations[id.0 as usize]
    }

    /// A hash of each conversation, by its number: the same in every benchmark that holds it.
    #[must_use]
    pub fn conversation_hashes(&self) -> Vec<Digest> {
        let hash = |turns: &Conversation| {
            let fields = Fields::new("tribunal conversation v1");
            turns.iter().fold(fields, |fields, turn| fields.text(turn.role.as_str()).text(self.texts.get(turn.content)))
        };
        self.conversations.iter().map(|turns| hash(turns).finish()).collect()
    }

    /// A group path.
    #[must_use]
    pub fn group(&self, id: GroupId) -> &Arc<str> {
        &self.groups[id.0 as usize]
    }

    /// A benchmark of other items over the same conversations and groups; `texts` holds all of this one's, under their numbers. It has no
    /// fixed subsets, and its coverage is its own.
    #[must_use]
    pub fn with_items(&self, name: &str, texts: Texts, items: Vec<Item>) -> Self {
        let coverage = Coverage { items_of: items.len(), ..self.coverage.clone() };
        let (conversations, groups) = (self.conversations.clone(), self.groups.clone());
        let name = name.to_owned();
        let mut bench = Self { name, texts, conversations, groups, items, coverage, catalog: None, hash: self.hash };
        bench.hash = hash(&bench);
        bench
    }

    /// Leaves only the items of these tasks.
    pub fn keep_tasks(&mut self, tasks: &[Task]) {
        self.items.retain(|item| tasks.contains(&item.task));
    }
}

/// Gathers items into a [`Bench`].
#[derive(Debug, Default)]
pub struct Builder {
    texts: Texts,
    conversations: Vec<Conversation>,
    conversation_index: HashMap<Conversation, ConversationId>,
    groups: Vec<Arc<str>>,
    models: HashMap<String, Arc<str>>,
    items: Vec<Item>,
    ids: HashMap<String, usize>,
}

impl Builder {
    /// The number of a conversation.
    pub fn conversation<'a>(&mut self, turns: impl Iterator<Item = (Role, &'a str)>) -> ConversationId {
        let turns: Conversation =
            turns.map(|(role, content)| Turn { role, content: self.texts.intern(content) }).collect();
        if let Some(id) = self.conversation_index.get(&turns) {
            return *id;
        }
        let id = ConversationId(u32::try_from(self.conversations.len()).unwrap_or(u32::MAX));
        self.conversations.push(turns.clone());
        self.conversation_index.insert(turns, id);
        id
    }

    /// The number of a group path.
    pub fn group(&mut self, path: &str) -> GroupId {
        // Items of a group stand together in files, so the search nearly always ends at its first step.
        let at = self.groups.iter().rposition(|known| **known == *path).unwrap_or_else(|| {
            self.groups.push(Arc::from(path));
            self.groups.len() - 1
        });
        GroupId(u32::try_from(at).unwrap_or(u32::MAX))
    }

    /// A candidate.
    pub fn candidate(&mut self, text: &str, model: Option<&str>) -> Candidate {
        let model = model.map(|name| match self.models.get(name) {
            Some(model) => Arc::clone(model),
            None => Arc::clone(self.models.entry(name.to_owned()).or_insert_with(|| Arc::from(name))),
        });
        Candidate { text: self.texts.intern(text), model }
    }

    /// Adds an item, unless its id is already taken: then it says by which item (counted from 0).
    pub fn add(&mut self, item: Item) -> Result<(), usize> {
        if let Some(earlier) = self.ids.get(&item.id) {
            return Err(*earlier);
        }
        self.ids.insert(item.id.clone(), self.items.len());
        self.items.push(item);
        Ok(())
    }

    /// The group path of an item that was added.
    pub(super) fn group_of(&self, item: usize) -> &str {
        &self.groups[self.items[item].group.0 as usize]
    }

    /// How many items there are so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is no item yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The benchmark of everything that was added.
    #[must_use]
    pub fn build(self, name: &str, coverage: Coverage, catalog: Option<&'static Catalog>) -> Bench {
        let mut bench = Bench {
            name: name.to_owned(),
            texts: self.texts,
            conversations: self.conversations,
            groups: self.groups,
            items: self.items,
            coverage,
            catalog,
            hash: Digest([0; 32]),
        };
        bench.hash = hash(&bench);
        bench
    }
}

fn hash(bench: &Bench) -> Digest {
    // Every text and conversation is hashed once and stands for itself in the items.
    let texts = bench.conversation_hashes();
    let mut fields = Fields::new("tribunal bench v1").number(bench.items.len() as u64);
    for item in &bench.items {
        fields = fields
            .text(&item.id)
            .text(bench.group(item.group))
            .text(item.task.as_str())
            .bytes(&texts[item.conversation.0 as usize].0)
            .number(item.candidates.len() as u64);
        for candidate in &item.candidates {
            fields = fields
                .text(bench.texts.get(candidate.text))
                .optional(candidate.model.as_ref().map(|model| model.as_bytes()));
        }
        fields = fields.number(item.best.len() as u64);
        fields = item.best.iter().fold(fields, |fields, best| fields.number(*best as u64));
    }
    fields.finish()
}
