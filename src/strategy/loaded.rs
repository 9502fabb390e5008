//! Strategies, checked and ready to render.

use toml::Spanned;

use super::error::StrategyError;
use super::extend::{extended, in_variant};
use super::file::{StepFile, StrategyFile};
use super::place::{line_of, start_of, toml_error, written};
use super::sampling::{SamplingFile, check};
use super::step::{Per, Step};
use super::template::{Scope, Templates, View};
use crate::ask::{Form, Message, Sampling};
use crate::digest::{Digest, Fields};
use crate::verdict::Rule;

/// How a judge is asked, checked and ready to render.
#[derive(Debug)]
pub struct Strategy {
    /// Its name in reports.
    pub name: String,
    /// What is shown in one ask.
    pub form: Form,
    /// What it does, in a line.
    pub description: String,
    /// The sampling parameters of its ask.
    pub sampling: Sampling,
    /// How its verdict is read.
    pub rule: Rule,
    /// The earlier steps, in their order. Each is shown by a later one or by the ask.
    pub steps: Vec<Step>,
    /// A hash of everything that decides what is sent and how it is read: not of name, description or comments.
    pub hash: Digest,
    templates: Templates,
}

impl Strategy {
    /// Loads a strategy from the text of its file and renders it once with made-up items; `origin` names the file in errors.
    pub fn load(source: &str, origin: &str) -> Result<Self, StrategyError> {
        match extended(source, origin)? {
            Some(whole) => Loader { source: &whole, origin }.load().map_err(|error| in_variant(&error, source)),
            None => Loader { source, origin }.load(),
        }
    }

    /// Whether the templates show the item's group: then comparisons of different groups are different asks.
    #[must_use]
    pub fn uses_group(&self) -> bool {
        self.templates.uses_group() || self.steps.iter().any(Step::uses_group)
    }

    /// Whether what is asked next may depend on a reply: there are earlier steps, or replies without a verdict are asked again.
    #[must_use]
    pub fn asks_in_turn(&self) -> bool {
        !self.steps.is_empty() || self.rule.reask > 0
    }

    /// The name of the rule by which an item is scored.
    #[must_use]
    pub fn item_rule(&self) -> &'static str {
        match self.form {
            Form::Pairwise => "winner-beats-all",
            Form::Listwise if self.rule.ranks_all() => "rank",
            Form::Listwise => "pick",
            Form::Pointwise => "rate",
        }
    }

    /// Whether the templates show the code that stands in no text of the item.
    pub(super) fn uses_nonce(&self) -> bool {
        self.templates.uses_nonce()
    }

    /// The messages of the deciding ask.
    pub fn render(&self, view: &View<'_>) -> Result<Vec<Message>, StrategyError> {
        self.templates.render(view)
    }
}

/// Loads a strategy.
struct Loader<'a> {
    source: &'a str,
    origin: &'a str,
}

impl Loader<'_> {
    fn load(&self) -> Result<Strategy, StrategyError> {
        let Self { source, origin } = *self;
        let file: StrategyFile = toml::from_str(source).map_err(|error| toml_error(&error, source, origin))?;
        let form = self.form(&file)?;
        let name = file.name.get_ref();
        if name.trim().is_empty() || name.chars().any(char::is_control) {
            let problem = "name: expected one or more characters, none of them control";
            return Err(self.at(file.name.span().start, problem.to_owned()));
        }
        let sampling = self.sampling(file.sampling.as_ref(), &Sampling::default())?;
        let rule = file.verdict.get_ref().resolve().and_then(|rule| rule.suits(shown(form)).map(|()| rule));
        let rule = rule.map_err(|error| {
            let key = error.field.split('.').next().unwrap_or_default();
            self.at(start_of(source, file.verdict.span().start, key), error.to_string())
        })?;
        let mut steps = Vec::new();
        for step in &file.step {
            steps.push(self.step(form, step, &sampling, &steps)?);
        }
        let scope = Scope { name: "[ask]".to_owned(), form: Some(form), steps: names(&steps) };
        let system = file.ask.system.as_ref().map(|text| written(text, source));
        let templates = Templates::new(system, written(&file.ask.user, source), scope, source, origin)?;
        self.each_is_shown(&file, &steps, &templates)?;
        let hash = hash(&file, &sampling, &steps);
        let (name, description) = (file.name.into_inner(), file.description);
        Ok(Strategy { name, form, description, sampling, rule, steps, hash, templates })
    }

    fn at(&self, start: usize, problem: String) -> StrategyError {
        StrategyError::new(self.origin, problem).at_line(self.source, line_of(self.source, start))
    }

    fn form(&self, file: &StrategyFile) -> Result<Form, StrategyError> {
        let form = file.form.get_ref();
        let known = Form::ALL.into_iter().find(|known| known.as_str() == form);
        known.ok_or_else(|| {
            let problem = format!("form: expected \"pairwise\", \"listwise\" or \"pointwise\", found {form:?}");
            self.at(file.form.span().start, problem)
        })
    }

    fn sampling(&self, file: Option<&Spanned<SamplingFile>>, below: &Sampling) -> Result<Sampling, StrategyError> {
        let Some(table) = file else { return Ok(below.clone()) };
        let sampling = table.get_ref().over(below);
        check(&sampling).map_err(|(key, problem)| self.at(start_of(self.source, table.span().start, key), problem))?;
        Ok(sampling)
    }

    fn step(
        &self,
        form: Form,
        file: &Spanned<StepFile>,
        sampling: &Sampling,
        earlier: &[Step],
    ) -> Result<Step, StrategyError> {
        let (step, source) = (file.get_ref(), self.source);
        let name = step.name.get_ref();
        let wrong = |problem: String| self.at(step.name.span().start, format!("[[step]] name = {name:?}: {problem}"));
        if name.starts_with(|letter: char| letter.is_ascii_digit())
            || !name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
            || name.is_empty()
        {
            return Err(wrong(
                "expected letters, digits and underscores, for templates show it as steps.NAME".to_owned(),
            ));
        }
        if earlier.iter().any(|other| other.name == *name) {
            return Err(wrong("an earlier step has the same name".to_owned()));
        }
        let of_comparison = step.per == Per::Comparison;
        if !of_comparison && earlier.iter().any(Step::is_by_comparison) {
            return Err(wrong("steps per conversation stand before those per comparison".to_owned()));
        }
        let form = of_comparison.then_some(form);
        let scope = Scope { name: format!("[[step]] {name}"), form, steps: names(earlier) };
        let system = step.system.as_ref().map(|text| written(text, source));
        let templates = Templates::new(system, written(&step.user, source), scope, source, self.origin)?;
        let builds_on_one = earlier.iter().any(|other| other.is_by_comparison() && templates.uses_step(&other.name));
        if of_comparison && !templates.uses_candidates() && !builds_on_one {
            let problem =
                "it is asked per comparison and shows no candidate: per = \"conversation\" asks it once for all";
            return Err(wrong(problem.to_owned()));
        }
        Ok(Step {
            name: name.clone(),
            per: step.per,
            on_empty: step.on_empty,
            sampling: self.sampling(step.sampling.as_ref(), sampling)?,
            templates,
        })
    }

    /// A step that nothing shows would be paid for nothing.
    fn each_is_shown(&self, file: &StrategyFile, steps: &[Step], ask: &Templates) -> Result<(), StrategyError> {
        for (at, step) in steps.iter().enumerate() {
            let mut later = steps[at + 1..].iter().map(|step| &step.templates).chain([ask]);
            if !later.any(|templates| templates.uses_step(&step.name)) {
                let name = &step.name;
                let problem = format!("[[step]] {name}: no later template shows {{{{ steps.{name} }}}}");
                return Err(self.at(file.step[at].get_ref().name.span().start, problem));
            }
        }
        Ok(())
    }
}

fn names(steps: &[Step]) -> Vec<String> {
    steps.iter().map(|step| step.name.clone()).collect()
}

/// How many answers a rule must be able to read a verdict about; a list may have more.
fn shown(form: Form) -> usize {
    match form {
        Form::Pointwise => 1,
        Form::Pairwise => 2,
        Form::Listwise => 3,
    }
}

/// Steps are in it only where there are some: the hash of a strategy without them is what it always was.
fn hash(file: &StrategyFile, sampling: &Sampling, steps: &[Step]) -> Digest {
    let json = |sampling: &Sampling| serde_json::to_value(sampling).unwrap_or_default();
    let rule = serde_json::to_value(file.verdict.get_ref()).unwrap_or_default();
    let text = |text: &Spanned<String>| text.get_ref().clone();
    let mut fields = Fields::new("tribunal strategy v1")
        .text(file.form.get_ref())
        .optional(file.ask.system.as_ref().map(|text| text.get_ref().as_bytes()))
        .text(file.ask.user.get_ref())
        .json(&json(sampling))
        .json(&rule);
    for (step, written) in steps.iter().zip(file.step.iter().map(Spanned::get_ref)) {
        let kind = serde_json::json!([step.per, step.on_empty]);
        fields = fields
            .text(&step.name)
            .json(&kind)
            .optional(written.system.as_ref().map(text).as_ref().map(String::as_bytes))
            .text(written.user.get_ref())
            .json(&json(&step.sampling));
    }
    fields.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "name = \"mine\"\nform = \"pairwise\"\n[ask]\nuser = '''\nQ: {{ query }}\nA: {{ a }}\nB: {{ b }}\n'''\n\
        [verdict]\npattern = '\\[\\[([AB])\\]\\]'\nlabels = { A = \"first\", B = \"second\" }\n";

    #[test]
    fn a_good_file_loads() {
        assert_eq!(Strategy::load(GOOD, "mine.toml").unwrap().name, "mine");
    }

    #[test]
    fn errors_name_the_line_of_the_file() {
        let cases = [
            (GOOD.replace("{{ b }}", "{{ bb }}"), 7, "bb"),
            (GOOD.replace("{{ b }}", "{% if %}"), 7, ""),
            (GOOD.replace("form =", "from ="), 2, "did you mean `form`?"),
            (GOOD.replace("([AB])", "([AB]"), 10, "no regular expression"),
            (GOOD.replace("([AB])", "[AB]"), 10, "has no group"),
            (GOOD.replace("\"first\"", "\"fisrt\""), 11, "expected \"first\""),
        ];
        for (source, line, words) in cases {
            let error = Strategy::load(&source, "mine.toml").unwrap_err();
            assert_eq!(error.line, Some(line), "{error}");
            assert!(error.to_string().contains(words), "{error}");
        }
    }

    #[test]
    fn the_hash_is_of_what_is_sent_and_read_alone() {
        let hash = |source: &str| Strategy::load(source, "mine.toml").unwrap().hash;
        assert_eq!(hash(GOOD), hash(&GOOD.replace("name = \"mine\"", "# a comment\nname = \"other\"")));
        assert_ne!(hash(GOOD), hash(&GOOD.replace("Q:", "Question:")));
        assert_ne!(hash(GOOD), hash(&GOOD.replace("A = \"first\"", "A = \"tie\"")));
    }
}
