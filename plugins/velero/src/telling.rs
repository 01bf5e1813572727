//! What a change tells the person who decides, who is shown the plan's summary and the diff and nothing else. The notes are the caller's.
//!
//! The same call finds its open proposal by what would be sent, and the person is shown the summary that it was proposed with: no age and no
//! time that is left is told there, which would be old by then.

/// The most characters of a summary that the host takes.
const LONGEST: usize = 500;

/// Tells the person what stands in notes, the first ones first, as far as there is room.
pub(crate) fn all(summary: &mut String, notes: &[String]) {
    for note in notes {
        if summary.chars().count() + note.chars().count() + 2 <= LONGEST {
            summary.push_str("; ");
            summary.push_str(note);
        }
    }
}

/// Returns the summary as the host takes it: names can be long, and many.
pub(crate) fn shortened(summary: &str) -> String {
    match summary.char_indices().nth(LONGEST) {
        None => summary.to_owned(),
        Some(_) => summary.chars().take(LONGEST - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::{all, shortened};

    #[test]
    fn what_does_not_fit_leaves_room_for_what_does() {
        let mut summary = "delete it".to_owned();
        all(
            &mut summary,
            &["a".to_owned(), "b".repeat(600), "c".to_owned()],
        );
        assert_eq!(summary, "delete it; a; c");
        let rest = "é".repeat(500 - summary.chars().count() - 2);
        all(&mut summary, &[format!("{rest}é"), rest]);
        assert_eq!(summary.chars().count(), 500);
        assert_eq!(shortened(&summary), summary);
    }

    #[test]
    fn a_summary_is_never_longer_than_the_host_takes() {
        let long = shortened(&"é".repeat(501));
        assert!(long.chars().count() == 500 && long.ends_with("é…"));
    }
}
