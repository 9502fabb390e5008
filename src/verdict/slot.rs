//! The labels of slots: A to Z, then AA, AB, and so on, as spreadsheets name their columns.

/// The label of a slot, counted from 0: A, B, ..., Z, AA, AB, ...
#[must_use]
pub fn slot_label(slot: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = slot;
    loop {
        letters.push(b'A' + u8::try_from(rest % 26).unwrap_or_default());
        match (rest / 26).checked_sub(1) {
            Some(left) => rest = left,
            None => break,
        }
    }
    letters.iter().rev().map(|letter| char::from(*letter)).collect()
}

/// The slot of a label in capital letters; `None` of what is no such label, and of labels longer than any list needs.
#[must_use]
pub fn slot_of(label: &str) -> Option<usize> {
    if label.is_empty() || label.len() > 4 {
        return None;
    }
    let number = label.bytes().try_fold(0, |number: usize, letter| {
        letter.is_ascii_uppercase().then(|| number * 26 + usize::from(letter - b'A') + 1)
    })?;
    Some(number - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_go_on_after_z_as_columns_do() {
        for (slot, label) in [(0, "A"), (25, "Z"), (26, "AA"), (27, "AB"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!((slot_label(slot).as_str(), slot_of(label)), (label, Some(slot)));
        }
        assert!((0..5000).all(|slot| slot_of(&slot_label(slot)) == Some(slot)));
    }

    #[test]
    fn what_is_no_capital_letter_is_no_slot() {
        for label in ["", "a", "A ", "1", "\u{c4}", "A1", "AAAAA"] {
            assert_eq!(slot_of(label), None, "{label}");
        }
    }
}
