//! Pages in a browser. Needs Chromium; what clicks needs node and the packages of `tests/browser` too (`.ci/long browser` fetches them).

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Folder, run, tell};
use crate::view::{self, View};

/// Debian's Chromium, or what `CHROMIUM` names; `None`, and a line that says so, where there is none.
fn chromium(test: &str) -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let found = named.into_iter().chain(["/usr/bin/chromium".into()]).find(|path| path.exists());
    if found.is_none() {
        tell(&format!("skipped: {test}: no Chromium: install it, or name one in CHROMIUM"));
    }
    found
}

/// A page as it is once its scripts have run.
fn dom(chromium: &Path, profile: &Path, address: &str) -> String {
    let mut command = Command::new(chromium);
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]);
    command.args(["--disable-component-update", "--disable-sync", "--timeout=5000", "--dump-dom"]);
    command.arg(format!("--user-data-dir={}", profile.display())).arg(address);
    run(command).stdout
}

#[test]
fn a_browser_runs_nothing_that_a_text_brings() {
    let Some(chromium) = chromium("a_browser_runs_nothing_that_a_text_brings") else { return };
    let folder = Folder::new();
    view::hostile(&folder);
    let view = View::start(&folder, "hostile");
    let case = view.cases("/").remove(0);
    let page = dom(&chromium, &folder.path("profile"), &format!("http://{}{case}", view.address));
    assert!(page.contains("id=\"all-title\"") && page.contains("go (javascript:alert(3))"), "{page}");
    assert!(page.matches("<script").count() == 1 && !page.contains("<img"), "{page}");
}

#[test]
fn in_a_browser_one_filters_steps_and_searches() {
    let test = "in_a_browser_one_filters_steps_and_searches";
    let Some(chromium) = chromium(test) else { return };
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    if !scripts.join("node_modules").is_dir() {
        tell(&format!("skipped: {test}: the packages of tests/browser are not there: .ci/long browser fetches them"));
        return;
    }
    let folder = Folder::new();
    view::run(&folder);
    view::hostile(&folder);
    std::fs::write(folder.path("report.html"), folder.succeed("report run --format html").stdout).unwrap();
    let (view, hostile) = (View::start(&folder, "run"), View::start(&folder, "hostile"));
    let address = |view: &View| format!("http://{}/", view.address);
    let report = folder.path("report.html").display().to_string();
    for arguments in
        [vec!["view.mjs".to_owned(), address(&view), address(&hostile)], vec!["report.mjs".to_owned(), report]]
    {
        let mut node = Command::new("node");
        let done = run({
            node.args(&arguments).current_dir(&scripts).env("CHROMIUM", &chromium);
            node
        });
        tell(&done.stdout);
        assert_eq!(done.code, Some(0), "{arguments:?}: {done:?}");
    }
}
