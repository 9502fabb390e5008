//! Replies of a run read again, and written down as recordings: nothing is asked.

use crate::support::{Folder, MockProcess, shared_data, tell};

#[test]
fn replies_that_are_exported_are_a_judge_that_says_the_same() {
    let folder = Folder::new();
    folder.succeed("run --judge mock:accuracy=.7,unparsed=.1 --orders both --no-canary --out first");
    let replies = folder.succeed("export first --replies").stdout;
    folder.write("replies.jsonl", &replies);
    folder.succeed("run --judge replay:replies.jsonl --orders both --out second");
    let verdicts = |run: &str| -> Vec<_> {
        let fields = |line: &serde_json::Value| (line["hash"].clone(), line["order"].clone(), line["verdict"].clone());
        folder.lines(&format!("{run}/judgments.jsonl")).iter().map(fields).collect()
    };
    assert_eq!(verdicts("first"), verdicts("second"));
    let score = |run: &str| folder.json(&format!("{run}/report.json"))["cells"][0]["overall"].clone();
    assert_eq!(score("first"), score("second"));
}

#[test]
fn of_several_cells_one_is_exported() {
    let folder = Folder::new();
    folder.succeed("run --strategy pairwise-direct --strategy pairwise-explain --out two");
    let refused = folder.tribunal("export two --replies");
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("pairwise-direct, mock / pairwise-explain"), "{refused:?}");
    let one = folder.succeed("export two --replies --strategy pairwise-direct");
    assert_eq!(one.stdout.lines().count(), 111);
}

#[test]
fn a_run_read_again_by_its_own_rule_changes_nothing_and_by_another_what_that_reads_differently() {
    let folder = Folder::new();
    let mock = MockProcess::start(&folder, &[]);
    folder.succeed(&format!("run --judge m@{} --out r", mock.base_url));
    let same = folder.succeed("reparse r");
    assert!(same.stdout.is_empty() && same.stderr.contains("0 verdicts of 111 changed"), "{same:?}");
    folder
        .write("none.toml", "extends = \"pairwise-explain\"\nname = \"none\"\n[verdict]\npattern = 'Winner: ([AB])'\n");
    let none = folder.succeed("reparse r --strategy none.toml");
    assert_eq!(none.stdout.lines().count(), 111);
    assert!(none.stdout.lines().all(|line| line.ends_with("-> no_label")), "{none:?}");
    assert_eq!(mock.requests(), 111, "nothing is asked");
    assert_eq!(folder.tribunal("reparse nowhere").code, Some(2));
}

#[test]
fn another_take_changes_verdicts_of_recorded_replies() {
    let Some(data) = shared_data("llmbar") else { return };
    let folder = Folder::new();
    let taking = |take: &str| {
        format!(
            "name = \"{take}\"\nform = \"pairwise\"\n[ask]\nuser = \"{{{{ query }}}} {{{{ a }}}} {{{{ b }}}}\"\n[verdict]\n\
             pattern = 'Output \\(([ab])\\)'\ntake = \"{take}\"\nlabels = {{ a = \"first\", b = \"second\" }}\ncut_off = \"read\"\n"
        )
    };
    folder.write("first.toml", &taking("first"));
    folder.write("last.toml", &taking("last"));
    let (items, replies) = (data.join("items.jsonl"), data.join("replies/ChatGPT/CoT.jsonl"));
    folder.succeed(&format!(
        "run --bench llmbar={} --judge replay:{} --strategy first.toml --orders both --out r",
        items.display(),
        replies.display()
    ));
    let done = folder.succeed("reparse r --strategy last.toml");
    tell(done.stderr.lines().last().unwrap());
    let swapped = |line: &str| line.ends_with("A -> B") || line.ends_with("B -> A");
    assert!(done.stdout.lines().count() > 100 && done.stdout.lines().all(swapped), "{done:?}");
}

#[test]
fn many_replies_that_are_cut_off_are_told_with_the_limit_to_raise() {
    let folder = Folder::new();
    folder.write("short.toml", "extends = \"pairwise-explain\"\nname = \"short\"\n[sampling]\nmax_tokens = 1\n");
    let done = folder.tribunal("run --judge mock --strategy short.toml --no-canary");
    assert!(
        done.stderr.contains("111 of 111 replies were cut off") && done.stderr.contains("raise max_tokens = 1 in"),
        "{done:?}"
    );
}
