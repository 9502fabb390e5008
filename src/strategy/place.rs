//! Where in a strategy file something stands.

use toml::Spanned;

use super::error::StrategyError;
use super::template::Written;
use crate::mistake::Mistake;

pub(super) fn toml_error(error: &toml::de::Error, source: &str, origin: &str) -> StrategyError {
    let message = error.message();
    let missing = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
    let expected = match missing {
        Some("name") => "`name` is missing: expected a line such as name = \"mine\"",
        Some("form") => "`form` is missing: expected the line form = \"pairwise\"",
        Some("ask") => "[ask] is missing: expected a table with the template `user`",
        Some("user") => "`user` is missing: expected the template of the message to the judge",
        Some("verdict") => "[verdict] is missing: expected a table with `pattern` and `labels`, or with `rules`",
        Some("per") => "`per` is missing: expected per = \"conversation\" or per = \"comparison\"",
        _ => &Mistake::of_toml(error, source).problem,
    };
    let problem = StrategyError::new(origin, expected);
    match error.span() {
        // What is missing at the top is missing from the whole file, and no line is to blame.
        Some(span) if missing.is_none() || span.start > 0 => problem.at_span(source, span),
        _ => problem,
    }
}

pub(super) fn line_of(source: &str, at: usize) -> usize {
    source.as_bytes()[..at.min(source.len())].split(|byte| *byte == b'\n').count()
}

/// Where a key of a table stands that begins at `table`; where the table begins if the key is not found on a line of its own.
pub(super) fn start_of(source: &str, table: usize, key: &str) -> usize {
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
pub(super) fn written(text: &Spanned<String>, source: &str) -> Written {
    let start = text.span().start;
    let quoted = source.get(start..).unwrap_or_default();
    // TOML drops a line break that follows the opening quotes.
    let opening = ["\"\"\"\n", "'''\n", "\"\"\"\r\n", "'''\r\n"];
    let skipped = usize::from(opening.iter().any(|opening| quoted.starts_with(opening)));
    Written { line: line_of(source, start) + skipped, text: text.get_ref().clone() }
}
