//! Opening a store: what stands at the path, which journal the file system allows, whether the file is sound.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};

use super::database::{APPLICATION_ID, SCHEMA_VERSION, Store};
use super::explain::StoreError;
use super::{integrity, mounts};

/// How long SQLite waits for another program that holds the file.
const PATIENCE: Duration = Duration::from_secs(30);

/// The most times that a new file is switched to its write-ahead log. Each try that fails waits for whoever was in the way.
const SWITCHES: usize = 100;

/// What a store is opened with; tests put other file systems in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ground<'a> {
    /// The table of mounts.
    pub(super) mounts: &'a str,
    /// The way in which SQLite reaches files; `None` for the system's own.
    pub(super) vfs: Option<&'static str>,
}

/// How what is committed gets into the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Journal {
    /// A write-ahead log, beside shared memory.
    WriteAhead,
    /// A rollback journal, where memory cannot be shared.
    Rollback,
}

/// Why a way of opening did not do.
enum Unopened {
    /// The file system cannot do a write-ahead log.
    NoWriteAhead,
    Wrong(StoreError),
}

impl Store {
    /// Opens a store, or makes a new one where there is no file.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_on(path, Ground { mounts: &mounts::table(), vfs: None })
    }

    /// Opens a store for a run that sends nothing: where it cannot be written it is only read.
    pub fn open_offline(path: &Path) -> Result<Self, StoreError> {
        match Self::open(path) {
            Err(error) if error.is_unwritable() && path.is_file() => Self::open_read_only(path, error),
            opened => opened,
        }
    }

    pub(super) fn open_on(path: &Path, ground: Ground<'_>) -> Result<Self, StoreError> {
        let file = place(path)?;
        let slower = "it is kept with a rollback journal, which is slower; let one machine at a time write it";
        if let Some(kind) = mounts::network_kind(ground.mounts, &file) {
            let remark = format!("store {}: it lies on a network file system ({kind}): {slower}", path.display());
            return Self::open_with(path, &file, ground, Journal::Rollback, Some(remark))
                .map_err(|unopened| unopened.told(path));
        }
        match Self::open_with(path, &file, ground, Journal::WriteAhead, None) {
            Err(Unopened::NoWriteAhead) => {
                let remark = format!(
                    "store {}: its file system cannot do a write-ahead log, as many that are reached over a network: {slower}",
                    path.display()
                );
                Self::open_with(path, &file, ground, Journal::Rollback, Some(remark))
                    .map_err(|unopened| unopened.told(path))
            }
            opened => opened.map_err(|unopened| unopened.told(path)),
        }
    }

    fn open_with(
        path: &Path,
        file: &Path,
        ground: Ground<'_>,
        journal: Journal,
        remark: Option<String>,
    ) -> Result<Self, Unopened> {
        let told = |error: rusqlite::Error| Unopened::Wrong(StoreError::of(path, &error));
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = match ground.vfs {
            Some(vfs) => Connection::open_with_flags_and_vfs(file, flags, vfs),
            None => Connection::open_with_flags(file, flags),
        };
        let connection = connection.map_err(told)?;
        connection.busy_timeout(PATIENCE).map_err(told)?;
        // SQLite only reads a file that the system does not let it write.
        if connection.is_readonly("main").map_err(told)? {
            return Err(Unopened::Wrong(StoreError::unwritable(path)));
        }
        let lacks_memory = |error: &rusqlite::Error| journal == Journal::WriteAhead && lacks_shared_memory(error);
        if journal == Journal::Rollback && has_write_ahead_log(file) {
            // Alone with the file SQLite reads its write-ahead log without shared memory.
            connection.pragma_update(None, "locking_mode", "EXCLUSIVE").map_err(told)?;
        }
        // Before anything is changed: a file of another program is left alone.
        if let Err(error) = look(&connection) {
            return Err(if lacks_memory(&error) { Unopened::NoWriteAhead } else { told(error) });
        }
        let store = Self::new(path, file, connection, remark);
        let connection = store.lock();
        store.adopt(&connection).map_err(Unopened::Wrong)?;
        match journal {
            Journal::WriteAhead => match write_ahead(&connection) {
                Ok(true) => {}
                Ok(false) => return Err(Unopened::NoWriteAhead),
                Err(error) if lacks_memory(&error) => return Err(Unopened::NoWriteAhead),
                Err(error) => return Err(told(error)),
            },
            Journal::Rollback => roll_back(&connection).map_err(told)?,
        }
        connection.pragma_update(None, "synchronous", "FULL").map_err(told)?;
        integrity::check_at_opening(&connection, path).map_err(Unopened::Wrong)?;
        drop(connection);
        Ok(store)
    }

    /// Opens a store where nothing may be written. `unwritable` is what writing it came to.
    fn open_read_only(path: &Path, unwritable: StoreError) -> Result<Self, StoreError> {
        let connection = to_read(path)?;
        let wrong = |error: rusqlite::Error| StoreError::of(path, &error);
        let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0)).map_err(wrong);
        if pragma("application_id")? != APPLICATION_ID || !(1..=SCHEMA_VERSION).contains(&pragma("user_version")?) {
            // Only an opening that may write tells what is wrong with such a file, or brings it to the format of today.
            return Err(unwritable);
        }
        integrity::check_at_opening(&connection, path)?;
        let remark = format!("store {}: it cannot be written: it is only read", path.display());
        Ok(Self::new(path, &place(path)?, connection, Some(remark)))
    }

    /// An empty store in an empty file, not yet with the journal that runs take.
    pub(super) fn empty(path: &Path, file: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(file, flags).map_err(|error| StoreError::of(path, &error))?;
        let store = Self::new(path, file, connection, None);
        let connection = store.lock();
        store.adopt(&connection)?;
        drop(connection);
        Ok(store)
    }

    /// An empty store that is nowhere but in memory.
    #[cfg(test)]
    pub(crate) fn in_memory() -> Self {
        let connection = Connection::open_in_memory().unwrap();
        let store = Self::new(Path::new(""), Path::new(""), connection, None);
        store.adopt(&store.lock()).unwrap();
        store
    }

    fn new(path: &Path, file: &Path, connection: Connection, remark: Option<String>) -> Self {
        let (path, file) = (path.to_path_buf(), file.to_path_buf());
        Self { path, file, connection: Arc::new(Mutex::new(connection)), remark: remark.map(Arc::from) }
    }
}

impl Unopened {
    fn told(self, path: &Path) -> StoreError {
        match self {
            Self::Wrong(error) => error,
            Self::NoWriteAhead => {
                StoreError::new(path, "its file system allows no journal: name a store on a local disk with --store")
            }
        }
    }
}

/// Where the file of a store lies, as an absolute path without links: SQLite takes some names, such as `:memory:`, for something else.
/// What is no file is refused.
pub(super) fn place(path: &Path) -> Result<PathBuf, StoreError> {
    let wrong = |problem: String| StoreError::new(path, problem);
    let unreadable =
        |error: std::io::Error| wrong(format!("it cannot be reached: {}", crate::mistake::of_system(&error)));
    match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => return Err(wrong("this is a folder: name a file in it".to_owned())),
        Ok(found) if !found.is_file() => {
            return Err(wrong("this is neither a file nor a place for one: name another one with --store".to_owned()));
        }
        Ok(_) => return path.canonicalize().map_err(unreadable),
        Err(_) => {}
    }
    if let Ok(target) = std::fs::read_link(path) {
        return Err(wrong(format!(
            "this is a link to {}, and there is no such file: bring the file back (is its disk mounted?), or remove the link",
            target.display()
        )));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name =
        path.file_name().ok_or_else(|| wrong("this is no name of a file: name another one with --store".to_owned()))?;
    match folder.canonicalize() {
        Ok(folder) => Ok(folder.join(name)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(wrong(format!("there is no folder {}: make it, or name another store with --store", folder.display())))
        }
        Err(error) => Err(unreadable(error)),
    }
}

/// Switches the file to a write-ahead log; whether the file system can do it. SQLite does not wait here for those who hold the file, as
/// others do who open a new store at the same time; so it is made to, by a transaction that needs the file for itself.
fn write_ahead(connection: &Connection) -> rusqlite::Result<bool> {
    let switch = || connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
    for _ in 1..SWITCHES {
        match switch() {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                connection.execute_batch("BEGIN EXCLUSIVE; COMMIT")?;
            }
            answer => return answer.map(|mode| mode == "wal"),
        }
    }
    switch().map(|mode| mode == "wal")
}

/// Takes a rollback journal, and lets others at the file again.
fn roll_back(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "TRUNCATE", |_| Ok(()))?;
    connection.pragma_update(None, "locking_mode", "NORMAL")?;
    // The lock is given back at the end of the next look at the file.
    look(connection)
}

/// Whether it is for want of shared memory, which a write-ahead log needs, that the file cannot be used.
fn lacks_shared_memory(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|error| {
        matches!(error.code, ErrorCode::CannotOpen | ErrorCode::FileLockingProtocolFailed)
            || matches!(
                error.extended_code,
                ffi::SQLITE_IOERR_SHMMAP | ffi::SQLITE_IOERR_SHMOPEN | ffi::SQLITE_IOERR_SHMLOCK
            )
    })
}

/// Whether the file says in its header that it has a write-ahead log: both format versions are 2.
pub(super) fn has_write_ahead_log(file: &Path) -> bool {
    let mut header = [0; 20];
    std::fs::File::open(file).and_then(|mut file| file.read_exact(&mut header)).is_ok() && header[18..] == [2, 2]
}

/// Bytes that wait in the write-ahead log to be brought into the file.
fn rest_of_log(file: &Path) -> u64 {
    std::fs::metadata(beside(file, "-wal")).map_or(0, |found| found.len())
}

/// The name of a file that SQLite keeps beside a store.
pub(super) fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_os_string();
    name.push(ending);
    PathBuf::from(name)
}

/// A connection to an existing file that only reads, also where nothing may be written beside it.
pub(super) fn to_read(path: &Path) -> Result<Connection, StoreError> {
    let file = place(path)?;
    if !file.exists() {
        return Err(StoreError::new(path, "there is no such file: check the path"));
    }
    match read_only(&file) {
        Err(error) if lacks_shared_memory(&error) || error.sqlite_error_code() == Some(ErrorCode::ReadOnly) => {
            if rest_of_log(&file) > 0 {
                let problem = "its last replies are still in its write-ahead log, and nothing may be written to bring them in: \
                               copy the file and the one beside it that ends in -wal to a folder where you may write";
                return Err(StoreError::new(path, problem));
            }
            immutable(&file)
        }
        opened => opened,
    }
    .map_err(|error| StoreError::of(path, &error))
}

fn read_only(file: &Path) -> rusqlite::Result<Connection> {
    let connection =
        Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(PATIENCE)?;
    look(&connection)?;
    Ok(connection)
}

/// Reads the first page.
fn look(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
}

/// A connection that takes it that nobody writes, and touches nothing but the file.
fn immutable(file: &Path) -> rusqlite::Result<Connection> {
    let invalid = || rusqlite::Error::InvalidPath(file.to_path_buf());
    let mut url = url::Url::from_file_path(file).map_err(|()| invalid())?;
    url.set_query(Some("immutable=1"));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(url.as_str(), flags)?;
    look(&connection)?;
    Ok(connection)
}
