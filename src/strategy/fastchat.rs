//! Judge prompts in FastChat's format (`judge_prompts.jsonl`), made into strategy files that send the same messages byte for byte.

use serde::Deserialize;
use toml::{Table, Value};

/// A line of the file.
#[derive(Debug, Deserialize)]
struct Line {
    name: String,
    r#type: String,
    system_prompt: String,
    prompt_template: String,
    #[serde(default)]
    description: String,
    output_format: String,
}

/// A strategy file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Its name, which its file is to have too.
    pub name: String,
    /// Its text, in TOML.
    pub text: String,
}

/// What each placeholder of a prompt is in a template. Reference answers, which FastChat has written down, are a step: the judge's own answers.
const PLACEHOLDERS: [(&str, &str); 14] = [
    ("question", "query"),
    ("answer_a", "a"),
    ("answer_b", "b"),
    ("answer", "candidates[0].text"),
    ("question_1", FIRST_QUESTION),
    ("question_2", "query"),
    ("answer_a_1", FIRST_ANSWER),
    ("answer_b_1", FIRST_ANSWER),
    ("answer_1", FIRST_ANSWER),
    ("answer_a_2", "a"),
    ("answer_b_2", "b"),
    ("answer_2", "candidates[0].text"),
    ("ref_answer_1", "steps.ref_answer_1"),
    ("ref_answer_2", "steps.ref_answer_2"),
];
/// Of a conversation of one turn nothing comes before the last.
const FIRST_QUESTION: &str = "(history[0].content if history else \"\")";
const FIRST_ANSWER: &str = "(history[1].content if history else \"\")";

/// The strategies of a file of judge prompts. `Err` says what is wrong, and in which line.
pub fn from_fastchat(text: &str) -> Result<Vec<Imported>, String> {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let strategy = |(number, line): (usize, &str)| {
        let wrong = |problem: String| format!("line {number}: {problem}");
        let line: Line = serde_json::from_str(line).map_err(|error| wrong(error.to_string()))?;
        imported(&line).map_err(wrong)
    };
    lines.map(strategy).collect()
}

fn imported(line: &Line) -> Result<Imported, String> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    if line.name.is_empty() || line.name.starts_with('.') || !line.name.chars().all(is_plain) {
        return Err(format!("name {:?}: expected letters, digits, - and _, for it names a file", line.name));
    }
    let (form, preset) = match (line.r#type.as_str(), line.output_format.as_str()) {
        ("pairwise", "[[A]]") => ("pairwise", "fastchat"),
        ("single", "[[rating]]") => ("pointwise", "fastchat-rating"),
        (kind, format) => {
            return Err(format!(
                "{}: type {kind:?} with output_format {format:?}: expected pairwise with [[A]], or single with [[rating]]",
                line.name
            ));
        }
    };
    // The template alone is formatted: what stands in the system prompt is sent as it is.
    let user = template(&line.prompt_template).map_err(|problem| format!("{}: {problem}", line.name))?;
    let text = |text: &str| Value::String(text.to_owned());
    let table = |pairs: Vec<(&str, Value)>| -> Table {
        pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    };
    let steps: Vec<Value> = [("ref_answer_1", "(conversation[0].content)"), ("ref_answer_2", "query")]
        .into_iter()
        .filter(|(name, _)| user.contains(&format!("steps.{name}")))
        .map(|(name, question)| {
            let step = vec![
                ("name", text(name)),
                ("per", text("conversation")),
                ("user", Value::String(format!("{{{{ {question} }}}}"))),
            ];
            Value::Table(table(step))
        })
        .collect();
    let mut file = table(vec![
        ("name", text(&line.name)),
        ("form", text(form)),
        ("description", text(&line.description)),
        (
            "ask",
            table(vec![("system", Value::String(literal(&line.system_prompt))), ("user", Value::String(user))]).into(),
        ),
        ("sampling", table(vec![("temperature", Value::Float(0.0)), ("max_tokens", Value::Integer(2048))]).into()),
        ("verdict", table(vec![("preset", text(preset))]).into()),
    ]);
    if !steps.is_empty() {
        file.insert("step".to_owned(), Value::Array(steps));
    }
    let text = toml::to_string_pretty(&file).map_err(|error| error.to_string())?;
    Ok(Imported { name: line.name.clone(), text })
}

/// A template that renders to what Python's `str.format` makes of this text.
fn template(text: &str) -> Result<String, String> {
    let mut template = String::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        plain.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            plain.push_str(brace);
            rest = after;
            continue;
        }
        let end = rest.find('}').filter(|_| brace == "{").ok_or("a brace without its other half")?;
        let name = &rest[..end];
        let known = PLACEHOLDERS.iter().find(|(known, _)| *known == name);
        let (_, value) = known.ok_or_else(|| {
            let names: Vec<&str> = PLACEHOLDERS.iter().map(|(name, _)| *name).collect();
            format!("the placeholder {{{name}}} is not known (there are {})", names.join(", "))
        })?;
        template += &literal(&std::mem::take(&mut plain));
        template.extend(["{{ ", value, " }}"]);
        rest = &rest[end + 1..];
    }
    plain.push_str(rest);
    Ok(template + &literal(&plain))
}

/// A template that renders to this text. What would open a tag, and a line break at the end, which templates drop, are written as values.
fn literal(text: &str) -> String {
    let braces = text.replace('{', "{{ \"{\" }}");
    match braces.strip_suffix('\n') {
        Some(all) => format!("{all}{{{{ \"\\n\" }}}}"),
        None => braces,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::Strategy;

    const PAIR: &str = r#"{"name": "mine", "type": "pairwise", "system_prompt": "Judge {well}.", "description": "d", "output_format": "[[A]]",
        "prompt_template": "{{q}} {question}\n{answer_a}{{% raw %}}\n{answer_b}\n"}"#;

    #[test]
    fn braces_that_are_no_placeholders_stay_as_they_are() {
        let imported = from_fastchat(&PAIR.replace('\n', " ")).unwrap().remove(0);
        let strategy =
            Strategy::load(&imported.text, "mine.toml").unwrap_or_else(|error| panic!("{error}: {}", imported.text));
        assert_eq!((imported.name.as_str(), strategy.name.as_str()), ("mine", "mine"));
        assert_eq!(template("{{q}} {{% raw %}}x\n").unwrap(), "{{ \"{\" }}q} {{ \"{\" }}% raw %}x{{ \"\\n\" }}");
    }

    #[test]
    fn what_is_not_known_is_told() {
        for (change, told) in [
            (("{question}", "{nobody}"), "placeholder {nobody}"),
            (("{question}", "{question"), "placeholder"),
            (("[[A]]", "[[Z]]"), "output_format"),
            (("\"mine\"", "\"../mine\""), "names a file"),
        ] {
            let error = from_fastchat(&PAIR.replace('\n', " ").replace(change.0, change.1)).unwrap_err();
            assert!(error.starts_with("line 1: ") && error.contains(told), "{error}");
        }
    }
}
