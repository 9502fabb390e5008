//! Strategy files as written.

use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use toml::Spanned;

use super::sampling::SamplingFile;
use super::step::{OnEmpty, Per};
use crate::verdict::RuleFile;

/// A strategy: how a judge is asked, and how its verdict is read. What is sent is decided by this file alone.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = a_variant_may_leave_out_the_rest)]
pub struct StrategyFile {
    /// What reports call it.
    #[schemars(with = "String", length(min = 1))]
    pub(super) name: Spanned<String>,
    /// A shipped strategy of which this one is a variant: what stands here goes over it, tables key by key.
    #[serde(default, rename = "extends")]
    #[schemars(with = "Option<String>")]
    pub(super) _extends: Option<serde::de::IgnoredAny>,
    /// What is shown in one ask: `pairwise`, two answers to a conversation; `listwise`, all answers of a list; `pointwise`, one answer alone.
    #[schemars(with = "String", extend("enum" = ["pairwise", "listwise", "pointwise"]))]
    pub(super) form: Spanned<String>,
    /// What it does, in a line: `tribunal prompts list` shows it.
    #[serde(default)]
    pub(super) description: String,
    /// Earlier steps, whose replies are variables of the later ones: `{{ steps.NAME }}`.
    #[serde(default)]
    #[schemars(with = "Vec<StepFile>")]
    pub(super) step: Vec<Spanned<StepFile>>,
    /// The messages that ask for the verdict.
    pub(super) ask: AskFile,
    /// Sampling parameters, sent with the request.
    #[schemars(with = "Option<SamplingFile>")]
    pub(super) sampling: Option<Spanned<SamplingFile>>,
    /// How the verdict is read from the reply.
    #[schemars(with = "RuleFile")]
    pub(super) verdict: Spanned<RuleFile>,
}

/// The messages that ask for the verdict: Jinja templates. They know conversation and history (lists of role and content), query (the
/// last user turn), group, candidates (label, text, index), labels, in pairs a and b (the texts), steps, and nonce (a code that stands in no
/// text).
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AskFile {
    /// The template of the system message; none is sent where it is left out.
    #[schemars(with = "Option<String>")]
    pub(super) system: Option<Spanned<String>>,
    /// The template of the message to the judge.
    #[schemars(with = "String")]
    pub(super) user: Spanned<String>,
}

/// An earlier step. Its templates know what those of the ask do, the replies of the steps before it, and the candidates only where it is asked
/// per comparison.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StepFile {
    /// What later templates call its reply: `{{ steps.NAME }}`.
    #[schemars(with = "String", regex(pattern = "^[A-Za-z_][A-Za-z0-9_]*$"))]
    pub(super) name: Spanned<String>,
    /// `conversation`: asked once for each conversation; `comparison`: for each comparison and order.
    pub(super) per: Per,
    /// What follows from an empty or cut-off reply: `fail`, what depends on it is unparsed (`step_empty`); or `read`, it is shown as it is.
    #[serde(default)]
    pub(super) on_empty: OnEmpty,
    /// The template of the system message; none is sent where it is left out.
    #[schemars(with = "Option<String>")]
    pub(super) system: Option<Spanned<String>>,
    /// The template of the message to the judge.
    #[schemars(with = "String")]
    pub(super) user: Spanned<String>,
    /// Sampling parameters of this step, over those of `[sampling]`.
    #[schemars(with = "Option<SamplingFile>")]
    pub(super) sampling: Option<Spanned<SamplingFile>>,
}

/// Of a variant only the name is needed: the rest may be that of the strategy which it extends.
fn a_variant_may_leave_out_the_rest(schema: &mut Schema) {
    if let Some(required) = schema.remove("required") {
        schema.insert("required".to_owned(), serde_json::json!(["name"]));
        schema.insert("if".to_owned(), serde_json::json!({"not": {"required": ["extends"]}}));
        schema.insert("then".to_owned(), serde_json::json!({"required": required}));
    }
}
