//! The text of a configuration file to start from: what was chosen, and beside it, in comments, what else there is.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::spec::Spec;
use crate::plan::Orders;

/// What is chosen; what is left empty becomes the embedded sample, the simulated judge and the usual strategy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Starter {
    /// Benchmarks: names and paths.
    pub benches: Vec<(String, PathBuf)>,
    /// Judges, as the command line names them.
    pub judges: Vec<String>,
    /// The environment variable that holds the key of judges behind an endpoint.
    pub key_variable: Option<String>,
    /// Strategies: names of shipped ones, or files.
    pub strategies: Vec<String>,
    /// In which orders comparisons are asked.
    pub orders: Orders,
}

const RUN: &str = r#"# seed = 0                      # of every random draw
# samples = 1                   # how often each comparison is asked in each order
# task = ["pairwise", "bon"]    # which tasks
# ties = "wrong"                # what a tie is worth: "wrong" or "half"
# unparsed = "wrong"            # what a reply without a verdict is worth: "wrong", "half" or "drop"
# concurrency = 32              # the most requests in flight
# out = "runs/mine"             # the folder for the results
# store = "tribunal.db"         # where replies are kept
"#;

const BENCH_HINT: &str = r#"# path = "RMB_dataset"          # a folder in RMB's layout, or a file of items (JSON lines)
"#;

const ENDPOINT_HINT: &str = r#"# api_key_env = "OPENAI_API_KEY"    # the variable that holds the key, never the key; without it $TRIBUNAL_API_KEY, if it is set
# header_envs = { "x-team" = "TEAM_TOKEN" }
# extra_body = { top_k = 5 }
# total_timeout = 600.0
# requests_per_minute = 600         # limits of the account; what is left out is found out
# tokens_per_minute = 200000
"#;

const JUDGE_HINT: &str = r#"
# A model behind an OpenAI-compatible endpoint:
# [[judge]]
# name = "gpt-4o"
# model = "gpt-4o"
# base_url = "https://api.openai.com/v1"
# api_key_env = "OPENAI_API_KEY"    # the variable that holds the key, never the key itself
"#;

impl Starter {
    /// The file. `path` is where it will stand, and is named in it.
    #[must_use]
    pub fn text(&self, path: &Path) -> String {
        let orders = quoted(self.orders.as_str());
        let mut text = format!(
            "#:schema ./tribunal.schema.json\n\
            # A configuration of tribunal. Run it:  tribunal run {}\n\
            # Every judge is asked about every benchmark with every strategy. Flags of `tribunal run` go over what stands here; paths\n\
            # are relative to this file's folder. Editors check and complete this file once its schema stands beside it:\n\
            #   tribunal schema config > tribunal.schema.json\n\n\
            [run]\n\
            orders = {orders:23}# \"seeded\": one order, drawn from the texts; \"both\": the other too, at twice the asks\n{RUN}",
            path.display()
        );
        self.write_benches(&mut text);
        self.write_judges(&mut text);
        self.write_strategies(&mut text);
        text
    }

    fn write_benches(&self, text: &mut String) {
        text.push_str("\n# What is asked about.\n");
        if self.benches.is_empty() {
            let _ = write!(
                text,
                "[[bench]]\nname = \"sample\"                 # without a path: the sample in the program\n{BENCH_HINT}"
            );
        }
        for (name, path) in &self.benches {
            let _ = writeln!(text, "[[bench]]\nname = {}\npath = {}", quoted(name), quoted(&path.to_string_lossy()));
        }
    }

    fn write_judges(&self, text: &mut String) {
        text.push_str("\n# Who is asked.\n");
        let simulated = ["mock:accuracy=.8".to_owned()];
        let judges = if self.judges.is_empty() { &simulated[..] } else { &self.judges };
        let mut hint = JUDGE_HINT;
        for spec in judges {
            let parsed = Spec::parse(spec).and_then(Result::ok);
            let name = parsed.as_ref().map_or_else(|| spec.clone(), |parsed| parsed.name(spec));
            let _ = writeln!(text, "[[judge]]");
            match parsed {
                Some(Spec::Endpoint { model, base_url }) => {
                    let (name, model, base_url) = (quoted(&name), quoted(&model), quoted(&base_url));
                    let _ = writeln!(text, "name = {name}\nmodel = {model}\nbase_url = {base_url}");
                    if let Some(variable) = &self.key_variable {
                        let _ = writeln!(text, "api_key_env = {}", quoted(variable));
                    }
                    let known = |line: &&str| self.key_variable.is_none() || !line.starts_with("# api_key_env");
                    text.extend(ENDPOINT_HINT.split_inclusive('\n').filter(known));
                    hint = "";
                }
                Some(Spec::Mock(_)) => {
                    let _ = writeln!(
                        text,
                        "name = \"mock\"                   # a simulated judge: no key, no network\nspec = {}",
                        quoted(spec)
                    );
                }
                _ => {
                    let _ = writeln!(text, "name = {}\nspec = {}", quoted(&name), quoted(spec));
                }
            }
        }
        text.push_str(hint);
    }

    fn write_strategies(&self, text: &mut String) {
        text.push_str(
            "\n# How. `tribunal prompts list` tells what is shipped; `file = \"mine.toml\"` names one of your own.\n",
        );
        let usual = [super::resolved::DEFAULT_STRATEGY.to_owned()];
        for strategy in if self.strategies.is_empty() { &usual[..] } else { &self.strategies } {
            let key = if super::resolved::is_strategy_file(strategy) { "file" } else { "name" };
            let _ = writeln!(text, "[[strategy]]\n{key} = {}", quoted(strategy));
        }
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
