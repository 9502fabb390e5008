//! Mistakes in the TOML files that people write: in plain words, with the line and a caret below it.

use std::fmt;
use std::ops::Range;

/// A mistake and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The place, where there is one.
    pub place: Option<Excerpt>,
    /// What is wrong, and what is expected.
    pub problem: String,
}

/// A line of a file, and the part of it that is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The line, counted from 1.
    pub line: usize,
    /// The first character that is meant, counted from 1.
    pub column: usize,
    /// How many characters are meant; at least 1.
    pub width: usize,
    /// The line itself.
    pub text: String,
}

impl Mistake {
    /// What `toml` found wrong with a text.
    #[must_use]
    pub fn of_toml(error: &toml::de::Error, source: &str) -> Self {
        let message = error.message();
        let place = error.span().filter(|span| !(span.is_empty() && message.starts_with("missing field")));
        // What is missing at the top is missing from the whole file, and no line is to blame.
        let place = place.filter(|span| *span != (0..source.len())).map(|span| Excerpt::of(source, span));
        let header = place.as_ref().map(|place| place.text.trim()).filter(|text| text.starts_with("[["));
        let problem = match header.and_then(|text| text.strip_prefix("[[")?.strip_suffix("]]")) {
            // The list of tables was taken for the fields of one.
            Some(name) if message.starts_with("invalid type: map") => {
                format!("expected one table, under single brackets: [{name}]")
            }
            _ => in_plain_words(message),
        };
        Self { place, problem }
    }
}

impl fmt::Display for Mistake {
    /// Begins where the name of the file ends: `, line 3, column 1: what is wrong`, then the line and a caret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            None => write!(f, ": {}", self.problem),
            Some(place) => {
                write!(f, ", line {}, column {}: {}\n{}", place.line, place.column, self.problem, place.shown())
            }
        }
    }
}

impl Excerpt {
    /// The line on which a span of a text begins.
    #[must_use]
    pub fn of(source: &str, span: Range<usize>) -> Self {
        let start = (0..=span.start.min(source.len())).rfind(|at| source.is_char_boundary(*at)).unwrap_or_default();
        let before = &source[..start];
        let begin = before.rfind('\n').map_or(0, |at| at + 1);
        let text = source[begin..].lines().next().unwrap_or_default();
        let end = span.end.clamp(start, begin + text.len().max(start - begin));
        let width = source.get(start..end).map_or(1, |meant| meant.chars().count());
        Self {
            line: before.matches('\n').count() + 1,
            column: source[begin..start].chars().count() + 1,
            width: width.max(1),
            // As wide as the caret takes it.
            text: text.replace('\t', " "),
        }
    }

    /// The line under its number, and the caret.
    #[must_use]
    pub fn shown(&self) -> String {
        let gutter = " ".repeat(self.line.to_string().len());
        let indent = " ".repeat(self.column);
        format!("{gutter} |\n{} | {}\n{gutter} |{indent}{}", self.line, self.text, "^".repeat(self.width))
    }
}

/// What the system says of a file, without its number.
#[must_use]
pub fn of_system(error: &std::io::Error) -> String {
    let told = error.to_string();
    told.split(" (os error").next().unwrap_or_default().to_owned()
}

/// The known name that is nearest to a mistyped one, if any is near.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let scored = known.into_iter().map(|name| (strsim::jaro_winkler(word, name), name));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 > 0.75).then_some(best.1)
}

/// The question after a mistyped name: `; did you mean ...?`; empty where no known name is near.
#[must_use]
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, known).map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

/// What serde says names types as Rust does and quotes values, which may be secrets.
fn in_plain_words(message: &str) -> String {
    if let Some(rest) = message.strip_prefix("unknown field ") {
        let (word, known) = word_and_known(rest);
        return format!("unknown key `{word}`{}", choice(word, &known, "there are"));
    }
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        let (word, known) = word_and_known(rest);
        return format!("unknown word{}", choice(word, &known, "expected"));
    }
    if let Some(name) = message.strip_prefix("missing field ") {
        return format!("{name} is missing here: add a line {} = ...", name.trim_matches('`'));
    }
    match message {
        "duplicate key" => return "this key is here twice: keep one of the two".to_owned(),
        "wanted string or table" => return "expected text in quotes".to_owned(),
        "invalid type: map, expected a sequence" => {
            return "expected a list of tables, each under two brackets, as in [[name]]".to_owned();
        }
        _ => {}
    }
    let typed = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
    match typed.and_then(|rest| rest.rsplit_once(", expected ")) {
        Some((found, expected)) => {
            format!("expected {}, found {}", expected_in_plain_words(expected), found_in_plain_words(found))
        }
        None => message.to_owned(),
    }
}

/// The word in the first backticks, and those in the others.
fn word_and_known(text: &str) -> (&str, Vec<&str>) {
    let mut words = text.split('`').skip(1).step_by(2);
    let word = words.next().unwrap_or_default();
    (word, words.collect())
}

/// What could have been meant: `; did you mean `orders`? (there are seed, orders)`.
fn choice(word: &str, known: &[&str], introduction: &str) -> String {
    let all = if known.is_empty() { String::new() } else { format!(" ({introduction} {})", known.join(", ")) };
    did_you_mean(word, known.iter().copied()) + &all
}

fn expected_in_plain_words(expected: &str) -> &str {
    match expected {
        "u64" | "u32" | "usize" => "a whole number, 0 or more",
        "f64" => "a number",
        "a boolean" => "true or false",
        "a string" | "path string" | "string only" => "text in quotes",
        "a sequence" => "a list, such as [\"a\", \"b\"]",
        "a map" => "a table, such as { name = \"value\" }",
        table if table.starts_with("struct ") => "a table",
        other => other,
    }
}

fn found_in_plain_words(found: &str) -> String {
    let kind = found.split([' ', '`']).next().unwrap_or_default();
    let number =
        || found.split('`').nth(1).map_or_else(|| "a number".to_owned(), |number| format!("the number {number}"));
    match kind {
        "string" => "text".to_owned(),
        "integer" | "floating" => number(),
        "boolean" => found.split('`').nth(1).unwrap_or("true or false").to_owned(),
        "map" => "a table".to_owned(),
        "sequence" => "a list".to_owned(),
        _ => found.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn toml_mistake(text: &str) -> String {
        Mistake::of_toml(&toml::from_str::<toml::Table>(text).unwrap_err(), text).to_string()
    }

    #[test]
    fn a_caret_counts_characters_and_not_bytes() {
        insta::assert_snapshot!(toml_mistake("\"\u{e4}\u{f6}\" = 1\n\"\u{e4}\u{f6}\" = 2\n"), @r#"
        , line 2, column 1: this key is here twice: keep one of the two
          |
        2 | "äö" = 2
          | ^^^^
        "#);
    }

    #[test]
    fn a_value_of_the_wrong_type_is_not_quoted() {
        for (said, told) in [
            ("invalid type: string \"sk-1\", expected u32", "expected a whole number, 0 or more, found text"),
            ("invalid type: floating point `1.5`, expected a string", "expected text in quotes, found the number 1.5"),
            ("invalid type: sequence, expected struct AskFile", "expected a table, found a list"),
            ("invalid type: boolean `true`, expected f64", "expected a number, found true"),
            (
                "unknown variant `bth`, expected `seeded` or `both`",
                "unknown word; did you mean `both`? (expected seeded, both)",
            ),
            ("unknown field `zzz`, expected `name`", "unknown key `zzz` (there are name)"),
            ("unknown field `zzz`, there are no fields", "unknown key `zzz`"),
        ] {
            assert_eq!(in_plain_words(said), told);
        }
    }

    proptest! {
        #[test]
        fn any_span_of_any_text_has_a_line(text in "[a\u{e4}\t\n\r]{0,40}", start in 0_usize..60, length in 0_usize..60) {
            let excerpt = Excerpt::of(&text, start..start + length);
            prop_assert!(excerpt.line >= 1 && excerpt.column >= 1 && excerpt.width >= 1);
            prop_assert!(!excerpt.text.contains(['\n', '\t']));
            prop_assert_eq!(excerpt.shown().lines().count(), 3);
        }
    }
}
