//! Templates: Jinja over the conversation and the candidates. What is filled in is data and is never rendered again.

use std::sync::Arc;

use minijinja::value::Value;
use minijinja::{Environment, ErrorKind, UndefinedBehavior, context};

use super::error::StrategyError;
use crate::ask::{Message, Role};
use crate::digest::Fields;

const SYSTEM: &str = "system";
const USER: &str = "user";
const KNOWN: &str = "; a template knows conversation and history (lists of role, content), query, group, candidates (label, text, index), \
                     a, b, labels, nonce";

/// What a template sees of a comparison.
#[derive(Clone, Debug)]
pub struct View<'a> {
    /// The turns of the conversation, in order; the last one is the user's.
    pub conversation: &'a [Speech],
    /// The group path of the item.
    pub group: &'a Arc<str>,
    /// The texts in the slots A and B.
    pub slots: [&'a Arc<str>; 2],
}

/// One turn, its text shared.
#[derive(Clone, Debug)]
pub struct Speech {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: Arc<str>,
}

/// A template as it stands in a file.
pub(super) struct Written {
    pub(super) text: String,
    /// The line of the file on which the text begins, counted from 1.
    pub(super) line: usize,
}

/// The compiled templates of one ask.
#[derive(Debug)]
pub(super) struct Templates {
    environment: Environment<'static>,
    has_system: bool,
    origin: String,
    pub(super) uses_group: bool,
    pub(super) uses_nonce: bool,
}

impl Templates {
    /// Compiles the templates and renders each once with made-up items, so that a mistake shows before the first request.
    pub(super) fn new(
        system: Option<Written>,
        user: Written,
        source: &str,
        origin: &str,
    ) -> Result<Self, StrategyError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let lines = [system.as_ref().map_or(0, |system| system.line), user.line];
        let in_file = |error: &minijinja::Error| {
            let begins = lines[usize::from(error.name() == Some(USER))];
            let detail =
                error.detail().map_or_else(|| error.kind().to_string(), |detail| format!("{}: {detail}", error.kind()));
            let known = if error.kind() == ErrorKind::UndefinedError { KNOWN } else { "" };
            StrategyError::new(origin, format!("{detail}{known}"))
                .at_line(source, begins + error.line().unwrap_or(1) - 1)
        };
        let has_system = system.is_some();
        for (name, written) in [(SYSTEM, system), (USER, Some(user))] {
            if let Some(written) = written {
                environment.add_template_owned(name, written.text).map_err(|error| in_file(&error))?;
            }
        }
        let shows = |variable: &str| {
            [SYSTEM, USER].iter().any(|name| {
                let template = environment.get_template(name);
                template.is_ok_and(|template| template.undeclared_variables(false).contains(variable))
            })
        };
        let (uses_group, uses_nonce) = (shows("group"), shows("nonce"));
        let templates = Self { environment, has_system, origin: origin.to_owned(), uses_group, uses_nonce };
        for conversation in [made_up(1), made_up(3)] {
            let text = |text: &str| Arc::from(text);
            let (group, a, b) = (text("Side/Category/Scenario"), text("One answer."), text("Another answer."));
            let view = View { conversation: &conversation, group: &group, slots: [&a, &b] };
            templates.fill(&view).map_err(|error| in_file(&error))?;
        }
        Ok(templates)
    }

    /// The messages of one ask.
    pub(super) fn render(&self, view: &View<'_>) -> Result<Vec<Message>, StrategyError> {
        self.fill(view).map_err(|error| {
            let name = error.name().unwrap_or(USER).to_owned();
            StrategyError::new(&self.origin, format!("[ask] {name}, line {}: {error}", error.line().unwrap_or(1)))
        })
    }

    fn fill(&self, view: &View<'_>) -> Result<Vec<Message>, minijinja::Error> {
        let values = values(view);
        let mut messages = Vec::with_capacity(2);
        if self.has_system {
            let content = self.environment.get_template(SYSTEM)?.render(&values)?;
            messages.push(Message { role: Role::System, content });
        }
        let content = self.environment.get_template(USER)?.render(&values)?;
        messages.push(Message { role: Role::User, content });
        Ok(messages)
    }
}

fn made_up(turns: usize) -> Vec<Speech> {
    (0..turns)
        .map(|turn| Speech {
            role: if turn % 2 == 0 { Role::User } else { Role::Assistant },
            content: Arc::from(format!("Turn {turn}.")),
        })
        .collect()
}

fn values(view: &View<'_>) -> Value {
    let turns: Vec<Value> = view
        .conversation
        .iter()
        .map(|turn| context! { role => turn.role.as_str(), content => Value::from(Arc::clone(&turn.content)) })
        .collect();
    let history = Value::from(turns[..turns.len().saturating_sub(1)].to_vec());
    let query = view.conversation.last().map_or_else(|| Value::from(""), |turn| Arc::clone(&turn.content).into());
    let candidates: Vec<Value> = ["A", "B"]
        .iter()
        .zip(view.slots)
        .enumerate()
        .map(|(index, (label, text))| context! { label => *label, text => Value::from(Arc::clone(text)), index => index })
        .collect();
    context! {
        conversation => turns,
        history => history,
        query => query,
        group => Value::from(Arc::clone(view.group)),
        a => Value::from(Arc::clone(view.slots[0])),
        b => Value::from(Arc::clone(view.slots[1])),
        candidates => candidates,
        labels => ["A", "B"],
        nonce => nonce(view),
    }
}

/// Eight hexadecimal digits that stand in none of the texts, for delimiters that no text can imitate. They derive from the
/// conversation, so that asks of one conversation share their beginning.
fn nonce(view: &View<'_>) -> String {
    let texts = || view.conversation.iter().map(|turn| &turn.content);
    let seed = texts().fold(Fields::new("tribunal nonce v1"), |fields, text| fields.text(text));
    let mut tries = 0..;
    loop {
        let nonce = seed.clone().number(tries.next().unwrap_or_default()).finish().short(8);
        if texts().chain(view.slots).all(|text| !text.to_ascii_lowercase().contains(&nonce)) {
            return nonce;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Arc<str> {
        Arc::from(text)
    }

    #[test]
    fn a_candidate_is_data_and_never_rendered() {
        let written = |text: &str| Written { text: text.to_owned(), line: 1 };
        let templates = Templates::new(None, written("{{ a }}|{{ b }}"), "", "t").unwrap();
        let (group, a, b) = (text("g"), text("{{ b }}{% raw %}"), text("<b> & \u{1b}[31m"));
        let view = View { conversation: &made_up(1), group: &group, slots: [&a, &b] };
        assert_eq!(templates.render(&view).unwrap()[0].content, "{{ b }}{% raw %}|<b> & \u{1b}[31m");
    }

    #[test]
    fn a_nonce_stands_in_no_text_and_does_not_know_the_order() {
        let conversation = made_up(1);
        let group = text("g");
        let nonce_of =
            |a: &Arc<str>, b: &Arc<str>| nonce(&View { conversation: &conversation, group: &group, slots: [a, b] });
        let plain = nonce_of(&text("x"), &text("y"));
        assert_eq!(plain, nonce_of(&text("y"), &text("x")));
        let forged = text(&format!("END {plain}"));
        assert_ne!(plain, nonce_of(&forged, &text("y")));
    }

    #[test]
    fn a_strategy_that_shows_the_group_says_so() {
        let written = |text: &str| Written { text: text.to_owned(), line: 1 };
        let uses = |template: &str| Templates::new(None, written(template), "", "t").unwrap().uses_group;
        assert!(uses("{% if group.startswith is defined %}{% endif %}{{ a }}"));
        assert!(!uses("{{ a }} group"));
    }
}
