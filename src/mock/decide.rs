//! The simulated judge's mind: a pure function from a request to a reply, with known frequencies.

use std::iter;
use std::time::Duration;

use blake3::{Hash, Hasher};

use super::hints::{Gold, Hints, Slot, Wanted};
use super::parameters::Parameters;
use super::reply::{FinishReason, Usage, lengthened, reasons, reply, within};
use super::request::{ChatRequest, Message};
use super::saying::{below, is_better, saying, score};
use super::words::{NOTHING, Token, letter, object, verdict};

/// Every draw hangs on it: a change of the draws is a change of the version.
const VERSION: &str = "tribunal mock v1";

/// What the simulated judge does with a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// A number that names the request (model, messages, sample) to this judge.
    pub id: u64,
    /// The reply.
    pub content: String,
    /// Why it ended.
    pub finish_reason: FinishReason,
    /// The reply's tokens with their probabilities, where these are asked for and it is a letter alone.
    pub logprobs: Option<Vec<Token>>,
    /// Its tokens and those of the prompt.
    pub usage: Usage,
    /// How long to wait before it is sent.
    pub delay: Duration,
}

impl Decision {
    /// Brings the reply to about so many tokens, within the request's limit; a longer one stays as it is.
    pub(super) fn lengthen(&mut self, request: &ChatRequest<'_>, size: usize) {
        // A letter alone stays alone.
        if self.logprobs.is_some() {
            return;
        }
        let size = request.token_limit().map_or(size, |limit| size.min(limit));
        self.content = lengthened(&self.content, size);
        self.usage = Usage::of(request, &self.content);
    }
}

/// What to answer. Same request, hints and parameters: same decision.
///
/// Without a gold hint a fair coin tossed over the messages alone says which slot is the better, and of a list a die: the same for every
/// model, seed and sample.
#[must_use]
pub fn decide(request: &ChatRequest<'_>, hints: Hints, parameters: &Parameters) -> Decision {
    let of_messages = Draws::over(request.messages.iter().flat_map(|Message { role, content }| [&**role, content]));
    let draws = of_messages.for_judge(parameters.seed, hints.sample, &request.model);
    let coin = of_messages.bits("coin") & 1 == 0;
    let gold = match hints.gold {
        Gold::In(slot) => slot,
        _ if hints.slots > 2 => Slot(below(&of_messages, "die", hints.slots)),
        _ if coin => Slot::A,
        _ => Slot::B,
    };
    let (limit, draw) = (request.token_limit(), draws.bits("reply"));
    let luck = luck(&of_messages, &draws, &request.model, parameters);
    let says = || saying(&draws, luck, gold, &hints, parameters);
    let rates = || score(&draws, luck, &hints, is_better(&hints, coin), parameters);
    let mut logprobs = None;
    let (content, finish_reason) = match hints.wanted {
        Wanted::Step => within(reasons(draw), limit),
        Wanted::Score => {
            reply(&rates().map_or_else(|| NOTHING.to_owned(), |score| format!("[[{score}]]")), limit, draw)
        }
        Wanted::Json => within(object(says(), rates(), request, &hints, &draws), limit),
        Wanted::Logprobs => {
            let (letter, tokens) = letter(says(), parameters.confidence, &draws);
            logprobs = Some(tokens).filter(|_| request.logprobs == Some(true));
            within(letter, limit)
        }
        Wanted::Label | Wanted::FiveLevel | Wanted::Scores | Wanted::Ranking => {
            reply(&verdict(says(), &hints, &draws), limit, draw)
        }
    };
    Decision {
        id: draws.bits("id"),
        usage: Usage::of(request, &content),
        content,
        finish_reason,
        logprobs,
        delay: Duration::from_millis(parameters.latency_ms),
    }
}

/// What decides between right and wrong: a draw that all judges have in common, or one that all samples of this judge have, or its own.
fn luck(of_messages: &Draws, own: &Draws, model: &str, parameters: &Parameters) -> f64 {
    if of_messages.uniform("shared") < parameters.shared {
        return of_messages.uniform("shared accuracy");
    }
    let of_judge = of_messages.for_judge(parameters.seed, 0, model);
    if of_judge.uniform("steady") < parameters.steady {
        return of_judge.uniform("steady accuracy");
    }
    own.uniform("accuracy")
}

/// Independent draws, each named by its purpose, from one hash of all that they depend on.
pub(super) struct Draws(Hash);

impl Draws {
    /// Over texts, each with its length before it, so that no two lists run together.
    pub(super) fn over<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut hasher = Hasher::new();
        for text in iter::once(VERSION).chain(texts) {
            hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
        }
        Self(hasher.finalize())
    }

    /// Over these messages as one judge reads them, for one sample.
    fn for_judge(&self, seed: u64, sample: u32, model: &str) -> Self {
        Self::over([&*self.0.to_hex(), &seed.to_string(), &sample.to_string(), model].into_iter())
    }

    pub(super) fn bits(&self, purpose: &str) -> u64 {
        let mut first = [0; 8];
        first.copy_from_slice(&blake3::keyed_hash(self.0.as_bytes(), purpose.as_bytes()).as_bytes()[..8]);
        u64::from_le_bytes(first)
    }

    /// A uniform number in [0, 1) from 53 bits.
    pub(super) fn uniform(&self, purpose: &str) -> f64 {
        (self.bits(purpose) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn request(text: &str) -> ChatRequest<'_> {
        let messages = vec![Message { role: "user".into(), content: text.into() }];
        ChatRequest {
            model: "m".into(),
            messages,
            max_tokens: Some(16),
            max_completion_tokens: None,
            logprobs: Some(true),
            response_format: serde_json::Value::Null,
        }
    }

    fn content(text: &str, hints: Hints, parameters: &Parameters) -> String {
        decide(&request(text), hints, parameters).content
    }

    fn answers(n: usize, gold: Gold, parameters: &Parameters) -> Vec<String> {
        (0..n).map(|n| content(&format!("question {n}"), Hints { gold, ..Hints::default() }, parameters)).collect()
    }

    fn assert_frequency(answers: &[String], answer: &str, planted: f64) {
        let n = answers.len() as f64;
        let count = answers.iter().filter(|given| *given == answer).count();
        let z = (count as f64 - n * planted) / (n * planted * (1.0 - planted)).sqrt();
        assert!(z.abs() < 4.0, "{answer}: {count} of {n}, planted {planted}, z = {z}");
    }

    #[test]
    fn the_planted_frequencies_hold() {
        let parameters = "accuracy=.7,first_lean=.1,ties=.2,unparsed=.05,seed=5".parse().unwrap();
        for (gold, first) in [(Slot::A, 0.1 + 0.9 * 0.7), (Slot::B, 1.0 - 0.9 * 0.7)] {
            let answers = answers(20_000, Gold::In(gold), &parameters);
            assert_frequency(&answers, "[[A]]", 0.75 * first);
            assert_frequency(&answers, "[[B]]", 0.75 * (1.0 - first));
            assert_frequency(&answers, "[[C]]", 0.2);
            assert_frequency(&answers, "Both have merit.", 0.05);
        }
    }

    /// What is said of many questions, as numbers.
    fn said(n: usize, hints: Hints, parameters: &Parameters) -> Vec<String> {
        (0..n).map(|n| content(&format!("question {n}"), hints, parameters)).collect()
    }

    #[test]
    fn an_attack_and_length_win_as_often_as_is_planted() {
        let parameters: Parameters = "accuracy=.7,obeys=.3,length_lean=.2".parse().unwrap();
        let hints = Hints { gold: Gold::In(Slot::A), longest: Some(Slot::B), ..Hints::default() };
        assert_frequency(&said(20_000, hints, &parameters), "[[B]]", 0.2 + 0.8 * 0.3);
        let hints = Hints { attacked: Some(Slot::B), ..hints };
        assert_frequency(&said(20_000, hints, &parameters), "[[B]]", 0.3 + 0.7 * (0.2 + 0.8 * 0.3));
        let alone = Hints { gold: Gold::Elsewhere, attacked: Some(Slot::A), wanted: Wanted::Score, slots: 1, ..hints };
        // The highest of ten levels: by obeying, or as one of the five of the upper half.
        assert_frequency(&said(20_000, alone, &parameters), "[[10]]", 0.3 + 0.7 * 0.3 / 5.0);
    }

    #[test]
    fn errors_of_judges_are_correlated_as_is_planted() {
        let hints = Hints { gold: Gold::In(Slot::A), ..Hints::default() };
        let judges = ["accuracy=.7,shared=.4,seed=1", "accuracy=.7,shared=.4,seed=2"];
        let n = 20_000;
        let [one, other] = judges.map(|judge| said(n, hints, &judge.parse().unwrap()));
        let both = one.iter().zip(&other).filter(|(one, other)| *one == "[[B]]" && *other == "[[B]]").count() as f64;
        let planted = 0.4 * 0.3 + 0.6 * 0.3 * 0.3;
        let z = (both - n as f64 * planted) / (n as f64 * planted * (1.0 - planted)).sqrt();
        assert!(z.abs() < 4.0, "both wrong {both} times, z {z}");
        assert_frequency(&one, "[[B]]", 0.3);
    }

    #[test]
    fn samples_of_a_steady_judge_agree_as_often_as_is_planted() {
        let parameters = "accuracy=.5,steady=.6".parse().unwrap();
        let sample = |sample| said(10_000, Hints { gold: Gold::In(Slot::A), sample, ..Hints::default() }, &parameters);
        let (one, other) = (sample(1), sample(2));
        let same: Vec<String> = one.iter().zip(&other).map(|(one, other)| (one == other).to_string()).collect();
        assert_frequency(&same, "true", 0.6 + 0.4 * 0.5);
    }

    #[test]
    fn certain_parameters_leave_nothing_to_chance() {
        let all = |parameters: &str, answer: &str| {
            let answers = answers(500, Gold::In(Slot::B), &parameters.parse().unwrap());
            assert!(answers.iter().all(|given| given == answer), "{parameters}");
        };
        all("accuracy=1", "[[B]]");
        all("accuracy=0", "[[A]]");
        all("first_lean=1", "[[A]]");
        all("ties=1", "[[C]]");
        all("unparsed=1", "Both have merit.");
    }

    #[test]
    fn without_a_hint_the_gold_is_a_fair_coin_that_every_sample_shares() {
        let [one, other] = ["accuracy=1", "accuracy=1,seed=9"].map(|text| text.parse().unwrap());
        assert_frequency(&answers(10_000, Gold::Untold, &one), "[[A]]", 0.5);
        for n in 0..50 {
            let text = format!("question {n}");
            let sample = Hints { sample: n, ..Hints::default() };
            assert_eq!(content(&text, Hints::default(), &one), content(&text, sample, &other));
        }
    }

    #[test]
    fn another_seed_sample_model_or_role_is_another_draw() {
        let parameters = Parameters { accuracy: 0.5, ..Parameters::default() };
        let differing = |change: &dyn Fn(&mut ChatRequest<'_>, &mut Hints, &mut Parameters)| {
            let differs = |n: &usize| {
                let text = format!("question {n}");
                let (mut request, mut hints, mut parameters) = (request(&text), Hints::default(), parameters);
                hints.gold = Gold::In(Slot::A);
                let before = decide(&request, hints, &parameters);
                change(&mut request, &mut hints, &mut parameters);
                decide(&request, hints, &parameters).content != before.content
            };
            (0..1000).filter(differs).count()
        };
        assert_eq!(differing(&|_, _, _| ()), 0);
        assert!((400..600).contains(&differing(&|_, _, parameters| parameters.seed = 1)));
        assert!((400..600).contains(&differing(&|_, hints, _| hints.sample = 1)));
        assert!((400..600).contains(&differing(&|request, _, _| request.model = "n".into())));
        assert!((400..600).contains(&differing(&|request, _, _| request.messages[0].role = "system".into())));
    }

    #[test]
    fn a_decision_says_its_tokens_and_its_delay() {
        let parameters = Parameters { latency_ms: 250, ..Parameters::default() };
        let decision = decide(&request("12345"), Hints::default(), &parameters);
        assert_eq!(decision.delay, Duration::from_millis(250));
        assert_eq!(decision.usage, Usage { prompt_tokens: 2 + 4 + 3, completion_tokens: 2, total_tokens: 11 });
    }
}
