//! Reports for people who were not there: one page, a table, a file for spreadsheets. All numbers are those of `report.json`.

use serde_json::Value;

use crate::support::Folder;

/// A run of two judges, one with a hostile name.
fn run() -> Folder {
    let folder = Folder::new();
    let hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>";
    folder.write(
        "c.toml",
        &format!(
            "[[judge]]\nname = '{hostile}'\nspec = \"mock:accuracy=.8\"\n[[judge]]\nname = \"=cmd|calc\"\nspec = \"mock:accuracy=.6,seed=2\"\n\
             [[strategy]]\nname = \"pairwise-logprob\"\n"
        ),
    );
    folder.succeed("run c.toml --samples 3 --orders both --out run");
    folder
}

/// As the page writes a share.
fn share(value: &Value) -> String {
    let text = format!("{:.4}", value.as_f64().unwrap());
    text.strip_prefix('0').map_or_else(|| format!("{:.3}", value.as_f64().unwrap()), str::to_owned)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('/', "&#x2f;")
}

#[test]
fn every_number_of_the_page_is_that_of_the_report() {
    let folder = run();
    let page = folder.succeed("report run --format html").stdout;
    let report = folder.json("run/report.json");
    let mut found = 0;
    for cell in report["cells"].as_array().unwrap() {
        let overall = &cell["overall"];
        let ends = |ci95: &Value| format!("{} to {}", share(&ci95[0]), share(&ci95[1]));
        assert!(
            page.contains(&format!("<td>{}</td><td>{}</td>", share(&overall["score"]), ends(&overall["ci95"]))),
            "{cell}"
        );
        for record in cell["groups"].as_array().unwrap() {
            let group = record["group"].as_str().unwrap();
            // The deepest groups have a row each.
            let is_parent = cell["groups"]
                .as_array()
                .unwrap()
                .iter()
                .any(|other| other["group"].as_str().unwrap().starts_with(&format!("{group}/")));
            let interval = if record["ci95"].is_null() { "-".to_owned() } else { ends(&record["ci95"]) };
            let row = format!(
                "<tr><td>{}</td><td>{}</td><td>{}</td><td>{interval}</td></tr>",
                escaped(group),
                record["n"],
                share(&record["score"])
            );
            assert!(is_parent || page.contains(&row), "{row}");
            found += usize::from(!is_parent);
        }
        for point in cell["repeats"]["voting"].as_array().unwrap() {
            assert!(page.contains(&format!("<td>{}</td>", share(&point["score"]))), "{point}");
        }
        assert!(page.contains(cell["hashes"]["bench"].as_str().unwrap()));
    }
    assert!(found > 40, "{found} rows");
    for id in ["overall", "position", "reliability", "coverage", "voting"] {
        assert!(page.contains(&format!("<section id=\"{id}\"")), "no figure {id}");
    }
}

#[test]
fn names_are_text_wherever_they_stand() {
    let folder = run();
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
