//! The small benchmark that is embedded in the binary, in RMB's layout.

use std::borrow::Cow;

use include_dir::{Dir, include_dir};

use super::error::BenchError;
use super::item::{Bench, Builder, Coverage};
use super::rmb::{Source, read_file};
use super::task::Task;

static SAMPLE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/data/sample");

/// The embedded sample, named `sample`.
pub fn sample() -> Result<Bench, BenchError> {
    let mut files = Vec::new();
    for (task, set) in [(Task::Pairwise, "Pairwise_set"), (Task::Bon, "BoN_set")] {
        if let Some(folder) = SAMPLE.get_dir(set) {
            let before = files.len();
            gather(folder, task, set, &mut files);
            // Helpfulness first, as RMB's tables have it.
            files[before..].sort_by_key(|file: &Source<'_>| (!file.group.starts_with("Help"), file.group.clone()));
        }
    }
    let mut builder = Builder::default();
    for file in &files {
        read_file(&mut builder, file)?;
    }
    let coverage = Coverage { files: files.len(), files_of: files.len(), items_of: builder.len() };
    Ok(builder.build("sample", coverage, None))
}

fn gather(folder: &'static Dir<'_>, task: Task, set: &str, files: &mut Vec<Source<'static>>) {
    for file in folder.files().filter(|file| file.path().extension().is_some_and(|extension| extension == "json")) {
        let path = file.path().with_extension("");
        let group = path.strip_prefix(set).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let bytes = Cow::Borrowed(file.contents());
        files.push(Source { path: file.path().to_path_buf(), task, group, bytes });
    }
    for below in folder.dirs() {
        gather(below, task, set, files);
    }
}
