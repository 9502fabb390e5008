//! Cells of finished runs against each other: recorded replies of real judges, imported scores, boards, and what is foretold.

use serde_json::Value;

use crate::support::{Folder, sample, shared_data, strategy, tell};

fn json(folder: &Folder, arguments: &str) -> Value {
    serde_json::from_str(&folder.succeed(arguments).stdout).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("no number: {value}"))
}

/// What a comparison says, in a line, and its overall difference.
fn told(folder: &Folder, arguments: &str) -> (String, Value) {
    let line = folder.succeed(&format!("compare {arguments}")).stdout;
    let found = json(folder, &format!("compare {arguments} --format json"));
    let first: Vec<&str> = line.lines().take_while(|line| !line.starts_with('\u{2500}')).collect();
    (first.join(" "), found["comparisons"][0].clone())
}

#[test]
fn recorded_judges_of_llmbar_are_told_apart_where_they_can_be() {
    let Some(data) = shared_data("llmbar") else { return };
    let folder = Folder::new();
    for (name, file, reader) in [
        ("vanilla", "GPT-4/Vanilla", "llmbar.toml"),
        ("metrics", "GPT-4/Metrics_Reference", "llmbar-aux2.toml"),
        ("chatgpt", "ChatGPT/Vanilla", "llmbar.toml"),
    ] {
        folder.succeed(&format!(
            "run --bench b={} --judge replay:{} --strategy {} --orders both --out {name}",
            data.join("items.jsonl").display(),
            data.join("replies").join(format!("{file}.jsonl")).display(),
            strategy(reader)
        ));
    }
    let expected: Value = serde_json::from_str(&std::fs::read_to_string(data.join("expected.json")).unwrap()).unwrap();
    // The mean of the two orders over all sets, as the owners count it.
    let accuracy = |judge: &str| {
        let sets = expected[judge].as_object().unwrap().values();
        let (right, n) = sets.fold((0.0, 0.0), |(right, n), set| {
            (right + number(&set["correct_as_listed"]) + number(&set["correct_swapped"]), n + 2.0 * number(&set["n"]))
        });
        right / n
    };
    let (line, strategies) = told(&folder, "vanilla metrics");
    tell(&line);
    let difference = accuracy("GPT-4/Vanilla") - accuracy("GPT-4/Metrics_Reference");
    assert!((number(&strategies["overall"]["difference"]) - difference).abs() < 1e-12);
    let (line, judges) = told(&folder, "chatgpt vanilla");
    tell(&line);
    assert_eq!(judges["finding"], "worse");
    assert_eq!(judges["overall"]["n"], 419);
    let (line, margin) = told(&folder, "metrics vanilla --margin 0.01");
    tell(&line);
    assert!(["as_good", "not_shown_as_good"].contains(&margin["finding"].as_str().unwrap()));
}

#[test]
fn scores_of_a_reward_model_stand_beside_judges() {
    let Some(rmb) = shared_data("rmb") else { return };
    let folder = Folder::new();
    let file = rmb.join("ArmoRM-Llama3-8B-v0.1_result.json");
    let done = folder.succeed(&format!("import {} --out armorm", file.display()));
    assert!(done.stderr.contains("the conversations are not known"), "{done:?}");
    let cell = &folder.json("armorm/report.json")["cells"][0];
    let record = &cell["subsets"][0];
    assert_eq!((&cell["judge"], &cell["rule"]), (&Value::from("ArmoRM-Llama3-8B-v0.1"), &Value::from("rate")));
    assert_eq!((&record["n"], &record["right"], &record["tie"]), (&849.into(), &675.into(), &12.into()));
    assert!((number(&record["score"]) - 0.795).abs() < 5e-4);
    let board = json(&folder, "matrix armorm --format json");
    assert_eq!(board[0]["rows"][0]["n"], 849);
    let placed = folder.succeed("correlate armorm").stdout;
    assert!(placed.contains("> ArmoRM-Llama3-8B-v0.1 / scores on imported (not comparable)"), "{placed}");
}

/// A run of three judges with two strategies on the sample.
fn crossed() -> Folder {
    let folder = Folder::new();
    let judge = |name: &str, spec: &str| format!("[[judge]]\nname = \"{name}\"\nspec = \"mock:{spec}\"\n");
    let judges =
        [judge("good", "accuracy=.85"), judge("fair", "accuracy=.7,seed=3"), judge("poor", "accuracy=.5,seed=4")];
    let strategies = "[[strategy]]\nname = \"pairwise-direct\"\n[[strategy]]\nname = \"pairwise-explain\"\n";
    folder.write("c.toml", &(judges.concat() + strategies));
    folder.succeed("run c.toml --out run");
    folder
}

#[test]
fn a_matrix_has_places_and_effects_that_add_up() {
    let folder = crossed();
    let board = &json(&folder, "matrix run --format json")[0];
    let rows = board["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 6);
    let report = folder.json("run/report.json");
    for row in rows {
        let cell = report["cells"]
            .as_array()
            .unwrap()
            .iter()
            .find(|cell| cell["judge"] == row["cell"]["judge"] && cell["strategy"] == row["cell"]["strategy"]);
        let overall = &cell.unwrap()["overall"];
        for field in ["score", "se"] {
            assert!((number(&row[field]) - number(&overall[field])).abs() < 1e-12, "{row}");
        }
        for end in [0, 1] {
            let (board, report) = (number(&row["ci95"][end]), number(&overall["ci95"][end]));
            assert!((board - report).abs() < 1e-9, "a board and a report say the same: {row} {overall}");
        }
        assert!(row["rank"].as_u64() <= row["rank_to"].as_u64());
    }
    for effects in ["judges", "strategies"] {
        let sum: f64 = board[effects].as_array().unwrap().iter().map(|one| number(&one["effect"])).sum();
        assert!(sum.abs() < 1e-9, "{effects}: {board}");
    }
    assert_eq!(board["judges"][0]["name"], "good");
    let shown = folder.succeed("matrix run").stdout;
    assert!(shown.starts_with("sample: good / ") && shown.lines().all(|line| line.chars().count() <= 100), "{shown}");
}

#[test]
fn cells_are_named_and_what_is_not_there_is_told() {
    let folder = crossed();
    let one = folder.succeed("compare run#good/pairwise-direct run#poor/pairwise-direct").stdout;
    assert!(one.starts_with("good / pairwise-direct against poor / pairwise-direct: better"), "{one}");
    let again = folder.succeed("compare run#good/pairwise-direct run#poor/pairwise-direct").stdout;
    assert_eq!(one, again, "the same bytes");
    folder.write(
        "own.csv",
        "judge,value\ngood / pairwise-direct,3\nfair / pairwise-direct,2\npoor / pairwise-direct,1\n",
    );
    folder.write("bad.csv", "judge,value\ngood,high\n");
    folder.write("old/run.toml", "");
    assert!(folder.succeed("correlate run --with own.csv").stdout.contains("over 3 judges"));
    for (arguments, told) in [
        ("compare run#best", "run: there is no cell `best`: it has good/pairwise-direct"),
        ("compare nowhere", "nowhere: no such folder"),
        (
            "compare old",
            "there is no items.jsonl in it: is it the folder of a finished run? If so run the same command again",
        ),
        ("compare run --margin 2", "expected a difference in score above 0 and below 1"),
        ("correlate run --with none.csv", "none.csv: No such file"),
        ("correlate run --with bad.csv", "row 1: `high` is no number"),
        ("power --difference 0", "expected a difference above 0"),
        ("power --difference .1 --accuracy .95", "nobody is right more often than always"),
        ("compare run --bench rmb", "no cell is on rmb: there are cells on sample"),
        ("power --difference .05 --accuracy .9 --agreement .5", "no two judges have the accuracies"),
        ("import c.toml --out x", "c.toml, the file: no array of results"),
    ] {
        let done = folder.tribunal(arguments);
        assert_eq!(done.code, Some(2), "{arguments}: {done:?}");
        assert!(done.stderr.contains(told), "{arguments}: {done:?}");
    }
}

#[test]
fn power_is_foretold_from_a_pilot_or_from_what_is_assumed() {
    let folder = crossed();
    let bench = sample();
    let from_pilot = json(
        &folder,
        &format!(
            "power --bench s={} --pilot run#good/pairwise-direct run#fair/pairwise-direct --difference .1 --format json",
            bench.display()
        )
        .replace("run#fair", "--pilot run#fair"),
    );
    let agreement = number(&from_pilot["judges"]["agreement"]);
    assert!((0.4..0.9).contains(&agreement), "{from_pilot}");
    let assumed = folder.succeed("power --difference .1");
    assert!(assumed.stderr.contains("taken for granted: accuracy 0.75, agreement 0.8, icc 0.1"), "{assumed:?}");
    assert!(assumed.stdout.starts_with("A difference of .1000 is seen in 80% of cases"), "{assumed:?}");
}
