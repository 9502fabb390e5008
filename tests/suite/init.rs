//! `tribunal init`: what it writes runs as it stands, and what it is told of keys goes nowhere.

use std::io::Write as _;
use std::process::Stdio;

use crate::support::{Done, Folder, MockProcess, sample};

/// `init` with answers piped in.
fn answered(folder: &Folder, arguments: &[&str], answers: &str) -> Done {
    let mut command = folder.command(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It may not wait for all answers.
    let _ = child.stdin.take().unwrap().write_all(answers.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Done { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn without_flags_and_answers_it_is_the_sample_and_the_simulated_judge() {
    let folder = Folder::new();
    folder.succeed("init");
    let text = folder.read("tribunal.toml");
    assert!(
        text.starts_with("#:schema ")
            && text.contains("name = \"sample\"")
            && text.contains("spec = \"mock:accuracy=.8\"")
    );
    folder.succeed("run tribunal.toml");
}

#[test]
fn what_is_commented_out_is_right_too() {
    let folder = Folder::new();
    folder.succeed("init");
    let lines = folder.read("tribunal.toml");
    let keys = ["seed", "samples", "task", "ties", "unparsed", "concurrency", "out", "store"];
    let live = lines.lines().map(|line| match line.strip_prefix("# ") {
        Some(rest) if keys.iter().any(|key| rest.starts_with(&format!("{key} = "))) => rest,
        _ => line,
    });
    folder.write("tribunal.toml", &live.collect::<Vec<_>>().join("\n"));
    folder.succeed("run tribunal.toml");
    assert!(folder.path("runs/mine/report.json").is_file());
}

#[test]
fn flags_are_written_as_they_were_meant() {
    let folder = Folder::new();
    let mock = MockProcess::start(&folder, &[]);
    std::os::unix::fs::symlink(sample(), folder.path("RMB_dataset")).unwrap();
    folder.succeed(&format!(
        "init rmb.toml --bench rmb=RMB_dataset --judge m@{} --judge longest --strategy pairwise-direct --orders both",
        mock.base_url
    ));
    folder.succeed("run rmb.toml --out run");
    let report = folder.json("run/report.json");
    let names: Vec<_> = report["cells"].as_array().unwrap().iter().map(|cell| cell["judge"].clone()).collect();
    assert_eq!(names, ["m", "longest"]);
    assert_eq!(mock.requests(), 222);
}

#[test]
fn a_file_in_another_folder_names_what_is_here() {
    let folder = Folder::new();
    std::os::unix::fs::symlink(sample(), folder.path("RMB_dataset")).unwrap();
    folder.write("conf/readme.txt", "");
    folder.succeed("init conf/rmb.toml --bench rmb=RMB_dataset --judge longest");
    folder.succeed("run conf/rmb.toml --out run");
}

#[test]
fn answers_are_read_line_by_line() {
    let folder = Folder::new();
    std::os::unix::fs::symlink(sample(), folder.path("RMB_dataset")).unwrap();
    let done = answered(&folder, &["init"], "RMB_dataset\ngpt-4o@https://host.example/v1\nHOUSE_KEY\nyes\n");
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(done.stderr.matches("]: ").count(), 4, "{}", done.stderr);
    assert!(done.stderr.contains("HOUSE_KEY is not set yet"));
    let text = folder.read("tribunal.toml");
    for part in ["path = \"RMB_dataset\"", "model = \"gpt-4o\"", "\napi_key_env = \"HOUSE_KEY\"", "orders = \"both\""] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_key_in_the_place_of_its_name_is_refused_and_not_shown() {
    for key in ["sk-short", "gsk0123456789012345678901234567890", "Bearer x"] {
        let folder = Folder::new();
        let done = answered(&folder, &["init"], &format!("\nm@https://host.example/v1\n{key}\n\n"));
        assert_eq!(done.code, Some(2), "{done:?}");
        assert!(!done.stderr.contains(key) && done.stderr.contains("OPENAI_API_KEY"), "{done:?}");
        assert!(!folder.path("tribunal.toml").exists());
    }
    let folder = Folder::new();
    for judge in
        ["m@https://user:hunter22@host.example/v1", "m@https://host.example/v1?api-key=hunter22", "sk-hunter22"]
    {
        let done = folder.tribunal(&format!("init --judge {judge}"));
        assert_eq!(done.code, Some(2), "{done:?}");
        assert!(!done.stderr.contains("hunter22"), "{done:?}");
    }
}

#[test]
fn a_long_name_in_capitals_is_a_name() {
    let folder = Folder::new();
    let done = answered(&folder, &["init"], "\nm@https://host.example/v1\nAZURE_OPENAI_EASTUS2_API_KEY\n\n");
    assert_eq!(done.code, Some(0), "{done:?}");
}

#[test]
fn a_file_that_is_there_stays_unless_forced() {
    let folder = Folder::new();
    folder.write("tribunal.toml", "mine");
    let done = folder.tribunal("init");
    assert_eq!((done.code, folder.read("tribunal.toml").as_str()), (Some(2), "mine"));
    assert!(done.stderr.contains("--force"), "{done:?}");
    folder.succeed("init --force");
    folder.succeed("run tribunal.toml");
}

#[test]
fn completions_and_manual_pages_know_the_subcommands() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(folder.succeed(&format!("completions {shell}")).stdout.contains("orders"), "{shell}");
    }
    assert!(folder.succeed("man").stdout.contains("tribunal\\-run"));
    folder.succeed("man --out man1");
    for page in ["tribunal.1", "tribunal-run.1", "tribunal-prompts-show.1"] {
        assert!(folder.read(&format!("man1/{page}")).contains(".TH"), "{page}");
    }
}
