//! Texts are kept once and handed out by reference.

use std::collections::HashMap;
use std::sync::Arc;

/// The number of a text in its [`Texts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TextId(u32);

impl TextId {
    /// Its place among all texts.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Every distinct text of a benchmark, byte for byte.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    texts: Vec<Arc<str>>,
    index: HashMap<Arc<str>, TextId>,
}

impl Texts {
    /// The number of this text, which is kept if it is new.
    pub fn intern(&mut self, text: &str) -> TextId {
        if let Some(id) = self.index.get(text) {
            return *id;
        }
        // 2^32 distinct texts do not fit into any memory this runs on.
        let id = TextId(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        let text: Arc<str> = Arc::from(text);
        self.texts.push(Arc::clone(&text));
        self.index.insert(text, id);
        id
    }

    /// The text of that number.
    #[must_use]
    pub fn get(&self, id: TextId) -> &Arc<str> {
        &self.texts[id.index()]
    }

    /// All texts, by their numbers.
    #[must_use]
    pub fn all(&self) -> &[Arc<str>] {
        &self.texts
    }

    /// How many distinct texts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}
