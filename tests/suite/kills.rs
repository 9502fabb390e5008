//! A run that is killed again and again ends as if nothing had happened, and pays next to nothing twice.

use std::process::Stdio;
use std::time::Duration;

use tribunal::digest::Fields;

use crate::support::{Folder, MockProcess, tell};

const ITEMS: usize = 6_000;
const KILLS: u64 = 10;
const CONCURRENCY: usize = 16;
/// Replies that may wait for a commit.
const UNCOMMITTED: usize = tribunal::store::GROUP;

/// Questions without end, each with two answers.
pub(crate) fn benchmark(items: usize) -> String {
    let line = |at: usize| {
        serde_json::json!({
            "id": at.to_string(), "group": format!("Group/{}", at % 7), "best": at % 2,
            "conversation": [{"role": "user", "content": format!("Question {}?", at / 3)}],
            "candidates": [{"text": format!("Answer {at}.")}, {"text": format!("Another answer, {at}.")}],
        })
        .to_string()
    };
    (0..items).map(|at| line(at) + "\n").collect()
}

/// How many replies the store holds.
pub(crate) fn stored(folder: &Folder) -> usize {
    let open =
        rusqlite::Connection::open_with_flags(folder.path("tribunal.db"), rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY);
    let count =
        |store: rusqlite::Connection| store.query_row("SELECT count(*) FROM replies", [], |row| row.get::<_, u32>(0));
    open.and_then(count).map_or(0, |count| count as usize)
}

/// Gives way to other processes.
#[allow(clippy::disallowed_methods, reason = "another process is waited for, which no clock of ours can hurry")]
pub(crate) fn pause() {
    std::thread::sleep(Duration::from_millis(1));
}

#[test]
fn ten_kills_change_no_byte_of_the_results() {
    let folder = Folder::new();
    folder.write("bench.jsonl", &benchmark(ITEMS));
    let mock = MockProcess::start(&folder, &[]);
    let concurrency = CONCURRENCY.to_string();
    let judge = format!("m@{}", mock.base_url);
    let arguments = |out: &'static str| {
        let bench = ["run", "--bench", "b=bench.jsonl", "--judge", &judge, "--concurrency", &concurrency, "--out", out];
        bench.map(str::to_owned)
    };
    for kill in 0..KILLS {
        // Between 200 and 455 newly stored replies, drawn for this kill.
        let fresh = 200 + usize::from(Fields::new("kills").number(kill).finish().0[0]);
        let target = stored(&folder) + fresh;
        let mut child =
            folder.command(&arguments("killed")).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while stored(&folder) < target {
            assert!(child.try_wait().unwrap().is_none(), "it ended before kill {kill}");
            pause();
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    folder.succeed(&arguments("killed").join(" "));
    let repeated = mock.requests() - ITEMS;
    let most = usize::try_from(KILLS).unwrap() * (CONCURRENCY + UNCOMMITTED);
    tell(&format!("{repeated} of {ITEMS} asks were repeated after {KILLS} kills"));
    assert!(repeated <= most, "{repeated} asks were repeated, {most} may be");
    let undisturbed = Folder::new();
    undisturbed.write("bench.jsonl", &benchmark(ITEMS));
    let mock = MockProcess::start(&undisturbed, &[]);
    undisturbed.succeed(&format!("run --bench b=bench.jsonl --judge m@{} --out whole", mock.base_url));
    assert_eq!(mock.requests(), ITEMS);
    for file in ["report.json", "judgments.jsonl"] {
        assert!(folder.read(&format!("killed/{file}")) == undisturbed.read(&format!("whole/{file}")), "{file} differs");
    }
}
