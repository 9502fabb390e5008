//! Tests of configurations: what is told of mistakes, what goes over what, what is recorded.

use std::path::Path;

use secrecy::SecretString;

use super::Hashes;
use super::{ConfigError, ConfigFile, JudgeSourceKind, Resolved, StrategyPlace, StrategySource, differences, record};
use crate::bench::sample;
use crate::judge::{EndpointJudge, Judge, JudgeKind, Replay};
use crate::plan::Orders;
use crate::strategy::{Strategy, shipped};

fn parse(text: &str) -> Result<ConfigFile, ConfigError> {
    ConfigFile::parse(text, Path::new("tribunal.toml"))
}

#[track_caller]
fn parse_error(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

fn secret(name: &str) -> Option<SecretString> {
    (name.ends_with("KEY") || name == "TENANT").then(|| format!("sk-{name}-0123456789").into())
}

fn resolve(text: &str, judges: &[&str], strategies: &[&str]) -> Result<Resolved, String> {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let config = parse(text).unwrap();
    Resolved::new(config, &owned(judges), &owned(strategies), &secret).map_err(|error| error.to_string())
}

#[track_caller]
fn resolve_error(text: &str, judges: &[&str], strategies: &[&str]) -> String {
    resolve(text, judges, strategies).map(|_| ()).unwrap_err()
}

#[test]
fn a_mistyped_key_is_shown_with_line_and_caret() {
    insta::assert_snapshot!(parse_error("[run]\nseed = 1\nordres = \"both\"\n"), @r#"
    tribunal.toml, line 3, column 1: unknown key `ordres`; did you mean `orders`? (there are tribunal, seed, orders, samples, task, limit, ties, unparsed, concurrency, prices, budget, precision, out, store)
      |
    3 | ordres = "both"
      | ^^^^^^
    "#);
}

#[test]
fn a_mistyped_table_is_shown_with_line_and_caret() {
    insta::assert_snapshot!(parse_error("[run]\nseed = 1\n\n[[judges]]\nname = \"j\"\n"), @r#"
    tribunal.toml, line 4, column 3: unknown key `judges`; did you mean `judge`? (there are run, bench, judge, strategy, attack)
      |
    4 | [[judges]]
      |   ^^^^^^
    "#);
}

#[test]
fn a_mistyped_value_is_shown_with_line_and_caret() {
    insta::assert_snapshot!(parse_error("[run]\norders = \"bth\"\n"), @r#"
    tribunal.toml, line 2, column 10: unknown word; did you mean `both`? (expected seeded, both)
      |
    2 | orders = "bth"
      |          ^^^^^
    "#);
}

#[test]
fn a_value_of_the_wrong_type_is_shown_with_line_and_caret() {
    insta::assert_snapshot!(parse_error("[run]\nsamples = \"three\"\n"), @r#"
    tribunal.toml, line 2, column 11: expected a whole number, 0 or more, found text
      |
    2 | samples = "three"
      |           ^^^^^^^
    "#);
}

#[test]
fn a_negative_seed_is_shown_with_line_and_caret() {
    insta::assert_snapshot!(parse_error("[run]\nseed = -1\n"), @r#"
    tribunal.toml, line 2, column 8: expected a whole number, 0 or more, found the number -1
      |
    2 | seed = -1
      |        ^^
    "#);
}

#[test]
fn text_that_is_no_toml_is_shown_with_line_and_caret() {
    insta::assert_snapshot!(parse_error("[run]\nseed 1\n"), @r#"
    tribunal.toml, line 2, column 6: key with no value, expected `=`
      |
    2 | seed 1
      |      ^
    "#);
}

#[test]
fn a_mistyped_strategy_names_the_nearest() {
    insta::assert_snapshot!(resolve_error("", &["mock"], &["pairwise-explian"]), @"strategy `pairwise-explian`: no shipped strategy has this name; did you mean `pairwise-explain`? (there are listwise-pick, listwise-rank, pairwise-criteria, pairwise-criteria-by-side, pairwise-direct, pairwise-explain, pairwise-five-level, pairwise-json, pairwise-logprob, pairwise-own-criteria, pairwise-plan, pairwise-reference, pairwise-scores, pointwise-10, pointwise-rubric); a file of your own is named by its path, ending in .toml");
}

#[test]
fn a_mistyped_judge_names_the_nearest() {
    insta::assert_snapshot!(resolve_error("", &["longets"], &[]), @"judge `longets`: not known; did you mean `longest`? (there are longest, shortest, first, random, mock, mock:accuracy=.8,..., replay:FILE, MODEL@BASE_URL such as gpt-4o@https://api.openai.com/v1, and each [[judge]] of the configuration file)");
}

#[test]
fn a_mistyped_judge_of_the_file_names_it() {
    let file = "[[judge]]\nname = \"house\"\nspec = \"first\"\n";
    assert!(resolve_error(file, &["hosue"], &[]).contains("did you mean `house`?"));
}

#[test]
fn a_name_that_is_near_nothing_gets_no_suggestion() {
    let told = resolve_error("", &["mock"], &["zzz"]);
    assert!(!told.contains("did you mean") && told.contains("pairwise-explain"), "{told}");
}

#[test]
fn a_mistyped_parameter_of_the_simulated_judge_is_told() {
    insta::assert_snapshot!(resolve_error("", &["mock:acuracy=.8"], &[]), @"judge `mock:acuracy=.8`: unknown parameter `acuracy`: did you mean `accuracy`? (there are accuracy, first_lean, ties, unparsed, latency_ms, seed, length_lean, obeys, shared, steady, confidence)");
}

#[test]
fn what_no_run_can_be_is_refused() {
    for (text, words) in [
        ("[run]\nsamples = 0\n", "samples: expected 1 to 1000"),
        ("[run]\nconcurrency = 0\n", "concurrency: expected 1 or more"),
        ("[run]\ntask = []\n", "task: expected pairwise, bon or both"),
        ("[[bench]]\nname = \"b\"\n[[bench]]\nname = \"b\"\n", "bench `b`: two benchmarks have this name"),
        ("[[bench]]\nname = \"\"\n", "bench ``: expected a name"),
        ("[[bench]]\nname = \"b\"\nformat = \"rbm\"\n", "bench `b`: expected one of: rmb, items"),
        ("[[judge]]\nname = \"j\"\n", "judge `j`: expected either `spec`, or `model` and `base_url`"),
        (
            "[[judge]]\nname = \"j\"\nmodel = \"m\"\n",
            "judge `j`: `base_url` is missing: expected either `spec`, or `model` and `base_url`",
        ),
        ("[[judge]]\nname = \"j\"\nmodel = \"m\"\nbase_url = \"localhost\"\n", "judge `j`: base URL \"localhost\""),
        ("[[strategy]]\n", "[[strategy]]: expected `name` of a shipped strategy, or `file`"),
    ] {
        let told = resolve_error(text, &[], &[]);
        assert!(told.contains(words), "{text}: {told}");
    }
}

const ENDPOINT: &str = "[[judge]]\nname = \"house\"\nmodel = \"m\"\nbase_url = \"https://host.example/v1\"\n";

#[test]
fn a_key_that_is_not_set_is_told_by_its_variable() {
    let told = resolve_error(&format!("{ENDPOINT}api_key_env = \"NOT_SET\"\n"), &[], &[]);
    assert!(told.contains("judge `house`") && told.contains("NOT_SET is not set"), "{told}");
}

#[test]
fn a_body_field_of_the_program_may_not_be_overwritten() {
    let told = resolve_error(&format!("{ENDPOINT}extra_body = {{ temperature = 1.0 }}\n"), &[], &[]);
    assert!(told.contains("judge `house`: extra_body: `temperature`"), "{told}");
}

#[test]
fn timeouts_are_above_zero() {
    for seconds in ["0.0", "-1.0", "nan", "inf"] {
        let told = resolve_error(&format!("{ENDPOINT}read_timeout = {seconds}\n"), &[], &[]);
        assert!(told.contains("read_timeout") && told.contains("above 0"), "{told}");
    }
}

#[test]
fn judges_and_strategies_of_flags_take_the_place_of_the_files() {
    let file = "[[judge]]\nname = \"one\"\nspec = \"first\"\n[[judge]]\nname = \"two\"\nspec = \"mock\"\n\
        [[strategy]]\nname = \"pairwise-direct\"\n";
    let of = |judges: &[&str], strategies: &[&str]| {
        let resolved = resolve(file, judges, strategies).unwrap();
        let judges: Vec<String> = resolved.judges.into_iter().map(|judge| judge.name).collect();
        let places: Vec<StrategyPlace> = resolved.strategies.into_iter().map(|source| source.place).collect();
        (judges.join(" "), places)
    };
    let shipped = |name: &str| vec![StrategyPlace::Shipped(name.to_owned())];
    assert_eq!(of(&[], &[]), ("one two".to_owned(), shipped("pairwise-direct")));
    assert_eq!(of(&["two"], &["pairwise-explain"]), ("two".to_owned(), shipped("pairwise-explain")));
    assert_eq!(of(&["longest", "one"], &[]), ("longest one".to_owned(), Vec::new()));
    let file = vec![StrategyPlace::File("mine.toml".into())];
    assert_eq!(of(&["mock"], &["mine.toml"]), ("mock".to_owned(), file));
}

#[test]
fn judges_of_one_name_are_numbered() {
    let resolved = resolve("", &["mock", "mock", "first", "mock"], &[]).unwrap();
    let names: Vec<String> = resolved.judges.into_iter().map(|judge| judge.name).collect();
    assert_eq!(names, ["mock", "mock-2", "first", "mock-3"]);
}

#[test]
fn an_empty_configuration_is_the_sample_and_a_simulated_judge() {
    let resolved = resolve("", &[], &[]).unwrap();
    assert_eq!((resolved.seed, resolved.orders, resolved.samples), (0, Orders::Seeded, 1));
    assert_eq!((resolved.benches.len(), resolved.benches[0].path.as_deref()), (1, None));
    assert!(matches!(resolved.judges[0].kind, JudgeSourceKind::Mock(_)));
    assert_eq!(resolved.strategies.len(), 1);
    assert_eq!(resolved.strategies[0].place, StrategyPlace::Shipped("pairwise-explain".to_owned()));
}

#[test]
fn a_spec_is_split_at_its_last_at_http() {
    let resolved = resolve("", &["team@http-model@http://127.0.0.1:1/v1"], &[]).unwrap();
    let JudgeSourceKind::Endpoint(endpoint) = &resolved.judges[0].kind else { panic!("an endpoint") };
    assert_eq!(
        (endpoint.model.as_str(), endpoint.identity.as_str()),
        ("team@http-model", "127.0.0.1/v1 team@http-model")
    );
}

#[test]
fn paths_of_a_file_are_relative_to_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[run]\nout = \"out\"\nstore = \"/abs/s.db\"\n[[bench]]\nname = \"b\"\npath = \"data\"\n\
        [[judge]]\nname = \"r\"\nspec = \"replay:r.jsonl\"\n[[strategy]]\nfile = \"s.toml\"\n";
    std::fs::write(folder.path().join("c.toml"), text).unwrap();
    let (config, _) = ConfigFile::read(&folder.path().join("c.toml")).unwrap();
    let below = |name: &str| Some(folder.path().join(name));
    assert_eq!((config.run.out, config.run.store), (below("out"), Some("/abs/s.db".into())));
    assert_eq!((config.bench[0].path.clone(), config.strategy[0].file.clone()), (below("data"), below("s.toml")));
    assert_eq!(config.judge[0].spec, Some(format!("replay:{}", folder.path().join("r.jsonl").display())));
}

const RICH: &str = r#"
[run]
seed = 7
orders = "both"
samples = 3
task = ["bon"]
ties = "half"
unparsed = "drop"
concurrency = 4

[[judge]]
name = "house"
model = "m"
base_url = "https://user:hunter22@host.example:8443/v1?api-key=q-secret"
api_key_env = "HOUSE_KEY"
headers = { "x-plain" = "header-secret" }
header_envs = { "x-tenant" = "TENANT" }
extra_body = { top_k = 5, nested = { on = true } }
read_timeout = 30.0

[[judge]]
name = "named"
model = "n"
base_url = "http://localhost:8000/v1"
identity = "our own"

[[judge]]
name = "coin"
spec = "random"

[[judge]]
name = "pretend"
spec = "mock:accuracy=.8,first_lean=.1"

[[strategy]]
name = "pairwise-direct"

[[strategy]]
file = "prompts/pairwise-explain.toml"
"#;

/// What `tribunal run` reads and makes of a configuration, without servers.
fn made(resolved: &Resolved) -> (Hashes, Vec<Judge>, Vec<Strategy>) {
    let judge = |source: &super::JudgeSource| {
        let kind = match &source.kind {
            JudgeSourceKind::Baseline(baseline) => JudgeKind::Baseline(*baseline),
            JudgeSourceKind::Mock(_) => JudgeKind::Baseline(crate::judge::Baseline::ALL[0].1),
            JudgeSourceKind::Replay(path) => JudgeKind::Replay(Replay::open(path).unwrap()),
            JudgeSourceKind::Endpoint(source) => JudgeKind::Endpoint(Box::new(EndpointJudge {
                replicas: Vec::new(),
                identity: source.identity.clone(),
                extra: source.extra.clone().into(),
                simulated: false,
                prices: None,
            })),
        };
        Judge { name: source.name.clone(), kind }
    };
    let strategy = |source: &StrategySource| match &source.place {
        StrategyPlace::Shipped(name) => shipped(name).unwrap().unwrap(),
        StrategyPlace::File(path) => Strategy::load(&std::fs::read_to_string(path).unwrap(), "file").unwrap(),
    };
    let strategies = resolved.strategies.iter().map(strategy).collect();
    (
        Hashes { benches: vec![sample().unwrap().hash], attacks: None },
        resolved.judges.iter().map(judge).collect(),
        strategies,
    )
}

fn recorded(resolved: &Resolved) -> ConfigFile {
    let (hashes, judges, strategies) = made(resolved);
    record(resolved, &hashes, &judges, &strategies)
}

#[test]
fn the_record_of_a_run_is_a_configuration_of_the_same_run() {
    let resolved = resolve(RICH, &[], &[]).unwrap();
    let first = recorded(&resolved);
    let text = toml::to_string(&first).unwrap();
    let mut read = parse(&text).unwrap();
    assert_eq!(read, first);
    let told = Resolved::new(read.clone(), &[], &[], &secret).unwrap_err().to_string();
    assert!(told.contains("x-plain"), "the value of a header is not kept, and its absence not passed over: {told}");
    read.judge[0].headers.insert("x-plain".to_owned(), "header-secret".to_owned());
    let again = recorded(&Resolved::new(read, &[], &[], &secret).unwrap());
    assert_eq!(differences(&first, &again), Vec::<String>::new());
    assert_eq!(toml::to_string(&again).unwrap(), text);
}

#[test]
fn the_record_of_recorded_replies_is_a_configuration_of_the_same_run() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("r.jsonl");
    std::fs::write(&file, "{\"item\":\"one\",\"step\":null,\"order\":[0,1],\"sample\":0,\"reply\":\"[[A]]\"}\n")
        .unwrap();
    let spec = format!("replay:{}", file.display());
    let first = recorded(&resolve("", &[&spec], &[]).unwrap());
    let read = parse(&toml::to_string(&first).unwrap()).unwrap();
    assert_eq!(read, first);
    assert!(read.judge[0].hash.is_some());
    let again = recorded(&Resolved::new(read, &[], &[], &secret).unwrap());
    assert_eq!(again, first);
}

#[test]
fn no_secret_is_in_the_record() {
    let text = toml::to_string(&recorded(&resolve(RICH, &[], &[]).unwrap())).unwrap();
    for hidden in ["hunter22", "q-secret", "header-secret", "sk-", "0123456789"] {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
    for kept in ["HOUSE_KEY", "TENANT", "https://host.example:8443/v1", "our own", "top_k"] {
        assert!(text.contains(kept), "{kept} not in {text}");
    }
}

#[test]
fn no_secret_is_in_what_is_told_of_mistakes() {
    let file = ENDPOINT.replace("https://", "ftp://user:hunter22@");
    let told = resolve_error(&file, &[], &[]);
    assert!(!told.contains("hunter22"), "{told}");
    let told = resolve_error(&format!("{ENDPOINT}headers = {{ \"bad name\" = \"header-secret\" }}\n"), &[], &[]);
    assert!(told.contains("bad name") && !told.contains("header-secret"), "{told}");
}

#[test]
fn what_decides_results_is_a_difference_and_where_things_are_is_not() {
    let first = recorded(&resolve(RICH, &[], &[]).unwrap());
    let differing = |from: &str, to: &str| {
        let other = recorded(&resolve(&RICH.replace(from, to), &[], &[]).unwrap());
        differences(&first, &other)
    };
    for (from, to, told) in [
        ("seed = 7", "seed = 8", "run.seed is 7 there and 8 here"),
        ("samples = 3", "samples = 2", "run.samples is 3 there and 2 here"),
        ("ties = \"half\"", "ties = \"wrong\"", "run.ties is \"half\" there and \"wrong\" here"),
        ("top_k = 5", "top_k = 6", "judge[0].extra_body.top_k is 5 there and 6 here"),
        ("spec = \"random\"", "spec = \"first\"", "judge[2].spec is \"random\" there and \"first\" here"),
        ("identity = \"our own\"", "identity = \"x\"", "judge[1].identity is \"our own\" there and \"x\" here"),
    ] {
        assert_eq!(differing(from, to), [told], "{from}");
    }
    for (from, to) in [
        ("concurrency = 4", "concurrency = 5"),
        (":8443", ":9443"),
        ("api_key_env = \"HOUSE_KEY\"", "api_key_env = \"OTHER_KEY\""),
        ("read_timeout = 30.0", "read_timeout = 31.0"),
        ("localhost:8000", "localhost:9000"),
    ] {
        assert_eq!(differing(from, to), Vec::<String>::new(), "{from}");
    }
    assert!(!differing("host.example", "elsewhere.example").is_empty());
}

#[test]
fn what_no_run_can_be_is_shown_where_it_stands() {
    let text = "[run]\nsamples = 1\n\n[[judge]]\nname = \"one\"\nspec = \"first\"\n\n[[judge]]\nname = \"two\"\nspec = \"frist\"\n";
    let source = super::Source::new(Path::new("tribunal.toml"), text);
    let error = Resolved::new(parse(text).unwrap(), &[], &[], &secret).unwrap_err();
    insta::assert_snapshot!(source.locate(error), @r#"
    tribunal.toml, line 10, column 8: judge `frist`: not known; did you mean `first`? (there are longest, shortest, first, random, mock, mock:accuracy=.8,..., replay:FILE, MODEL@BASE_URL such as gpt-4o@https://api.openai.com/v1, and each [[judge]] of the configuration file)
       |
    10 | spec = "frist"
       |        ^^^^^^^
    "#);
    let flag = Resolved::new(parse(text).unwrap(), &["frist".to_owned()], &[], &secret).unwrap_err();
    assert_eq!(source.locate(flag.clone()), flag, "a flag stands nowhere in the file");
}

#[test]
fn a_line_that_speaks_of_a_key_is_not_shown() {
    for (text, left) in [
        ("[[judge]]\nname = \"j\"\napi_kye_env = \"hidden-0123\"\n", "api_kye_env = \"hidden"),
        ("[[judge]]\nname = \"j\"\napi_key = \"hidden-0123\"\n", "hidden"),
        ("[[judge]]\nname = \"j\"\nheaders = \"Bearer hidden-0123\"\n", "hidden"),
        ("[[judge]]\nname = \"j\"\nheaders = { a = \"hidden-0123\"\n", "hidden"),
        ("[[judge]]\nname = \"j\"\n[judge.headers]\nx-team = \"hidden-0123\n", "hidden"),
        ("[[judge]]\nname = \"j\"\nread_timeout = \"sk-hidden-0123\"\n", "hidden"),
        (
            "[[judge]]\nname = \"j\"\nmodel = \"m\"\nbase_url = \"http://h/v1\"\napi_key_env = \"sk-hidden-0123\"\n",
            "hidden",
        ),
    ] {
        let source = super::Source::new(Path::new("tribunal.toml"), text);
        let told = match parse(text) {
            Err(error) => error,
            Ok(config) => source.locate(Resolved::new(config, &[], &[], &|_| None).unwrap_err()),
        };
        assert_eq!(told.to_string().contains(left), left.starts_with("api_kye"), "{told}");
    }
}
