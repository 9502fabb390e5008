//! Earlier steps: asks whose replies are shown in later ones.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::StrategyError;
use super::template::{Templates, View};
use crate::ask::{Message, Reply, Sampling};
use crate::verdict::Rule;

/// What a step is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Per {
    /// The conversation alone: once, whatever is compared under it.
    Conversation,
    /// The candidates in their slots.
    Comparison,
}

/// What follows from a step's reply that is empty or cut off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnEmpty {
    /// What depends on it is not asked: it is unparsed.
    #[default]
    Fail,
    /// It is shown as it is.
    Read,
}

/// An earlier step, checked and ready to render.
#[derive(Debug)]
pub struct Step {
    /// Its name: later templates show its reply as `steps.NAME`.
    pub name: String,
    /// What it is asked about.
    pub per: Per,
    /// What follows from a reply that is empty or cut off.
    pub on_empty: OnEmpty,
    /// The sampling parameters of its ask.
    pub sampling: Sampling,
    pub(super) templates: Templates,
}

impl Step {
    /// Whether its templates show the item's group.
    #[must_use]
    pub fn uses_group(&self) -> bool {
        self.templates.uses_group()
    }

    /// Whether it is asked about the candidates, and so about each comparison and order.
    #[must_use]
    pub fn is_by_comparison(&self) -> bool {
        self.per == Per::Comparison
    }

    /// The messages of its ask.
    pub fn render(&self, view: &View<'_>) -> Result<Vec<Message>, StrategyError> {
        self.templates.render(view)
    }

    /// What later templates are shown of its reply, without reasoning blocks; `None` where that ends what depends on it.
    #[must_use]
    pub fn read(&self, reply: &Reply, rule: &Rule) -> Option<String> {
        let (text, is_whole) = rule.material(reply);
        (is_whole || self.on_empty == OnEmpty::Read).then_some(text)
    }
}
