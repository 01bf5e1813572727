//! What a change tells: to the person who decides, who is shown the plan's summary and the diff and nothing else, and to the caller, who is
//! shown the notes. What weighs most is told to both.
//!
//! The same call finds its open proposal by what would be sent, and the person is shown the summary that it was proposed with: no age and no
//! time that is left is told there, which would be old by then.

use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::document::not_known;

/// The most characters of a summary that the host takes.
const LONGEST: usize = 500;

/// Returns notes that begin with what stands in the way, if anything does.
pub(crate) fn begun(why: Option<&str>) -> Vec<String> {
    why.map(str::to_owned).into_iter().collect()
}

/// Tells both.
pub(crate) fn both(summary: &mut String, notes: &mut Vec<String>, text: &str) {
    person(summary, text);
    notes.push(text.to_owned());
}

/// Tells the person, where there is room for it. Returns whether there was.
pub(crate) fn person(summary: &mut String, text: &str) -> bool {
    let fits = summary.chars().count() + text.chars().count() + 2 <= LONGEST;
    if fits {
        summary.push_str("; ");
        summary.push_str(text);
    }
    fits
}

/// Tells the person what stands in notes, the first ones first, as far as there is room.
pub(crate) fn all(summary: &mut String, notes: &[String]) {
    for note in notes {
        person(summary, note);
    }
}

/// Passes on what was read, or nothing where it may not be: that is a note.
///
/// # Errors
/// Any failure but that it was denied or is not served.
pub(crate) fn known<T>(
    notes: &mut Vec<String>,
    what: &str,
    read: Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(failure) => match not_known(&Err(failure.clone())) {
            Some(why) => {
                notes.push(format!("not known: {what} ({why})"));
                Ok(None)
            }
            None => Err(failure),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{all, both, person};

    #[test]
    fn a_summary_holds_what_fits_and_the_notes_hold_all() {
        let (mut summary, mut notes) = ("delete it".to_owned(), Vec::new());
        both(&mut summary, &mut notes, "its data goes");
        both(&mut summary, &mut notes, &"é".repeat(500));
        assert_eq!(summary, "delete it; its data goes");
        assert_eq!(notes.len(), 2);
        let rest = 500 - summary.chars().count() - 2;
        assert!(!person(&mut summary, &"é".repeat(rest + 1)));
        assert!(person(&mut summary, &"é".repeat(rest)));
        assert_eq!(summary.chars().count(), 500);
    }

    #[test]
    fn what_does_not_fit_leaves_room_for_what_does() {
        let mut summary = "restart it".to_owned();
        all(
            &mut summary,
            &["a".to_owned(), "b".repeat(600), "c".to_owned()],
        );
        assert_eq!(summary, "restart it; a; c");
    }
}
