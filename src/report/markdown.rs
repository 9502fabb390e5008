//! Reports as Markdown, for a pull request: what the cells come to, a table of all and one of the subsets of each, what limits the numbers, and
//! how they were made.

use std::fmt::Write as _;

use super::figures::{by_score, conclusion, named};
use super::json::Report;
use super::made::{Made, made};
use super::table::ALL_SIMULATED;
use super::text::{count, dash, interval, plain, share};

/// The report of some runs.
#[must_use]
pub fn markdown(reports: &[Report]) -> String {
    let cells = named(reports);
    let simulated = if cells.iter().all(|named| named.cell.simulated) { ALL_SIMULATED } else { "" };
    let mut text = format!("{}{simulated}\n\n", quiet(&conclusion(&cells)));
    let board = by_score(&cells).into_iter().map(|named| {
        let (overall, usage) = (named.cell.overall.as_ref(), &named.cell.usage);
        [
            named.name.clone(),
            overall.map_or_else(dash, |overall| share(overall.score)),
            interval(overall.and_then(|overall| overall.ci95)),
            format!("{} of {}", count(usage.answered), count(usage.asks)),
            count(named.cell.unparsed.values().sum::<u64>()),
            usage.usd.map_or_else(dash, |usd| format!("{usd:.4}")),
        ]
    });
    text += &rows(["judge", "overall", "95% interval", "answered", "unparsed", "US dollars"], board);
    for named in &cells {
        let _ = write!(text, "\n### {}\n\n", quiet(&named.name));
        let records = named.cell.subsets.iter().map(|record| {
            [
                format!("{} {}", record.group, record.task.label()),
                count(record.n),
                count(record.scored),
                record.score.map_or_else(dash, share),
                interval(record.ci95),
            ]
        });
        text += &rows(["subset", "items", "scored", "score", "95% interval"], records);
    }
    text + &end(&made(reports, &cells))
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
        let values = made.heads.iter().zip(values).map(|(head, value)| format!("{head} {}", quiet(value)));
        let _ = writeln!(text, "- {}: {}", quiet(name), values.collect::<Vec<_>>().join("; "));
    }
    let _ = writeln!(text, "- made by tribunal {}", env!("CARGO_PKG_VERSION"));
    text
}

/// A table of foreign texts: the first column to the left, numbers to the right.
fn rows<const N: usize>(heads: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let line = |fields: [String; N]| format!("| {} |\n", fields.join(" | "));
    let rule = heads.iter().enumerate().map(|(at, _)| if at == 0 { "---" } else { "---:" });
    let mut text = line(heads.map(str::to_owned));
    let _ = writeln!(text, "|{}|", rule.collect::<Vec<_>>().join("|"));
    rows.for_each(|fields| text += &line(fields.map(|field| quiet(&field))));
    text
}

/// Foreign text that is nothing but text in Markdown.
fn quiet(text: &str) -> String {
    let mut quiet = String::new();
    for character in plain(text).chars() {
        match character {
            '<' => quiet.push_str("&lt;"),
            '&' => quiet.push_str("&amp;"),
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '#' | '!' | '~' => quiet.extend(['\\', character]),
            other => quiet.push(other),
        }
    }
    quiet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_names_are_text_and_nothing_else() {
        assert_eq!(quiet("a|b <script> [x](y)"), "a\\|b &lt;script> \\[x\\](y)");
    }
}
