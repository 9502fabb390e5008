//! Errors of servers, of gateways before them, and refusals, each as some provider words it.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::super::outcome::{Outcome, Transport};
use super::Scene;
use super::names::Fault;

/// How long a huge body is, in bytes.
const HUGE: u64 = 1 << 30;

/// What stands in place of the reply, if the fault is an error.
pub(super) fn error(fault: Fault, scene: &Scene<'_>) -> Option<Outcome> {
    of_server(fault, scene).or_else(|| of_ask(fault)).or_else(|| rough(fault, scene))
}

fn of_server(fault: Fault, scene: &Scene<'_>) -> Option<Outcome> {
    Some(match fault {
        Fault::Status408 => nested(408, "Request timed out.", "timeout", None),
        Fault::Status409 => nested(409, "The resource is locked by another request.", "conflict_error", None),
        Fault::Status425 => nested(425, "Too early: send it again.", "server_error", None),
        Fault::Html500 => page(500, "Internal Server Error"),
        Fault::Html502 => page(502, "Bad Gateway"),
        Fault::Retry503 => {
            let seconds = scene.faults.wait_ms.div_ceil(1000);
            let body = nested(503, "The engine is currently overloaded.", "server_error", None);
            let alone_until = Some(scene.now + seconds * 1000);
            Outcome { alone_until, ..body.header("retry-after", seconds.to_string()) }
        }
        Fault::Text503 => {
            let text = "upstream connect error or disconnect/reset before headers";
            Outcome::new(status(503), "text/plain", text)
        }
        Fault::Status504 => nested(504, "The upstream took too long.", "timeout", None),
        Fault::Overloaded529 => {
            let error = json!({"type": "overloaded_error", "message": "Overloaded"});
            json_body(529, &json!({"type": "error", "error": error, "request_id": "req_mock"}))
        }
        Fault::ErrorIn200 => json_body(200, &with_integer_code()),
        Fault::Integer502 => json_body(502, &with_integer_code()),
        Fault::Flat500 => flat(500, "EngineCore encountered an issue.", "InternalServerError"),
        Fault::Empty => Outcome::json(StatusCode::OK, ""),
        Fault::Html200 => page(200, "Welcome"),
        _ => return None,
    })
}

fn of_ask(fault: Fault) -> Option<Outcome> {
    let invalid = "invalid_request_error";
    Some(match fault {
        Fault::BadRequest => flat(400, "1 validation error for the request.", "BadRequestError"),
        Fault::TooLong => {
            let message = "This model's maximum context length is 4096 tokens. However, your messages resulted in \
                4711 tokens. Please reduce the length of the messages.";
            let error =
                json!({"message": message, "type": invalid, "param": "messages", "code": "context_length_exceeded"});
            json_body(400, &json!({ "error": error }))
        }
        Fault::TooLarge => nested(413, "Request entity too large.", invalid, Some("request_too_large")),
        Fault::Unprocessable => nested(422, "The request could not be processed.", invalid, None),
        Fault::Filter400 => filtered(),
        _ => return None,
    })
}

fn rough(fault: Fault, scene: &Scene<'_>) -> Option<Outcome> {
    Some(match fault {
        Fault::Redirect => {
            let to = scene.faults.redirect_to.as_deref().unwrap_or_default().trim_end_matches('/');
            Outcome::new(status(307), "text/plain", "moved").header("location", format!("{to}/chat/completions"))
        }
        Fault::Huge => {
            let opening = r#"{"id":"chatcmpl-mock","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":""#;
            Outcome { transport: Transport::Padded(HUGE), ..Outcome::json(StatusCode::OK, opening) }
        }
        Fault::QuotesKey => {
            let message = format!("Not accepted: Authorization: {}", scene.authorization);
            nested(if scene.coin { 400 } else { 500 }, &message, "invalid_request_error", None)
        }
        _ => return None,
    })
}

/// The quota is spent, and no wait helps.
pub(in super::super) fn quota_spent() -> Outcome {
    let message = "You exceeded your current quota, please check your plan and billing details.";
    nested(429, message, "insufficient_quota", Some("insufficient_quota"))
}

/// The key is known no more.
pub(in super::super) fn unauthorized() -> Outcome {
    nested(401, "This API key has been revoked.", "invalid_request_error", Some("invalid_api_key"))
}

/// As Azure words it.
fn filtered() -> Outcome {
    let hate = json!({"filtered": true, "severity": "high"});
    let innererror = json!({"code": "ResponsibleAIPolicyViolation", "content_filter_result": {"hate": hate}});
    let message = "The response was filtered due to the prompt triggering the content management policy.";
    let error = json!({
        "message": message, "type": null, "param": "prompt", "code": "content_filter", "status": 400, "innererror": innererror,
    });
    json_body(400, &json!({ "error": error }))
}

/// As OpenAI words errors.
fn nested(code: u16, message: &str, kind: &str, name: Option<&str>) -> Outcome {
    let error = json!({"message": message, "type": kind, "param": null, "code": name});
    json_body(code, &json!({ "error": error }))
}

/// As vLLM words them.
fn flat(code: u16, message: &str, kind: &str) -> Outcome {
    json_body(code, &json!({"object": "error", "message": message, "type": kind, "param": null, "code": code}))
}

/// As `OpenRouter` words them.
fn with_integer_code() -> Value {
    let metadata = json!({"provider_name": "mock", "raw": "upstream error"});
    json!({"error": {"message": "Provider returned error", "code": 502, "metadata": metadata}, "user_id": "user_mock"})
}

fn page(code: u16, title: &str) -> Outcome {
    let heading = if code == 200 { title.to_owned() } else { format!("{code} {title}") };
    let text = format!(
        "<!DOCTYPE html>\r\n<html>\r\n<head><title>{heading}</title></head>\r\n<body>\r\n<center><h1>{heading}</h1></center>\r\n\
         <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    );
    Outcome::new(status(code), "text/html", text)
}

fn json_body(code: u16, body: &Value) -> Outcome {
    Outcome::json(status(code), body.to_string())
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
