//! Juries and agreement of the cells of runs.

use serde_json::Value;

use crate::support::{Folder, shared_data, strategy, tell};

/// The JSON that a command prints.
fn json(folder: &Folder, command: &str) -> Value {
    serde_json::from_str(&folder.succeed(&format!("{command} --format json")).stdout).unwrap()
}

/// The options of three simulated judges with the same frequencies.
fn three_judges(parameters: &str) -> String {
    let judge = |seed| format!("--judge mock:{parameters},seed={seed}");
    [1, 2, 3].map(judge).join(" ")
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
fn judges_of_a_run_vote_and_agree_and_nothing_is_asked() {
    let folder = Folder::new();
    let judges = three_judges("accuracy=.8");
    folder.succeed(&format!("run {judges} --orders both --out run"));
    std::fs::remove_file(folder.path("tribunal.db")).unwrap();
    let report = folder.json("run/report.json");
    let shown = folder.succeed("jury run");
    assert!(shown.stdout.starts_with("a jury of 3 on sample: ") && shown.stderr.is_empty(), "{shown:?}");
    assert!(shown.stdout.contains("plurality of all") && shown.stdout.contains("weighted by log-odds"), "{shown:?}");
    let jury = json(&folder, "jury run");
    assert_eq!(jury["items"], serde_json::json!({"shared": 153, "missing": 0, "failed": 0}));
    for (member, cell) in jury["members"].as_array().unwrap().iter().zip(report["cells"].as_array().unwrap()) {
        let (found, known) = (&member["score"], &cell["overall"]);
        assert!((number(&found["score"]) - number(&known["score"])).abs() < 1e-12, "{found} {known}");
        for (found, known) in found["subsets"].as_array().unwrap().iter().zip(cell["subsets"].as_array().unwrap()) {
            assert_eq!((&found["n"], &found["ci95"]), (&known["scored"], &known["ci95"]));
        }
    }
    let shown = folder.succeed("agree run");
    assert!(shown.stdout.contains("Krippendorff's alpha") && shown.stdout.contains("two orders"), "{shown:?}");
    let agree = json(&folder, "agree run");
    assert_eq!((agree["units"].as_u64(), agree["pairs"].as_array().unwrap().len()), (Some(222), 3));
    let position = &report["cells"][0]["position"];
    assert_eq!(agree["orders"].as_array().unwrap().len(), 3);
    assert!(position["n"].as_u64().unwrap() > 0);
    assert!(!folder.path("tribunal.db").exists(), "nobody opened a store");
    let widest = [&shown.stdout, &folder.succeed("jury run").stdout]
        .iter()
        .flat_map(|text| text.lines())
        .map(|line| line.chars().count())
        .max();
    assert!(widest.unwrap() <= 100, "{shown:?}");
}

#[test]
fn cells_are_chosen_by_name_and_mistakes_are_told() {
    let folder = Folder::new();
    folder.succeed("run --judge longest --judge shortest --judge mock --strategy pairwise-direct --strategy pairwise-explain --out run");
    let members = |command: &str| json(&folder, command)["members"].as_array().unwrap().len();
    assert_eq!(members("jury run"), 4);
    assert_eq!(members("jury run#longest run#mock/pairwise-direct run#longest"), 2);
    let alone = folder.succeed("jury run#mock/pairwise-direct");
    assert!(alone.stderr.contains("a jury needs two cells"), "{alone:?}");
    let alone = folder.succeed("agree run#longest");
    assert!(alone.stderr.contains("agreement needs two cells"), "{alone:?}");
    let longest = json(&folder, "agree run#longest run#shortest");
    assert!(number(&longest["pairs"][0]["kappa"]) < -0.9, "they are opposites: {longest}");
    let of_mock = json(&folder, "agree run#mock");
    assert_eq!(
        (&of_mock["strategies_of_a_judge"][0]["name"], &of_mock["strategies_of_a_judge"][0]["n"]),
        (&"mock".into(), &1.into())
    );
    for (command, parts) in [
        ("jury nowhere", &["nowhere: no such folder"][..]),
        (
            "jury run#nobody",
            &["run: there is no cell `nobody`: it has longest, shortest, mock/pairwise-direct, mock/pairwise-explain"],
        ),
        ("agree run --bench rmb", &["no cell is of the benchmark rmb"]),
    ] {
        let done = folder.tribunal(command);
        assert_eq!(done.code, Some(2), "{done:?}");
        for part in parts {
            assert!(done.stderr.contains(part), "{part}: {done:?}");
        }
    }
    folder.succeed("run --judge longest --ties half --out half");
    let done = folder.tribunal("jury run#longest half");
    assert!(
        done.code == Some(2) && done.stderr.contains("what ties and unparsed replies are worth differs"),
        "{done:?}"
    );
    std::fs::remove_file(folder.path("half/items.jsonl")).unwrap();
    let done = folder.tribunal("jury run half");
    assert!(done.code == Some(2) && done.stderr.contains("run the same command again"), "{done:?}");
}

#[test]
fn scores_of_single_answers_are_averaged() {
    let folder = Folder::new();
    let judges = three_judges("accuracy=.8");
    folder.succeed(&format!("run {judges} --strategy pointwise-10 --strategy pairwise-direct --out run"));
    let done = folder.tribunal("jury run");
    assert!(done.code == Some(2) && done.stderr.contains("scores each alone"), "{done:?}");
    folder.succeed(&format!("run {judges} --strategy pointwise-10 --out run-alone"));
    let jury = json(&folder, "jury run-alone");
    assert_eq!((&jury["scores"], &jury["items"]["shared"]), (&true.into(), &153.into()));
    let report = folder.json("run-alone/report.json");
    for (member, cell) in jury["members"].as_array().unwrap().iter().zip(report["cells"].as_array().unwrap()) {
        assert!((number(&member["score"]["score"]) - number(&cell["overall"]["score"])).abs() < 1e-12);
    }
    let done = folder.tribunal("agree run-alone");
    assert!(done.code == Some(2) && done.stderr.contains("score each answer alone"), "{done:?}");
}

/// Three judges of accuracy .7 whose errors have a planted correlation of .3: what the plurality comes to is known exactly, and so is their
/// agreement.
#[test]
fn a_jury_of_judges_with_known_errors_comes_to_what_is_expected() {
    let Some(rmb) = shared_data("rmb") else { return };
    let folder = Folder::new();
    let judges = three_judges("accuracy=.7,shared=.3");
    folder.succeed(&format!(
        "run --bench rmb={} {judges} --task pairwise --limit 4000 --strategy pairwise-direct --out run",
        rmb.display()
    ));
    let jury = json(&folder, "jury run");
    let score = &jury["plurality"]["score"];
    let independent = 0.7_f64.powi(3) + 3.0 * 0.7_f64.powi(2) * 0.3;
    let expected = 0.3 * 0.7 + 0.7 * independent;
    let z = (number(&score["score"]) - expected) / number(&score["se"]);
    // Items of a conversation are not independent, so its number of conversations is a cautious number of items.
    let rho = number(&jury["error_correlation"]);
    let z_rho = (rho - 0.3) * number(&score["clusters"]).sqrt();
    let kappas: Vec<f64> = json(&folder, "agree run")["pairs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| {
            let ends = &pair["ci95"];
            // Of two slots, each the gold's half of the time: they agree on .3 + .7 (.49 + .09), by chance on one half.
            let expected = 2.0 * (0.3 + 0.7 * 0.58) - 1.0;
            (number(&pair["kappa"]) - expected) / ((number(&ends[1]) - number(&ends[0])) / 3.92)
        })
        .collect();
    tell(&format!(
        "jury of three: {score}, z {z:.2}; error correlation {rho:.4}, z {z_rho:.2}; kappas, z {kappas:.2?}"
    ));
    assert!(z.abs() < 4.0, "{score}, expected {expected}");
    assert!(z_rho.abs() < 4.0, "{rho}");
    assert!(kappas.iter().all(|z| z.abs() < 4.0), "{kappas:?}");
    let gain = &jury["plurality"]["gain"];
    assert!(number(&gain["ci95"][0]) > 0.0, "{gain}");
}

#[test]
fn recorded_judges_of_llmbar_vote() {
    let Some(data) = shared_data("llmbar") else { return };
    let folder = Folder::new();
    for (run, file) in
        [("gpt-4", "GPT-4/Vanilla"), ("gpt-4-without", "GPT-4/Vanilla_NoRules"), ("chatgpt", "ChatGPT/Vanilla")]
    {
        folder.succeed(&format!(
            "run --bench b={} --judge replay:{}.jsonl --strategy {} --orders both --out {run}",
            data.join("items.jsonl").display(),
            data.join("replies").join(file).display(),
            strategy("llmbar.toml")
        ));
    }
    let shown = folder.succeed("jury gpt-4 gpt-4-without chatgpt").stdout;
    assert!(shown.starts_with("a jury of 3 on b: "), "{shown}");
    let jury = json(&folder, "jury gpt-4 gpt-4-without chatgpt");
    for (member, run) in jury["members"].as_array().unwrap().iter().zip(["gpt-4", "gpt-4-without", "chatgpt"]) {
        assert_eq!(member["cell"]["run"], run);
        let known = &folder.json(&format!("{run}/report.json"))["cells"][0]["overall"]["score"];
        if jury["items"]["missing"] == 0 {
            assert!((number(&member["score"]["score"]) - number(known)).abs() < 1e-12, "{run}");
        }
    }
    let agree = folder.succeed("agree gpt-4 gpt-4-without chatgpt").stdout;
    assert!(agree.starts_with("3 cells on b: alpha "), "{agree}");
    tell(&format!("{shown}{agree}"));
}
