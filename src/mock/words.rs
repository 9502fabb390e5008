//! The words in which the simulated judge says what it comes to, as they are wanted.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::decide::Draws;
use super::hints::{Hints, Slot, Wanted};
use super::reply::reasons;
use super::request::ChatRequest;
use super::saying::{Saying, below, level};

/// A reply without any verdict.
pub(super) const NOTHING: &str = "Both have merit.";

/// The probability of the letter that is preferred is at least this.
const LEAST_PROBABILITY: f64 = 0.6;

/// A token of a reply, with what might have stood in its place.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[allow(clippy::struct_field_names, reason = "so the wire names it")]
pub struct Token {
    token: String,
    logprob: f64,
    top_logprobs: Vec<Likely>,
}

/// A token that might stand in a place.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Likely {
    token: String,
    logprob: f64,
}

/// A verdict on several answers.
pub(super) fn verdict(saying: Saying, hints: &Hints, draws: &Draws) -> String {
    match hints.wanted {
        Wanted::FiveLevel => five_level(saying, draws),
        Wanted::Scores => scores(saying, hints, draws),
        Wanted::Ranking => ranking(saying, hints, draws),
        _ => label(saying),
    }
}

fn label(saying: Saying) -> String {
    match saying {
        Saying::Prefers(slot) => format!("[[{slot}]]"),
        Saying::Tie(..) => "[[C]]".to_owned(),
        Saying::Nothing => NOTHING.to_owned(),
    }
}

fn five_level(saying: Saying, draws: &Draws) -> String {
    let sign = if draws.bits("strength") & 1 == 0 { ">" } else { ">>" };
    match saying {
        Saying::Prefers(slot) => format!("[[{slot}{sign}{}]]", slot.other()),
        Saying::Tie(..) => "[[A=B]]".to_owned(),
        Saying::Nothing => NOTHING.to_owned(),
    }
}

/// The level of every slot: the one preferred in the upper half of the scale, all others in the lower.
fn levels(saying: Saying, hints: &Hints, draws: &Draws) -> Option<Vec<f64>> {
    let is_top = |slot: Slot| match saying {
        Saying::Prefers(preferred) => preferred == slot,
        Saying::Tie(one, other) => one == slot || other == slot,
        Saying::Nothing => false,
    };
    let of_slot = |slot: Slot| {
        let purpose = if is_top(slot) { "top".to_owned() } else { format!("level {slot}") };
        level(draws, &purpose, hints.range, is_top(slot))
    };
    (saying != Saying::Nothing).then(|| (0..hints.slots).map(Slot).map(of_slot).collect())
}

fn scores(saying: Saying, hints: &Hints, draws: &Draws) -> String {
    let Some(levels) = levels(saying, hints, draws) else { return NOTHING.to_owned() };
    let levels: Vec<String> = levels.iter().map(|level| format!("[[{level}]]")).collect();
    format!("Scores: {}", levels.join(" "))
}

/// All slots in order: the first as preferred, the rest as drawn.
fn ranked(saying: Saying, hints: &Hints, draws: &Draws) -> Option<(Vec<Slot>, bool)> {
    let top = match saying {
        Saying::Prefers(slot) => vec![slot],
        Saying::Tie(one, other) => vec![one, other],
        Saying::Nothing => return None,
    };
    let mut rest: Vec<Slot> = (0..hints.slots).map(Slot).filter(|slot| !top.contains(slot)).collect();
    for at in (1..rest.len()).rev() {
        rest.swap(at, below(draws, &format!("place {at}"), at + 1));
    }
    let is_tie = top.len() > 1;
    Some((top.into_iter().chain(rest).collect(), is_tie))
}

fn ranking(saying: Saying, hints: &Hints, draws: &Draws) -> String {
    let Some((slots, is_tie)) = ranked(saying, hints, draws) else { return NOTHING.to_owned() };
    let mut text = String::from("Ranking: ");
    for (at, slot) in slots.iter().enumerate() {
        let sign = match at {
            0 => "",
            1 if is_tie => " = ",
            _ => " > ",
        };
        let _ = write!(text, "{sign}[[{slot}]]");
    }
    text
}

/// A JSON object with every property of the schema that comes with the request, or with `reason` and `winner` where none does.
pub(super) fn object(
    saying: Saying,
    score: Option<f64>,
    request: &ChatRequest<'_>,
    hints: &Hints,
    draws: &Draws,
) -> String {
    let plain = [("reason", json!({"type": "string"})), ("winner", json!({"enum": ["A", "B", "tie"]}))];
    let plain: Map<String, Value> = plain.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let properties = request.properties().unwrap_or(&plain);
    let value = |schema: &Value| match (&schema["enum"], schema["type"].as_str()) {
        (Value::Array(labels), _) => winner(saying, labels),
        (_, Some("number" | "integer")) => score.map_or(Value::Null, Value::from),
        (_, Some("array")) if schema["items"]["type"] == "number" || schema["items"]["type"] == "integer" => {
            json!(levels(saying, hints, draws))
        }
        (_, Some("array")) => {
            let ranked = ranked(saying, hints, draws);
            json!(ranked.map(|(slots, _)| slots.iter().map(Slot::to_string).collect::<Vec<_>>()))
        }
        _ => reasons(draws.bits("reply")).into(),
    };
    let object: Map<String, Value> = properties.iter().map(|(key, schema)| (key.clone(), value(schema))).collect();
    Value::Object(object).to_string()
}

/// The label among those of a schema that says it; a tie is the first that is no slot's letter.
fn winner(saying: Saying, labels: &[Value]) -> Value {
    let is_letter = |label: &Value| label.as_str().is_some_and(|label| label.len() == 1);
    match saying {
        Saying::Prefers(slot) => slot.to_string().into(),
        Saying::Tie(..) => labels.iter().find(|label| !is_letter(label)).cloned().unwrap_or_default(),
        Saying::Nothing => Value::Null,
    }
}

/// A letter alone and its token, with this probability or one that is drawn; in place of no verdict words of which none is a letter.
pub(super) fn letter(saying: Saying, confidence: Option<f64>, draws: &Draws) -> (String, Vec<Token>) {
    let likely = |slot: Slot, probability: f64| Likely { token: slot.to_string(), logprob: probability.ln() };
    let (slot, probability) = match saying {
        Saying::Prefers(slot) => {
            let made_up = || LEAST_PROBABILITY + (1.0 - LEAST_PROBABILITY) * 0.99 * draws.uniform("probability");
            (slot, confidence.unwrap_or_else(made_up))
        }
        Saying::Tie(..) => (Slot::A, 0.5),
        Saying::Nothing => {
            let words = NOTHING.split_inclusive(' ').map(|word| Token {
                token: word.to_owned(),
                logprob: 0.0,
                top_logprobs: vec![Likely { token: word.to_owned(), logprob: 0.0 }],
            });
            return (NOTHING.to_owned(), words.collect());
        }
    };
    // What is impossible has no logarithm.
    let both = [(slot, probability), (slot.other(), 1.0 - probability)];
    let top_logprobs =
        both.into_iter().filter(|(_, share)| *share > 0.0).map(|(slot, share)| likely(slot, share)).collect();
    (slot.to_string(), vec![Token { token: slot.to_string(), logprob: probability.ln(), top_logprobs }])
}
