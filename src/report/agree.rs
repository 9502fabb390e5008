//! Agreement in the terminal: a matrix of kappas, then what all cells come to together.

use unicode_width::UnicodeWidthStr as _;

use super::jury::cell_labels;
use super::table::{Column, Width, column, grid, wrapped};
use super::text::{count, counted, dash, interval, plain, share, signed};
use crate::across::{AgreeReport, Agreement, Among, Coefficient};

/// The most cells of which a matrix is drawn.
const MOST: usize = 8;

/// The conclusion, the kappas, and the coefficients of several raters.
#[must_use]
pub fn agree_table(report: &AgreeReport, width: Width) -> String {
    let names = cell_labels(&report.cells.iter().collect::<Vec<_>>());
    let mut text = wrapped(&conclusion(report), 0, width);
    if report.cells.len() > 1 {
        text += &matrix(report, &names, width);
        text += &listed("pair", &report.pairs, &names, width);
    }
    if !report.orders.is_empty() {
        text += &listed("one cell in two orders", &report.orders, &names, width);
    }
    let together: Vec<(String, &Coefficient)> = [
        ("Fleiss' kappa", &report.fleiss_kappa),
        ("Krippendorff's alpha", &report.krippendorff_alpha),
        ("all agree", &report.unanimous),
    ]
    .into_iter()
    .filter_map(|(name, coefficient)| Some((name.to_owned(), coefficient.as_ref()?)))
    .collect();
    if !together.is_empty() {
        text += &grid("all cells", &together, coefficients(), width);
    }
    for (head, among) in [
        ("strategies of a judge", &report.strategies_of_a_judge),
        ("judges of a strategy", &report.judges_of_a_strategy),
    ] {
        let rows: Vec<(String, &Among)> = among.iter().map(|among| (plain(&among.name), among)).collect();
        if !rows.is_empty() {
            let columns = vec![
                column(0, "mean kappa", |among: &Among| kappa(Some(among.kappa.value))),
                column(0, "95% interval", |among| signed_interval(among.kappa.ci95)),
                column(1, "pairs", |among| count(among.kappa.n)),
            ];
            text += &grid(head, &rows, columns, width);
        }
    }
    text
}

fn conclusion(report: &AgreeReport) -> String {
    let units = format!("{} comparisons in one order each", count(report.units));
    let bench = plain(&report.bench);
    match &report.krippendorff_alpha {
        Some(alpha) => format!(
            "{} cells on {bench}: alpha {}{}, over {units}; 0 is chance",
            count(report.cells.len()),
            kappa(Some(alpha.value)),
            alpha.ci95.map_or_else(String::new, |ends| format!(" ({})", signed_interval(Some(ends)))),
        ),
        None => format!("{} on {bench}: {units}", counted(report.cells.len(), "cell")),
    }
}

/// Cohen's kappa of each two cells, as far as there is room.
fn matrix(report: &AgreeReport, names: &[String], width: Width) -> String {
    if names.len() > MOST {
        return String::new();
    }
    let heads: Vec<String> = (1..names.len()).map(|at| format!("{at:>7}")).collect();
    let first = names.iter().map(|name| name.width() + 2).max().unwrap_or_default();
    if first + heads.concat().len() > usize::from(width.0) {
        return String::new();
    }
    let mut lines = vec![format!("{:first$}{}", "kappa", heads.concat())];
    for (row, name) in names.iter().enumerate() {
        let kappa_with = |column: usize| {
            let pair = report.pairs.iter().find(|pair| pair.cells == [column, row]);
            format!("{:>7}", pair.map_or_else(dash, |pair| kappa(pair.kappa)))
        };
        let kappas: Vec<String> = (0..row).map(kappa_with).collect();
        let label = format!("{} {name}", row + 1);
        let line = format!("{label}{}{}", " ".repeat(first - label.width()), kappas.concat());
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n") + "\n"
}

fn listed(head: &str, pairs: &[Agreement], names: &[String], width: Width) -> String {
    let name = |pair: &Agreement| match pair.cells {
        [one, other] if one == other => names[one].clone(),
        [one, other] => format!("{}, {}", names[one], names[other]),
    };
    let rows: Vec<(String, &Agreement)> = pairs.iter().map(|pair| (name(pair), pair)).collect();
    let columns = vec![
        column(0, "kappa", |pair: &Agreement| kappa(pair.kappa)),
        column(0, "95% interval", |pair| signed_interval(pair.ci95)),
        column(1, "agree", |pair| pair.share.map_or_else(dash, share)),
        column(2, "n", |pair| count(pair.n)),
    ];
    grid(head, &rows, columns, width)
}

fn coefficients() -> Vec<Column<Coefficient>> {
    vec![
        column(0, "value", |coefficient: &Coefficient| kappa(Some(coefficient.value))),
        column(0, "95% interval", |coefficient| signed_interval(coefficient.ci95)),
        column(1, "n", |coefficient| count(coefficient.n)),
    ]
}

/// A number from -1 to 1: a sign only where it is below 0.
fn kappa(value: Option<f64>) -> String {
    value.map_or_else(dash, |value| if value < 0.0 { signed(value) } else { share(value) })
}

fn signed_interval(ends: Option<[f64; 2]>) -> String {
    match ends {
        Some([low, high]) if low < 0.0 => format!("{} to {}", kappa(Some(low)), kappa(Some(high))),
        ends => interval(ends),
    }
}
