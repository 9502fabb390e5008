//! Reports for people who were not there: one page, a table, a file for spreadsheets, and figures as files. All numbers are those of
//! `report.json`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::Folder;

const HOSTILE: &str = "<script>alert(1)</script><img src=x onerror=alert(2)>";

/// A run of two judges and two strategies, one judge with a hostile name, replies without a verdict, and prices.
fn run(options: &str) -> Folder {
    let folder = Folder::new();
    folder.write(
        "c.toml",
        &format!(
            "[[judge]]\nname = '{HOSTILE}'\nspec = \"mock:accuracy=.8,unparsed=.05\"\n[[judge]]\nname = \"=cmd|calc\"\nspec = \"mock:accuracy=.6,seed=2\"\n\
             [[strategy]]\nname = \"pairwise-logprob\"\n[[strategy]]\nname = \"pairwise-direct\"\n"
        ),
    );
    folder.succeed(&format!("run c.toml --no-canary --out run {options}"));
    let mut report = folder.json("run/report.json");
    for (cell, usd) in report["cells"].as_array_mut().unwrap().iter_mut().zip([0.5, 0.25, 0.125, 4.0]) {
        cell["usage"]["usd"] = json!(usd);
    }
    folder.write("run/report.json", &report.to_string());
    folder
}

/// What the page calls a cell.
fn name(cell: &Value) -> String {
    format!("{} / {}", cell["judge"].as_str().unwrap(), cell["strategy"].as_str().unwrap())
}

fn part(part: &Value, whole: &Value) -> String {
    share(&json!(part.as_f64().unwrap() / whole.as_f64().unwrap()))
}

fn ends(ci95: &Value) -> String {
    if ci95.is_null() { "-".to_owned() } else { format!("{} to {}", share(&ci95[0]), share(&ci95[1])) }
}

/// A row of a table of the page.
fn row(cell: &Value, values: &[String]) -> String {
    let values = values.iter().fold(String::new(), |row, value| format!("{row}<td>{value}</td>"));
    format!("<tr><td>{}</td>{values}</tr>", escaped(&name(cell)))
}

/// The rows that the page must have of a cell.
fn rows(cell: &Value) -> Vec<String> {
    let list = |value: &Value| value.as_array().unwrap().clone();
    let subset = |record: &Value| {
        let task = if record["task"] == "bon" { "best-of-N" } else { "pairwise" };
        let name = format!("{} {task}", record["group"].as_str().unwrap());
        let counts = ["n", "scored"].map(|count| record[count].to_string());
        row(cell, &[&[name][..], &counts, &[share(&record["score"]), ends(&record["ci95"])]].concat())
    };
    let quintile = |part: &Value| {
        let between = format!("{} to {}", share(&part["low"]), share(&part["high"]));
        row(cell, &[part["n"].to_string(), between, share(&part["accuracy"])])
    };
    let bin = |bin: &Value| row(cell, &[bin["n"].to_string(), share(&bin["confidence"]), share(&bin["accuracy"])]);
    let kept = |point: &Value| row(cell, &[share(&point["coverage"]), share(&point["accuracy"])]);
    let vote = |point: &Value| row(cell, &[point["samples"].to_string(), share(&point["score"])]);
    let mut rows: Vec<String> = list(&cell["subsets"]).iter().map(subset).collect();
    rows.extend(list(&cell["length"]["quintiles"]).iter().map(quintile));
    if cell["confidence"]["bins"].is_array() {
        rows.extend(list(&cell["confidence"]["bins"]).iter().map(bin));
        rows.extend(list(&cell["confidence"]["coverage"]).iter().map(kept));
    }
    rows.extend(list(&cell["repeats"]["voting"]).iter().map(vote));
    let overall = &cell["overall"];
    rows.push(row(cell, &[share(&overall["score"]), ends(&overall["ci95"])]));
    rows.push(row(cell, &[share(&overall["score"])]));
    let position = &cell["position"];
    let (first, gold_first, gold_second) = (&position["first_slot"], &position["gold_first"], &position["gold_second"]);
    rows.push(row(
        cell,
        &[
            part(&first["picked"], &first["n"]),
            ends(&first["ci95"]),
            ".5000".to_owned(),
            part(&gold_first["right"], &gold_first["n"]),
            part(&gold_second["right"], &gold_second["n"]),
            share(&position["consistency"]),
        ],
    ));
    rows
}

/// As the page writes a share.
fn share(value: &Value) -> String {
    let value = value.as_f64().unwrap();
    let sign = if value < 0.0 { "-" } else { "" };
    let text = format!("{:.4}", value.abs());
    text.strip_prefix('0').map_or_else(|| format!("{value:.3}"), |text| format!("{sign}{text}"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('/', "&#x2f;")
}

#[test]
fn every_number_of_the_page_is_that_of_the_report() {
    let folder = run("--samples 3 --orders both");
    let page = folder.succeed("report run --format html").stdout;
    let report = folder.json("run/report.json");
    let mut found = 0;
    for cell in report["cells"].as_array().unwrap() {
        for row in rows(cell) {
            assert!(page.contains(&row), "{row}");
        }
        for record in cell["groups"].as_array().unwrap() {
            let group = record["group"].as_str().unwrap();
            // The deepest groups have a row each.
            let is_parent = cell["groups"]
                .as_array()
                .unwrap()
                .iter()
                .any(|other| other["group"].as_str().unwrap().starts_with(&format!("{group}/")));
            let row = format!(
                "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                escaped(group),
                record["n"],
                record["scored"],
                share(&record["score"]),
                ends(&record["ci95"])
            );
            assert!(is_parent || page.contains(&row), "{row}");
            found += usize::from(!is_parent);
        }
        for hash in ["bench", "strategy"] {
            assert!(page.contains(cell["hashes"][hash].as_str().unwrap()));
        }
    }
    assert!(found > 40, "{found} rows");
    for id in [
        "overall",
        "strategies",
        "subsets",
        "scenarios",
        "position",
        "length",
        "reliability",
        "coverage",
        "voting",
        "cost",
        "failures",
    ] {
        assert!(page.contains(&format!("<section id=\"{id}\"")), "no section {id}");
    }
}

#[test]
fn what_went_wrong_and_what_it_cost_are_those_of_the_report() {
    let folder = run("");
    let page = folder.succeed("report run --format html").stdout;
    let report = folder.json("run/report.json");
    let cells = report["cells"].as_array().unwrap();
    let reasons: BTreeSet<&String> =
        cells.iter().flat_map(|cell| cell["unparsed"].as_object().unwrap().keys()).collect();
    assert!(!reasons.is_empty(), "the simulated judge left replies without a verdict");
    for cell in cells {
        let (usd, score) = (cell["usage"]["usd"].as_f64().unwrap(), cell["overall"]["score"].as_f64().unwrap());
        let beats = |other: &Value| {
            let (cost, high) = (other["usage"]["usd"].as_f64().unwrap(), other["overall"]["score"].as_f64().unwrap());
            cost <= usd && high >= score && (cost < usd || high > score)
        };
        let front = if cells.iter().any(beats) { "no" } else { "yes" };
        let scored: f64 =
            cell["subsets"].as_array().unwrap().iter().map(|record| record["scored"].as_f64().unwrap()).sum();
        let of_cost = row(
            cell,
            &[
                format!("{usd:.4}"),
                format!("{:.4}", 1000.0 * usd / scored),
                share(&cell["overall"]["score"]),
                front.to_owned(),
            ],
        );
        assert!(page.contains(&of_cost), "{of_cost}");
        let counts =
            reasons.iter().map(|reason| cell["unparsed"].get(reason.as_str()).unwrap_or(&json!(0)).to_string());
        let failures: Vec<String> = std::iter::once(cell["usage"]["asks"].to_string()).chain(counts).collect();
        assert!(page.contains(&row(cell, &failures)), "{}", row(cell, &failures));
    }
}

#[test]
fn figures_are_files_that_stand_alone() {
    let folder = run("");
    let done = folder.succeed("report run --format json --figures out/figures");
    assert_eq!(done.stdout, folder.read("run/report.json"));
    assert!(done.stderr.contains("written: out/figures: "), "{}", done.stderr);
    let mut svgs = 0;
    for entry in std::fs::read_dir(folder.path("out/figures")).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let (stem, ending) = file.split_once('.').unwrap();
        let is_harmless =
            |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-';
        assert!(stem.chars().all(is_harmless) && ["svg", "csv"].contains(&ending), "{file}");
        let text = folder.read(&format!("out/figures/{file}"));
        if ending == "csv" {
            assert!(!text.contains("\n=cmd") && !text.contains(",=cmd"), "no formula in {file}");
            continue;
        }
        svgs += 1;
        assert!(text.contains("role=\"img\"") && text.contains("<title ") && text.contains("<desc "), "{file}");
        assert!(!text.contains("<script") && !text.contains("<img"), "hostile names are escaped in {file}");
        assert!(!text.contains("var(") && !text.contains("currentColor"), "{file} has colours of its own");
        assert!(folder.path(&format!("out/figures/{stem}.csv")).is_file(), "{file} has its numbers beside it");
    }
    assert_eq!(svgs, 8 + 2 * 4, "one figure of each kind but of length, and two of scenarios a cell");
    let subsets = folder.read("out/figures/subsets.csv");
    for cell in folder.json("run/report.json")["cells"].as_array().unwrap() {
        for record in cell["subsets"].as_array().unwrap() {
            let numbers = [&record["n"], &record["scored"], &record["score"], &record["ci95"][0], &record["ci95"][1]]
                .map(Value::to_string);
            assert!(subsets.contains(&numbers.join(",")), "in full precision: {numbers:?}");
        }
    }
    folder.succeed("report run --figures again");
    for name in ["overall.svg", "subsets.svg", "position.svg"] {
        assert_eq!(folder.read(&format!("again/{name}")), folder.read(&format!("out/figures/{name}")), "{name}");
    }
}

#[test]
fn a_terminal_is_told_first_what_it_comes_to() {
    let folder = Folder::new();
    folder.succeed("run --judge mock:accuracy=.9 --judge longest --no-canary --out run");
    let report = folder.json("run/report.json");
    let score = |cell: &Value| cell["overall"]["score"].as_f64().unwrap();
    let best = report["cells"].as_array().unwrap().iter().max_by(|a, b| score(a).total_cmp(&score(b))).unwrap();
    let table = folder.succeed("report run").stdout;
    let first: String = table.lines().next().unwrap().to_owned();
    let name = best["judge"].as_str().unwrap();
    assert!(
        first.starts_with(name) && first.contains(&format!("scores {}", share(&best["overall"]["score"]))),
        "{table}"
    );
    // What all cells have in common stands in no row.
    let row = table.lines().find(|line| line.starts_with(" longest")).unwrap();
    assert!(!row.contains("on sample"), "{row}");
}

#[test]
fn a_lean_is_told_against_what_no_lean_would_pick() {
    let folder = Folder::new();
    folder.succeed("run --task bon --strategy listwise-pick --judge mock:accuracy=.3 --no-canary --out run");
    let report = folder.json("run/report.json");
    let first = &report["cells"][0]["position"]["first_slot"];
    let even = first["expected"].as_f64().unwrap();
    // Lists of three to five and more.
    assert!(even > 0.1 && even < 0.4, "{first}");
    let table = folder.succeed("report run").stdout.replace("\n           ", " ");
    assert!(table.contains(&format!("{} were all as likely", share(&first["expected"]))), "{table}");
    folder.succeed("report run --figures figures");
    assert!(folder.read("figures/position.csv").contains(&first["expected"].to_string()));
}

#[test]
fn figures_that_cannot_be_written_are_told() {
    let folder = Folder::new();
    folder.succeed("run --out run");
    folder.write("taken", "a file");
    let done = folder.tribunal("report run --figures taken");
    assert_eq!(done.code, Some(2), "{done:?}");
    assert!(done.stderr.contains("taken: figures cannot be written there"), "{}", done.stderr);
    assert!(done.stdout.is_empty(), "{}", done.stdout);
}

#[test]
fn names_are_text_wherever_they_stand() {
    let folder = run("");
    let page = folder.succeed("report run --format html").stdout;
    assert!(!page.contains("<script") && !page.contains("<img"), "hostile names are escaped");
    assert!(page.contains("default-src 'none'"), "nothing is fetched and no script runs");
    let addresses: Vec<&str> =
        page.match_indices("://").map(|(at, _)| &page[at.saturating_sub(5)..(at + 24).min(page.len())]).collect();
    assert!(addresses.iter().all(|address| address.contains("www.w3.org")), "{addresses:?}");
    let table = folder.succeed("report run --format csv").stdout;
    assert!(table.contains("'=cmd|calc,"), "no formula: {table}");
    let lines = table.lines().count();
    let report = folder.json("run/report.json");
    let records =
        |cell: &Value| 1 + cell["subsets"].as_array().unwrap().len() + cell["groups"].as_array().unwrap().len();
    assert_eq!(lines, 1 + report["cells"].as_array().unwrap().iter().map(records).sum::<usize>());
    let markdown = folder.succeed("report run --format md").stdout;
    assert!(!markdown.contains("<script") && markdown.contains("=cmd\\|calc"), "{markdown}");
}

/// The fields of a line of CSV by the names of its columns.
fn by_column(table: &str, line: usize) -> BTreeMap<String, String> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let heads: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let fields = reader.records().nth(line).unwrap().unwrap();
    heads.into_iter().zip(fields.iter().map(str::to_owned)).collect()
}

#[test]
fn what_limits_the_numbers_goes_with_them() {
    let folder = run("--limit 40 --seed 5");
    let markdown = folder.succeed("report run --format md").stdout;
    let report = folder.json("run/report.json");
    let cell = &report["cells"][1];
    let (items, of) = (&cell["coverage"]["items"], &cell["coverage"]["of"]);
    let unparsed: u64 = cell["unparsed"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
    let (asks, usd) = (&cell["usage"]["asks"], &cell["usage"]["usd"]);
    assert!(markdown.lines().next().unwrap().ends_with("All are simulated: no model was asked."), "{markdown}");
    for told in [
        format!("coverage: {items} of the benchmark's {of} items: not comparable with results on all (all)"),
        format!("| {asks} of {asks} | {unparsed} | "),
        format!(" | - | {:.4} |\n", usd.as_f64().unwrap()),
        "- seed: 5\n".to_owned(),
        format!("benchmark sample: {}", cell["hashes"]["bench"].as_str().unwrap()),
    ] {
        assert!(markdown.contains(&told), "{told}: {markdown}");
    }
    let table = folder.succeed("report run --format csv").stdout;
    let line = by_column(&table, 0);
    let first = &report["cells"][0];
    for (column, value) in [
        ("folder", "run".to_owned()),
        ("seed", "5".to_owned()),
        ("simulated", "true".to_owned()),
        ("orders", "seeded".to_owned()),
        ("ties_as", "wrong".to_owned()),
        ("unparsed_as", "wrong".to_owned()),
        ("bound_high", first["overall"]["bounds"][1].to_string()),
        ("items", items.to_string()),
        ("items_of", of.to_string()),
        ("answered", first["usage"]["answered"].to_string()),
        ("usd", first["usage"]["usd"].to_string()),
    ] {
        assert_eq!(line[column], value, "{column}");
    }
}

#[test]
fn what_a_picture_leaves_out_is_told() {
    let folder = run("--limit 40");
    let mut report = folder.json("run/report.json");
    report["cells"][3]["usage"]["usd"] = Value::Null;
    folder.write("run/report.json", &report.to_string());
    let page = folder.succeed("report run --format html").stdout;
    let told = format!("Not shown, for no price is known: {}.", escaped("=cmd|calc / pairwise-direct"));
    assert!(page.contains(&told), "{page}");
    let verdicts = report["cells"][0]["length"]["n"].as_u64().unwrap();
    assert!(verdicts < 200 && !page.contains("<section id=\"length\""), "{verdicts} verdicts say nothing of length");
    let done = folder.succeed("report run --figures figures");
    assert!(!done.stderr.contains("left as they are"), "{}", done.stderr);
    folder.write("figures/scenarios-9.svg", "of an earlier report");
    folder.write("figures/scenarios-9.csv", "of an earlier report");
    folder.write("figures/sales.csv", "the person's own");
    let done = folder.succeed("report run --figures figures");
    let told = "figures: not of this report, and left as they are: scenarios-9.svg\n";
    assert!(done.stderr.contains(told), "{}", done.stderr);
}

#[test]
fn cells_of_the_same_names_are_not_shown_as_one() {
    let folder = run("");
    let grid = "<section id=\"strategies\"";
    assert!(folder.succeed("report run --format html").stdout.contains(grid));
    folder.write("again/report.json", &folder.read("run/report.json"));
    let two = folder.succeed("report run again --format html").stdout;
    assert!(!two.contains(grid), "a grid has one tile for two cells of the same names");
    for name in ["pairwise-direct in run", "pairwise-direct in again"] {
        assert!(two.contains(name), "{name}");
    }
    let table = folder.succeed("report run again").stdout;
    assert!(table.replace('\n', " ").contains(", as high as 1 more, the highest of 8"), "{table}");
    assert!(table.contains("\n== run\n") && table.contains("\n== again\n"), "{table}");
    let both: Value = serde_json::from_str(&folder.succeed("report run again --format json").stdout).unwrap();
    assert_eq!(both, json!([folder.json("run/report.json"), folder.json("again/report.json")]));
    let done = folder.tribunal("report run ./run");
    assert!(done.code == Some(2) && done.stderr.contains("./run: named twice"), "{done:?}");
}

#[test]
fn cells_that_were_asked_about_other_items_say_so() {
    let folder = Folder::new();
    folder.succeed("run --judge longest --judge first --out whole");
    folder.succeed("run --judge shortest --limit 20 --out part");
    let items = |run: &str| -> u64 {
        let report = folder.json(&format!("{run}/report.json"));
        report["cells"][0]["subsets"].as_array().unwrap().iter().map(|record| record["n"].as_u64().unwrap()).sum()
    };
    let unfair = "Not all were asked about the same items";
    let (whole, part) = (format!("({} items)", items("whole")), format!("({} items)", items("part")));
    assert_ne!(whole, part);
    for format in ["table", "md", "html"] {
        let one = folder.succeed(&format!("report whole --format {format}")).stdout;
        assert!(!one.contains("Not all") && !one.contains(&whole), "{one}");
        let both = folder.succeed(&format!("report whole part --format {format}")).stdout;
        let line = both.replace('\n', " ");
        assert!(line.contains(unfair) && both.contains(&whole) && both.contains(&part), "{both}");
    }
    // The same replies, with ties that are worth something.
    folder.succeed("run --judge longest --judge first --ties half --out half");
    let both = folder.succeed("report whole half").stdout.replace('\n', " ");
    assert!(both.contains("are not worth the same in all") && !both.contains(unfair), "{both}");
    assert!(both.contains("a tie counts as half"), "{both}");
}

#[test]
fn what_attacks_won_is_told_in_every_format() {
    let folder = Folder::new();
    folder.succeed("attack --judge mock:accuracy=.8,obeys=.5 --no-canary --out run");
    let attacks = &folder.json("run/report.json")["attacks"][0];
    let mut told = vec![("all attacks", &attacks["overall"])];
    told.extend(
        attacks["families"].as_array().unwrap().iter().map(|family| (family["name"].as_str().unwrap(), family)),
    );
    let page = folder.succeed("report run --format html --figures figures").stdout;
    let markdown = folder.succeed("report run --format md").stdout;
    let file = folder.read("figures/attacks.csv");
    for (name, score) in told {
        let signed = |value: &Value| {
            let sign = if value.as_f64().unwrap() < 0.0 { "" } else { "+" };
            format!("{sign}{}", share(value))
        };
        let shares = [share(&score["before"]), share(&score["after"]), signed(&score["gain"])];
        let values = [&[name.to_owned(), score["scored"].to_string()][..], &shares, &[ends(&score["ci95"])]].concat();
        assert!(page.contains(&format!("<td>{}</td>", values.join("</td><td>"))), "{values:?}");
        assert!(markdown.contains(&format!("| {} |", values.join(" | "))), "{values:?}: {markdown}");
        assert!(file.contains(&format!(",{},{}", score["gain"], score["ci95"][0])), "{file}");
    }
    assert!(!folder.succeed("report run --format html").stdout.contains("in run"), "a single run needs no name");
}

#[test]
fn benchmarks_are_not_held_against_each_other() {
    let folder = Folder::new();
    for (bench, best) in [("hard", 1), ("easy", 0)] {
        let item = |id: usize| {
            let candidates =
                json!([{"text": format!("{bench} {id}, long as it is")}, {"text": format!("{bench} {id}")}]);
            let conversation = json!([{"role": "user", "content": format!("{bench} {id}?")}]);
            json!({"id": id.to_string(), "group": "g/h", "conversation": conversation, "candidates": candidates, "best": best})
        };
        let items: Vec<String> = (0..9).map(|id| item(id).to_string()).collect();
        folder.write(&format!("{bench}.jsonl"), &items.join("\n"));
    }
    folder.succeed("run --bench hard=hard.jsonl --bench easy=easy.jsonl --judge longest --judge shortest --out run");
    let mut report = folder.json("run/report.json");
    for cell in report["cells"].as_array_mut().unwrap() {
        cell["usage"]["usd"] = json!(if cell["judge"] == "longest" { 0.0 } else { 0.5 });
    }
    folder.write("run/report.json", &report.to_string());
    let page = folder.succeed("report run --format html").stdout;
    for (bench, best) in [("hard", "shortest"), ("easy", "longest")] {
        assert!(page.contains(&format!("{best} scores 1.000")), "{page}");
        assert!(page.contains(&format!("on {bench}, the highest of 2")), "{page}");
    }
    // What is free stands on both fronts; what costs more is on that where it scores higher.
    let rows = |judge: &str, usd: &str| page.matches(&format!("<tr><td>{judge}</td><td>{usd}</td>")).count();
    assert_eq!((rows("longest", "0.0000"), rows("shortest", "0.5000")), (2, 2));
    assert!(page.contains("longest (free)") && page.contains("What is free stands on the left"));
    assert_eq!(page.matches("<td>yes</td>").count(), 3, "a front for each benchmark");
    folder.write("again/report.json", &folder.read("run/report.json"));
    let table = folder.succeed("report run again --format csv").stdout;
    let keys: BTreeSet<Vec<&str>> = table.lines().map(|line| line.split(',').take(6).collect()).collect();
    assert_eq!(keys.len(), table.lines().count(), "no two lines are of the same: {table}");
}
