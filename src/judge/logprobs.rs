//! Reads log-probabilities in the two shapes that endpoints give them: a list of tokens, or lists side by side.

use serde_json::Value;

use crate::ask::TokenLogprob;

/// The tokens in the `logprobs` of a choice, or in the list itself; `None` where there are none. What is no number is passed over.
pub(super) fn read_logprobs(value: &Value) -> Option<Vec<TokenLogprob>> {
    let tokens: Vec<TokenLogprob> = match value {
        Value::Null => return None,
        Value::Array(tokens) => tokens.iter().filter_map(token).collect(),
        _ => match (value["content"].as_array(), value["tokens"].as_array()) {
            (Some(tokens), _) => tokens.iter().filter_map(token).collect(),
            (None, Some(tokens)) => side_by_side(tokens, value),
            (None, None) => return None,
        },
    };
    (!tokens.is_empty()).then_some(tokens)
}

/// `{"token", "logprob", "top_logprobs": [{"token", "logprob"}]}`.
fn token(value: &Value) -> Option<TokenLogprob> {
    let (token, logprob) = pair(value)?;
    let top = value["top_logprobs"].as_array().map(|top| top.iter().filter_map(pair).collect());
    Some(TokenLogprob { token, logprob, top: top.unwrap_or_default() })
}

fn pair(value: &Value) -> Option<(String, f64)> {
    Some((value["token"].as_str()?.to_owned(), value["logprob"].as_f64()?))
}

/// `{"tokens": [], "token_logprobs": [], "top_logprobs": [{"token": logprob}]}`: the shape of the older completions.
fn side_by_side(tokens: &[Value], value: &Value) -> Vec<TokenLogprob> {
    let read = |(at, token): (usize, &Value)| {
        let logprob = value["token_logprobs"][at].as_f64()?;
        let top = value["top_logprobs"][at].as_object().into_iter().flatten();
        let top = top.filter_map(|(token, logprob)| Some((token.clone(), logprob.as_f64()?))).collect();
        Some(TokenLogprob { token: token.as_str()?.to_owned(), logprob, top })
    };
    tokens.iter().enumerate().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_shapes_say_the_same() {
        let expected = vec![TokenLogprob {
            token: " A".to_owned(),
            logprob: -0.5,
            top: vec![(" A".to_owned(), -0.5), ("B".to_owned(), -1.0)],
        }];
        let top = json!([{"token": " A", "logprob": -0.5}, {"token": "B", "logprob": -1, "bytes": [66]}]);
        let list = json!([{"token": " A", "logprob": -0.5, "top_logprobs": top}]);
        assert_eq!(read_logprobs(&json!({"content": list, "refusal": null})).as_ref(), Some(&expected));
        assert_eq!(read_logprobs(&list).as_ref(), Some(&expected));
        let side = json!({"tokens": [" A"], "token_logprobs": [-0.5], "top_logprobs": [{" A": -0.5, "B": -1}]});
        assert_eq!(read_logprobs(&side), Some(expected));
    }

    #[test]
    fn what_is_odd_is_passed_over() {
        for none in [json!(null), json!({}), json!({"content": null}), json!({"content": []}), json!(3), json!("x")] {
            assert_eq!(read_logprobs(&none), None, "{none}");
        }
        let odd =
            json!({"content": [{"token": "A", "logprob": null}, {"token": "B", "logprob": -1, "top_logprobs": {}}]});
        assert_eq!(
            read_logprobs(&odd),
            Some(vec![TokenLogprob { token: "B".to_owned(), logprob: -1.0, top: Vec::new() }])
        );
    }
}
