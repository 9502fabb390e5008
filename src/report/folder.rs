//! The folder of a run. Files are written whole and then renamed, so that none is ever half there.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::clock;
use crate::digest::Fields;
use crate::mistake::of_system;
use crate::report::json::Report;

/// The file of what is asked, and of whom.
pub const CONFIG: &str = "run.toml";
/// The file of all judgments, a line each.
pub const JUDGMENTS: &str = "judgments.jsonl";
/// The file of what each item came to in each cell, a line each.
pub const ITEMS: &str = "items.jsonl";
/// The file of all figures.
pub const REPORT: &str = "report.json";

/// A run folder that cannot be used, told with its path.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", path.display())]
pub struct FolderError {
    path: PathBuf,
    problem: String,
}

impl FolderError {
    fn io(path: &Path, what: &str, error: &io::Error) -> Self {
        let advice = match error.kind() {
            io::ErrorKind::StorageFull => " (make room and run again; replies are kept in the store)",
            io::ErrorKind::PermissionDenied if what == "read" => " (make it readable)",
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => " (name another folder with --out)",
            _ => "",
        };
        Self { path: path.to_path_buf(), problem: format!("cannot be {what}: {}{advice}", of_system(error)) }
    }
}

/// The folder of a run.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// The folder at a path, made if it is not there. A folder with other things in it is refused.
    pub fn create(path: &Path) -> Result<Self, FolderError> {
        let folder = Self { path: path.to_path_buf() };
        fs::create_dir_all(path).map_err(|error| FolderError::io(path, "made", &error))?;
        let mut entries = fs::read_dir(path).map_err(|error| FolderError::io(path, "read", &error))?.flatten();
        // What a killed run left half written is nobody's.
        let is_part = |entry: &fs::DirEntry| entry.path().extension().is_some_and(|extension| extension == "part");
        // What a run is made from may stand there before it.
        let is_import = |entry: &fs::DirEntry| entry.file_name() == "import";
        if entries.any(|entry| !is_part(&entry) && !is_import(&entry)) && !folder.file(CONFIG).exists() {
            let problem = "holds other things and no run.toml: name a new folder with --out".to_owned();
            return Err(FolderError { path: path.to_path_buf(), problem });
        }
        Ok(folder)
    }

    /// A folder within it, made if it is not there.
    pub fn within(&self, name: &str) -> Result<Self, FolderError> {
        let path = self.file(name);
        fs::create_dir_all(&path).map_err(|error| FolderError::io(&path, "made", &error))?;
        Ok(Self { path })
    }

    /// The folder of a run that is there already.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        if path.is_dir() {
            return Ok(Self { path: path.to_path_buf() });
        }
        Err(FolderError { path: path.to_path_buf(), problem: "no such folder: name the folder of a run".to_owned() })
    }

    /// The path of a file in it.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The path of the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The text of a file in it; `None` where there is none.
    pub fn read(&self, name: &str) -> Result<Option<String>, FolderError> {
        let path = self.file(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(FolderError::io(&path, "read", &error)),
        }
    }

    /// The text of a file that the folder of every finished run holds.
    pub fn needed(&self, name: &str) -> Result<String, FolderError> {
        self.read(name)?.ok_or_else(|| self.lacks(name))
    }

    /// That a file is not there which the folder of every finished run holds.
    #[must_use]
    pub fn lacks(&self, name: &str) -> FolderError {
        let how =
            "is it the folder of a finished run? If so run the same command again: it asks nothing new and writes it";
        FolderError { path: self.path.clone(), problem: format!("there is no {name} in it: {how}") }
    }

    /// A file in it, opened; `None` where there is none.
    pub fn open_file(&self, name: &str) -> Result<Option<File>, FolderError> {
        let path = self.file(name);
        match File::open(&path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(FolderError::io(&path, "read", &error)),
        }
    }

    /// The report of a finished run; `None` where there is none.
    pub fn report(&self) -> Result<Option<Report>, FolderError> {
        let report = self.read(REPORT)?.map(|text| Report::parse(&text)).transpose();
        report.map_err(|problem| FolderError { path: self.file(REPORT), problem })
    }

    /// Writes a file whole: `fill` writes into a file beside it, which then takes its name.
    pub fn write<E: From<FolderError> + From<io::Error>>(
        &self,
        name: &str,
        fill: impl FnOnce(&mut Part) -> Result<(), E>,
    ) -> Result<(), E> {
        let (path, part) = (self.file(name), self.file(&format!("{name}.{}.part", std::process::id())));
        let wrong = |error: &io::Error| FolderError::io(&path, "written", error);
        let created = File::create(&part).map_err(|error| wrong(&error))?;
        let mut out = Part { file: BufWriter::new(created), path: path.clone() };
        fill(&mut out)?;
        out.file.flush().and_then(|()| out.file.get_ref().sync_all()).map_err(|error| wrong(&error))?;
        fs::rename(&part, &path).map_err(|error| wrong(&error))?;
        Ok(())
    }

    /// Writes a file of one text.
    pub fn write_text(&self, name: &str, text: &str) -> Result<(), FolderError> {
        self.write(name, |out| Ok(out.write_all(text.as_bytes())?))
    }

    /// Writes a file of one text, unless it is there already; answers with what it holds.
    pub fn write_once(&self, name: &str, text: &str) -> Result<String, FolderError> {
        let (path, part) = (self.file(name), format!("{name}.once"));
        self.write_text(&part, text)?;
        // Takes its name only if nobody has it: two runs may begin at once.
        let linked = fs::hard_link(self.file(&part), &path);
        let _ = fs::remove_file(self.file(&part));
        match linked {
            Ok(()) => Ok(text.to_owned()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(self.read(name)?.unwrap_or_default()),
            Err(error) => Err(FolderError::io(&path, "written", &error)),
        }
    }

    /// A name that no other folder has: 32 hexadecimal digits.
    #[must_use]
    pub fn new_id(&self) -> String {
        let place = std::path::absolute(&self.path).unwrap_or_else(|_| self.path.clone());
        let fields = Fields::new("tribunal run id v1").text(&place.display().to_string());
        let now = u64::try_from(clock::unix_millis()).unwrap_or_default();
        fields.number(now).number(u64::from(std::process::id())).finish().short(32)
    }

    /// Adds a line to a file, in one piece: others may do the same.
    pub fn append_line(&self, name: &str, line: &str) -> Result<(), FolderError> {
        let path = self.file(name);
        let append = || {
            let mut file = File::options().create(true).append(true).open(&path)?;
            file.write_all(format!("{line}\n").as_bytes())?;
            file.sync_all()
        };
        append().map_err(|error| FolderError::io(&path, "written", &error))
    }
}

/// A file that is being written, whose errors name it.
#[derive(Debug)]
pub struct Part {
    file: BufWriter<File>,
    path: PathBuf,
}

impl Part {
    fn named(&self, error: &io::Error) -> io::Error {
        io::Error::new(error.kind(), FolderError::io(&self.path, "written", error))
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

impl From<io::Error> for FolderError {
    /// An error of a file that is being written names that file already.
    fn from(error: io::Error) -> Self {
        error.downcast().unwrap_or_else(|error| Self::io(Path::new("run folder"), "written", &error))
    }
}
