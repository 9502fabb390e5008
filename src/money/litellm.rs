//! LiteLLM's file of prices (`model_prices_and_context_window.json`): which of its models is meant.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::value::RawValue;

use super::entry::{Entry, Trouble};
use super::error::PriceError;
use super::prices::Prices;
use super::providers::providers_of;
use crate::file::read_text;
use crate::mistake::nearest;

/// Entries that are no models: the explanation of the fields, and rules for names.
const NO_MODELS: [&str; 2] = ["sample_spec", "fallback_generalizations"];

/// A file of prices in LiteLLM's format, by the names of its models. Entries are read when they are asked for, so that an odd one disturbs
/// nobody else.
#[derive(Debug)]
pub struct PriceFile {
    path: PathBuf,
    models: BTreeMap<String, Box<RawValue>>,
}

/// The prices of a model, and where they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name in the file.
    pub name: String,
    /// Its prices.
    pub prices: Prices,
}

impl PriceFile {
    /// Reads a file, which may be compressed.
    pub fn read(path: &Path) -> Result<Self, PriceError> {
        let text = read_text(path).map_err(|problem| PriceError::Unreadable { path: path.to_path_buf(), problem })?;
        Self::parse(&text, path)
    }

    /// Reads the text of a file, which is named in errors.
    pub fn parse(text: &str, path: &Path) -> Result<Self, PriceError> {
        let models = serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(text);
        let mut models =
            models.map_err(|error| PriceError::NotPrices { path: path.to_path_buf(), problem: error.to_string() })?;
        models.retain(|name, _| !NO_MODELS.contains(&name.as_str()));
        Ok(Self { path: path.to_path_buf(), models })
    }

    /// The prices of a model, as its endpoint calls it, at a host: under `provider/model` for the providers behind the host (a short list of
    /// hosts that are known), else under the model's own name, unless that entry is about a provider that is not behind the host. Of a host that is
    /// not known, and of none, only the own name counts. Nothing is guessed beyond that.
    pub fn prices(&self, model: &str, host: Option<&str>) -> Result<Listed, PriceError> {
        let providers = host.map_or(&[][..], providers_of);
        let full = providers.iter().map(|provider| format!("{provider}/{model}"));
        let mut names = full.chain([model.to_owned()]);
        match names.find_map(|name| Some((self.models.get(&name)?, name))) {
            Some((raw, name)) => self.listed(name, raw, providers),
            None => Err(self.unknown(model, providers)),
        }
    }

    fn listed(&self, name: String, raw: &RawValue, providers: &[&str]) -> Result<Listed, PriceError> {
        let path = || self.path.clone();
        match Entry::read(raw).and_then(|entry| prices_at(&entry, providers)) {
            Ok(prices) => Ok(Listed { name, prices }),
            Err(Trouble::Refused(problem)) => Err(PriceError::Refused { path: path(), model: name, problem }),
            Err(Trouble::Field { field, problem }) => {
                Err(PriceError::Field { path: path(), model: name, field, problem })
            }
        }
    }

    /// What is nearest is looked for among the models of whom is asked.
    fn unknown(&self, model: &str, providers: &[&str]) -> PriceError {
        let tried: Vec<String> = providers.iter().map(|provider| format!(", nor `{provider}/{model}`")).collect();
        let is_asked = |raw: &RawValue| {
            let provider = Entry::read(raw).ok().and_then(|entry| entry.provider());
            provider.is_none_or(|provider| is_among(&provider, providers))
        };
        let plain = |name| providers.iter().find_map(|provider| below(name, provider)).unwrap_or(name);
        let known: Vec<(&str, &str)> = self
            .models
            .iter()
            .filter(|(_, raw)| is_asked(raw))
            .map(|(name, _)| (plain(name.as_str()), name.as_str()))
            .collect();
        let near = nearest(model, known.iter().map(|(plain, _)| *plain));
        let near = known.iter().find(|(plain, _)| Some(*plain) == near);
        PriceError::Unknown {
            path: self.path.clone(),
            model: model.to_owned(),
            tried: tried.concat(),
            hint: near.map_or_else(String::new, |(_, name)| format!("; did you mean `{name}`?")),
        }
    }
}

/// The model in `provider/model`.
fn below<'a>(name: &'a str, provider: &str) -> Option<&'a str> {
    name.strip_prefix(provider)?.strip_prefix('/')
}

/// The prices of an entry, which must be about one of the providers that are asked.
fn prices_at(entry: &Entry<'_>, providers: &[&str]) -> Result<Prices, Trouble> {
    match entry.provider() {
        Some(other) if !is_among(&other, providers) => {
            let asked = providers.join(" or ");
            Err(Trouble::Refused(format!("it is what {other} charges, and {asked} is asked")))
        }
        _ => entry.prices(),
    }
}

/// Whether an entry of that provider is about one of these; some providers have several names that begin alike. Where it is not known who is
/// asked, the name of the model decides.
fn is_among(provider: &str, asked: &[&str]) -> bool {
    asked.is_empty() || asked.iter().any(|asked| provider.starts_with(asked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{Spent, Usd};

    const FILE: &str = r#"{
        "sample_spec": {"input_cost_per_token": "what a token costs", "mode": "one of: chat, embedding", "max_tokens": "a number"},
        "fallback_generalizations": {"rules": [{"name": "any", "pattern": ".*"}]},
        "ducat-4": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06},
        "azure/ducat-4": {"litellm_provider": "azure", "mode": "chat", "input_cost_per_token": 3e-06, "output_cost_per_token": 4e-06},
        "groq/florin-70b": {"litellm_provider": "groq", "input_cost_per_token": "5e-07", "output_cost_per_token": "6e-07"},
        "openrouter/guild/florin-70b": {"litellm_provider": "openrouter", "input_cost_per_token": 7e-07, "output_cost_per_token": 7e-07},
        "text-ducat-embed": {"litellm_provider": "openai", "mode": "embedding", "input_cost_per_token": 1e-08},
        "thaler": {"litellm_provider": "mintage", "input_cost_per_token": "by agreement", "output_cost_per_token": 1e-06},
        "guilder": {"input_cost_per_token": 8e-06, "output_cost_per_token": 8e-06, "mode": null}
    }"#;

    fn file() -> PriceFile {
        PriceFile::parse(FILE, Path::new("prices.json")).unwrap()
    }

    fn name(model: &str, host: Option<&str>) -> String {
        match file().prices(model, host) {
            Ok(listed) => listed.name,
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_model_is_found_by_its_name_or_under_the_provider_behind_the_host() {
        assert_eq!(name("ducat-4", None), "ducat-4");
        assert_eq!(name("ducat-4", Some("localhost")), "ducat-4");
        assert_eq!(name("ducat-4", Some("api.openai.com")), "ducat-4");
        assert_eq!(name("ducat-4", Some("mine.openai.azure.com")), "azure/ducat-4");
        assert_eq!(name("florin-70b", Some("api.groq.com")), "groq/florin-70b");
        assert_eq!(name("guild/florin-70b", Some("openrouter.ai")), "openrouter/guild/florin-70b");
        assert_eq!(name("groq/florin-70b", None), "groq/florin-70b");
        assert_eq!(name("guilder", Some("api.x.ai")), "guilder");
    }

    #[test]
    fn a_found_model_has_its_prices() {
        let listed = file().prices("florin-70b", Some("api.groq.com")).unwrap();
        let spent = Spent { input: 1_000_000, output: 1_000_000, ..Spent::default() };
        assert_eq!(listed.prices.cost(spent), "1.1".parse::<Usd>().unwrap());
    }

    #[test]
    fn what_is_not_found_is_told_with_what_was_tried_and_what_is_near() {
        let said = [
            name("ducat4", None),
            name("florin-7b", Some("api.groq.com")),
            name("florin-70b", Some("api.mistral.ai")),
            name("zzz", None),
            name("sample_spec", None),
            name("ducat-4", Some("api.groq.com")),
            name("text-ducat-embed", None),
            name("thaler", None),
        ];
        insta::assert_snapshot!(said.join("\n"), @r#"
        prices.json: no model `ducat4`: name one that is in the file, or give this judge's prices yourself; did you mean `ducat-4`?
        prices.json: no model `florin-7b`, nor `groq/florin-7b`: name one that is in the file, or give this judge's prices yourself; did you mean `groq/florin-70b`?
        prices.json: no model `florin-70b`, nor `mistral/florin-70b`: name one that is in the file, or give this judge's prices yourself
        prices.json: no model `zzz`: name one that is in the file, or give this judge's prices yourself
        prices.json: no model `sample_spec`: name one that is in the file, or give this judge's prices yourself
        prices.json: model `ducat-4`: it is what openai charges, and groq is asked; take another of the file's models, or give this judge's prices yourself
        prices.json: model `text-ducat-embed`: its mode is `embedding`, and a judge answers in text; take another of the file's models, or give this judge's prices yourself
        prices.json: model `thaler`, `input_cost_per_token`: expected an amount of US dollars, 0 or more, such as 2.5e-06, found "by agreement"; correct it, or give this judge's prices yourself
        "#);
    }

    #[test]
    fn a_file_may_be_compressed_and_what_is_none_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("prices.json.zst"), zstd::encode_all(FILE.as_bytes(), 0).unwrap()).unwrap();
        assert!(PriceFile::read(&at("prices.json.zst")).unwrap().prices("ducat-4", None).is_ok());
        let missing = PriceFile::read(&at("missing.json")).unwrap_err().to_string();
        assert!(missing.contains("missing.json: cannot be read: "), "{missing}");
        for text in ["[]", "", "{\"ducat-4\": ", "prices"] {
            let said = PriceFile::parse(text, Path::new("prices.json")).unwrap_err().to_string();
            assert!(said.starts_with("prices.json: no list of prices: "), "{said}");
            assert!(said.ends_with("an object of models by name"), "{said}");
        }
    }
}
