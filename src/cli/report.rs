//! `tribunal report`: shows finished runs again.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{Exit, Trouble, note, say};
use crate::mistake::of_system;
use crate::report::{REPORT, Report, RunFolder, Width, counted, csv, figure_files, html, markdown, table, write_text};

/// What `tribunal report` is told.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  tribunal report runs/longest\n  tribunal report runs/longest --format json\n  tribunal report runs/a runs/b --format html > report.html\n  tribunal report runs/longest --format html --figures figures > report.html"
)]
pub(super) struct ReportArguments {
    /// Folders of runs
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,
    /// How to show them
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Write each figure of the HTML report into this folder too: an SVG file, and its numbers as CSV
    #[arg(long, value_name = "DIR")]
    figures: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
    Csv,
    Md,
    Html,
}

pub(super) fn report(arguments: &ReportArguments) -> Result<Exit, Trouble> {
    let texts = arguments.runs.iter().map(|run| Ok((run, RunFolder::open(run)?.needed(REPORT)?)));
    let texts = texts.collect::<Result<Vec<_>, Trouble>>()?;
    if arguments.format == Format::Json && arguments.figures.is_none() {
        say(&of_json(texts))?;
        return Ok(Exit::Complete);
    }
    let parse = |(run, text): &(&PathBuf, String)| {
        let path = run.join(REPORT);
        Report::parse(text).map_err(|problem| Trouble::usage(format!("{}: {problem}", path.display())))
    };
    let reports: Vec<Report> = texts.iter().map(parse).collect::<Result<_, _>>()?;
    if let Some(folder) = &arguments.figures {
        write_figures(folder, &reports)?;
    }
    let text = match arguments.format {
        Format::Json => of_json(texts),
        Format::Csv => csv(&reports).map_err(unexpected)?,
        Format::Md => markdown(&reports),
        Format::Html => html(&reports).map_err(unexpected)?,
        Format::Table => {
            let width = Width::of_terminal();
            reports.iter().map(|report| table(report, width)).collect::<Vec<_>>().join("\n")
        }
    };
    say(&text)?;
    Ok(Exit::Complete)
}

fn of_json(texts: Vec<(&PathBuf, String)>) -> String {
    texts.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join("\n")
}

fn unexpected(problem: String) -> Trouble {
    Trouble::new(Exit::Unexpected, problem)
}

/// Writes the files of all figures; those of the same names are replaced.
fn write_figures(folder: &Path, reports: &[Report]) -> Result<(), Trouble> {
    let files = figure_files(reports).map_err(unexpected)?;
    std::fs::create_dir_all(folder).map_err(|error| {
        let (folder, error) = (folder.display(), of_system(&error));
        Trouble::usage(format!(
            "{folder}: figures cannot be written there: {error}; name another folder with --figures"
        ))
    })?;
    for file in &files {
        write_text(&folder.join(&file.name), &file.text, "name another folder with --figures")?;
    }
    let figures = counted(files.len() / 2, "figure");
    note(&format!("written: {}: {figures}, each as SVG and as CSV", folder.display()));
    Ok(())
}
