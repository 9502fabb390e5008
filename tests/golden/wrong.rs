//! What people get wrong, and what the program tells them. Each file under `wrong/` is a command line (`$ NAME=VALUE tribunal ...`) and the files
//! that stand where it is run, each after a line `=== NAME`; `=== (stdin)` is typed in. Every one ends with exit code 2.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

const STDIN: &str = "(stdin)";

/// What the program says of a case.
fn told(case: &str, text: &str) -> String {
    let mut parts = text.split("=== ");
    let line = parts.next().and_then(|head| head.trim().strip_prefix("$ ")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut typed = String::new();
    for part in parts {
        let (name, content) = part.split_once('\n').unwrap();
        if name == STDIN {
            content.clone_into(&mut typed);
            continue;
        }
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    let (variables, arguments) = line.split_once("tribunal").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tribunal"));
    command.args(arguments.split_whitespace()).current_dir(folder.path()).env("NO_COLOR", "1");
    command.env_remove("TRIBUNAL_API_KEY").env_remove("COLUMNS");
    command.envs(variables.split_whitespace().map(|variable| variable.split_once('=').unwrap()));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It may end before it has read.
    let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{case}: {said}");
    assert!(!said.contains(folder.path().to_str().unwrap()), "{case} tells where it was run: {said}");
    for secret in ["hunter22", "sk-"] {
        assert!(!said.contains(secret), "{case} tells a secret: {said}");
    }
    format!("$ {line}\n{said}")
}

#[test]
fn what_people_get_wrong_is_told_with_place_and_advice() {
    let mut cases: Vec<_> =
        std::fs::read_dir(Path::new("tests/golden/wrong")).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 40, "{} cases", cases.len());
    for path in cases {
        let case = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        insta::assert_snapshot!(format!("wrong {case}"), told(&case, &text));
    }
}
