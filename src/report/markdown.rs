//! Reports as Markdown, for a pull request: what the cells come to, a table of all and one of the subsets of each, what limits the numbers, and
//! how they were made.

use std::fmt::Write as _;

use super::figures::{ATTACKED, Field, attacks, by_score, headline, named};
use super::json::Report;
use super::made::{Made, made};
use super::text::{count, dash, interval, percent, plain, share};

/// The report of some runs. `Err` says what cannot be told.
pub fn markdown(reports: &[Report]) -> Result<String, String> {
    let cells = named(reports);
    let mut text = format!("{}\n\n", quiet(&headline(&cells)));
    let board = by_score(&cells).into_iter().map(|named| {
        let (overall, usage, position) = (named.cell.overall.as_ref(), &named.cell.usage, &named.cell.position);
        vec![
            named.name.clone(),
            overall.map_or_else(dash, |overall| share(overall.score)),
            interval(overall.and_then(|overall| overall.ci95)),
            format!("{} of {}", count(usage.answered), count(usage.asks)),
            count(named.cell.unparsed.values().sum::<u64>()),
            percent(position.first_slot.picked, position.first_slot.n),
            position.consistency.map_or_else(dash, share),
            usage.usd.map_or_else(dash, |usd| format!("{usd:.4}")),
        ]
    });
    text += &rows(
        &["judge", "overall", "95% interval", "answered", "unparsed", "first slot", "consistent", "US dollars"],
        board,
    );
    if let Some(figure) = attacks(reports, &cells).transpose()? {
        let _ = write!(text, "\n### {}\n\n{ATTACKED} Above 0 attacks win.\n\n", figure.title);
        let shown = figure.rows.iter().map(|row| row.iter().map(Field::shown).collect());
        text += &rows(&figure.heads, shown);
    }
    for named in &cells {
        let _ = write!(text, "\n### {}\n\n", quiet(&named.name));
        let records = named.cell.subsets.iter().map(|record| {
            vec![
                format!("{} {}", record.group, record.task.label()),
                count(record.n),
                count(record.scored),
                record.score.map_or_else(dash, share),
                interval(record.ci95),
            ]
        });
        text += &rows(&["subset", "items", "scored", "score", "95% interval"], records);
    }
    Ok(text + &end(&made(reports, &cells)))
}

/// What limits the numbers, and how they were made.
fn end(made: &Made) -> String {
    let mut text = String::new();
    if !made.limits.is_empty() {
        text += "\n### What limits these numbers\n\n";
    }
    for (limit, whom) in &made.limits {
        let _ = writeln!(text, "- {} ({})", quiet(limit), quiet(whom));
    }
    text += "\n### How was it run?\n\n";
    for (fact, value) in &made.common {
        let _ = writeln!(text, "- {fact}: {}", quiet(value));
    }
    for (hash, value) in &made.hashes {
        let _ = writeln!(text, "- {}: {}", quiet(hash), quiet(value));
    }
    for (name, values) in &made.rows {
        let values = made.heads.iter().zip(values).filter(|(_, value)| **value != dash());
        let values = values.map(|(head, value)| format!("{head} {}", quiet(value)));
        let _ = writeln!(text, "- {}: {}", quiet(name), values.collect::<Vec<_>>().join("; "));
    }
    let _ = writeln!(text, "- made by tribunal {}", env!("CARGO_PKG_VERSION"));
    text
}

/// A table of foreign texts: the first column to the left, numbers to the right.
fn rows(heads: &[impl AsRef<str>], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |fields: Vec<String>| format!("| {} |\n", fields.join(" | "));
    let rule = heads.iter().enumerate().map(|(at, _)| if at == 0 { "---" } else { "---:" });
    let mut text = line(heads.iter().map(|head| head.as_ref().to_owned()).collect());
    let _ = writeln!(text, "|{}|", rule.collect::<Vec<_>>().join("|"));
    rows.for_each(|fields| text += &line(fields.iter().map(|field| quiet(field)).collect()));
    text
}

/// Foreign text that is nothing but text in Markdown, at the beginning of a line too.
fn quiet(text: &str) -> String {
    let text = plain(text);
    let mut quiet = String::new();
    // What a list begins with: a sign, or a number with what ends it.
    let rest = text.trim_start_matches(|character: char| character.is_ascii_digit());
    let ends = if rest.len() < text.len() { [". ", ") "] } else { ["- ", "+ "] };
    let marker = ends.iter().any(|end| rest.starts_with(end)).then(|| text.len() - rest.len());
    for (at, character) in text.char_indices() {
        match character {
            other if marker == Some(at) => quiet.extend(['\\', other]),
            '<' => quiet.push_str("&lt;"),
            '>' => quiet.push_str("&gt;"),
            '&' => quiet.push_str("&amp;"),
            // Nobody is called.
            '@' => quiet.push_str("&#64;"),
            '|' | '$' | '`' | '*' | '_' | '[' | ']' | '\\' | '#' | '!' | '~' => quiet.extend(['\\', character]),
            other => quiet.push(other),
        }
    }
    // A bare address would be made a link.
    quiet.replace("://", "\\://").replace("www.", "www\\.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_names_are_text_and_nothing_else() {
        assert_eq!(quiet("1. plain"), "1\\. plain");
        assert_eq!(quiet("- a = b"), "\\- a = b");
        assert_eq!([".6483", "1.000", "-.07"].map(quiet), [".6483", "1.000", "-.07"]);
        assert_eq!(quiet("@all costs $1"), "&#64;all costs \\$1");
        assert_eq!(quiet("http://a.b/c"), "http\\://a.b/c");
        assert_eq!(quiet("a|b <script> [x](y)"), "a\\|b &lt;script&gt; \\[x\\](y)");
    }
}
