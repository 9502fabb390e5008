//! FastChat's judge prompts, imported: the same messages as Python makes of them, byte for byte.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;

use serde_json::{Value, json};
use tribunal::bench;
use tribunal::plan::{Orders, Plan};
use tribunal::run::messages;
use tribunal::strategy::Strategy;

use crate::support::{Folder, shared_data, tell};

/// Formats each prompt with its values as FastChat does, and prints the texts as JSON.
const PYTHON: &str = "import json, sys
asked = json.load(sys.stdin)
print(json.dumps([[p['system_prompt'], p['prompt_template'].format(**values)] for p, values in asked]))";

/// Twenty conversations, every second one of two questions, with texts that mean something to templates.
fn items() -> Vec<Value> {
    let odd = ["{{ a }}", "{question}", "{% raw %}", "\u{4f60}\u{597d} [[B]]", "plain\n\n"];
    (0..20)
        .map(|at| {
            let text = |what: &str| format!("{what} {at} {}", odd[at % odd.len()]);
            let question = |what: &str| json!({"role": "user", "content": text(what)});
            let mut conversation = vec![question("First?")];
            if at % 2 == 1 {
                conversation.push(json!({"role": "assistant", "content": text("An answer.")}));
                conversation.push(question("Second?"));
            }
            json!({
                "id": at.to_string(), "group": "G", "best": 0, "conversation": conversation,
                "candidates": [{"text": text("Good.")}, {"text": text("Bad.")}],
            })
        })
        .collect()
}

/// What FastChat calls the parts of an item, shown in these slots.
fn values(item: &Value, shown: &[usize], reference: &str) -> Value {
    let text = |slot: usize| item["candidates"][shown[slot.min(shown.len() - 1)]]["text"].clone();
    let turns: Vec<Value> =
        item["conversation"].as_array().unwrap().iter().map(|turn| turn["content"].clone()).collect();
    let (first, answer) = (&turns[0], turns.get(1).cloned().unwrap_or(Value::Null));
    json!({
        "question": turns.last(), "answer_a": text(0), "answer_b": text(1), "answer": text(0),
        "question_1": first, "question_2": turns.last(), "answer_a_1": answer, "answer_b_1": answer, "answer_1": answer,
        "answer_a_2": text(0), "answer_b_2": text(1), "answer_2": text(0), "ref_answer_1": reference, "ref_answer_2": reference,
    })
}

#[test]
fn imported_prompts_render_to_what_python_makes_of_them() {
    let Some(data) = shared_data("fastchat") else { return };
    let source = data.join("judge_prompts.jsonl");
    let folder = Folder::new();
    folder.succeed(&format!("prompts import {} --out imported", source.display()));
    let refused = folder.tribunal(&format!("prompts import {} --out imported", source.display()));
    assert_eq!(refused.code, Some(2), "nothing is written over: {refused:?}");
    let items = items();
    let lines = items.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    let bench = bench::open(&folder.write("items.jsonl", &lines), "b", None).unwrap();
    let prompts: Vec<Value> =
        std::fs::read_to_string(&source).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let reference = "A reference {with} braces.";
    let (mut compared, mut wanted, mut rendered) = (0, Vec::new(), Vec::new());
    for prompt in &prompts {
        let name = prompt["name"].as_str().unwrap();
        let text = folder.read(&format!("imported/{name}.toml"));
        let strategy = Strategy::load(&text, name).unwrap_or_else(|error| panic!("{error}"));
        let plan = Plan::of_form(&bench, strategy.form, 0, Orders::Seeded, 1, false);
        let steps = vec![Arc::from(reference); strategy.steps.len()];
        for ask in plan.judgments() {
            let leg = plan.legs_of(ask.comparison).next().unwrap();
            let item = &items[leg.item];
            // Prompts of two questions are for conversations of two.
            if name.contains("multi-turn") && leg.item.is_multiple_of(2) {
                continue;
            }
            let shown = leg.shown(plan.comparison(ask.comparison), ask.order);
            wanted.push((prompt.clone(), values(item, &shown, reference)));
            let sent = messages(&bench, &plan, &strategy, ask, &steps).unwrap();
            rendered.push(json!(sent.iter().map(|message| &message.content).collect::<Vec<_>>()));
            compared += 1;
        }
    }
    let made = format(&json!(wanted));
    for (ours, theirs) in rendered.iter().zip(&made) {
        assert_eq!(ours, theirs);
    }
    tell(&format!("{compared} prompts of {} strategies are what str.format makes of them", prompts.len()));
    assert!(compared >= 8 * 10);
}

/// What Python makes of each prompt and its values.
fn format(asked: &Value) -> Vec<Value> {
    let mut python =
        Command::new("python3").args(["-c", PYTHON]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    python.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}
