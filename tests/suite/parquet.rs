//! The judgments of a run as Parquet, held against `judgments.jsonl` byte for byte.

use crate::support::{Folder, run};

#[test]
fn one_form_of_export_is_chosen() {
    let folder = Folder::new();
    folder.succeed("run --out r");
    for (flags, said) in [("", "--replies|--parquet <FILE>"), ("--replies --parquet f", "cannot be used with")] {
        let refused = folder.tribunal(&format!("export r {flags}"));
        assert!(refused.code == Some(2) && refused.stderr.contains(said), "{flags}: {refused:?}");
    }
}

#[cfg(not(feature = "parquet"))]
#[test]
fn a_program_without_it_says_how_to_build_one_with_it() {
    let folder = Folder::new();
    let refused = run(folder.command(&["export", "r", "--parquet", "f.parquet"]));
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert_eq!(
        refused.stderr,
        "error: --parquet: this program was built without it: build it anew with `cargo install --path . --features parquet`\n"
    );
    assert!(!folder.path("f.parquet").exists());
}

#[cfg(feature = "parquet")]
mod with_the_feature {
    use std::collections::BTreeSet;
    use std::fs::File;
    use std::path::Path;

    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    use parquet::record::{Field, Row};
    use serde_json::{Map, Value, json};

    use super::{Folder, run};
    use crate::support::MockProcess;

    /// Fields that a line leaves out where it has nothing to say; of all others it says null.
    const LEFT_OUT: [&str; 7] =
        ["strength", "preference", "stands", "prompt_tokens", "completion_tokens", "cached_tokens", "reasoning_tokens"];

    fn reader(path: &Path) -> SerializedFileReader<File> {
        SerializedFileReader::new(File::open(path).unwrap()).unwrap()
    }

    fn schema(path: &Path) -> String {
        let mut text = Vec::new();
        parquet::schema::printer::print_schema(
            &mut text,
            reader(path).metadata().file_metadata().schema_descr().root_schema(),
        );
        String::from_utf8(text).unwrap()
    }

    fn value(field: &Field) -> Value {
        match field {
            Field::Null => Value::Null,
            Field::Str(text) => text.as_str().into(),
            Field::UByte(number) => (*number).into(),
            Field::UInt(number) => (*number).into(),
            Field::ULong(number) => (*number).into(),
            Field::Double(number) => (*number).into(),
            Field::ListInternal(list) => list.elements().iter().map(value).collect(),
            Field::Group(row) => object(row).into(),
            other => panic!("{other:?} is in no judgment"),
        }
    }

    fn object(row: &Row) -> Map<String, Value> {
        let fields = row.get_column_iter().map(|(name, field)| (name.clone(), value(field)));
        fields.filter(|(name, value)| !(value.is_null() && LEFT_OUT.contains(&name.as_str()))).collect()
    }

    /// What the rows of a file say, as the lines that a run would write.
    fn lines(path: &Path) -> Vec<String> {
        let reader = reader(path);
        reader.get_row_iter(None).unwrap().map(|row| Value::from(object(&row.unwrap())).to_string()).collect()
    }

    /// Holds a run's Parquet against its lines; answers with its path.
    fn hold(folder: &Folder, run: &str) -> std::path::PathBuf {
        let file = format!("{run}.parquet");
        let said = folder.succeed(&format!("export {run} --parquet {file}"));
        let text = folder.read(&format!("{run}/judgments.jsonl"));
        let expected: Vec<&str> = text.lines().collect();
        assert_eq!(said.stderr.replace(',', ""), format!("written: {file}: {} judgments\n", expected.len()));
        assert!(said.stdout.is_empty());
        let path = folder.path(&file);
        let lines = lines(&path);
        assert_eq!(lines.len(), expected.len(), "{run}");
        for (line, expected) in lines.iter().zip(expected) {
            assert_eq!(line, expected, "{run}");
        }
        path
    }

    /// Every name of a field in these lines, with whether it is null.
    fn seen(lines: &[Value]) -> BTreeSet<(String, bool)> {
        fn look(value: &Value, seen: &mut BTreeSet<(String, bool)>) {
            match value {
                Value::Array(values) => values.iter().for_each(|value| look(value, seen)),
                Value::Object(fields) => {
                    for (name, value) in fields {
                        seen.insert((name.clone(), value.is_null()));
                        look(value, seen);
                    }
                    for name in LEFT_OUT.iter().filter(|name| !fields.contains_key(**name)) {
                        seen.insert(((*name).to_owned(), true));
                    }
                }
                _ => {}
            }
        }
        let mut names = BTreeSet::new();
        for line in lines {
            look(line, &mut names);
        }
        names
    }

    /// A run of every kind of judgment: both orders, samples, several rules, a baseline, replies without a verdict, asks without a reply.
    fn pairs(folder: &Folder) {
        let mock = MockProcess::start(folder, &["--faults", "too_long=.2"]);
        let done = folder.tribunal(&format!(
            "run --judge mock:accuracy=.7,unparsed=.1 --judge longest --judge m@{} --orders both --samples 2 --strategy pairwise-explain \
             --strategy pairwise-five-level --strategy pairwise-logprob --strategy pairwise-scores --no-canary --out pairs",
            mock.base_url
        ));
        assert_eq!(done.code, Some(3), "some asks are too long: {done:?}");
    }

    /// A run whose names, ids, groups and replies are such as to break what takes them for anything but text.
    fn odd(folder: &Folder) {
        let texts = [
            "\"quotes\", commas\\backslashes\r\nand lines",
            "\u{0}\u{1}\u{1b}[31m\u{7f}\u{202e}\u{feff}\u{2028}",
            "\u{1f9d1}\u{200d}\u{2696}\u{fe0f} \u{10ffff} \u{fffd} e\u{301}",
            "=HYPERLINK(\"http://x\") {{ 7 * 7 }} $(rm -rf /) %s <script>",
            "",
        ];
        let item = |(at, text): (usize, &&str)| {
            let candidates = [json!({"text": format!("one {text}")}), json!({"text": format!("other {text}")})];
            json!({"id": format!("{at}{text}"), "group": format!("g/{text}."), "conversation": [{"role": "user", "content": text}],
                "candidates": candidates, "best": 0})
            .to_string()
        };
        let reply = |(at, text): (usize, &&str)| {
            let usage = [
                json!({"prompt_tokens": u64::MAX, "completion_tokens": (1_u64 << 53) + 1, "cached_tokens": 0, "reasoning_tokens": 7}),
                json!({}),
            ];
            let end = [json!("stop"), json!(text), Value::Null];
            json!({"item": format!("{at}{text}"), "order": [at % 2, 1 - at % 2], "sample": 0, "reply": format!("{text}[[A]]"),
                "finish_reason": end[at % 3], "usage": usage[at % 2]})
            .to_string()
        };
        let all =
            |line: &dyn Fn((usize, &&str)) -> String| texts.iter().enumerate().map(line).collect::<Vec<_>>().join("\n");
        folder.write("odd.jsonl", &all(&item));
        folder.write("replies.jsonl", &all(&reply));
        let name = |text: &str| toml::Value::from(text).to_string();
        let config = format!(
            "[run]\norders = \"both\"\n[[bench]]\nname = {}\npath = \"odd.jsonl\"\n[[judge]]\nname = {}\nspec = \"replay:replies.jsonl\"\n\
             [[strategy]]\nname = \"pairwise-explain\"\n",
            name("b \u{1f600}/=\"#"),
            name("j\u{e4}dge \"one\"; DROP TABLE x; \u{202e}")
        );
        folder.write("odd.toml", &config);
        let done = folder.tribunal("run odd.toml --no-canary --out odd");
        assert_eq!(done.code, Some(3), "one order has no replies: {done:?}");
    }

    #[test]
    fn every_byte_of_every_judgment_is_in_it() {
        let folder = Folder::new();
        pairs(&folder);
        odd(&folder);
        folder.succeed(
            "run --judge mock:unparsed=.1 --strategy listwise-rank --strategy pointwise-10 --no-canary --out forms",
        );
        folder.succeed("run --judge first --out baseline");
        let runs = ["pairs", "odd", "forms", "baseline"];
        let schemas: BTreeSet<String> = runs.iter().map(|run| schema(&hold(&folder, run))).collect();
        assert_eq!(schemas.len(), 1, "columns do not depend on what a run's lines hold");
        insta::assert_snapshot!(schemas.first().unwrap(), @r"
        message arrow_schema {
          REQUIRED BYTE_ARRAY bench (STRING);
          REQUIRED BYTE_ARRAY judge (STRING);
          OPTIONAL BYTE_ARRAY strategy (STRING);
          REQUIRED BYTE_ARRAY hash (STRING);
          REQUIRED group items (LIST) {
            REPEATED group list {
              REQUIRED group element {
                REQUIRED BYTE_ARRAY id (STRING);
                REQUIRED BYTE_ARRAY task (STRING);
                REQUIRED BYTE_ARRAY group (STRING);
                REQUIRED group shown (LIST) {
                  REPEATED group list {
                    REQUIRED INT64 element (INTEGER(64,false));
                  }
                }
                OPTIONAL BYTE_ARRAY outcome (STRING);
                OPTIONAL BYTE_ARRAY stands (STRING);
              }
            }
          }
          REQUIRED INT32 order (INTEGER(8,false));
          REQUIRED INT32 sample (INTEGER(32,false));
          OPTIONAL BYTE_ARRAY key (STRING);
          OPTIONAL BYTE_ARRAY verdict (STRING);
          OPTIONAL DOUBLE strength;
          OPTIONAL DOUBLE preference;
          OPTIONAL BYTE_ARRAY reason (STRING);
          OPTIONAL BYTE_ARRAY reply (STRING);
          OPTIONAL BYTE_ARRAY finish_reason (STRING);
          OPTIONAL group usage {
            OPTIONAL INT64 prompt_tokens (INTEGER(64,false));
            OPTIONAL INT64 completion_tokens (INTEGER(64,false));
            OPTIONAL INT64 cached_tokens (INTEGER(64,false));
            OPTIONAL INT64 reasoning_tokens (INTEGER(64,false));
          }
        }
        ");
        let lines: Vec<Value> = runs.iter().flat_map(|run| folder.lines(&format!("{run}/judgments.jsonl"))).collect();
        let seen = seen(&lines);
        for name in LEFT_OUT.iter().chain(&[
            "strategy",
            "key",
            "verdict",
            "reason",
            "reply",
            "finish_reason",
            "usage",
            "outcome",
        ]) {
            for is_null in [false, true] {
                assert!(seen.contains(&((*name).to_owned(), is_null)), "no line has {name} (null: {is_null})");
            }
        }
        let reasons: BTreeSet<&str> = lines.iter().filter_map(|line| line["reason"].as_str()).collect();
        assert!(["failed", "no_label", "too_large"].iter().any(|reason| reasons.contains(reason)), "{reasons:?}");
        assert!(lines.iter().any(|line| line["sample"] == 1 && line["order"] == 1));
        assert!(lines.iter().any(|line| line["items"].as_array().unwrap().len() == 2));
    }

    /// A judgment, with some of its fields as they are told.
    fn judgment(fields: &Value) -> String {
        let mut line = json!({
            "bench": "b", "judge": "j", "strategy": "s", "hash": "00", "items": [{"id": "1", "task": "pairwise", "group": "g", "shown": [0, 1],
            "outcome": "right"}], "order": 0, "sample": 0, "key": null, "verdict": "A", "reason": null, "reply": "[[A]]",
            "finish_reason": "stop", "usage": null
        });
        for (name, value) in fields.as_object().unwrap() {
            line[name] = value.clone();
        }
        line.to_string()
    }

    #[test]
    fn numbers_keep_every_bit() {
        let folder = Folder::new();
        let numbers = ["0.30000000000000004", "5e-324", "1.7976931348623157e308", "-0.0", "0.1", "9007199254740993.0"];
        let text: String = numbers
            .iter()
            .map(|number| {
                judgment(&json!({"sample": u32::MAX, "order": 255})).replacen(
                    "\"reason\"",
                    &format!("\"preference\":{number},\"reason\""),
                    1,
                ) + "\n"
            })
            .collect();
        folder.write("r/judgments.jsonl", &text);
        folder.succeed("export r --parquet f.parquet");
        let reader = reader(&folder.path("f.parquet"));
        let rows: Vec<Row> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
        for (row, number) in rows.iter().zip(numbers) {
            let field = |name: &str| row.get_column_iter().find(|(column, _)| *column == name).unwrap().1.clone();
            let Field::Double(read) = field("preference") else { panic!("{row:?}") };
            assert_eq!(read.to_bits(), number.parse::<f64>().unwrap().to_bits(), "{number}");
            assert_eq!((field("sample"), field("order")), (Field::UInt(u32::MAX), Field::UByte(255)));
        }
        assert_eq!(rows.len(), numbers.len());
    }

    #[test]
    fn the_same_run_gives_the_same_bytes_and_takes_the_place_of_what_was_there() {
        let folder = Folder::new();
        folder.succeed("run --judge mock --judge longest --out r");
        folder.write("b.parquet", "");
        let [a, b, again] = ["a.parquet", "b.parquet", "b.parquet"].map(|file| {
            folder.succeed(&format!("export r --parquet {file}"));
            std::fs::read(folder.path(file)).unwrap()
        });
        assert!(a == b && a == again);
        let names = std::fs::read_dir(folder.path("")).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(names.into_iter().all(|name| !name.to_str().unwrap().contains(".part")));
    }

    #[test]
    fn judge_and_strategy_narrow_it() {
        let folder = Folder::new();
        folder
            .succeed("run --judge mock --judge longest --strategy pairwise-direct --strategy pairwise-explain --out r");
        let text = folder.read("r/judgments.jsonl");
        for (flags, parts) in [
            (["--judge", "longest"].as_slice(), ["\"judge\":\"longest\"", ""]),
            (&["--strategy", "pairwise-direct"], ["\"strategy\":\"pairwise-direct\"", ""]),
            (
                &["--judge", "mock", "--strategy", "pairwise-explain"],
                ["\"judge\":\"mock\"", "\"strategy\":\"pairwise-explain\""],
            ),
        ] {
            let done = run(folder.command(&[&["export", "r", "--parquet", "f.parquet"], flags].concat()));
            assert_eq!(done.code, Some(0), "{done:?}");
            let expected: Vec<&str> =
                text.lines().filter(|line| parts.iter().all(|part| line.contains(part))).collect();
            assert!(expected.len() == 111 && lines(&folder.path("f.parquet")) == expected, "{flags:?}");
        }
        let refused = folder.tribunal("export r --parquet none.parquet --judge nobody");
        assert_eq!(refused.code, Some(2));
        assert!(refused.stderr.contains("no judgments of that judge and strategy are in it"), "{refused:?}");
        assert!(!folder.path("none.parquet").exists());
    }

    #[test]
    fn a_damaged_line_is_told_with_its_number_and_leaves_nothing_behind() {
        let folder = Folder::new();
        let sound = judgment(&json!({}));
        let cut = sound[..sound.len() - 20].to_owned();
        for (damage, said) in [
            (cut.as_bytes(), "EOF while parsing"),
            (judgment(&json!({"order": 0.5})).as_bytes(), "floating point `0.5`"),
            (judgment(&json!({"sample": "1"})).as_bytes(), "string \"1\""),
            (judgment(&json!({"reply": 5})).as_bytes(), "'reply'"),
            (judgment(&json!({"hunch": "\u{1b}[2J"})).as_bytes(), "column 'hunch' missing from schema"),
            (judgment(&json!({"usage": {"prompt_tokens": 1, "joules": 2}})).as_bytes(), "column 'joules'"),
            (sound.replace("[[A]]", "\\ud800").as_bytes(), "surrogate"),
            (b"{\"bench\": \"\xff\"}", "utf-8"),
            (format!("{sound}{sound}").as_bytes(), "trailing characters"),
        ] {
            // Beyond the first batch, and not the first of its own; blank lines are none.
            let mut text = format!("{sound}\n").repeat(8_200).into_bytes();
            text.extend([b"\n", damage, b"\n", sound.as_bytes(), b"\n"].concat());
            std::fs::create_dir_all(folder.path("r")).unwrap();
            std::fs::write(folder.path("r/judgments.jsonl"), text).unwrap();
            let refused = folder.tribunal("export r --parquet f.parquet");
            assert_eq!(refused.code, Some(2), "{refused:?}");
            let told = &refused.stderr;
            assert!(told.starts_with("error: r/judgments.jsonl: line 8202: ") && told.contains(said), "{said}: {told}");
            assert!(told.contains("run the command of this run again") && !told.contains('\u{1b}'), "{told}");
            let left: Vec<_> =
                std::fs::read_dir(folder.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            assert_eq!(left, ["r"]);
        }
    }

    #[test]
    fn a_mistyped_name_costs_nobody_a_file() {
        let folder = Folder::new();
        folder.succeed("run --out r");
        folder.write("note", "abc");
        folder.write("empty/x", "");
        let before = folder.read("r/judgments.jsonl");
        for (arguments, said) in [
            ("nowhere --parquet f", "nowhere: no such folder: name the folder of a run"),
            ("empty --parquet f", "empty: there is no judgments.jsonl in it: is it the folder of a finished run?"),
            (
                "r --parquet r/judgments.jsonl",
                "r/judgments.jsonl: is there already, and is no Parquet; name another file",
            ),
            ("r --parquet note", "note: is there already, and is no Parquet; name another file with --parquet"),
            ("r --parquet r", "r: is there already, and is no file; name another file with --parquet"),
            ("r --parquet /dev/null", "/dev/null: is there already, and is no file; name another file with --parquet"),
            ("r --parquet no/f", "no/f: its folder is not there: make it; name another file with --parquet"),
        ] {
            let refused = folder.tribunal(&format!("export {arguments}"));
            assert_eq!(refused.code, Some(2), "{refused:?}");
            assert!(refused.stderr.starts_with(&format!("error: {said}")), "{arguments}: {refused:?}");
        }
        assert!(folder.read("r/judgments.jsonl") == before && folder.read("note") == "abc");
    }
}
