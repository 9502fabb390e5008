//! Made-up items with which templates are rendered once, so that a mistake in them shows before the first request.

use std::sync::Arc;

use super::template::{Scope, Speech, View};
use crate::ask::{Form, Role};

/// An item that does not exist.
pub(super) struct MadeUp {
    conversation: Vec<Speech>,
    group: Arc<str>,
    slots: Vec<Arc<str>>,
    steps: Vec<Arc<str>>,
}

impl MadeUp {
    /// One of so many turns and slots.
    fn new(turns: usize, slots: usize, steps: usize) -> Self {
        let role = |turn: usize| if turn.is_multiple_of(2) { Role::User } else { Role::Assistant };
        let speech = |turn| Speech { role: role(turn), content: Arc::from(format!("Turn {turn}.")) };
        let text = |what: &'static str| move |number: usize| Arc::from(format!("{what} {number}."));
        Self {
            conversation: (0..turns).map(speech).collect(),
            group: Arc::from("Side/Category/Scenario"),
            slots: (0..slots).map(text("Answer")).collect(),
            steps: (0..steps).map(text("What step said:")).collect(),
        }
    }

    pub(super) fn view(&self) -> View<'_> {
        let Self { conversation, group, slots, steps } = self;
        View { conversation, group, slots, steps }
    }
}

/// Conversations of one turn and of several, under every number of candidates that a template must be able to show.
pub(super) fn items(scope: &Scope) -> Vec<MadeUp> {
    let slots: &[usize] = match scope.form {
        None => &[0],
        Some(Form::Pairwise) => &[2],
        Some(Form::Listwise) => &[2, 3, 30],
        Some(Form::Pointwise) => &[1],
    };
    let turns = |slots: &usize| [1, 3].map(|turns| MadeUp::new(turns, *slots, scope.steps.len()));
    slots.iter().flat_map(turns).collect()
}
