//! Judges as the command line names them.

use std::path::PathBuf;

use crate::judge::Baseline;
use crate::mock;

/// A judge SPEC, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Spec {
    Baseline(Baseline),
    Mock(mock::Parameters),
    Replay(PathBuf),
    Endpoint { model: String, base_url: String },
}

impl Spec {
    /// Takes a SPEC apart; `None` where it is none of the known forms.
    pub(super) fn parse(text: &str) -> Option<Result<Self, String>> {
        if let Some(baseline) = Baseline::named(text) {
            return Some(Ok(Self::Baseline(baseline)));
        }
        if text == "mock" {
            return Some(Ok(Self::Mock(mock::Parameters::default())));
        }
        if let Some(parameters) = text.strip_prefix("mock:") {
            return Some(parameters.parse().map(Self::Mock).map_err(|error: mock::ParametersError| error.to_string()));
        }
        if let Some(file) = text.strip_prefix("replay:") {
            return Some(if file.is_empty() {
                Err("expected a file after `replay:`".to_owned())
            } else {
                Ok(Self::Replay(PathBuf::from(file)))
            });
        }
        let (model, rest) = text.rsplit_once("@http")?;
        Some(if model.is_empty() {
            Err("expected a model before the `@`, as in MODEL@https://host/v1".to_owned())
        } else {
            Ok(Self::Endpoint { model: model.to_owned(), base_url: format!("http{rest}") })
        })
    }

    /// What reports call it, unless it is named: no path, no port.
    pub(super) fn name(&self, text: &str) -> String {
        match self {
            Self::Baseline(_) | Self::Mock(_) => text.to_owned(),
            Self::Replay(path) => {
                let stem = path.file_stem().map_or_else(|| "replies".into(), |stem| stem.to_string_lossy());
                format!("replay:{stem}")
            }
            Self::Endpoint { model, .. } => model.clone(),
        }
    }
}
