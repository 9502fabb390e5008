//! What holds of every kind of verdict, whatever the reply.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::{Reading, Rule, RuleFile, Verdict, slot_label};
use crate::ask::{Reply, TokenLogprob};

/// A rule of every kind, and for how many slots.
const RULES: [(&str, usize); 13] = [
    (
        "pattern = '\\[\\[([A-Z])\\]\\]'\ntake = \"last_line\"\nlabels = { A = \"first\", B = \"second\" }\nnormalise = true",
        2,
    ),
    ("pattern = '\\[\\[([A-Z])\\]\\]'\ntake = \"only\"", 3),
    ("rules = [{ match = '\\[\\[A', is = \"first\" }, { match = '\\[\\[B', is = \"second\" }]", 2),
    ("kind = \"score\"\npattern = '(\\d+)'\nrange = [1, 10]", 1),
    ("kind = \"score\"\npattern = '(\\d+)'\ntake = \"only\"\nnormalise = true", 1),
    ("kind = \"score\"", 1),
    ("kind = \"scores\"\npattern = '(\\d+)\\D+(\\d+)'\ntake = \"first\"", 2),
    ("kind = \"scores\"\npattern = '(\\d+)'\ntake_all = true", 3),
    ("kind = \"ranking\"\npattern = '\\b([A-Z])\\b'\ntake = \"last_line\"", 3),
    ("kind = \"ranking\"\njson = \"/r\"", 2),
    ("kind = \"json\"\npath = \"/w\"\nlabels = { A = \"first\", B = \"second\" }\nnormalise = true", 2),
    ("kind = \"json\"\npath = \"/w\"\nrange = [1, 10]", 1),
    ("kind = \"logprobs\"\nlabels = { A = \"first\", B = \"second\" }", 2),
];

static CHECKED: LazyLock<Vec<(Rule, usize)>> = LazyLock::new(|| {
    let rule = |(text, slots): (&str, usize)| {
        let rule = rule(text);
        rule.suits(slots).unwrap();
        (rule, slots)
    };
    RULES.into_iter().map(rule).collect()
});

static RANKING: LazyLock<Rule> = LazyLock::new(|| rule("kind = \"ranking\"\npattern = '([A-Z])'"));

fn rule(text: &str) -> Rule {
    toml::from_str::<RuleFile>(text).unwrap().resolve().unwrap()
}

/// A reply whose every character is a token that might have been the other label.
fn reply(text: &str) -> Reply {
    let other = |token: &str| if token == "A" { "B" } else { "A" }.to_owned();
    let token = |token: char| TokenLogprob {
        token: token.to_string(),
        logprob: -0.25,
        top: vec![(token.to_string(), -0.25), (other(&token.to_string()), -2.0)],
    };
    Reply { text: text.to_owned(), logprobs: Some(text.chars().map(token).collect()), ..Reply::default() }
}

fn is_sound(reading: &Reading, reply: &Reply, slots: usize) -> Result<(), TestCaseError> {
    if let Some(span) = reading.span.clone() {
        prop_assert!(reply.text.get(span).is_some(), "{reading:?}");
    }
    for share in reading.preference.into_iter().chain(reading.outside) {
        prop_assert!((0.0..=1.0).contains(&share), "{reading:?}");
    }
    match &reading.verdict {
        Verdict::Slot { slot, .. } => prop_assert!(usize::from(*slot) < slots),
        Verdict::Ranking(places) => {
            prop_assert!(slots > 2 && places.len() == slots && places.contains(&0), "{reading:?}");
        }
        Verdict::Score(score) => prop_assert!(slots == 1 && score.is_finite()),
        Verdict::Tie | Verdict::Unparsed(_) => {}
    }
    Ok(())
}

/// Pieces of what judges write, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "[[A]]",
        "[[B]]",
        "[[Z]]",
        "【【A】】",
        "**",
        "*",
        "_",
        "A",
        "B",
        "C",
        " > ",
        " = ",
        " < ",
        "7",
        "8.5",
        "7/10",
        "-",
        "99",
        "\n",
        "\r\n",
        " ",
        "\t",
        "{",
        "}",
        "{\"w\": ",
        "\"A\"",
        "'B'",
        "\"r\": [",
        "]",
        ",",
        ":",
        "//",
        "/*",
        "*/",
        "\\",
        "\"",
        "<think>",
        "</think>",
        "```json\n",
        "w",
        "True",
        "\u{3000}",
        "\u{200b}",
        "\u{fc}",
        "回答",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn whatever_is_read_makes_sense(text in pieces()) {
        let reply = reply(&text);
        for (rule, slots) in CHECKED.iter() {
            is_sound(&rule.read(&reply, *slots), &reply, *slots)?;
        }
    }

    #[test]
    fn white_space_around_a_reply_moves_nothing(text in pieces(), before in "[ \t\n\u{3000}]{0,4}", after in "[ \t\r\n]{0,4}") {
        for (rule, slots) in CHECKED.iter() {
            let read = rule.read(&reply(&text), *slots);
            let moved = rule.read(&reply(&format!("{before}{text}{after}")), *slots);
            prop_assert_eq!(&moved.verdict, &read.verdict);
            let shifted = read.span.map(|span| span.start + before.len()..span.end + before.len());
            prop_assert_eq!(moved.span, shifted);
        }
    }

    #[test]
    fn there_is_no_verdict_without_a_label(text in "[a-z \n.,:;!?*_{}()'\"<>=/\\-]{0,200}") {
        for (rule, slots) in CHECKED.iter() {
            let reading = rule.read(&reply(&text), *slots);
            prop_assert!(matches!(reading.verdict, Verdict::Unparsed(_)), "{rule}: {reading:?}");
        }
    }

    #[test]
    fn a_verdict_after_anything_that_holds_none_is_read(text in "[a-z \n.,:;!?()'\"-]{0,200}") {
        for (at, label, expected) in [
            (0, "[[B]]", "B"),
            (1, "[[C]]", "C"),
            (2, "[[A]]", "A"),
            (3, "7", "7"),
            (6, "8 to 9", "B"),
            (7, "3 4 3", "B > A = C"),
            (8, "C > A = B", "C > A = B"),
            (9, "{\"r\": \"B > A\"}", "B"),
            (10, "{\"w\": \"A\"}", "A"),
            (11, "{\"w\": 7}", "7"),
            (12, "B", "B"),
        ] {
            let (rule, slots) = &CHECKED[at];
            let reply = reply(&format!("{text}\n{label}\n"));
            prop_assert_eq!(rule.read(&reply, *slots).verdict.to_string(), expected);
        }
    }

    #[test]
    fn every_ranking_is_read_back(order in Just((0..7).collect::<Vec<usize>>()).prop_shuffle(), equal in any::<[bool; 6]>()) {
        let mut text = slot_label(order[0]);
        for (slot, equal) in order[1..].iter().zip(equal) {
            text += if equal { " = " } else { " > " };
            text += &slot_label(*slot);
        }
        let verdict = RANKING.read(&reply(&text), 7).verdict;
        let again = RANKING.read(&reply(&verdict.to_string()), 7).verdict;
        prop_assert!(matches!(verdict, Verdict::Ranking(_)), "{text}: {verdict}");
        prop_assert_eq!(again, verdict);
    }
}
