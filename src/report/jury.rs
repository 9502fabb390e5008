//! A jury in the terminal: its members and itself, then the best panel of each size.

use super::table::{Width, column, grid, wrapped};
use super::text::{count, counted, dash, in_brackets, interval, plain, share, signed};
use crate::across::{CellName, Gain, Jury, JuryReport, Panel, PanelScore};

/// Where the text of a note begins.
const INDENT: usize = 11;

/// A row of the first table.
struct Row {
    score: Option<PanelScore>,
    gain: Option<Gain>,
}

/// The conclusion, the table of members and juries, that of panels, and what they are made from.
#[must_use]
pub fn jury_table(report: &JuryReport, width: Width) -> String {
    let names = cell_labels(&report.members.iter().map(|member| &member.cell).collect::<Vec<_>>());
    let mut text = wrapped(&conclusion(report, &names), 0, width);
    let mut rows: Vec<(String, Row)> = (report.members.iter().zip(&names).enumerate())
        .map(|(at, (member, name))| (format!("{} {name}", at + 1), Row { score: member.score.clone(), gain: None }))
        .collect();
    let all = if report.scores { "mean score of all" } else { "plurality of all" };
    let row = |jury: &Option<Jury>| Row {
        score: jury.as_ref().map(|jury| jury.score.clone()),
        gain: jury.as_ref().and_then(|jury| jury.gain),
    };
    if report.members.len() > 1 {
        rows.push((all.to_owned(), row(&report.plurality)));
        rows.push(("weighted by log-odds".to_owned(), row(&report.weighted)));
    }
    let rows: Vec<(String, &Row)> = rows.iter().map(|(name, row)| (name.clone(), row)).collect();
    let columns = vec![
        column(0, "score", |row: &Row| row.score.as_ref().map_or_else(dash, |score| share(score.score))),
        column(0, "95% interval", |row| interval(row.score.as_ref().and_then(|score| score.ci95))),
        column(0, "over the best member", |row| row.gain.map_or_else(String::new, |gain| gained(&gain))),
    ];
    text += &grid("member", &rows, columns, width);
    if report.members.len() > 1 {
        text += &panels(report, width);
    }
    for (label, note) in notes(report) {
        text += &wrapped(&format!("{label:<INDENT$}{note}"), INDENT, width);
    }
    text
}

fn conclusion(report: &JuryReport, names: &[String]) -> String {
    let name = format!("a jury of {} on {}", count(report.members.len()), plain(&report.bench));
    let Some(jury) = &report.plurality else {
        return format!("{name}: no score, for no item was put to all of them");
    };
    let gain = jury.gain.filter(|_| report.members.len() > 1).map_or_else(String::new, |gain| {
        let said = match gain.ci95 {
            Some([low, _]) if low > 0.0 => "better than its best member",
            Some([_, high]) if high < 0.0 => "worse than its best member",
            _ => "no better or worse, as far as this shows, than its best member",
        };
        format!(", {said}, {}: {}", names[gain.over], gained(&gain))
    });
    format!("{name}: {}{}{gain}", share(jury.score.score), in_brackets(jury.score.ci95, share))
}

fn gained(gain: &Gain) -> String {
    signed(gain.gain) + &in_brackets(gain.ci95, signed)
}

fn panels(report: &JuryReport, width: Width) -> String {
    let rows: Vec<(String, &Panel)> = report.panels.iter().map(|panel| (panel.size.to_string(), panel)).collect();
    let columns = vec![
        column(0, "score", |panel: &Panel| panel.score.as_ref().map_or_else(dash, |score| share(score.score))),
        column(0, "95% interval", |panel| interval(panel.score.as_ref().and_then(|score| score.ci95))),
        column(0, "best on all", |panel| {
            let members: Vec<String> = panel.best.iter().map(|member| (member + 1).to_string()).collect();
            members.join(" ")
        }),
        column(2, "its score there", |panel| panel.best_score.as_ref().map_or_else(dash, |score| share(score.score))),
    ];
    grid("best of size", &rows, columns, width)
}

fn notes(report: &JuryReport) -> Vec<(&'static str, String)> {
    let mut notes = Vec::new();
    if let (Some(rho), Some(number)) = (report.error_correlation, report.effective_number) {
        let like = format!("{} members err like {number:.1} independent ones", count(report.members.len()));
        notes.push(("errors", format!("correlation {}, the mean over pairs: {like}", signed(rho))));
    }
    if report.panels.len() > 1 {
        let text = "chosen on one half of the conversations and scored on the other, both ways; what is best on all scores too well there";
        notes.push(("panels", text.to_owned()));
    }
    if let Some(largest) = report.largest_panel {
        notes.push(("", format!("with so many members, only panels of up to {largest} are looked at")));
    }
    let mut items = vec![format!("{} that all were asked about", counted(report.items.shared, "item"))];
    if report.items.missing > 0 {
        items.push(format!("{} left out that not all were asked about alike", count(report.items.missing)));
    }
    if report.items.failed > 0 {
        items.push(format!("{} left out for a reply that is missing", count(report.items.failed)));
    }
    notes.push(("items", items.join("; ")));
    notes
}

/// A name for each cell, with its run where the name alone would not tell it from others.
pub(super) fn cell_labels(cells: &[&CellName]) -> Vec<String> {
    let label = |cell: &&CellName| {
        let name = cell.to_string();
        let is_alone = cells.iter().filter(|other| other.to_string() == name).count() == 1;
        if is_alone { plain(&name) } else { plain(&format!("{name} ({})", cell.run)) }
    };
    cells.iter().map(label).collect()
}
