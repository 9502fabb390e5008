//! Stores under stress: damage and repair, full disks, places where nothing may be written, many who open at once.

use std::path::Path;
use std::process::Command;

use tribunal::digest::Fields;

use crate::support::{Done, Folder, MockProcess, run, tell};

const PAGE: usize = 4096;

fn arguments(mock: &MockProcess, store: &str, out: &str) -> String {
    format!("run --judge m@{} --orders both --store {store} --out {out}", mock.base_url)
}

/// Overwrites pages, with zeros and noise in turn.
fn damaged(sound: &[u8], pages: &[usize]) -> Vec<u8> {
    let mut bytes = sound.to_vec();
    for page in pages {
        for (chunk, number) in bytes[PAGE * (page - 1)..PAGE * page].chunks_mut(32).zip(0..) {
            let noise = Fields::new("noise").number(*page as u64).number(number).finish().0;
            chunk.copy_from_slice(if page % 2 == 0 { &[0; 32] } else { &noise });
        }
    }
    bytes
}

/// The number before a word in what was said.
fn number(said: &str, line: &str) -> usize {
    let line = said.lines().find_map(|said| said.strip_prefix(line)).unwrap_or_else(|| panic!("{line} in {said}"));
    line.split_whitespace().next().unwrap().replace(',', "").parse().unwrap()
}

#[test]
fn a_run_on_a_repaired_store_asks_only_for_what_was_lost() {
    let folder = Folder::new();
    let mock = MockProcess::start(&folder, &[]);
    folder.succeed(&arguments(&mock, "sound.db", "whole"));
    let asked = mock.requests();
    let sound = std::fs::read(folder.path("sound.db")).unwrap();
    let pages = sound.len() / PAGE;
    for round in 0..6 {
        let drawn = Fields::new("pages").number(round).finish().0;
        let mut hit: Vec<usize> = drawn.iter().take(3).map(|byte| 2 + usize::from(*byte) % (pages - 2)).collect();
        // Once the first page with the header, and once the root of the replies.
        hit.extend([1, 2].get(usize::try_from(round).unwrap()));
        let (broken, new, out) = (format!("broken{round}.db"), format!("new{round}.db"), format!("run{round}"));
        std::fs::write(folder.path(&broken), damaged(&sound, &hit)).unwrap();
        let mock = MockProcess::start(&folder, &[]);
        let refused = folder.tribunal(&arguments(&mock, &broken, "refused"));
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{hit:?}: {refused:?}");
        assert!(refused.stderr.contains(&format!("tribunal store repair {broken} --out ")), "{refused:?}");
        assert_eq!(folder.tribunal(&format!("store check {broken}")).code, Some(2));
        let said = folder.succeed(&format!("store repair {broken} --out {new}")).stdout;
        let saved = number(&said, "saved: ");
        assert!(saved >= asked / 2, "{hit:?}: {said}");
        folder.succeed(&format!("store check {new}"));
        folder.succeed(&arguments(&mock, &new, &out));
        let again = mock.requests();
        tell(&format!("pages {hit:?} of {pages} damaged: {saved} of {asked} replies saved, {again} asked again"));
        assert_eq!(again, asked - saved, "{hit:?}: {said}");
        for file in ["report.json", "judgments.jsonl"] {
            assert!(folder.read(&format!("{out}/{file}")) == folder.read(&format!("whole/{file}")), "{file} differs");
        }
    }
}

#[test]
fn check_tells_what_a_store_holds() {
    let folder = Folder::new();
    folder.succeed("run --judge mock");
    let checked = folder.succeed("store check tribunal.db").stdout;
    assert!(checked.starts_with("sound: 111 replies and 0 failed attempts\ntribunal.db: "), "{checked}");
    assert!(checked.contains("mock:v1"), "{checked}");
    let absent = folder.tribunal("store check absent.db");
    assert_eq!(absent.stderr, "error: store absent.db: there is no such file: check the path\n");
    assert_eq!(absent.code, Some(2));
    assert!(!folder.path("absent.db").exists());
}

#[test]
fn eight_processes_may_make_a_store_at_once() {
    for round in 0..3 {
        let folder = Folder::new();
        let start = |number: usize| {
            let out = format!("run{number}");
            folder.command(&["run", "--judge", "mock", "--offline", "--out", &out]).output()
        };
        let done: Vec<_> = std::thread::scope(|scope| {
            let started: Vec<_> = (0..8).map(|number| scope.spawn(move || start(number))).collect();
            started.into_iter().map(|one| one.join().unwrap().unwrap()).collect()
        });
        for one in done {
            assert_eq!(one.status.code(), Some(3), "round {round}: {}", String::from_utf8_lossy(&one.stderr));
        }
    }
}

/// Runs a script as root of a namespace of its own, in which it may mount; `None` where the system does not allow it.
fn in_namespace(folder: &Folder, script: &str) -> Option<Done> {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let mut probe = Command::new("unshare");
    probe.args(["-rm", "sh", "-c", "mount -t tmpfs -o size=1m none /mnt"]);
    if !probe.output().is_ok_and(|done| done.status.success()) {
        tell(&format!("skipped: {test}: nothing may be mounted here, not even in a namespace of its own"));
        return None;
    }
    let bin = Path::new(env!("CARGO_BIN_EXE_tribunal")).parent().unwrap();
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-euc", script]).current_dir(folder.path("")).env("NO_COLOR", "1");
    command.env("PATH", format!("{}:{}", bin.display(), std::env::var("PATH").unwrap()));
    Some(run(command))
}

/// The lines of an error, of which a run has one.
fn errors(said: &str) -> Vec<&str> {
    said.lines().filter(|line| line.starts_with("error: ")).collect()
}

#[test]
fn on_a_full_disk_a_run_ends_clearly_and_goes_on_when_there_is_room() {
    let folder = Folder::new();
    let mock = MockProcess::start(&folder, &[]);
    std::fs::create_dir(folder.path("disk")).unwrap();
    let judge = format!("--judge m@{} --orders both --samples 4", mock.base_url);
    let script = format!(
        "mount -t tmpfs -o size=320k none disk
         tribunal run {judge} --store disk/s.db --out full 2>full.txt >&2 && exit 9 || echo $? >code.txt
         mount -o remount,size=16m disk
         tribunal store check disk/s.db >kept.txt
         tribunal run {judge} --store disk/s.db --out full >/dev/null 2>again.txt
         tribunal run {judge} --store s.db --out whole >/dev/null 2>&1"
    );
    let Some(done) = in_namespace(&folder, &script) else { return };
    assert_eq!(done.code, Some(0), "{done:?}");
    let (said, code) = (folder.read("full.txt"), folder.read("code.txt"));
    assert_eq!(code.trim(), "1", "{said}");
    let errors = errors(&said);
    assert!(errors.len() == 1 && errors[0].starts_with("error: store disk/s.db: "), "{said}");
    assert!(errors[0].contains("full") && errors[0].contains("what was committed is kept"), "{said}");
    let kept = number(&folder.read("kept.txt"), "sound: ");
    let again = folder.read("again.txt");
    assert!(kept > 0 && number(&again, "replies: ") == kept, "{kept} were kept: {again}");
    for file in ["report.json", "judgments.jsonl"] {
        assert!(folder.read(&format!("full/{file}")) == folder.read(&format!("whole/{file}")), "{file} differs");
    }
}

#[test]
fn a_disk_that_is_full_from_the_start_is_told() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("disk")).unwrap();
    folder.succeed("run --store s.db --out whole");
    let script = "mount -t tmpfs -o size=60k none disk
        tribunal store repair s.db --out disk/new.db 2>repair.txt && exit 9 || ls disk >left.txt
        mount -o remount,size=16k disk
        tribunal run --store disk/s.db --out full";
    let Some(done) = in_namespace(&folder, script) else { return };
    let repair = folder.read("repair.txt");
    assert!(repair.contains("is full") && repair.contains("the damaged file is as it was"), "{repair}");
    assert_eq!(folder.read("left.txt"), "");
    let told = errors(&done.stderr);
    assert!(matches!(done.code, Some(1 | 2)) && told.len() == 1 && told[0].contains("full"), "{done:?}");
}

#[test]
fn where_nothing_may_be_written_a_store_can_be_scored_offline() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("disk")).unwrap();
    folder.succeed("run --store disk/s.db --out whole");
    // As a kill leaves it: all of it is in the log.
    let open = rusqlite::Connection::open(folder.path("disk/s.db")).unwrap();
    open.execute_batch("CREATE TEMP TABLE t (x); UPDATE replies SET attempts = 2").unwrap();
    for ending in ["", "-wal"] {
        std::fs::copy(folder.path(&format!("disk/s.db{ending}")), folder.path(&format!("disk/killed.db{ending}")))
            .unwrap();
    }
    drop(open);
    let script = "mount --bind disk disk && mount -o remount,ro,bind disk
        tribunal store check disk/s.db >checked.txt
        tribunal run --store disk/s.db --offline --out offline >/dev/null 2>offline.txt
        tribunal run --store disk/s.db --out online 2>online.txt && exit 9 || echo $? >code.txt
        tribunal run --store disk/new.db --out online 2>new.txt && exit 9 || true
        tribunal run --store disk/killed.db --offline --out killed 2>killed.txt && exit 9 || true";
    let Some(done) = in_namespace(&folder, script) else { return };
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(folder.read("checked.txt").starts_with("sound: 111 replies"));
    assert!(folder.read("offline.txt").contains("store disk/s.db: it cannot be written: it is only read\n"));
    assert!(folder.read("offline/report.json") == folder.read("whole/report.json"));
    let told = ["online.txt", "new.txt", "killed.txt"].map(|name| folder.read(name));
    let told = told.each_ref().map(|said| errors(said).join("\n")).join("\n");
    insta::assert_snapshot!(told, @r"
    error: store disk/s.db: it cannot be written: check the permissions of the file and of its folder, or name another one with --store; `tribunal run --offline` only reads it
    error: store disk/new.db: it cannot be opened or made: may you read and write it, and write in its folder? Mend that, or name another one with --store
    error: store disk/killed.db: its last replies are still in its write-ahead log, and nothing may be written to bring them in: copy the file and the one beside it that ends in -wal to a folder where you may write
    ");
    assert_eq!(folder.read("code.txt").trim(), "2");
}

#[test]
fn a_file_that_may_be_written_in_a_folder_that_may_not_is_read_offline() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("disk")).unwrap();
    folder.succeed("run --store disk/s.db --out whole");
    let script = "mount --bind disk disk && mount --bind disk/s.db disk/s.db && mount -o remount,ro,bind disk
        : >>disk/s.db
        tribunal run --store disk/s.db --offline --out offline >/dev/null
        tribunal run --store disk/s.db --out online";
    let Some(done) = in_namespace(&folder, script) else { return };
    assert!(folder.read("offline/report.json") == folder.read("whole/report.json"));
    assert_eq!(done.code, Some(2), "{done:?}");
    assert!(errors(&done.stderr)[0].contains("write in its folder"), "{done:?}");
}
