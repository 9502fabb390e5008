//! The shapes of OpenAI's responses and errors.

use std::borrow::Cow;

use axum::Json;
use axum::extract::rejection::BytesRejection;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::decide::Decision;
use super::hints::HintError;
use super::outcome::Outcome;
use super::reply::Usage;
use super::words::Token;

/// The body of an answered chat completion.
#[derive(Serialize)]
pub(super) struct Completion<'a> {
    id: String,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: [Choice<'a>; 1],
    usage: Usage,
    system_fingerprint: &'static str,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: u8,
    message: Answer<'a>,
    logprobs: Option<Logprobs<'a>>,
    finish_reason: &'static str,
}

#[derive(Serialize)]
struct Logprobs<'a> {
    content: &'a [Token],
}

#[derive(Serialize)]
struct Answer<'a> {
    role: &'static str,
    content: Option<Cow<'a, str>>,
    refusal: Option<&'static str>,
}

/// What a completion says, and why it ends.
pub(super) struct Said<'a> {
    pub(super) content: Option<Cow<'a, str>>,
    pub(super) refusal: Option<&'static str>,
    pub(super) finish_reason: &'static str,
}

impl<'a> Completion<'a> {
    /// `created` is in seconds since 1970.
    pub(super) fn new(model: &'a str, decision: &'a Decision, said: Said<'a>, created: u64) -> Self {
        let Said { content, refusal, finish_reason } = said;
        let is_whole = content.as_deref() == Some(&decision.content);
        let logprobs = decision.logprobs.as_ref().filter(|_| is_whole).map(|content| Logprobs { content });
        let message = Answer { role: "assistant", content, refusal };
        Self {
            id: format!("chatcmpl-mock-{:016x}", decision.id),
            object: "chat.completion",
            created,
            model,
            choices: [Choice { index: 0, message, logprobs, finish_reason }],
            usage: decision.usage,
            system_fingerprint: "mock-v1",
        }
    }
}

/// The body of the list of models.
#[derive(Serialize)]
pub(super) struct ModelList<'a> {
    object: &'static str,
    data: Vec<Model<'a>>,
}

#[derive(Serialize)]
struct Model<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    owned_by: &'static str,
}

impl<'a> ModelList<'a> {
    pub(super) fn new(ids: impl Iterator<Item = &'a str>, created: u64) -> Self {
        let data = ids.map(|id| Model { id, object: "model", created, owned_by: "tribunal" }).collect();
        Self { object: "list", data }
    }
}

/// A refusal as OpenAI words it.
#[derive(Debug, Serialize)]
pub(super) struct Refusal {
    #[serde(skip)]
    status: StatusCode,
    error: Fault,
}

#[derive(Debug, Serialize)]
struct Fault {
    message: String,
    #[serde(rename = "type")]
    kind: &'static str,
    param: Option<&'static str>,
    code: Option<&'static str>,
}

impl Refusal {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        let error = Fault { message: message.into(), kind: "invalid_request_error", param: None, code: None };
        Self { status, error }
    }

    fn param(mut self, param: &'static str) -> Self {
        self.error.param = Some(param);
        self
    }

    fn code(mut self, code: &'static str) -> Self {
        self.error.code = Some(code);
        self
    }

    /// The key is missing or wrong. It is never repeated: responses end in logs.
    pub(super) fn key() -> Self {
        let message = "Incorrect or missing API key: expected the header `Authorization: Bearer KEY`.";
        Self::new(StatusCode::UNAUTHORIZED, message).code("invalid_api_key")
    }

    pub(super) fn no_messages() -> Self {
        let message = "Invalid 'messages': empty array. Expected an array with minimum length 1.";
        Self::new(StatusCode::BAD_REQUEST, message).param("messages").code("empty_array")
    }

    pub(super) fn unknown_model(model: &str) -> Self {
        let message = format!("The model `{model}` does not exist or you do not have access to it.");
        Self::new(StatusCode::NOT_FOUND, message).code("model_not_found")
    }

    /// The refusal as a whole response.
    pub(super) fn outcome(&self) -> Outcome {
        Outcome::json(self.status, serde_json::to_string(self).unwrap_or_default())
    }

    pub(super) fn unknown_path(method: &Method, path: &Uri) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("Invalid URL ({method} {})", path.path()))
    }

    pub(super) fn wrong_method(method: &Method, path: &Uri) -> Self {
        let message = format!("Not allowed to {method} on {}.", path.path());
        Self::new(StatusCode::METHOD_NOT_ALLOWED, message).code("method_not_supported")
    }
}

impl From<serde_json::Error> for Refusal {
    fn from(error: serde_json::Error) -> Self {
        Self::new(StatusCode::BAD_REQUEST, format!("We could not parse the JSON body of your request: {error}"))
    }
}

impl From<HintError> for Refusal {
    fn from(error: HintError) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error.to_string()).param(error.header)
    }
}

impl From<BytesRejection> for Refusal {
    fn from(rejection: BytesRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(self)).into_response()
    }
}
