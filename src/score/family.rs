//! Families of models, told by their names.

/// A family and the words by which a name tells it: a word of the name is one of these, alone or before a number (`qwen`, `Qwen2`). What was
/// fine-tuned from a family and keeps its name belongs to it; `vicuna` does not keep it, and is of none.
const FAMILIES: &[(&str, &[&str])] = &[
    ("gpt", &["gpt", "chatgpt", "o1", "o3", "o4"]),
    ("claude", &["claude"]),
    ("gemini", &["gemini"]),
    ("llama", &["llama", "codellama"]),
    ("qwen", &["qwen", "codeqwen", "qwq"]),
    ("mistral", &["mistral", "mixtral", "ministral", "codestral", "magistral"]),
    ("deepseek", &["deepseek"]),
    ("starling", &["starling"]),
    ("tulu", &["tulu"]),
    ("internlm", &["internlm"]),
    ("yi", &["yi"]),
    ("gemma", &["gemma"]),
    ("phi", &["phi"]),
    ("command", &["command"]),
];

/// The family of a model: that of the first word of its name that tells one, whatever the case; what stands before the last `/` is a provider's
/// or an owner's name.
#[must_use]
pub fn family(model: &str) -> Option<&'static str> {
    let name = model.rsplit('/').next().unwrap_or(model).to_ascii_lowercase();
    let of_word = |word: &str| {
        let known = FAMILIES.iter().find(|(_, known)| known.iter().any(|known| tells(word, known)));
        known.map(|(family, _)| *family)
    };
    name.split(|letter: char| !letter.is_alphanumeric()).find_map(of_word)
}

/// Whether a word of a name is a known one, alone or before a number; `o1` is no beginning of `o100`.
fn tells(word: &str, known: &str) -> bool {
    let is_digit = |letter: char| letter.is_ascii_digit();
    let rest = word.strip_prefix(known);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(is_digit) && !known.ends_with(is_digit))
}

/// The family of a judge: that of the models that endpoints say answered; where their names tell none, that of the judge's own. `None`
/// also where models of several families answered.
#[must_use]
pub fn judge_family<'a>(models: impl Iterator<Item = &'a str>, name: &str) -> Option<&'static str> {
    let mut families = models.filter_map(family);
    match families.next() {
        Some(first) => families.all(|other| other == first).then_some(first),
        None => family(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_families() {
        for (name, expected) in [
            ("gpt-4o-mini-2024-07-18", Some("gpt")),
            ("openai/gpt-4o", Some("gpt")),
            ("o3-mini", Some("gpt")),
            ("o1000-x", None),
            ("Gemini-pro", Some("gemini")),
            ("Llama-2-70b-chat-hf", Some("llama")),
            ("meta-llama/Meta-Llama-3.1-8B-Instruct", Some("llama")),
            ("Mixtral-8x7B-Instruct-v0.1", Some("mistral")),
            ("alibaba/Qwen2-7B-Instruct", Some("qwen")),
            ("Qwen1.5-1.8B-Chat", Some("qwen")),
            ("anthropic.claude-3-opus-20240229-v1:0", Some("claude")),
            ("deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", Some("deepseek")),
            ("01-ai/Yi-34B-Chat", Some("yi")),
            ("internlm2-7b-reward", Some("internlm")),
            ("mistral-gateway/unknown", None),
            ("vicuna-7b-v1.5", None),
            ("yield-model", None),
            ("longest", None),
        ] {
            assert_eq!(family(name), expected, "{name}");
        }
    }

    #[test]
    fn a_judge_is_of_the_family_that_answered() {
        let of = |models: &[&'static str], name| judge_family(models.iter().copied(), name);
        assert_eq!(of(&["gpt-4o", "gpt-4o-mini"], "my claude prompt"), Some("gpt"));
        assert_eq!(of(&["deployment-7"], "claude"), Some("claude"));
        assert_eq!(of(&[], "Qwen2-72B"), Some("qwen"));
        assert_eq!(of(&["gpt-4o", "llama-3"], "gpt"), None);
        assert_eq!(of(&[], "house"), None);
    }
}
