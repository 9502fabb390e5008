//! Origin: accuracy by who wrote the answers, and a judge's preference for its own family.

use std::sync::Arc;

use super::{Heard, Orders, Plan, STRICT, Say, bench, near, pair, score, score_cell, verdicts};
use crate::bench::{Catalog, RMB};
use crate::score::Origin;

const QUERIES: [&str; 8] = ["0", "1", "2", "3", "4", "5", "6", "7"];

/// Pairs by the models that wrote the gold and the other, and whether the judge is right.
fn told(
    pairs: &[(&str, &str, bool)],
    judge: Option<&'static str>,
    catalog: Option<&'static Catalog>,
) -> Option<Origin> {
    let texts = |is_right: &bool| if *is_right { &["gold", "won"] } else { &["gold", "lost"] };
    let entries: Vec<_> = pairs.iter().zip(QUERIES).map(|((.., right), query)| pair(query, texts(right))).collect();
    let mut bench = bench(&entries, catalog);
    for (item, (gold, other, _)) in bench.items.iter_mut().zip(pairs) {
        for (candidate, model) in item.candidates.iter_mut().zip([gold, other]) {
            candidate.model = Some(Arc::from(*model)).filter(|model: &Arc<str>| !model.is_empty());
        }
    }
    let plan = Plan::new(&bench, 0, Orders::Seeded, 1, false);
    let verdicts = verdicts(&bench, &plan, |other, _, _| if other == "lost" { Say::Other } else { Say::Gold });
    score_cell(&bench, &plan, Heard { family: judge, ..Heard::of(&verdicts) }, STRICT).origin
}

const PAIRS: [(&str, &str, bool); 8] = [
    ("claude-2.1", "gpt-4o", false),
    ("claude-2.1", "gpt-4o-mini", false),
    ("Llama-2-7b", "gpt-4o", true),
    ("claude-2.1", "Llama-2-7b", true),
    ("claude-2.1", "vicuna-7b", false),
    ("Llama-2-7b", "vicuna-7b", true),
    ("claude-3", "Llama-2-7b", true),
    ("gpt-4o", "claude-3", true),
];

#[test]
fn accuracy_is_told_by_who_wrote_the_gold_and_by_who_wrote_the_other() {
    let origin = told(&PAIRS, None, None).unwrap();
    let listed = |scores: &[crate::score::WriterScore]| -> Vec<(String, usize, f64)> {
        scores.iter().map(|score| (score.model.clone(), score.n, score.accuracy)).collect()
    };
    let expected = [("claude-2.1", 4, 0.25), ("Llama-2-7b", 2, 1.0), ("claude-3", 1, 1.0), ("gpt-4o", 1, 1.0)];
    assert_eq!(listed(&origin.golds), expected.map(|(model, n, accuracy)| (model.to_owned(), n, accuracy)));
    assert_eq!(listed(&origin.others)[0], ("Llama-2-7b".to_owned(), 2, 1.0));
    // Four conversations of one pair: sqrt(4/3 * (.75^2 + 3 * .25^2)) / 4.
    near(origin.golds[0].se, 1.0_f64.sqrt() / 4.0);
    assert_eq!((origin.golds[2].se, origin.own, origin.golds_by), (None, None, None));
}

#[test]
fn a_judge_may_prefer_the_worse_answers_of_its_own_family() {
    let own = told(&PAIRS, Some("gpt"), None).unwrap().own.unwrap();
    assert_eq!((own.family.as_str(), own.n_own, own.n_others), ("gpt", 3, 4), "a gold of its own stands outside");
    near(Some(own.own_preferred), 2.0 / 3.0);
    near(Some(own.others_preferred), 0.25);
    near(Some(own.difference), 2.0 / 3.0 - 0.25);
    near(own.se, (7.0 / 6.0 * (2.0 / 3.0 / 9.0 + 0.75 / 16.0_f64)).sqrt());
    assert!(own.ci95.is_some_and(|[low, high]| low < own.difference && own.difference < high));
    assert_eq!(told(&PAIRS, Some("qwen"), None).unwrap().own, None, "it wrote none");
}

#[test]
fn on_rmb_a_gpt_judge_is_told_whose_the_golds_are() {
    assert_eq!(told(&PAIRS, Some("gpt"), Some(&RMB)).unwrap().golds_chosen_by.as_deref(), Some("gpt"));
    assert_eq!(told(&PAIRS, Some("claude"), Some(&RMB)).unwrap().golds_chosen_by, None);
    assert_eq!(told(&PAIRS, Some("gpt"), None).unwrap().golds_chosen_by, None);
    let unnamed = told(&[("", "", true)], Some("gpt"), Some(&RMB)).unwrap();
    assert_eq!((unnamed.golds.len(), unnamed.golds_chosen_by.is_some()), (0, true));
}

#[test]
fn a_family_that_wrote_nearly_all_golds_is_named() {
    let all = [("claude-2.1", "gpt-4o", true), ("claude-3", "Llama-2", true)];
    assert_eq!(told(&all, None, None).unwrap().golds_by.as_deref(), Some("claude"));
}

#[test]
fn candidates_without_a_model_tell_nothing() {
    assert_eq!(score(&[pair("q", &["gold", "x"])], Orders::Seeded, 1, STRICT, |_, _, _| Say::Gold).origin, None);
    assert_eq!(told(&[("gpt-4o", "", true)], Some("gpt"), None), None);
}
