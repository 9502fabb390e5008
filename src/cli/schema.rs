//! `tribunal schema`: JSON Schemas of the files that people write, derived from the structs that read them.

use clap::{Args, ValueEnum};
use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use super::{Exit, Trouble, say};
use crate::config::ConfigFile;
use crate::strategy::StrategyFile;

/// What `tribunal schema` is told.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tribunal schema config > tribunal.schema.json\n\n\
    A first line such as `#:schema ./tribunal.schema.json` tells editors to check and complete a TOML file by it.")]
pub(super) struct SchemaArguments {
    /// The file that is described
    #[arg(value_enum, default_value_t = Described::Config)]
    file: Described,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Described {
    /// The configuration of a run
    Config,
    /// A strategy
    Strategy,
}

pub(super) fn schema(arguments: &SchemaArguments) -> Result<Exit, Trouble> {
    let schema = match arguments.file {
        Described::Config => described::<ConfigFile>("Tribunal configuration"),
        Described::Strategy => described::<StrategyFile>("Tribunal strategy"),
    };
    let text = serde_json::to_string_pretty(&schema)
        .map_err(|error| Trouble::new(Exit::Unexpected, format!("the schema cannot be written: {error}")))?;
    say(&(text + "\n"))?;
    Ok(Exit::Complete)
}

fn described<T: JsonSchema>(title: &str) -> Schema {
    let settings = SchemaSettings::draft2020_12().for_deserialize().with_transform(ForToml);
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    schema
}

/// TOML has no null: what may be absent is left out. Descriptions are not broken into lines.
#[derive(Clone, Debug)]
struct ForToml;

impl Transform for ForToml {
    fn transform(&mut self, schema: &mut Schema) {
        if let Some(Value::String(description)) = schema.get_mut("description") {
            *description = description.replace('\n', " ");
        }
        if let Some(Value::Array(types)) = schema.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                schema.insert("type".to_owned(), only);
            }
        }
        for list in ["anyOf", "enum"] {
            if let Some(Value::Array(choices)) = schema.get_mut(list) {
                choices.retain(|choice| !choice.is_null() && choice.get("type").is_none_or(|name| name != "null"));
            }
        }
        if schema.get("default").is_some_and(Value::is_null) {
            schema.remove("default");
        }
        let single = match schema.get("anyOf") {
            Some(Value::Array(choices)) if choices.len() == 1 => choices[0].as_object().cloned(),
            _ => None,
        };
        if let Some(single) = single {
            schema.remove("anyOf");
            for (name, value) in single {
                schema.ensure_object().entry(name).or_insert(value);
            }
        }
        transform_subschemas(self, schema);
    }
}
