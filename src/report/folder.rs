//! The folder of a run. Files are written whole, so that none is ever half there.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::json::Report;
use super::part::{Part, PathError, write_text, write_whole};
use crate::clock;
use crate::digest::Fields;

/// The file of what is asked, and of whom.
pub const CONFIG: &str = "run.toml";
/// The file of all judgments, a line each.
pub const JUDGMENTS: &str = "judgments.jsonl";
/// The file of what each item came to in each cell, a line each.
pub const ITEMS: &str = "items.jsonl";
/// The file of all figures.
pub const REPORT: &str = "report.json";

/// What names another place for a run.
const ELSEWHERE: &str = "name another folder with --out";

fn wrong(path: &Path, what: &str, error: &io::Error) -> PathError {
    PathError::io(path, what, ELSEWHERE, error)
}

/// The folder of a run.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// The folder at a path, made if it is not there. A folder with other things in it is refused.
    pub fn create(path: &Path) -> Result<Self, PathError> {
        let folder = Self { path: path.to_path_buf() };
        fs::create_dir_all(path).map_err(|error| wrong(path, "made", &error))?;
        let mut entries = fs::read_dir(path).map_err(|error| wrong(path, "read", &error))?.flatten();
        // What a killed run left half written is nobody's.
        let is_part = |entry: &fs::DirEntry| entry.path().extension().is_some_and(|extension| extension == "part");
        // What a run is made from may stand there before it.
        let is_import = |entry: &fs::DirEntry| entry.file_name() == "import";
        if entries.any(|entry| !is_part(&entry) && !is_import(&entry)) && !folder.file(CONFIG).exists() {
            let problem = "holds other things and no run.toml: name a new folder with --out".to_owned();
            return Err(PathError::new(path, problem));
        }
        Ok(folder)
    }

    /// A folder within it, made if it is not there.
    pub fn within(&self, name: &str) -> Result<Self, PathError> {
        let path = self.file(name);
        fs::create_dir_all(&path).map_err(|error| wrong(&path, "made", &error))?;
        Ok(Self { path })
    }

    /// The folder of a run that is there already.
    pub fn open(path: &Path) -> Result<Self, PathError> {
        if path.is_dir() {
            let folder = Self { path: path.to_path_buf() };
            // Of a folder that may not be looked into nothing is known, not that its files are not there.
            return match fs::metadata(folder.file(CONFIG)) {
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(wrong(path, "read", &error)),
                _ => Ok(folder),
            };
        }
        let what = if path.exists() { "a file, not a folder" } else { "no such folder" };
        Err(PathError::new(path, format!("{what}: name the folder of a run")))
    }

    /// The folders of several runs, each of which is named once.
    pub fn open_all(paths: &[PathBuf]) -> Result<Vec<Self>, PathError> {
        let mut known = Vec::new();
        let open = |path: &PathBuf| {
            let folder = Self::open(path)?;
            let place = path.canonicalize().unwrap_or_else(|_| path.clone());
            if known.contains(&place) {
                return Err(PathError::new(
                    path,
                    "named twice, and its cells would be held against themselves: name it once",
                ));
            }
            known.push(place);
            Ok(folder)
        };
        paths.iter().map(open).collect()
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
    pub fn read(&self, name: &str) -> Result<Option<String>, PathError> {
        self.there(name, |path| fs::read_to_string(path))
    }

    /// The text of a file that the folder of every finished run holds.
    pub fn needed(&self, name: &str) -> Result<String, PathError> {
        self.read(name)?.ok_or_else(|| self.lacks(name))
    }

    /// That a file is not there which the folder of every finished run holds.
    #[must_use]
    pub fn lacks(&self, name: &str) -> PathError {
        let how = "is it the folder of a finished run? If so run the same command again: it asks nothing new and writes it; `tribunal view` shows a run under way";
        PathError::new(&self.path, format!("there is no {name} in it: {how}"))
    }

    /// A file in it, opened; `None` where there is none.
    pub fn open_file(&self, name: &str) -> Result<Option<File>, PathError> {
        self.there(name, |path| File::open(path))
    }

    /// What reading a file in it gives; `None` where there is none.
    fn there<T>(&self, name: &str, read: impl FnOnce(&Path) -> io::Result<T>) -> Result<Option<T>, PathError> {
        let path = self.file(name);
        match read(&path) {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(wrong(&path, "read", &error)),
        }
    }

    /// The report of a finished run; `None` where there is none.
    pub fn report(&self) -> Result<Option<Report>, PathError> {
        let report = self.read(REPORT)?.map(|text| Report::parse(&text)).transpose();
        report.map_err(|problem| PathError::new(&self.file(REPORT), problem))
    }

    /// Writes a file whole: `fill` writes into a file beside it, which then takes its name.
    pub fn write<E: From<PathError> + From<io::Error>>(
        &self,
        name: &str,
        fill: impl FnOnce(&mut Part) -> Result<(), E>,
    ) -> Result<(), E> {
        write_whole(&self.file(name), ELSEWHERE, fill)
    }

    /// Writes a file of one text.
    pub fn write_text(&self, name: &str, text: &str) -> Result<(), PathError> {
        write_text(&self.file(name), text, ELSEWHERE)
    }

    /// Writes a file of one text, unless it is there already; answers with what it holds.
    pub fn write_once(&self, name: &str, text: &str) -> Result<String, PathError> {
        let (path, part) = (self.file(name), format!("{name}.once"));
        self.write_text(&part, text)?;
        // Takes its name only if nobody has it: two runs may begin at once.
        let linked = fs::hard_link(self.file(&part), &path);
        let _ = fs::remove_file(self.file(&part));
        match linked {
            Ok(()) => Ok(text.to_owned()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(self.read(name)?.unwrap_or_default()),
            Err(error) => Err(wrong(&path, "written", &error)),
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
    pub fn append_line(&self, name: &str, line: &str) -> Result<(), PathError> {
        let path = self.file(name);
        let append = || {
            let mut file = File::options().create(true).append(true).open(&path)?;
            file.write_all(format!("{line}\n").as_bytes())?;
            file.sync_all()
        };
        append().map_err(|error| wrong(&path, "written", &error))
    }
}
