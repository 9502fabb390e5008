//! `tribunal report`: shows finished runs again.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{Exit, Trouble, note, say};
use crate::mistake::of_system;
use crate::report::{
    FigureFile, REPORT, Report, RunFolder, Width, counted, csv, figure_files, html, markdown, table, write_text,
};

/// The most files that are named.
const MOST_NAMED: usize = 5;

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
    let folders = RunFolder::open_all(&arguments.runs)?;
    let texts = arguments.runs.iter().zip(&folders).map(|(run, folder)| Ok((run, folder.needed(REPORT)?)));
    let texts = texts.collect::<Result<Vec<_>, Trouble>>()?;
    let parse = |(run, text): &(&PathBuf, String)| -> Result<Report, Trouble> {
        let report = Report::parse(text)
            .map_err(|problem| Trouble::usage(format!("{}: {problem}", run.join(REPORT).display())))?;
        Ok(Report { run: run.display().to_string(), ..report })
    };
    let reports: Vec<Report> = texts.iter().map(parse).collect::<Result<_, _>>()?;
    if let Some(folder) = &arguments.figures {
        write_figures(folder, &reports)?;
    }
    let text = match arguments.format {
        Format::Json => of_json(texts),
        Format::Csv => csv(&reports).map_err(unexpected)?,
        Format::Md => markdown(&reports).map_err(unexpected)?,
        Format::Html => html(&reports).map_err(unexpected)?,
        Format::Table => table(&reports, Width::of_terminal()),
    };
    say(&text)?;
    Ok(Exit::Complete)
}

/// The report of one run, byte for byte; those of several as an array.
fn of_json(mut texts: Vec<(&PathBuf, String)>) -> String {
    if texts.len() == 1 {
        return texts.remove(0).1;
    }
    let texts: Vec<String> = texts.into_iter().map(|(_, text)| text.trim_end().to_owned()).collect();
    format!("[\n{}\n]\n", texts.join(",\n"))
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
    let others = others(folder, &files);
    if !others.is_empty() {
        let more = others.len().saturating_sub(MOST_NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let named = others[..others.len().min(MOST_NAMED)].join(", ");
        note(&format!("{}: not of this report, and left as they are: {named}{more}", folder.display()));
    }
    Ok(())
}

/// The pictures in a folder, each with its numbers beside it, that are none of these figures: those of an earlier report, mostly.
fn others(folder: &Path, files: &[FigureFile]) -> Vec<String> {
    let paths = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_figure =
        |path: &PathBuf| path.extension().is_some_and(|ending| ending == "svg") && path.with_extension("csv").exists();
    let names = paths.filter(is_figure).filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    let mut others: Vec<String> = names.filter(|name| files.iter().all(|file| file.name != *name)).collect();
    others.sort_unstable();
    others
}
