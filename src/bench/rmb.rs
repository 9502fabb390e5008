//! RMB's folders: `{Pairwise_set,BoN_set}/{Helpfulness/<category>/<scenario>,Harmlessness/<class>}.json`.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::catalog::Catalog;
use super::error::{BenchError, Place, not_json, read, utf8, wrong_shape};
use super::item::{Bench, Builder, Coverage, Item};
use super::task::Task;
use crate::ask::Role;
use crate::file::without_compression;

const SETS: [(Task, &str); 2] = [(Task::Pairwise, "Pairwise_set"), (Task::Bon, "BoN_set")];

#[derive(Deserialize)]
struct Speech<'a> {
    #[serde(borrow)]
    content: Cow<'a, str>,
    role: Role,
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    llm_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    answer: Cow<'a, str>,
}

/// An entry of either set: the golds and the others have other names there.
trait Entry<'a>: Deserialize<'a> {
    const UID: &'static str;
    fn uid(&self) -> &str;
    fn conversation(&self) -> &[Speech<'a>];
    fn answers<'e>(&'e self) -> impl Iterator<Item = &'e Answer<'a>>
    where
        'a: 'e;
    fn check(&self) -> Result<(), (&'static str, &'static str)>;
}

#[derive(Deserialize)]
struct Pair<'a> {
    #[serde(borrow, rename = "pair_uid")]
    uid: Cow<'a, str>,
    #[serde(borrow)]
    conversation_input: Vec<Speech<'a>>,
    #[serde(borrow)]
    chosen: Answer<'a>,
    #[serde(borrow)]
    reject: Answer<'a>,
}

impl<'a> Entry<'a> for Pair<'a> {
    const UID: &'static str = "pair_uid";

    fn uid(&self) -> &str {
        &self.uid
    }

    fn conversation(&self) -> &[Speech<'a>] {
        &self.conversation_input
    }

    fn answers<'e>(&'e self) -> impl Iterator<Item = &'e Answer<'a>>
    where
        'a: 'e,
    {
        [&self.chosen, &self.reject].into_iter()
    }

    fn check(&self) -> Result<(), (&'static str, &'static str)> {
        Ok(())
    }
}

#[derive(Deserialize)]
struct List<'a> {
    #[serde(borrow, rename = "bon_uid")]
    uid: Cow<'a, str>,
    #[serde(borrow)]
    conversation_input: Vec<Speech<'a>>,
    #[serde(borrow)]
    bon_best: Answer<'a>,
    #[serde(borrow, rename = "loser_list")]
    losers: Vec<Answer<'a>>,
}

impl<'a> Entry<'a> for List<'a> {
    const UID: &'static str = "bon_uid";

    fn uid(&self) -> &str {
        &self.uid
    }

    fn conversation(&self) -> &[Speech<'a>] {
        &self.conversation_input
    }

    fn answers<'e>(&'e self) -> impl Iterator<Item = &'e Answer<'a>>
    where
        'a: 'e,
    {
        std::iter::once(&self.bon_best).chain(&self.losers)
    }

    fn check(&self) -> Result<(), (&'static str, &'static str)> {
        if self.losers.is_empty() {
            return Err(("loser_list", "expected at least one loser, found an empty list"));
        }
        Ok(())
    }
}

/// One file of a benchmark in RMB's layout.
pub(super) struct Source<'a> {
    pub(super) path: PathBuf,
    pub(super) task: Task,
    pub(super) group: String,
    pub(super) bytes: Cow<'a, [u8]>,
}

/// Reads the folder that holds `Pairwise_set` and `BoN_set`, or the folder around it. Files of the catalog come first, in
/// its order; files that it does not know follow, sorted by path. Files may be absent, but not all.
pub fn read_rmb(path: &Path, name: &str, catalog: &'static Catalog) -> Result<Bench, BenchError> {
    let root = root(path).ok_or_else(|| {
        BenchError::new(
            path,
            Place::File,
            "expected a folder with Pairwise_set or BoN_set in it (or in its RMB_dataset)",
        )
    })?;
    let mut builder = Builder::default();
    let mut files = 0;
    for (task, set) in SETS {
        for (path, group) in files_of(&root.join(set), catalog)? {
            let bytes = Cow::Owned(read(&path)?);
            read_file(&mut builder, &Source { path, task, group, bytes })?;
            files += 1;
        }
    }
    if builder.is_empty() {
        return Err(BenchError::new(&root, Place::File, "no items: expected JSON files below Pairwise_set or BoN_set"));
    }
    let coverage = Coverage { files, files_of: catalog.files(), items_of: catalog.items() };
    Ok(builder.build(name, coverage, Some(catalog)))
}

/// The folder with the two sets, at the path or in its `RMB_dataset`.
pub(super) fn root(path: &Path) -> Option<PathBuf> {
    [path.to_path_buf(), path.join("RMB_dataset")]
        .into_iter()
        .find(|folder| SETS.iter().any(|(_, set)| folder.join(set).is_dir()))
}

/// How many files its two sets have.
pub(super) fn count_files(root: &Path) -> usize {
    let mut found = Vec::new();
    for (_, set) in SETS {
        // What cannot be walked is told when it is read.
        let _ = walk(&root.join(set), "", &mut found);
    }
    found.len()
}

/// Adds the items of one file.
pub(super) fn read_file(builder: &mut Builder, source: &Source<'_>) -> Result<(), BenchError> {
    match source.task {
        Task::Pairwise => add_entries::<Pair<'_>>(builder, source),
        Task::Bon => add_entries::<List<'_>>(builder, source),
    }
}

fn add_entries<'a, E: Entry<'a>>(builder: &mut Builder, source: &'a Source<'_>) -> Result<(), BenchError> {
    let entries: Vec<E> = parse(&source.path, utf8(&source.path, &source.bytes)?)?;
    if entries.is_empty() {
        return Err(BenchError::new(&source.path, Place::File, "expected at least one entry, found an empty list"));
    }
    let group = builder.group(&source.group);
    for (at, entry) in entries.iter().enumerate() {
        let place = || Place::Entry { at, id: Some(entry.uid().to_owned()) };
        let wrong = |field: &str, problem: String| BenchError::new(&source.path, place(), problem).in_field(field);
        entry.check().map_err(|(field, problem)| wrong(field, problem.to_owned()))?;
        check_turns(entry.conversation()).map_err(|problem| wrong("conversation_input", problem))?;
        let conversation =
            builder.conversation(entry.conversation().iter().map(|turn| (turn.role, turn.content.as_ref())));
        let candidates =
            entry.answers().map(|answer| builder.candidate(&answer.answer, answer.llm_name.as_deref())).collect();
        let id = format!("{}/{}", source.task, entry.uid());
        let item = Item { id, group, task: source.task, conversation, candidates, best: vec![0] };
        if let Err(earlier) = builder.add(item) {
            let group = builder.group_of(earlier);
            return Err(wrong(
                E::UID,
                format!("expected ids that are unique in the set, found one that {group} has too"),
            ));
        }
    }
    Ok(())
}

fn check_turns(turns: &[Speech<'_>]) -> Result<(), String> {
    let Some(last) = turns.last() else {
        return Err("expected at least one turn, found an empty list".to_owned());
    };
    if last.role != Role::User {
        return Err(format!("expected the last turn to be the user's, found {}", last.role.as_str()));
    }
    Ok(())
}

/// Parses a whole file; only when that fails is it read again to find out where.
fn parse<'a, T: Deserialize<'a>>(path: &Path, text: &'a str) -> Result<Vec<T>, BenchError> {
    serde_json::from_str(text).map_err(|first| {
        if text.trim().is_empty() {
            return BenchError::new(path, Place::File, "expected a JSON array of entries, found an empty file");
        }
        let mut reader = serde_json::Deserializer::from_str(text);
        let Err(error) = serde_path_to_error::deserialize::<_, Vec<T>>(&mut reader) else {
            let problem = "expected one JSON array, found more text after it";
            return BenchError::new(path, Place::Line(first.line()), problem);
        };
        let at = error.path().to_string();
        let inner = error.into_inner();
        if inner.is_syntax() || inner.is_eof() {
            let problem = format!("expected a JSON array of entries; {}", not_json(&inner));
            return BenchError::new(path, Place::Line(inner.line()), problem);
        }
        let (missing, problem) = wrong_shape(&inner);
        let Some((entry, field)) = at.strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
            let problem = problem.replace("expected a list", "expected a JSON array of entries");
            return BenchError::new(path, Place::File, problem);
        };
        let place = entry.parse().map_or(Place::File, |at| Place::Entry { at, id: None });
        let error = BenchError::new(path, place, format!("{problem} (line {})", inner.line()));
        match (field.strip_prefix('.'), missing) {
            (None, None) => error,
            (Some(field), None) => error.in_field(field),
            (None, Some(field)) => error.in_field(field),
            (Some(above), Some(field)) => error.in_field(format!("{above}.{field}")),
        }
    })
}

/// The files of one set: those of the catalog in its order, then the others by path. Each with its group path.
fn files_of(set: &Path, catalog: &Catalog) -> Result<Vec<(PathBuf, String)>, BenchError> {
    let mut found = Vec::new();
    if set.is_dir() {
        walk(set, "", &mut found)?;
    }
    let place = |group: &str| catalog.scenarios.iter().position(|scenario| scenario.group == group);
    found.sort_by_cached_key(|(path, group)| (place(group).unwrap_or(usize::MAX), group.clone(), path.clone()));
    if let Some([(path, _), (other, _)]) = found.array_windows().find(|[one, other]| one.1 == other.1) {
        let problem = format!("stands beside {}: expected one file a scenario, remove one of them", path.display());
        return Err(BenchError::new(other, Place::File, problem));
    }
    Ok(found)
}

fn walk(folder: &Path, group: &str, found: &mut Vec<(PathBuf, String)>) -> Result<(), BenchError> {
    let unreadable = |error: std::io::Error| BenchError::new(folder, Place::File, format!("cannot be read: {error}"));
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else { continue };
        let below = |name: &str| if group.is_empty() { name.to_owned() } else { format!("{group}/{name}") };
        if path.is_dir() {
            walk(&path, &below(&name), found)?;
        } else if let Some(stem) = without_compression(&name).strip_suffix(".json") {
            found.push((path.clone(), below(stem)));
        }
    }
    Ok(())
}
