//! The schemas under `schemas/` are those of the code, and say yes and no where the program does.

use std::path::Path;

use serde_json::Value;
use tribunal::verdict::Reason;

use crate::readme::{blocks, readme};
use crate::support::Folder;

fn schema(name: &str) -> Value {
    serde_json::from_str(&Folder::new().succeed(&format!("schema {name}")).stdout).unwrap()
}

/// What a schema has against a TOML text.
fn complaints(schema: &Value, text: &str) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).unwrap();
    let value = serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap();
    validator.iter_errors(&value).map(|error| error.to_string()).collect()
}

#[track_caller]
fn accepted(schema: &Value, text: &str) {
    assert_eq!(complaints(schema, text), Vec::<String>::new(), "{text}");
}

#[track_caller]
fn refused(schema: &Value, text: &str) {
    assert!(!complaints(schema, text).is_empty(), "{text}");
}

#[test]
fn the_committed_schemas_are_those_of_the_code() {
    for name in ["config", "strategy"] {
        let file = format!("schemas/{name}.schema.json");
        let committed = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&file)).unwrap_or_default();
        let printed = Folder::new().succeed(&format!("schema {name}")).stdout;
        assert!(committed == printed, "{file} is not that of the code; renew it: cargo run -- schema {name} > {file}");
    }
}

#[test]
fn the_schema_without_a_name_is_that_of_the_configuration() {
    assert_eq!(Folder::new().succeed("schema").stdout, Folder::new().succeed("schema config").stdout);
}

#[test]
fn every_field_is_described() {
    fn walk(schema: &Value, at: &str, missing: &mut Vec<String>) {
        for part in ["properties", "$defs"] {
            for (name, below) in schema[part].as_object().into_iter().flatten() {
                let at = format!("{at}/{name}");
                if below["description"].as_str().is_none_or(|text| text.len() < 8) {
                    missing.push(at.clone());
                }
                walk(below, &at, missing);
            }
        }
    }
    let mut missing = Vec::new();
    for name in ["config", "strategy"] {
        walk(&schema(name), name, &mut missing);
    }
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn the_document_on_verdicts_names_every_kind_preset_and_reason() {
    let document = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verdicts.md")).unwrap();
    let schema = schema("strategy");
    let words = |part: &str| schema["$defs"][part]["oneOf"].as_array().unwrap().clone();
    let words =
        ["KindName", "Preset"].into_iter().flat_map(words).map(|word| word["const"].as_str().unwrap().to_owned());
    let words: Vec<String> = words.chain(Reason::ALL.map(|reason| reason.as_str().to_owned())).collect();
    assert!(words.len() >= 24);
    for word in words {
        assert!(document.contains(&format!("\n| `{word}`")), "{word} has no line of its own");
    }
}

#[test]
fn strategies_that_load_pass_and_a_typo_does_not() {
    let schema = schema("strategy");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["prompts", "tests/strategies"] {
        files.extend(std::fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path()));
    }
    assert!(files.len() >= 5);
    for name in ["json", "logprobs", "preset", "ranking", "scores"] {
        files.push(root.join(format!("tests/golden/bad/strategies/allowed-verdict-{name}.toml")));
    }
    for file in files {
        accepted(&schema, &std::fs::read_to_string(file).unwrap());
    }
    let good = std::fs::read_to_string(root.join("prompts/pairwise-direct.toml")).unwrap();
    for (right, wrong) in [
        ("description =", "descripton ="),
        ("[sampling]\ntemperature", "[sampling]\ntemprature"),
        ("temperature = 0.0", "temperature = \"cold\""),
        ("max_tokens = 16", "max_tokens = 0"),
        ("form = \"pairwise\"", "form = \"pairwsie\""),
        ("take = \"only\"", "take = \"olny\""),
        ("A = \"first\"", "A = \"frist\""),
        ("kind = \"label\"", "kind = \"lable\""),
        ("kind = \"label\"", "preset = \"labels\""),
        ("kind = \"label\"", "kind = \"label\"\nrange = [1]"),
        ("[verdict]", "[verdikt]"),
    ] {
        assert!(good.contains(right), "{right}");
        refused(&schema, &good.replace(right, wrong));
    }
}

#[test]
fn configurations_that_run_pass_and_a_typo_does_not() {
    let schema = schema("config");
    for block in blocks(&readme(), "toml") {
        accepted(&schema, &block);
    }
    accepted(&schema, "");
    let folder = Folder::new();
    folder.succeed("init");
    folder.succeed(
        "init rich.toml --judge m@https://host.example/v1 --judge longest --orders both --strategy pairwise-direct",
    );
    for file in ["tribunal.toml", "rich.toml"] {
        accepted(&schema, &folder.read(file));
    }
    folder.succeed("run tribunal.toml --out run");
    accepted(&schema, &folder.read("run/run.toml"));
    for wrong in [
        "[run]\nsead = 1\n",
        "[run]\norders = \"bth\"\n",
        "[run]\nsamples = 0\n",
        "[[bench]]\nname = \"b\"\nformat = \"rbm\"\n",
        "[[judge]]\nname = \"j\"\n",
        "[[judge]]\nname = \"j\"\nspec = \"first\"\nmodel = \"m\"\n",
        "[[judge]]\nname = \"j\"\nmodel = \"m\"\nbase_url = \"http://h/v1\"\ntotal_timeout = 0\n",
        "[[strategy]]\nhash = \"x\"\n",
    ] {
        refused(&schema, wrong);
    }
}
