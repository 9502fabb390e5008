//! The words of an address: which judgments are looked for, and which of them is looked at.

use serde::de::DeserializeOwned;
use url::form_urlencoded::{Serializer, parse};

use crate::cases::{Filter, Link};
use crate::report::word;

/// The words of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) filter: Filter,
    /// The page of a list, counted from 0.
    pub(super) page: usize,
    /// Whether texts are shown as they are written.
    pub(super) is_raw: bool,
    pub(super) case: Option<Link>,
}

/// A word that stands for one of several; `Err` says what it is not.
fn meant<T: DeserializeOwned>(key: &str, value: &str) -> Result<Option<T>, String> {
    serde_json::from_value(value.into()).map(Some).map_err(|_| format!("{key}={value} is none of its words"))
}

fn number<T: std::str::FromStr>(key: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{key}={value} is no number here"))
}

impl Query {
    /// Reads the part of an address after `?`. What is empty asks for nothing; `Err` says what is wrong.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut query = Self::default();
        let mut case = Link::default();
        for (key, value) in parse(text.as_bytes()).filter(|(_, value)| !value.is_empty()) {
            let (key, value) = (&*key, &*value);
            let filter = &mut query.filter;
            let text = || Some(value.to_owned());
            match key {
                "run" => filter.run = text(),
                "judge" => filter.judge = text(),
                "strategy" => filter.strategy = text(),
                "bench" => filter.bench = text(),
                "group" => filter.group = text(),
                "item" => filter.item = text(),
                "task" => filter.task = meant(key, value)?,
                "outcome" => filter.outcome = meant(key, value)?,
                "reason" => filter.reason = text(),
                "odd" => filter.odd = meant(key, value)?,
                "against" => filter.against = text(),
                "flip" => filter.flip = meant(key, value)?.unwrap_or_default(),
                "q" => filter.text = text(),
                "in" => filter.place = meant(key, value)?.unwrap_or_default(),
                "page" => query.page = number::<usize>(key, value)?.saturating_sub(1),
                "raw" => query.is_raw = true,
                "cell" => value.clone_into(&mut case.cell),
                "comparison" => value.clone_into(&mut case.comparison),
                "order" => case.order = number(key, value)?,
                "sample" => case.sample = number(key, value)?,
                _ => return Err(format!("{key} is no word of these addresses")),
            }
        }
        query.case = (!case.cell.is_empty()).then_some(case);
        Ok(query)
    }

    /// The address of the list.
    pub(super) fn list(&self, page: usize) -> String {
        let mut out = self.words();
        if page > 0 {
            out.append_pair("page", &(page + 1).to_string());
        }
        format!("/?{}", out.finish())
    }

    /// The address of a judgment, with the filter in which one steps on from it.
    pub(super) fn case(&self, case: &Link) -> String {
        let mut out = self.words();
        out.append_pair("cell", &case.cell).append_pair("comparison", &case.comparison);
        out.append_pair("order", &case.order.to_string()).append_pair("sample", &case.sample.to_string());
        format!("/case?{}", out.finish())
    }

    /// The same with texts shown the other way.
    pub(super) fn toggled(&self) -> Self {
        Self { is_raw: !self.is_raw, ..self.clone() }
    }

    fn words(&self) -> Serializer<'static, String> {
        let mut out = Serializer::new(String::new());
        let filter = &self.filter;
        for (key, value) in [
            ("run", &filter.run),
            ("judge", &filter.judge),
            ("strategy", &filter.strategy),
            ("bench", &filter.bench),
            ("group", &filter.group),
            ("item", &filter.item),
            ("task", &filter.task.and_then(word)),
            ("outcome", &filter.outcome.and_then(word)),
            ("reason", &filter.reason),
            ("odd", &filter.odd.and_then(word)),
            ("against", &filter.against),
            ("flip", &filter.against.as_ref().and(word(filter.flip))),
            ("q", &filter.text),
            ("in", &filter.text.as_ref().and(word(filter.place))),
        ] {
            if let Some(value) = value {
                out.append_pair(key, value);
            }
        }
        if self.is_raw {
            out.append_pair("raw", "1");
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::{Flip, Odd, Place};
    use crate::score::Outcome;

    #[test]
    fn an_address_says_what_was_looked_for() {
        let filter = Filter {
            judge: Some("a b&c=<d>".to_owned()),
            group: Some("Helpfulness/Chat".to_owned()),
            outcome: Some(Outcome::Wrong),
            odd: Some(Odd::Orders),
            against: Some("0a1b2c3d".to_owned()),
            flip: Flip::Lost,
            text: Some("50% off?".to_owned()),
            place: Place::Reply,
            ..Filter::default()
        };
        let case = Link { cell: "01234567".to_owned(), comparison: "89abcdef01234567".to_owned(), order: 1, sample: 2 };
        let query = Query { filter, page: 0, is_raw: true, case: Some(case.clone()) };
        let address = query.case(&case);
        assert_eq!(Query::parse(address.strip_prefix("/case?").unwrap()).unwrap(), query);
        assert!(!address.contains(['<', '"', ' ']), "{address}");
        assert_eq!(Query::parse(query.list(3).strip_prefix("/?").unwrap()).unwrap().page, 3);
    }

    #[test]
    fn what_is_wrong_is_told() {
        assert_eq!(Query::parse("judge=&outcome=").unwrap(), Query::default());
        assert_eq!(Query::parse("outcome=best").unwrap_err(), "outcome=best is none of its words");
        assert_eq!(Query::parse("page=x").unwrap_err(), "page=x is no number here");
        assert_eq!(Query::parse("jugde=x").unwrap_err(), "jugde is no word of these addresses");
    }
}
