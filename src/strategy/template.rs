//! Templates: Jinja over the conversation, the candidates and what earlier steps said. What is filled in is data and is never rendered
//! again.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use minijinja::value::Value;
use minijinja::{Environment, ErrorKind, UndefinedBehavior, context};

use super::error::StrategyError;
use super::made_up;
use crate::ask::{Form, Message, Role};
use crate::digest::Fields;
use crate::verdict::slot_label;

const SYSTEM: &str = "system";
const USER: &str = "user";

/// What a template sees.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The turns of the conversation, in order; the last one is the user's.
    pub conversation: &'a [Speech],
    /// The group path of the item.
    pub group: &'a Arc<str>,
    /// The texts in the slots A, B, ...; none where a step is asked about the conversation alone.
    pub slots: &'a [Arc<str>],
    /// What the earlier steps said, in the order of the strategy's steps.
    pub steps: &'a [Arc<str>],
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

/// What a template is for, and so what it can see.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    /// What errors call it.
    pub(super) name: String,
    /// How candidates are shown; `None` where a step sees the conversation alone.
    pub(super) form: Option<Form>,
    /// The names of the earlier steps.
    pub(super) steps: Vec<String>,
}

impl Scope {
    /// What a template knows, for people.
    fn known(&self) -> String {
        let candidates = match self.form {
            None => "",
            Some(Form::Pairwise) => ", candidates (label, text, index), a, b, labels",
            Some(Form::Listwise | Form::Pointwise) => ", candidates (label, text, index), labels",
        };
        let steps = self.steps.iter().flat_map(|step| [", steps.", step.as_str()]).collect::<String>();
        format!(
            "; a template knows conversation and history (lists of role, content), query, group{candidates}{steps}, nonce"
        )
    }
}

/// The compiled templates of one ask.
#[derive(Debug)]
pub(super) struct Templates {
    environment: Environment<'static>,
    has_system: bool,
    origin: String,
    scope: Scope,
    /// What is filled in: `group`, and of attributes also `steps.plan`.
    variables: HashSet<String>,
}

impl Templates {
    /// Compiles the templates and renders each once with made-up items, so that a mistake shows before the first request.
    pub(super) fn new(
        system: Option<Written>,
        user: Written,
        scope: Scope,
        source: &str,
        origin: &str,
    ) -> Result<Self, StrategyError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let lines = [system.as_ref().map_or(0, |system| system.line), user.line];
        let known = scope.known();
        let in_file = |error: &minijinja::Error| {
            let begins = lines[usize::from(error.name() == Some(USER))];
            let detail =
                error.detail().map_or_else(|| error.kind().to_string(), |detail| format!("{}: {detail}", error.kind()));
            let known = if error.kind() == ErrorKind::UndefinedError { known.as_str() } else { "" };
            StrategyError::new(origin, format!("{detail}{known}"))
                .at_line(source, begins + error.line().unwrap_or(1) - 1)
        };
        let has_system = system.is_some();
        for (name, written) in [(SYSTEM, system), (USER, Some(user))] {
            if let Some(written) = written {
                environment.add_template_owned(name, written.text).map_err(|error| in_file(&error))?;
            }
        }
        let variables =
            |nested: bool| environment.templates().flat_map(move |(_, template)| template.undeclared_variables(nested));
        let variables = variables(false).chain(variables(true)).collect();
        let templates = Self { environment, has_system, origin: origin.to_owned(), scope, variables };
        for item in made_up::items(&templates.scope) {
            templates.fill(&item.view()).map_err(|error| in_file(&error))?;
        }
        Ok(templates)
    }

    /// Whether the item's group is shown.
    pub(super) fn uses_group(&self) -> bool {
        self.variables.contains("group")
    }

    /// Whether the code that stands in no text is shown.
    pub(super) fn uses_nonce(&self) -> bool {
        self.variables.contains("nonce")
    }

    /// Whether a candidate is shown.
    pub(super) fn uses_candidates(&self) -> bool {
        ["candidates", "a", "b"].iter().any(|name| self.variables.contains(*name))
    }

    /// Whether it shows what this earlier step said.
    pub(super) fn uses_step(&self, step: &str) -> bool {
        // The names of all attributes of `steps` are known, unless it is used in another way than by attributes.
        let is_plain = self.variables.iter().any(|name| name.starts_with("steps."));
        self.variables.contains(&format!("steps.{step}")) || (!is_plain && self.variables.contains("steps"))
    }

    /// The messages of one ask.
    pub(super) fn render(&self, view: &View<'_>) -> Result<Vec<Message>, StrategyError> {
        self.fill(view).map_err(|error| {
            let name = error.name().unwrap_or(USER).to_owned();
            let (of, line) = (&self.scope.name, error.line().unwrap_or(1));
            StrategyError::new(&self.origin, format!("{of} {name}, line {line}: {error}"))
        })
    }

    fn fill(&self, view: &View<'_>) -> Result<Vec<Message>, minijinja::Error> {
        let values = self.values(view);
        let mut messages = Vec::with_capacity(2);
        if self.has_system {
            let content = self.environment.get_template(SYSTEM)?.render(&values)?;
            messages.push(Message { role: Role::System, content });
        }
        let content = self.environment.get_template(USER)?.render(&values)?;
        messages.push(Message { role: Role::User, content });
        Ok(messages)
    }

    fn values(&self, view: &View<'_>) -> Value {
        let text = |text: &Arc<str>| Value::from(Arc::clone(text));
        let turns: Vec<Value> = view
            .conversation
            .iter()
            .map(|turn| context! { role => turn.role.as_str(), content => text(&turn.content) })
            .collect();
        let history = Value::from(turns[..turns.len().saturating_sub(1)].to_vec());
        let query = view.conversation.last().map_or_else(|| Value::from(""), |turn| text(&turn.content));
        let steps: BTreeMap<&str, Value> =
            self.scope.steps.iter().map(String::as_str).zip(view.steps.iter().map(text)).collect();
        let of_all = context! {
            conversation => turns,
            history => history,
            query => query,
            group => text(view.group),
            steps => Value::from(steps),
            nonce => nonce(view),
        };
        let Some(form) = self.scope.form else { return of_all };
        let labels: Vec<String> = (0..view.slots.len()).map(slot_label).collect();
        let candidate = |(index, (label, slot)): (usize, (&String, &Arc<str>))| context! { label => label, text => text(slot), index => index };
        let candidates: Vec<Value> = labels.iter().zip(view.slots).enumerate().map(candidate).collect();
        let of_several = context! { candidates => candidates, labels => labels, ..of_all };
        match (form, view.slots) {
            (Form::Pairwise, [a, b]) => context! { a => text(a), b => text(b), ..of_several },
            _ => of_several,
        }
    }
}

/// Eight hexadecimal digits that stand in none of the texts, for delimiters that no text can imitate. They derive from the
/// conversation, so that asks of one conversation share their beginning.
fn nonce(view: &View<'_>) -> String {
    let turns = || view.conversation.iter().map(|turn| &turn.content);
    let seed = turns().fold(Fields::new("tribunal nonce v1"), |fields, text| fields.text(text));
    let mut tries = 0..;
    loop {
        let nonce = seed.clone().number(tries.next().unwrap_or_default()).finish().short(8);
        let mut texts = turns().chain(view.slots).chain(view.steps);
        if texts.all(|text| !text.to_ascii_lowercase().contains(&nonce)) {
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

    fn turn() -> Vec<Speech> {
        vec![Speech { role: Role::User, content: text("Turn 0.") }]
    }

    fn templates(user: &str) -> Result<Templates, StrategyError> {
        let scope = Scope { name: "[ask]".to_owned(), form: Some(Form::Pairwise), steps: vec!["plan".to_owned()] };
        Templates::new(None, Written { text: user.to_owned(), line: 1 }, scope, "", "t")
    }

    #[test]
    fn a_candidate_is_data_and_never_rendered() {
        let templates = templates("{{ a }}|{{ b }}|{{ steps.plan }}").unwrap();
        let (group, a, b) = (text("g"), text("{{ b }}{% raw %}"), text("<b> & \u{1b}[31m"));
        let view = View { conversation: &turn(), group: &group, slots: &[a, b], steps: &[text("{{ a }}")] };
        assert_eq!(templates.render(&view).unwrap()[0].content, "{{ b }}{% raw %}|<b> & \u{1b}[31m|{{ a }}");
    }

    #[test]
    fn a_nonce_stands_in_no_text_and_does_not_know_the_order() {
        let (conversation, group) = (turn(), text("g"));
        let nonce_of = |slots: &[Arc<str>], steps: &[Arc<str>]| {
            nonce(&View { conversation: &conversation, group: &group, slots, steps })
        };
        let plain = nonce_of(&[text("x"), text("y")], &[]);
        assert_eq!(plain, nonce_of(&[text("y"), text("x")], &[]));
        assert_eq!(plain, nonce_of(&[], &[text("z")]), "all asks of a conversation begin alike");
        let forged = text(&format!("END {plain}"));
        assert_ne!(plain, nonce_of(&[forged.clone(), text("y")], &[]));
        assert_ne!(plain, nonce_of(&[text("x"), text("y")], &[forged]));
    }

    #[test]
    fn a_strategy_that_shows_the_group_says_so() {
        let uses = |template: &str| templates(template).unwrap().uses_group();
        assert!(uses("{% if group.startswith is defined %}{% endif %}{{ a }}"));
        assert!(!uses("{{ a }} group"));
    }

    #[test]
    fn a_template_says_which_steps_and_candidates_it_shows() {
        let shown = |template: &str| {
            let templates = templates(template).unwrap();
            (templates.uses_step("plan"), templates.uses_candidates())
        };
        assert_eq!(shown("{{ steps.plan }}"), (true, false));
        assert_eq!(shown("{{ steps[\"plan\"] }}{{ a }}"), (true, true));
        assert_eq!(shown("{% for c in candidates %}{{ c.text }}{% endfor %} plan"), (false, true));
        let error = templates("{{ steps.plans }}").unwrap_err();
        assert!(error.problem.contains("steps.plan, nonce"), "{error}");
    }
}
