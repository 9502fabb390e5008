//! Files of records: JSON lines, or one JSON array in a file whose name ends in `.json`.

use std::path::Path;

use serde_json::value::RawValue;

use super::error::{BenchError, Place, not_json, read, utf8, wrong_shape};
use super::item::{Bench, Builder, Coverage};
use super::items::Line;
use super::preferences::Preference;
use super::record::{Look, Record, RecordKind, Wrong, look};
use crate::file::{beginning, without_compression};

/// Reads a file of records, all of one kind, which is found from the first unless it is given. Lines that are blank are passed over.
pub fn read_records(path: &Path, name: &str, kind: Option<RecordKind>) -> Result<Bench, BenchError> {
    let bytes = read(path)?;
    let text = utf8(path, &bytes)?;
    let records = if is_array(path, text) { entries(path, text)? } else { lines(path, text)? };
    let Some((_, first)) = records.first() else {
        let problem = "no items: expected one JSON object a line, or a JSON array of objects in a .json file";
        return Err(BenchError::new(path, Place::File, problem));
    };
    let kind = match (kind, look(first)) {
        (Some(kind), _) | (None, Look::Record(kind)) => kind,
        (None, Look::Rmb) => {
            let problem = "this is one of RMB's files: give the folder that holds Pairwise_set and BoN_set";
            return Err(BenchError::new(path, Place::File, problem));
        }
        (None, Look::Unknown) => RecordKind::Items,
    };
    let builder = match kind {
        RecordKind::Items => gather::<Line<'_>>(path, &records)?,
        RecordKind::Preferences => gather::<Preference<'_>>(path, &records)?,
    };
    let coverage = Coverage { files: 1, files_of: 1, items_of: builder.len() };
    Ok(builder.build(name, coverage, None))
}

/// Whether the text is read as one array. Sets of others are often JSON lines under a name in `.json`.
fn is_array(path: &Path, text: &str) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    without_compression(&name).strip_suffix(".json").is_some() && text.trim_start().starts_with('[')
}

/// How much of a file is read to recognise it. A first record that is longer is not recognised.
const BEGINNING: u64 = 1 << 20;

/// The kind of the first record of a file of records; `None` if it is no such file.
pub(super) fn first_kind(path: &Path) -> Option<RecordKind> {
    let name = path.file_name()?.to_str()?;
    if ![".jsonl", ".json"].iter().any(|end| without_compression(name).ends_with(end)) || !path.is_file() {
        return None;
    }
    let bytes = beginning(path, BEGINNING).ok()?;
    let text = bytes.utf8_chunks().next()?.valid();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
    let records = if is_array(path, text) { text.strip_prefix('[')? } else { text };
    let first: &RawValue = serde_json::Deserializer::from_str(records).into_iter().next()?.ok()?;
    match look(first.get()) {
        Look::Record(kind) => Some(kind),
        Look::Rmb | Look::Unknown => None,
    }
}

type Records<'a> = Vec<(Place, &'a str)>;

fn lines<'a>(path: &Path, text: &'a str) -> Result<Records<'a>, BenchError> {
    let lines: Records<'a> = (1..)
        .zip(text.lines())
        .filter(|(_, text)| !text.trim().is_empty())
        .map(|(line, text)| (Place::Line(line), text))
        .collect();
    match lines.iter().find(|(_, text)| text.trim_start().starts_with('[')) {
        Some((place, _)) => {
            let problem = "expected one JSON object a line, found a list: write each item on a line of its own, or end the file's \
                           name in .json if it is one JSON array";
            Err(BenchError::new(path, place.clone(), problem))
        }
        None => Ok(lines),
    }
}

fn entries<'a>(path: &Path, text: &'a str) -> Result<Records<'a>, BenchError> {
    let entries: Vec<&'a RawValue> = serde_json::from_str(text).map_err(|error| {
        let problem = format!("expected one JSON array of objects; {}", not_json(&error));
        BenchError::new(path, Place::Line(error.line()), problem)
    })?;
    Ok(entries.iter().enumerate().map(|(at, entry)| (Place::Entry { at, id: None }, entry.get())).collect())
}

fn gather<'a, R: Record<'a>>(path: &Path, records: &[(Place, &'a str)]) -> Result<Builder, BenchError> {
    let mut builder = Builder::default();
    for (place, text) in records {
        let record: R = parse(path, place, text)?;
        let (field, problem) = match record.add(&mut builder, unnamed(place)) {
            Ok(()) => continue,
            Err(Wrong::Field(field, problem)) => (field, problem),
            Err(Wrong::Taken(id, earlier)) => {
                let earlier = match &records[earlier].0 {
                    Place::Entry { at, .. } => format!("entry {at}"),
                    Place::Line(line) => format!("line {line}"),
                    Place::File => "another".to_owned(),
                };
                ("id".to_owned(), format!("expected ids that are unique, found {id:?} of {earlier}"))
            }
        };
        return Err(BenchError::new(path, place.clone(), problem).in_field(field));
    }
    Ok(builder)
}

/// What an item is called that has no id of its own.
fn unnamed(place: &Place) -> String {
    match place {
        Place::Entry { at, .. } => format!("entry-{at}"),
        Place::Line(line) => format!("line-{line}"),
        Place::File => String::new(),
    }
}

fn parse<'a, R: Record<'a>>(path: &Path, place: &Place, text: &'a str) -> Result<R, BenchError> {
    let wrong = |problem: String| BenchError::new(path, place.clone(), problem);
    let mut reader = serde_json::Deserializer::from_str(text);
    let parsed = serde_path_to_error::deserialize::<_, R>(&mut reader).map_err(|error| {
        let field = error.path().to_string();
        let inner = error.into_inner();
        if inner.is_syntax() || inner.is_eof() {
            return wrong(format!("expected one JSON object a line; {}", not_json(&inner)));
        }
        if let Look::Record(kind) = look(text)
            && kind != R::KIND
        {
            return wrong(other_kind(R::KIND).to_owned());
        }
        let (missing, problem) = wrong_shape(&inner);
        let above = (field != ".").then_some(field);
        match (above, missing) {
            (None, None) => wrong(problem),
            (Some(field), None) | (None, Some(field)) => wrong(problem).in_field(field),
            (Some(above), Some(field)) => wrong(problem).in_field(format!("{above}.{field}")),
        }
    })?;
    reader.end().map_err(|error| {
        wrong(format!("expected one JSON object a line, found more text before column {}", error.column() + 1))
    })?;
    Ok(parsed)
}

fn other_kind(expected: RecordKind) -> &'static str {
    match expected {
        RecordKind::Items => {
            "expected an item (`candidates`, `best`) as in the rest of the file, found a preference (`chosen`, `rejected`): put each \
             kind into a file of its own"
        }
        RecordKind::Preferences => {
            "expected a preference (`chosen`, `rejected`) as in the rest of the file, found an item (`candidates`, `best`): put each \
             kind into a file of its own"
        }
    }
}
