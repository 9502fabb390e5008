//! A run that is killed again and again, while things go wrong, ends as if nothing had happened and pays next to nothing twice.

use std::process::Stdio;
use std::time::Duration;

use tribunal::digest::Fields;

use crate::support::{Folder, MockProcess, tell};

/// The number of kills, where `TRIBUNAL_KILLS` does not say another.
const KILLS: usize = 20;
/// Distinct asks of the sample.
const ASKS: usize = 111;
const CONCURRENCY: usize = 8;
/// One attempt in seven goes wrong, without waits of whole seconds. Samples are one ask to this server, so that more than three faults in a
/// row may meet one of them; eight, which would be its end, never do.
const FAULTS: &str =
    "html_500=.02,text_503=.02,error_in_200=.02,connection=.06,retry_after_ms=.01,reset_spelled=.01,drip_ms=5";

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

fn ask_store<T: rusqlite::types::FromSql>(folder: &Folder, sql: &str) -> rusqlite::Result<T> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    rusqlite::Connection::open_with_flags(folder.path("tribunal.db"), flags)?.query_row(sql, [], |row| row.get(0))
}

/// How many replies the store holds.
pub(crate) fn stored(folder: &Folder) -> usize {
    ask_store::<u32>(folder, "SELECT count(*) FROM replies").map_or(0, |count| count as usize)
}

/// Gives way to other processes.
#[allow(clippy::disallowed_methods, reason = "another process is waited for, which no clock of ours can hurry")]
pub(crate) fn pause() {
    std::thread::sleep(Duration::from_millis(1));
}

/// A number from 1 to `most`, drawn for each kill.
fn drawn(kill: usize, most: usize) -> usize {
    1 + usize::from(Fields::new("kills").number(kill as u64).finish().0[0]) % most
}

#[test]
fn kills_change_no_byte_of_the_results() {
    let kills: usize = std::env::var("TRIBUNAL_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    // Enough asks for up to 7 new replies, and a few more until the kill, each time.
    let samples = (kills / 10).max(20);
    let asks = ASKS * samples;
    let folder = Folder::new();
    let mock = MockProcess::start(&folder, &["--faults", FAULTS, "--parameters", "latency_ms=10"]);
    let arguments = |base_url: &str, out: &str| {
        format!("run --judge m@{base_url} --samples {samples} --concurrency {CONCURRENCY} --out {out}")
    };
    let mut ended = 0;
    for kill in 0..kills {
        let target = stored(&folder) + drawn(kill, 7);
        let words = arguments(&mock.base_url, "killed");
        let words: Vec<&str> = words.split_whitespace().collect();
        let mut child = folder.command(&words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while stored(&folder) < target && child.try_wait().unwrap().is_none() {
            pause();
        }
        ended += usize::from(child.try_wait().unwrap().is_some());
        child.kill().unwrap();
        child.wait().unwrap();
        let sound: String = ask_store(&folder, "PRAGMA integrity_check").unwrap();
        assert_eq!(sound, "ok", "after kill {kill}");
    }
    folder.succeed(&arguments(&mock.base_url, "killed"));
    assert_eq!(stored(&folder), asks);
    let answered = usize::try_from(mock.stats()["answered"].as_u64().unwrap()).unwrap();
    let (repeated, most) = (answered - asks, kills * (CONCURRENCY + tribunal::store::GROUP));
    tell(&format!("{repeated} of {asks} asks were repeated after {kills} kills, {ended} of a run that had ended"));
    assert!(repeated <= most, "{repeated} asks were repeated, {most} may be");
    assert!(ended <= kills / 4, "too few kills met a run at work");
    let undisturbed = Folder::new();
    let calm = MockProcess::start(&undisturbed, &[]);
    undisturbed.succeed(&arguments(&calm.base_url, "whole"));
    for file in ["report.json", "judgments.jsonl"] {
        assert!(folder.read(&format!("killed/{file}")) == undisturbed.read(&format!("whole/{file}")), "{file} differs");
    }
}
