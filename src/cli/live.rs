//! Follows runs that are under way: their judgments are read from the store, as the run itself would at its end.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::attack::Attacks;
use super::job::{How, Job};
use super::material::{RunCases, bench, cases, material, resolved};
use super::progress::LogFormat;
use super::{Exit, Trouble, runtime, setup};
use crate::cases::{Cases, Material};
use crate::clock;
use crate::config::Hashes;
use crate::judge::{Judge, JudgeKind};
use crate::pace::Backoff;
use crate::report::{CONFIG, JUDGMENTS, JudgmentWriter, RunFolder};
use crate::run::{Counters, Driver, Progress, Settings, collect};
use crate::store::Store;
use crate::view::{Progress as Seen, Shelf};

/// How often files are looked at.
const EVERY: Duration = Duration::from_secs(2);
/// Reading a store again may take this part of the time: a fifth.
const SHARE: u32 = 5;

/// What a file was like when it was last looked at: when it was written, and how long it is.
type Stamp = Option<(SystemTime, u64)>;

fn stamp(path: &Path) -> Stamp {
    let about = fs::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len()))
}

/// Runs that are looked at, and what of them has changed.
pub(super) struct Live {
    store: PathBuf,
    runs: Vec<LiveRun>,
}

struct LiveRun {
    folder: RunFolder,
    material: Arc<Material>,
    cases: Option<RunCases>,
    /// The job behind it, once its judgments had to be read from the store.
    job: Option<(Job, Vec<Judge>)>,
    written: Stamp,
    /// Whether what is written lacks nothing: then the store has no more of it.
    is_whole: bool,
    stored: [Stamp; 2],
    /// How many judgments the store has, and how many there will be.
    seen: Option<[usize; 2]>,
}

impl Live {
    /// Opens the folders of runs.
    pub(super) fn open(folders: Vec<RunFolder>, store: &Path) -> Self {
        let mut runs: Vec<LiveRun> = Vec::new();
        for folder in folders {
            // Runs that are compared mostly ask about the same texts.
            let material = runs.iter().fold(material(&folder), |own, run| own.shared_with(&run.material));
            runs.push(LiveRun {
                material: Arc::new(material),
                folder,
                cases: None,
                job: None,
                written: None,
                is_whole: false,
                stored: [None, None],
                seen: None,
            });
        }
        Self { store: store.to_path_buf(), runs }
    }

    /// All judgments as they were last read.
    pub(super) fn cases(&self) -> Result<Cases, Trouble> {
        cases(self.runs.iter().filter_map(|run| run.cases.as_ref()))
    }

    /// How far the runs are that are under way.
    pub(super) fn progress(&self) -> Option<Seen> {
        let all =
            self.runs.iter().filter_map(|run| run.seen).reduce(|one, other| [one[0] + other[0], one[1] + other[1]]);
        all.map(|[there, of]| Seen { there, of, store: self.store.display().to_string() })
    }

    /// Reads what has changed of every run; says whether anything has, and the first trouble that there was.
    pub(super) async fn renew(&mut self) -> (bool, Option<Trouble>) {
        let (mut is_new, mut first) = (false, None);
        for run in &mut self.runs {
            match run.renew(&self.store).await {
                Ok(is_of_run) => is_new |= is_of_run,
                Err(trouble) => first = first.or(Some(trouble)),
            }
        }
        (is_new, first)
    }
}

/// The files in which a store keeps what was last written.
fn stamps(store: &Path) -> [Stamp; 2] {
    let mut log = store.as_os_str().to_owned();
    log.push("-wal");
    [stamp(store), stamp(Path::new(&log))]
}

impl LiveRun {
    async fn renew(&mut self, store: &Path) -> Result<bool, Trouble> {
        let (written, stored) = (stamp(&self.folder.file(JUDGMENTS)), stamps(store));
        if written.is_some() && written != self.written {
            self.cases = RunCases::finished(&self.folder, Arc::clone(&self.material))?;
            (self.written, self.seen) = (written, None);
            // A report that cannot be read, as one of another version, hides no judgments: whether more are stored is looked up then.
            self.is_whole = self.folder.report().ok().flatten().is_some_and(|report| report.complete);
            return Ok(true);
        }
        if self.is_whole || stored[0].is_none() || stored == self.stored {
            return match self.cases {
                Some(_) => Ok(false),
                None => Err(self.nothing(store)),
            };
        }
        let is_new = self.read(store).await?;
        // What could not be read is tried again.
        self.stored = stored;
        Ok(is_new)
    }

    fn nothing(&self, store: &Path) -> Trouble {
        if !self.folder.file(CONFIG).exists() {
            let run = self.folder.path().display();
            return Trouble::usage(format!(
                "{run}: there is neither {CONFIG} nor {JUDGMENTS} in it: is it the folder of a run?"
            ));
        }
        Trouble::usage(format!(
            "{}: there is no {JUDGMENTS} in it, and no store {}: is it the folder of a run? --store names another store",
            self.folder.path().display(),
            store.display()
        ))
    }

    /// Reads the judgments from the store, into a file that nobody else sees; says whether there are others than before.
    async fn read(&mut self, path: &Path) -> Result<bool, Trouble> {
        if self.job.is_none() {
            let job = job(&self.folder)?;
            let (judges, _) = setup::judges(&job.resolved).await?;
            self.job = Some((job, judges));
        }
        let Some((job, judges)) = &self.job else { return Ok(false) };
        if !judges.iter().any(|judge| matches!(judge.kind, JudgeKind::Endpoint(_))) {
            let run = self.folder.path().display();
            let problem = format!(
                "{run}: there is no {JUDGMENTS} in it, and no store holds what baselines and recorded replies say: \
                 run the same command again: it asks nothing and writes it"
            );
            return if self.cases.is_some() { Ok(false) } else { Err(Trouble::usage(problem)) };
        }
        let store = Store::open_offline(path)?;
        let (file, seen) = spooled(job, judges, &store).await?;
        let before = match (&self.seen, &self.cases) {
            (Some([there, _]), _) => Some(*there),
            (None, Some(cases)) => Some(cases.answered()?),
            (None, None) => None,
        };
        let is_more = before.is_none_or(|before| before < seen[0]);
        if is_more {
            let name = self.folder.path().display().to_string();
            self.cases = Some(RunCases { name, path: path.to_path_buf(), file, material: Arc::clone(&self.material) });
            self.seen = Some(seen);
        }
        Ok(is_more)
    }
}

/// The job of a run, which sends nothing.
fn job(folder: &RunFolder) -> Result<Job, Trouble> {
    let resolved = resolved(folder)?;
    let strategies = setup::strategies(&resolved)?;
    let mut benches = resolved.benches.iter().map(|source| bench(source, &resolved)).collect::<Result<_, _>>()?;
    let attacks = Attacks::prepare(&resolved, &mut benches, &strategies)?;
    let hashes = Hashes { benches: benches.iter().map(|bench| bench.hash).collect(), attacks: None };
    let how = How {
        offline: true,
        canary: false,
        retry_failed: false,
        log_format: LogFormat::default(),
        yes: false,
        deadline: None,
    };
    Ok(Job { resolved, benches, strategies, attacks, hashes, how })
}

/// What the store holds of a run, as the lines of its judgments: without those that were not answered yet; and how many there are, and will be.
async fn spooled(job: &Job, judges: &[Judge], store: &Store) -> Result<(File, [usize; 2]), Trouble> {
    let plans = job.planned()?;
    let cells = job.cells(judges, &plans);
    let (counters, _) = tokio::sync::watch::channel(Counters::default());
    let (trouble, _) = tokio::sync::watch::channel(None);
    let (_stop, stopped) = tokio::sync::watch::channel(false);
    let settings = Settings {
        concurrency: 1,
        backoff: Backoff::default(),
        offline: true,
        canary: false,
        retry_failed: false,
        purse: None,
    };
    let asked = Driver::new(&cells, settings, Progress { counters, trouble }).run(store, stopped).await?;
    let file = hidden_file()?;
    let mut lines = JudgmentWriter::new(BufWriter::new(&file));
    let [mut there, mut of] = [0, 0];
    for (cell, keys) in cells.iter().zip(&asked.keys) {
        collect(cell, keys, Some(store), |judgment| {
            of += 1;
            if judgment.verdict.is_none() {
                return Ok(());
            }
            there += 1;
            lines.write(cell, judgment)
        })?;
    }
    lines.into_inner().flush()?;
    Ok((file, [there, of]))
}

/// A file without a name: it is gone when it is closed, however that comes about.
fn hidden_file() -> Result<File, Trouble> {
    let name = format!("tribunal-{}-{}.jsonl", std::process::id(), clock::unix_millis());
    let path = std::env::temp_dir().join(name);
    let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path);
    let file = file.and_then(|file| fs::remove_file(&path).map(|()| file));
    file.map_err(|error| {
        Trouble::new(
            Exit::Unexpected,
            format!("{}: cannot be written: {error}: TMPDIR names another folder", path.display()),
        )
    })
}

/// Renews what is on a shelf, as long as the program runs.
pub(super) fn follow(mut live: Live, shelf: Arc<Shelf>) -> Result<(), Trouble> {
    let followed = async move {
        let mut is_unseen = false;
        loop {
            let started = clock::now();
            let (is_new, mut trouble) = live.renew().await;
            is_unseen |= is_new;
            if is_unseen {
                match live.cases() {
                    Ok(cases) => {
                        shelf.replace(cases, live.progress());
                        is_unseen = false;
                    }
                    Err(other) => trouble = Some(other),
                }
            }
            shelf.tell(trouble.map(|trouble| trouble.message));
            clock::sleep(EVERY.max((clock::now() - started) * SHARE)).await;
        }
    };
    // Reading a store takes its time: those who look at a page do not wait for it.
    let runtime = runtime()?;
    std::thread::spawn(move || runtime.block_on(followed));
    Ok(())
}
