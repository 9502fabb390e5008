//! Why a price file does not tell what a model costs.

use std::path::PathBuf;

use crate::file::FileError;

const INSTEAD: &str = "or give this judge's prices yourself";

/// Why a price file does not tell what a model costs.
#[derive(Debug, thiserror::Error)]
pub enum PriceError {
    /// The file cannot be read.
    #[error("{}: {problem}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        problem: FileError,
    },
    /// The file is no list of prices.
    #[error(
        "{}: no list of prices: {problem}; expected LiteLLM's model_prices_and_context_window.json, an object of models by name",
        path.display()
    )]
    NotPrices {
        /// The file.
        path: PathBuf,
        /// What the reader found.
        problem: String,
    },
    /// The file has no such model.
    #[error("{}: no model `{model}`{tried}: name one that is in the file, {INSTEAD}{hint}", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The name that was looked for.
        model: String,
        /// The other names that were, as they are told.
        tried: String,
        /// The nearest name that there is, as a question.
        hint: String,
    },
    /// The model is there, but what it costs as a judge is not.
    #[error("{}: model `{model}`: {problem}; take another of the file's models, {INSTEAD}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// The model, by its name in the file.
        model: String,
        /// Why not.
        problem: String,
    },
    /// A field of the model cannot be read.
    #[error("{}: model `{model}`, `{field}`: {problem}; correct it, {INSTEAD}", path.display())]
    Field {
        /// The file.
        path: PathBuf,
        /// The model, by its name in the file.
        model: String,
        /// The field.
        field: String,
        /// What is wrong, and what is expected.
        problem: String,
    },
}
