//! "Did you mean": the candidate that a mistyped word was most likely to be.

/// Returns ` (did you mean `x`?)` for the candidate closest to `word`, or an empty text where none is close.
pub(crate) fn did_you_mean<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> String {
    closest(word, candidates)
        .map(|candidate| format!(" (did you mean `{candidate}`?)"))
        .unwrap_or_default()
}

/// Returns the candidate with the fewest edits, if a third of the word or less was mistyped; on a tie, the first.
fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let most = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (edits(&word, candidate), candidate))
        .filter(|(edits, _)| *edits <= most)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// Returns how many characters must be added, dropped, replaced or swapped with their neighbour.
fn edits(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.chars().collect();
    let to: Vec<char> = to.chars().collect();
    // The rows of the usual table: two before, one before, and the one that is being filled.
    let mut two_before = Vec::new();
    let mut before: Vec<usize> = (0..=to.len()).collect();
    for (i, &a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &b) in to.iter().enumerate() {
            let replaced = before[j] + usize::from(a != b);
            let mut best = replaced.min(before[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a == to[j - 1] && from[i - 1] == b {
                let swapped: &Vec<usize> = &two_before;
                best = best.min(swapped[j - 1] + 1);
            }
            row.push(best);
        }
        two_before = std::mem::replace(&mut before, row);
    }
    before[to.len()]
}

#[cfg(test)]
mod tests {
    use super::{closest, did_you_mean, edits};

    #[test]
    fn an_edit_adds_drops_replaces_or_swaps_one_character() {
        assert_eq!(edits("list", "list"), 0);
        assert_eq!(edits("lst", "list"), 1);
        assert_eq!(edits("lisst", "list"), 1);
        assert_eq!(edits("lost", "list"), 1);
        assert_eq!(edits("lsit", "list"), 1);
        assert_eq!(edits("", "list"), 4);
    }

    #[test]
    fn the_closest_candidate_is_suggested_and_a_far_one_is_not() {
        assert_eq!(closest("lst", ["get", "list", "watch"]), Some("list"));
        assert_eq!(closest("LIST", ["get", "list", "watch"]), Some("list"));
        assert_eq!(closest("frobnicate", ["get", "list", "watch"]), None);
        assert_eq!(
            did_you_mean("namespace", ["names", "namespaces"]),
            " (did you mean `namespaces`?)"
        );
        assert_eq!(did_you_mean("zzz", ["names"]), "");
    }
}
