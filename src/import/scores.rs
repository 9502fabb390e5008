//! Readers of files of scores: the result files of RMB's authors (a JSON array of pairs with `chosen_reward` and `reject_reward`), JSON lines of
//! `{"item","candidate","score"}`, and CSV with these columns.

use serde::Deserialize;

/// The score of one candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// The item's id, as its benchmark has it.
    pub item: String,
    /// The candidate, by its place in the item.
    pub candidate: usize,
    /// Higher is better; finite.
    pub score: f64,
}

/// What a file of scores holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    /// The scores, in the order of the file.
    pub scores: Vec<Score>,
    /// The group path of each item, where the file tells it and which candidate is the gold (then the first): in the order of the file.
    pub pairs: Vec<(String, String)>,
    /// Pairs whose own `is_correct` says otherwise than their scores.
    pub contradicted: usize,
}

/// A file that cannot be read as scores.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct ImportError {
    place: String,
    problem: String,
}

#[derive(Deserialize)]
struct ResultEntry {
    pair_uid: Option<Uid>,
    category_path: Option<String>,
    chosen_reward: Option<f64>,
    reject_reward: Option<f64>,
    is_correct: Option<f64>,
}

/// Written as a text or as a number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Uid {
    Text(String),
    Number(u64),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    item: String,
    candidate: usize,
    score: f64,
}

impl Scores {
    /// Reads a file, whose format is found from its text.
    pub fn parse(text: &str) -> Result<Self, ImportError> {
        let text = text.trim_start_matches('\u{feff}').trim_start();
        match text.chars().next() {
            Some('[') => Self::of_results(text),
            Some('{') => {
                Self::of_rows(text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(|(at, line)| {
                    let row = serde_json::from_str(line).map_err(|error| error.to_string());
                    (format!("line {}", at + 1), row)
                }))
            }
            Some(_) => {
                let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
                Self::of_rows(
                    reader
                        .deserialize()
                        .enumerate()
                        .map(|(at, row)| (format!("row {}", at + 1), row.map_err(|error| error.to_string()))),
                )
            }
            None => Err(wrong("the file", "it is empty")),
        }
    }

    fn of_rows(rows: impl Iterator<Item = (String, Result<Row, String>)>) -> Result<Self, ImportError> {
        let mut scores = Vec::new();
        for (place, row) in rows {
            let Row { item, candidate, score } = row.map_err(|problem| {
                wrong(&place, &format!("expected item, candidate (counted from 0) and score: {problem}"))
            })?;
            scores.push(Score { item, candidate, score: finite(&place, score)? });
        }
        Ok(Self { scores, ..Self::default() })
    }

    fn of_results(text: &str) -> Result<Self, ImportError> {
        let entries: Vec<ResultEntry> = serde_json::from_str(text)
            .map_err(|error| wrong("the file", &format!("no array of results as RMB's authors write them: {error}")))?;
        let mut all = Self::default();
        for (at, entry) in entries.into_iter().enumerate() {
            let place = format!("entry {}", at + 1);
            let (Some(uid), Some(chosen), Some(rejected)) = (entry.pair_uid, entry.chosen_reward, entry.reject_reward)
            else {
                let problem = "expected pair_uid, chosen_reward and reject_reward; scores of lists come as CSV or JSON lines of item, candidate, score";
                return Err(wrong(&place, problem));
            };
            let uid = match uid {
                Uid::Text(uid) => uid,
                Uid::Number(uid) => uid.to_string(),
            };
            let item = format!("pairwise/{uid}");
            let group = entry.category_path.unwrap_or_default();
            let group = group.trim_start_matches("Pairwise_set/").trim_end_matches(".json");
            all.pairs.push((item.clone(), if group.is_empty() { "all" } else { group }.to_owned()));
            let is_right = f64::from(u8::from(chosen > rejected));
            all.contradicted += usize::from(entry.is_correct.is_some_and(|told| (told - is_right).abs() > 0.25));
            for (candidate, score) in [chosen, rejected].into_iter().enumerate() {
                all.scores.push(Score { item: item.clone(), candidate, score: finite(&place, score)? });
            }
        }
        Ok(all)
    }
}

fn finite(place: &str, score: f64) -> Result<f64, ImportError> {
    if score.is_finite() { Ok(score) } else { Err(wrong(place, "the score is no finite number")) }
}

fn wrong(place: &str, problem: &str) -> ImportError {
    ImportError { place: place.to_owned(), problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_tables_say_the_same() {
        let lines =
            "{\"item\":\"bon/1\",\"candidate\":0,\"score\":-1.5}\n\n{\"item\":\"bon/1\",\"candidate\":1,\"score\":2}\n";
        let table = "item,candidate,score\n\"bon/1\",0,-1.5\nbon/1, 1 ,2\n";
        let read = Scores::parse(lines).unwrap();
        assert_eq!(read, Scores::parse(table).unwrap());
        assert_eq!(read.scores[1], Score { item: "bon/1".into(), candidate: 1, score: 2.0 });
    }

    #[test]
    fn results_of_rmbs_authors_are_pairs_with_the_gold_first() {
        let text = r#"[{"pair_uid": "7", "category_path": "Pairwise_set/Helpfulness/Chat/Discussion", "chosen_reward": 0.5, "reject_reward": 0.25, "is_correct": 1},
            {"pair_uid": 8, "category_path": "Pairwise_set/Harmlessness/S1", "chosen_reward": 0.1, "reject_reward": 0.1, "is_correct": 1}]"#;
        let read = Scores::parse(text).unwrap();
        assert_eq!(
            read.pairs,
            [
                ("pairwise/7".into(), "Helpfulness/Chat/Discussion".into()),
                ("pairwise/8".into(), "Harmlessness/S1".into())
            ]
        );
        assert_eq!((read.scores.len(), read.contradicted), (4, 1));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, told) in [
            ("", "the file: it is empty"),
            ("item,candidate,score\na,0,high\n", "row 1: expected item, candidate"),
            ("{\"item\":\"a\",\"candidate\":0,\"score\":1}\n{\"item\":\"a\"}\n", "line 2: expected item"),
            ("item,candidate,score\na,0,NaN\n", "row 1: the score is no finite number"),
            ("[{\"bon_uid\": \"1\"}]", "entry 1: expected pair_uid"),
        ] {
            let error = Scores::parse(text).unwrap_err().to_string();
            assert!(error.starts_with(told), "{text}: {error}");
        }
    }
}
