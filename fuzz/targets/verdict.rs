//! Any reply is read by every kind of rule without a panic, and what is read makes sense. The first byte chooses the rule, the rest is
//! the reply. `FUZZ_KIND` leaves the rules of one kind only.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tribunal::ask::{Reply, TokenLogprob};
use tribunal::verdict::{Reading, Rule, RuleFile, Verdict};

/// The kind of a rule, the rule, and for how many slots it is.
const RULES: [(&str, &str, usize); 16] = [
    ("label", "pattern = '\\[\\[([A-Z])\\]\\]'\ntake = \"last_line\"\nlabels = { A = \"first\", B = \"second\" }\nnormalise = true", 2),
    ("label", "pattern = '\\[\\[([A-Z]+)\\]\\]'\ntake = \"only\"", 30),
    ("label", "rules = [{ match = '\\(a\\)', is = \"first\" }, { match = '\\(b\\)', is = \"second\" }]", 2),
    ("score", "kind = \"score\"\npattern = '(\\d+)'\nrange = [1, 10]\nnormalise = true", 1),
    ("score", "kind = \"score\"\npattern = '\\[\\[([^\\]]+)\\]\\]'\ntake = \"only\"", 1),
    ("score", "kind = \"score\"\nrange = [0, 10]", 1),
    ("scores", "kind = \"scores\"\npattern = 'A:\\s*(\\S+)\\s+B:\\s*(\\S+)'\ntake = \"first\"\nrange = [1, 10]", 2),
    ("scores", "kind = \"scores\"\npattern = '(\\d+)'\ntake_all = true", 3),
    ("ranking", "kind = \"ranking\"\npattern = '\\b([A-Z])\\b'\ntake = \"last_line\"\nnormalise = true", 3),
    ("ranking", "kind = \"ranking\"\npattern = '\\[\\[([A-Z])\\]\\]'\ntake = \"last\"", 2),
    ("ranking", "kind = \"ranking\"\njson = \"/r\"", 3),
    ("json", "kind = \"json\"\npath = \"/w\"\nlabels = { A = \"first\", B = \"second\", 1 = \"tie\" }\nnormalise = true", 2),
    ("json", "kind = \"json\"\npath = \"/w/0\"\nrange = [1, 10]", 1),
    ("json", "kind = \"json\"\npath = \"\"\nrange = [1, 10]", 2),
    ("logprobs", "kind = \"logprobs\"\nlabels = { A = \"first\", B = \"second\", C = \"tie\" }\nvariants = [\"A\", \"*A\"]\nnormalise = true", 2),
    ("label", "preset = \"arena-hard\"", 2),
];

static CHECKED: LazyLock<Vec<(Rule, usize)>> = LazyLock::new(|| {
    let wanted = std::env::var("FUZZ_KIND").ok();
    let of_kind = RULES.iter().filter(|(kind, ..)| wanted.as_deref().is_none_or(|wanted| wanted == *kind));
    let rules = of_kind.map(|(_, text, slots)| {
        let rule = toml::from_str::<RuleFile>(text).expect("it is a rule").resolve().expect("it makes sense");
        rule.suits(*slots).expect("it suits");
        (rule, *slots)
    });
    rules.collect()
});

fuzz_target!(|input: &[u8]| {
    let Some((chosen, text)) = input.split_first() else { return };
    let (rule, slots) = &CHECKED[usize::from(*chosen) % CHECKED.len()];
    let text = String::from_utf8_lossy(text).into_owned();
    let logprobs = rule.needs_logprobs().then(|| tokens(&text));
    let reply = Reply { text, logprobs, ..Reply::default() };
    makes_sense(&rule.read(&reply, *slots), &reply, *slots);
});

/// The reply in tokens of two characters, each with what might have stood there.
fn tokens(text: &str) -> Vec<TokenLogprob> {
    let characters: Vec<char> = text.chars().collect();
    let token = |token: &[char]| {
        let logprob = -f64::from(u32::from(token[0])) / 64.0;
        let spelled: String = token.iter().collect();
        let top = ["A", " B", "*c"].iter().map(|other| ((*other).to_owned(), logprob - 0.5)).collect();
        TokenLogprob { token: spelled, logprob, top }
    };
    characters.chunks(2).map(token).collect()
}

fn makes_sense(reading: &Reading, reply: &Reply, slots: usize) {
    if let Some(span) = reading.span.clone() {
        assert!(reply.text.get(span).is_some(), "{reading:?}");
    }
    for share in reading.preference.into_iter().chain(reading.outside) {
        assert!((0.0..=1.0).contains(&share), "{reading:?}");
    }
    match &reading.verdict {
        Verdict::Slot { slot, .. } => assert!(usize::from(*slot) < slots),
        Verdict::Ranking(places) => assert!(slots > 2 && places.len() == slots && places.contains(&0), "{reading:?}"),
        Verdict::Score(score) => assert!(slots == 1 && score.is_finite(), "{reading:?}"),
        Verdict::Tie | Verdict::Unparsed(_) => {}
    }
}
