//! Preferences, records of `{"id"?,"group"?,"prompt"?,"chosen","rejected"}`. Each of the three is a text or a list of
//! `{"role","content"}`; `rejected` may be a list of texts too.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::item::{Builder, Item};
use super::record::{Record, RecordKind, Wrong};
use super::task::Task;
use crate::ask::Role;

/// Sets of others put more into a message than a role and a content: the rest is passed over.
#[derive(Clone, Deserialize, PartialEq)]
struct Speech<'a> {
    role: Role,
    #[serde(borrow)]
    content: Cow<'a, str>,
}

/// What is said in a field.
enum Said<'a> {
    Text(Cow<'a, str>),
    Texts(Vec<Cow<'a, str>>),
    Messages(Vec<Speech<'a>>),
}

#[derive(Deserialize)]
pub(super) struct Preference<'a> {
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    group: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    prompt: Option<Said<'a>>,
    #[serde(borrow)]
    chosen: Said<'a>,
    #[serde(borrow)]
    rejected: Said<'a>,
}

/// One element of a list: a text or a message.
enum Element<'a> {
    Text(Cow<'a, str>),
    Message(Speech<'a>),
}

struct ElementVisitor;

impl<'de> Visitor<'de> for ElementVisitor {
    type Value = Element<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a message with `role` and `content`")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Element::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Element::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Speech::deserialize(MapAccessDeserializer::new(map)).map(Element::Message)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Element<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ElementVisitor)
    }
}

struct SaidVisitor;

impl<'de> Visitor<'de> for SaidVisitor {
    type Value = Said<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list of messages")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Said::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Said::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let (mut texts, mut messages) = (Vec::new(), Vec::new());
        while let Some(element) = list.next_element()? {
            match element {
                Element::Text(text) => texts.push(text),
                Element::Message(message) => messages.push(message),
            }
        }
        match (texts.is_empty(), messages.is_empty()) {
            (true, _) => Ok(Said::Messages(messages)),
            (false, true) => Ok(Said::Texts(texts)),
            (false, false) => Err(A::Error::custom("expected texts or messages, found a list of both")),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Said<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SaidVisitor)
    }
}

/// An answer, and the conversation that stands before it in its field.
struct Answer<'s, 'a> {
    text: &'s str,
    before: Option<&'s [Speech<'a>]>,
}

impl<'a> Record<'a> for Preference<'a> {
    const KIND: RecordKind = RecordKind::Preferences;

    fn add(&self, builder: &mut Builder, unnamed: String) -> Result<(), Wrong> {
        let chosen = self.chosen.answer("chosen")?;
        let losers = match &self.rejected {
            Said::Texts(texts) => texts.iter().map(|text| Answer { text, before: None }).collect(),
            said => vec![said.answer("rejected")?],
        };
        let told = [("chosen", &chosen), ("rejected", &losers[0])];
        let (field, conversation) = self.conversation(told)?;
        for (repeating, answer) in told.into_iter().filter(|(name, _)| *name != field) {
            repeats(repeating, answer.before, field, &conversation, self.prompt.is_some())?;
        }
        match conversation.last() {
            Some(turn) if turn.role == Role::User => {}
            last => {
                let found = last.map_or("an empty list", |turn| turn.role.as_str());
                let problem = format!("expected the last turn before the answer to be the user's, found {found}");
                return Err(Wrong::field(field, problem));
            }
        }
        let turns = conversation.iter().map(|turn| (turn.role, turn.content.as_ref()));
        let conversation = builder.conversation(turns);
        let candidates: Vec<_> =
            std::iter::once(&chosen).chain(&losers).map(|answer| builder.candidate(answer.text, None)).collect();
        let task = if candidates.len() == 2 { Task::Pairwise } else { Task::Bon };
        let group = builder.group(self.group.as_deref().unwrap_or("all"));
        let id = self.id.as_ref().map_or(unnamed, |id| id.clone().into_owned());
        let item = Item { id: id.clone(), group, task, conversation, candidates, best: vec![0] };
        builder.add(item).map_err(|earlier| Wrong::Taken(id, earlier))
    }
}

impl<'a> Preference<'a> {
    /// The conversation, and the field that it is taken from: the prompt, else what stands before an answer.
    fn conversation<'s>(
        &'s self,
        answers: [(&'static str, &Answer<'s, 'a>); 2],
    ) -> Result<(&'static str, Cow<'s, [Speech<'a>]>), Wrong> {
        match &self.prompt {
            Some(Said::Text(text)) => {
                Ok(("prompt", Cow::Owned(vec![Speech { role: Role::User, content: text.clone() }])))
            }
            Some(Said::Messages(messages)) => Ok(("prompt", Cow::Borrowed(messages))),
            Some(Said::Texts(_)) => {
                Err(Wrong::field("prompt", "expected a text or a list of messages, found a list of texts"))
            }
            None => {
                let before = answers.into_iter().find_map(|(field, answer)| Some((field, answer.before?)));
                let missing =
                    "expected this field, for neither `chosen` nor `rejected` holds the conversation; found none";
                before
                    .map(|(field, turns)| (field, Cow::Borrowed(turns)))
                    .ok_or_else(|| Wrong::field("prompt", missing))
            }
        }
    }
}

impl<'a> Said<'a> {
    fn answer<'s>(&'s self, field: &str) -> Result<Answer<'s, 'a>, Wrong> {
        match self {
            Said::Text(text) => Ok(Answer { text, before: None }),
            Said::Texts(_) => Err(Wrong::field(field, "expected a text or a list of messages, found a list of texts")),
            Said::Messages(messages) => match messages.split_last() {
                None => Err(Wrong::field(field, "expected an answer, found an empty list")),
                Some((last, _)) if last.role != Role::Assistant => {
                    let problem =
                        format!("expected the answer, a message of the assistant, found {}", last.role.as_str());
                    Err(Wrong::field(format!("{field}[{}].role", messages.len() - 1), problem))
                }
                Some((last, before)) => Ok(Answer { text: &last.content, before: Some(before) }),
            },
        }
    }
}

/// Checks that what stands before an answer is the conversation; beside a prompt it may be absent.
fn repeats(
    field: &str,
    before: Option<&[Speech<'_>]>,
    source: &str,
    conversation: &[Speech<'_>],
    may_be_absent: bool,
) -> Result<(), Wrong> {
    let Some(before) = before.filter(|before| !(may_be_absent && before.is_empty())) else {
        return Ok(());
    };
    if let Some(at) = before.iter().zip(conversation).position(|(one, other)| one != other) {
        let problem =
            format!("expected the same turn as in `{source}`, found another: they must hold one conversation");
        return Err(Wrong::field(format!("{field}[{at}]"), problem));
    }
    if before.len() != conversation.len() {
        let (expected, found) = (conversation.len(), before.len());
        let problem = format!(
            "expected the conversation of `{source}` before the answer (turns: {expected}), found turns: {found}"
        );
        return Err(Wrong::field(field, problem));
    }
    Ok(())
}
