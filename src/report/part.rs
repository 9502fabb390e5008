//! Files that are written whole and then renamed, so that none is ever half there.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::mistake::of_system;

/// A file or folder that cannot be used, told with its path.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", path.display())]
pub struct PathError {
    path: PathBuf,
    problem: String,
}

impl PathError {
    pub(super) fn new(path: &Path, problem: impl Into<String>) -> Self {
        Self { path: path.to_path_buf(), problem: problem.into() }
    }

    /// What the system says, and what to do; `elsewhere` is what names another place.
    pub(super) fn io(path: &Path, what: &str, elsewhere: &str, error: &io::Error) -> Self {
        let advice = match error.kind() {
            io::ErrorKind::StorageFull => " (make room and run again; replies are kept in the store)".to_owned(),
            io::ErrorKind::PermissionDenied if what == "read" => " (make it readable)".to_owned(),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => format!(" ({elsewhere})"),
            _ => String::new(),
        };
        Self::new(path, format!("cannot be {what}: {}{advice}", of_system(error)))
    }
}

impl From<io::Error> for PathError {
    /// An error of a file that is being written names that file already.
    fn from(error: io::Error) -> Self {
        error.downcast().unwrap_or_else(|error| Self::new(Path::new("file"), format!("cannot be written: {error}")))
    }
}

/// Writes a file whole: `fill` writes into a file beside it, which then takes its name, or goes if anything is wrong. `elsewhere` is what names
/// another place.
pub(super) fn write_whole<T, E: From<PathError> + From<io::Error>>(
    path: &Path,
    elsewhere: &'static str,
    fill: impl FnOnce(&mut Part) -> Result<T, E>,
) -> Result<T, E> {
    let mut part = path.as_os_str().to_owned();
    part.push(format!(".{}.part", std::process::id()));
    let wrong = |error: io::Error| PathError::io(path, "written", elsewhere, &error);
    let created = File::create(&part).map_err(wrong)?;
    let mut out = Part { file: BufWriter::new(created), path: path.to_path_buf(), elsewhere };
    let written = fill(&mut out).and_then(|answer| {
        let synced = out.file.flush().and_then(|()| out.file.get_ref().sync_all());
        synced.and_then(|()| fs::rename(&part, path)).map_err(wrong)?;
        Ok(answer)
    });
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written
}

/// Writes a file of one text, whole.
pub fn write_text(path: &Path, text: &str, elsewhere: &'static str) -> Result<(), PathError> {
    write_whole(path, elsewhere, |out| Ok(out.write_all(text.as_bytes())?))
}

/// A file that is being written, whose errors name it.
#[derive(Debug)]
pub struct Part {
    file: BufWriter<File>,
    path: PathBuf,
    elsewhere: &'static str,
}

impl Part {
    fn named(&self, error: &io::Error) -> io::Error {
        io::Error::new(error.kind(), PathError::io(&self.path, "written", self.elsewhere, error))
    }
}

impl Write for Part {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes).map_err(|error| self.named(&error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush().map_err(|error| self.named(&error))
    }
}
