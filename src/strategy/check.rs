//! What is allowed in a strategy and yet seldom meant.

use std::sync::Arc;

use super::error::StrategyError;
use super::loaded::Strategy;
use super::template::{Speech, View};
use crate::ask::{Form, Message, Reply, Role};
use crate::verdict::{Preference, Verdict};

/// Words that stand in no prompt, so that their absence means something.
const TURNS: [&str; 3] = ["Zq first turn qZ", "Zq second turn qZ", "Zq last turn qZ"];
const ANSWERS: [&str; 3] = ["Zq answer one qZ", "Zq answer two qZ", "Zq answer three qZ"];

impl Strategy {
    /// Warnings about a strategy, each a sentence that says what follows and what to do. `has_several_turns` says whether conversations
    /// of several turns will be asked about.
    pub fn warnings(&self, has_several_turns: bool) -> Result<Vec<String>, StrategyError> {
        let (count, answers, means_of) = match self.form {
            Form::Pairwise => (2, "both answers", "`a` and `b`"),
            Form::Listwise => (3, "all answers", "a loop over them"),
            Form::Pointwise => (1, "the answer", "`candidates[0].text`"),
        };
        let prompt = self.probe(&ANSWERS[..count])?;
        let mut warnings = Vec::new();
        let mut warn = |is_so: bool, text: &str| {
            if is_so {
                warnings.push(text.to_owned());
            }
        };
        // A template may change the case.
        let lower = prompt.to_lowercase();
        let shows = |text: &str| lower.contains(&text.to_lowercase());
        warn(
            !ANSWERS[..count].iter().all(|answer| shows(answer)),
            &format!("the prompt does not show {answers}: use `candidates`, or {means_of}"),
        );
        warn(!shows(TURNS[2]), "the prompt does not show what the answers reply to: use `conversation`, or `query`");
        warn(
            has_several_turns && !(shows(TURNS[0]) && shows(TURNS[1])),
            "the prompt leaves out the earlier turns of a conversation, and there are some: use `conversation`, or `history` and `query`",
        );
        warn(
            !self.rule.finds_anything_in(&prompt),
            "the prompt never shows a verdict as [verdict] reads it: the judge must guess how to write it",
        );
        let echo = Reply { text: prompt.clone(), ..Reply::default() };
        warn(
            !matches!(self.rule.read(&echo, count).verdict, Verdict::Unparsed(_)),
            "a reply that only repeats the prompt is read as a verdict: let [verdict] take \"last_line\" or \"only\", and name both verdicts \
             in the prompt's last line",
        );
        warn(
            !self.uses_nonce(),
            "nothing in the prompt is out of the answers' reach: put {{ nonce }}, a code that stands in none of them, into the lines around each",
        );
        let means = |preference: Preference| self.rule.can_mean(preference);
        warn(
            self.form == Form::Pairwise && (!means(Preference::First) || !means(Preference::Second)),
            "[verdict] can prefer only one of the two slots: it needs a label or rule for each",
        );
        warn(
            self.sampling.limit().is_none(),
            "[sampling] sets no max_tokens: some providers then reserve their longest answer against your limit",
        );
        Ok(warnings)
    }

    /// The prompt of an item whose words stand in no prompt.
    fn probe(&self, answers: &[&str]) -> Result<String, StrategyError> {
        let roles = [Role::User, Role::Assistant, Role::User];
        let conversation: Vec<Speech> =
            roles.into_iter().zip(TURNS).map(|(role, text)| Speech { role, content: Arc::from(text) }).collect();
        let group = Arc::from("Zq group qZ");
        let slots: Vec<Arc<str>> = answers.iter().map(|answer| Arc::from(*answer)).collect();
        let steps: Vec<Arc<str>> = self.steps.iter().map(|step| Arc::from(format!("Zq {} qZ", step.name))).collect();
        let messages =
            self.render(&View { conversation: &conversation, group: &group, slots: &slots, steps: &steps })?;
        let contents: Vec<&str> = messages.iter().map(|Message { content, .. }| content.as_str()).collect();
        Ok(contents.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use crate::strategy::{Strategy, shipped, shipped_names};

    fn warnings(user: &str, verdict: &str) -> Vec<String> {
        let source = format!(
            "name = \"s\"\nform = \"pairwise\"\n[ask]\nuser = \"\"\"{user}\"\"\"\n[sampling]\nmax_tokens = 9\n[verdict]\n{verdict}\n"
        );
        Strategy::load(&source, "s.toml").unwrap().warnings(true).unwrap()
    }

    const PATTERN: &str = "pattern = '\\[\\[([AB])\\]\\]'\ntake = \"only\"\nlabels = { A = \"first\", B = \"second\" }";
    const GOOD: &str =
        "{% for t in conversation %}{{ t.content }}{% endfor %}\nA: {{ a }}\nB: {{ b }}\n{{ nonce }} [[A]] or [[B]]?";

    #[test]
    fn shipped_strategies_have_nothing_to_warn_of() {
        for name in shipped_names() {
            assert_eq!(shipped(name).unwrap().unwrap().warnings(true).unwrap(), Vec::<String>::new(), "{name}");
        }
        assert_eq!(warnings(GOOD, PATTERN), Vec::<String>::new());
    }

    #[test]
    fn each_slip_has_its_warning() {
        let all = "{% for t in conversation %}{{ t.content }}{% endfor %}{{ a }}{{ b }}";
        for (user, verdict, word) in [
            ("{{ query }}{{ a }}{{ b }}[[A]][[B]]".to_owned(), PATTERN.to_owned(), "earlier turns"),
            ("{{ query }}{{ history }}{{ a }}[[A]][[B]]".to_owned(), PATTERN.to_owned(), "both answers"),
            ("{{ a }}{{ b }}[[A]][[B]]".to_owned(), PATTERN.to_owned(), "reply to"),
            (format!("{all} A or B?"), PATTERN.to_owned(), "must guess"),
            (format!("{all} Answer like this: [[A]]"), PATTERN.to_owned(), "only repeats"),
            (format!("{all} [[A]] or [[B]]?"), PATTERN.replace(", B = \"second\"", ""), "only one of the two slots"),
        ] {
            let found = warnings(&user, &verdict);
            assert!(found.iter().any(|warning| warning.contains(word)), "{word}: {found:?}");
        }
    }
}
