//! Strategy files: as written, and checked.

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::error::StrategyError;
use super::template::{Templates, View, Written};
use crate::ask::{Message, Sampling};
use crate::digest::{Digest, Fields};
use crate::mistake::Mistake;
use crate::verdict::{Rule, RuleFile};

/// A strategy: how a judge is asked, and how its verdict is read. What is sent is decided by this file alone.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StrategyFile {
    /// What reports call it.
    #[schemars(with = "String", length(min = 1))]
    name: Spanned<String>,
    /// What is shown in one ask: `pairwise`, two answers to a conversation.
    #[schemars(with = "String", extend("enum" = ["pairwise"]))]
    form: Spanned<String>,
    /// What it does, in a line: `tribunal prompts list` shows it.
    #[serde(default)]
    description: String,
    /// Earlier steps, whose replies are variables of the later ones. Not supported by this version yet.
    #[serde(default)]
    #[schemars(with = "Vec<serde_json::Value>", length(max = 0))]
    step: Vec<Spanned<toml::Value>>,
    /// The messages that ask for the verdict.
    ask: AskFile,
    /// Sampling parameters, sent with the request.
    #[schemars(with = "Option<SamplingFile>")]
    sampling: Option<Spanned<SamplingFile>>,
    /// How the verdict is read from the reply.
    #[schemars(with = "RuleFile")]
    verdict: Spanned<RuleFile>,
}

/// The messages that ask for the verdict: Jinja templates. They know conversation and history (lists of role and content), query (the
/// last user turn), group, candidates (label, text, index), a and b (the texts), labels, and nonce (a code that stands in no text).
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AskFile {
    /// The template of the system message; none is sent where it is left out.
    #[schemars(with = "Option<String>")]
    system: Option<Spanned<String>>,
    /// The template of the message to the judge.
    #[schemars(with = "String")]
    user: Spanned<String>,
}

/// Sampling parameters, sent with the request.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SamplingFile {
    /// 0 to 2; `"omit"`, or leaving it out, sends none.
    #[schemars(extend("minimum" = 0, "maximum" = 2))]
    temperature: Option<Number<f64>>,
    /// 0 to 1; `"omit"`, or leaving it out, sends none.
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    top_p: Option<Number<f64>>,
    /// The most tokens of a reply, 1 or more; `"omit"`, or leaving it out, sends none.
    #[schemars(extend("minimum" = 1))]
    max_tokens: Option<Number<u32>>,
}

impl SamplingFile {
    fn sampling(&self) -> Sampling {
        Sampling {
            temperature: self.temperature.and_then(Number::value),
            top_p: self.top_p.and_then(Number::value),
            max_tokens: self.max_tokens.and_then(Number::value),
        }
    }
}

/// A number, or `"omit"`: send none.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a number or \"omit\"")]
#[schemars(inline)]
enum Number<T> {
    /// The number that is sent.
    Value(T),
    /// Send none.
    Omit(Omit),
}

/// Send none.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Omit {
    /// Send none.
    Omit,
}

impl<T> Number<T> {
    fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Omit(Omit::Omit) => None,
        }
    }
}

/// How a judge is asked, checked and ready to render.
#[derive(Debug)]
pub struct Strategy {
    /// Its name in reports.
    pub name: String,
    /// What it does, in a line.
    pub description: String,
    /// The sampling parameters of its ask.
    pub sampling: Sampling,
    /// How its verdict is read.
    pub rule: Rule,
    /// A hash of everything that decides what is sent and how it is read: not of name, description or comments.
    pub hash: Digest,
    templates: Templates,
}

impl Strategy {
    /// Loads a strategy from the text of its file and renders it once with made-up items; `origin` names the file in errors.
    pub fn load(source: &str, origin: &str) -> Result<Self, StrategyError> {
        let file: StrategyFile = toml::from_str(source).map_err(|error| toml_error(&error, source, origin))?;
        let at =
            |start: usize, problem: String| StrategyError::new(origin, problem).at_line(source, line_of(source, start));
        if file.form.get_ref() != "pairwise" {
            let form = file.form.get_ref();
            let problem = format!("form {form:?} is not one that this version knows; it knows \"pairwise\"");
            return Err(at(file.form.span().start, problem));
        }
        if let Some(step) = file.step.first() {
            return Err(at(
                step.span().start,
                "[[step]]: earlier steps are not supported by this version yet".to_owned(),
            ));
        }
        let name = file.name.get_ref();
        if name.trim().is_empty() || name.chars().any(char::is_control) {
            return Err(at(
                file.name.span().start,
                "name: expected one or more characters, none of them control".to_owned(),
            ));
        }
        let sampling =
            file.sampling.as_ref().map(Spanned::get_ref).map_or_else(Sampling::default, SamplingFile::sampling);
        if let (Err((key, problem)), Some(table)) = (check(sampling), &file.sampling) {
            return Err(at(start_of(source, table.span().start, key), problem));
        }
        // A pair is shown.
        let rule = file.verdict.get_ref().resolve().and_then(|rule| rule.suits(2).map(|()| rule)).map_err(|error| {
            let key = error.field.split('.').next().unwrap_or_default();
            at(start_of(source, file.verdict.span().start, key), error.to_string())
        })?;
        let hash = hash(&file, sampling);
        let system = file.ask.system.map(|text| written(text, source));
        let templates = Templates::new(system, written(file.ask.user, source), source, origin)?;
        Ok(Self { name: file.name.into_inner(), description: file.description, sampling, rule, hash, templates })
    }

    /// Whether the templates show the item's group: then comparisons of different groups are different asks.
    #[must_use]
    pub fn uses_group(&self) -> bool {
        self.templates.uses_group
    }

    /// Whether the templates show the code that stands in no text of the item.
    pub(super) fn uses_nonce(&self) -> bool {
        self.templates.uses_nonce
    }

    /// The messages of one ask.
    pub fn render(&self, view: &View<'_>) -> Result<Vec<Message>, StrategyError> {
        self.templates.render(view)
    }
}

fn check(sampling: Sampling) -> Result<(), (&'static str, String)> {
    let outside = |key, range: &str, value: f64| Err((key, format!("[sampling] {key} = {value}: expected {range}")));
    match sampling {
        Sampling { temperature: Some(t), .. } if !(0.0..=2.0).contains(&t) => outside("temperature", "0 to 2", t),
        Sampling { top_p: Some(p), .. } if !(0.0..=1.0).contains(&p) => outside("top_p", "0 to 1", p),
        Sampling { max_tokens: Some(0), .. } => outside("max_tokens", "1 or more", 0.0),
        Sampling { .. } => Ok(()),
    }
}

fn hash(file: &StrategyFile, sampling: Sampling) -> Digest {
    let rule = serde_json::to_value(file.verdict.get_ref()).unwrap_or_default();
    let sampling = serde_json::to_value(sampling).unwrap_or_default();
    Fields::new("tribunal strategy v1")
        .text(file.form.get_ref())
        .optional(file.ask.system.as_ref().map(|text| text.get_ref().as_bytes()))
        .text(file.ask.user.get_ref())
        .json(&sampling)
        .json(&rule)
        .finish()
}

fn toml_error(error: &toml::de::Error, source: &str, origin: &str) -> StrategyError {
    let message = error.message();
    let missing = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
    let expected = match missing {
        Some("name") => "`name` is missing: expected a line such as name = \"mine\"",
        Some("form") => "`form` is missing: expected the line form = \"pairwise\"",
        Some("ask") => "[ask] is missing: expected a table with the template `user`",
        Some("user") => "`user` is missing: expected the template of the message to the judge",
        Some("verdict") => "[verdict] is missing: expected a table with `pattern` and `labels`, or with `rules`",
        _ => &Mistake::of_toml(error, source).problem,
    };
    let problem = StrategyError::new(origin, expected);
    match error.span() {
        // What is missing at the top is missing from the whole file, and no line is to blame.
        Some(span) if missing.is_none() || span.start > 0 => problem.at_span(source, span),
        _ => problem,
    }
}

fn line_of(source: &str, at: usize) -> usize {
    source.as_bytes()[..at.min(source.len())].split(|byte| *byte == b'\n').count()
}

/// Where a key of a table stands that begins at `table`; where the table begins if the key is not found on a line of its own.
fn start_of(source: &str, table: usize, key: &str) -> usize {
    let lines = source[table..].split_inclusive('\n').scan(table, |next, line| {
        let start = *next;
        *next += line.len();
        Some((start, line))
    });
    let mut within = lines.take_while(|(start, line)| *start == table || !line.starts_with('['));
    let found = within.find(|(_, line)| {
        line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(['=', '.']))
    });
    found.map_or(table, |(start, _)| start)
}

/// A template and the line of the file on which its text begins.
fn written(text: Spanned<String>, source: &str) -> Written {
    let start = text.span().start;
    let quoted = source.get(start..).unwrap_or_default();
    // TOML drops a line break that follows the opening quotes.
    let opening = ["\"\"\"\n", "'''\n", "\"\"\"\r\n", "'''\r\n"];
    let skipped = usize::from(opening.iter().any(|opening| quoted.starts_with(opening)));
    Written { line: line_of(source, start) + skipped, text: text.into_inner() }
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
