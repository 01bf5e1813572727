//! What weighs most in a change is told twice: to the person who decides, who is shown the plan's summary and the diff, and to the caller,
//! who is shown the notes. The host takes a summary of at most 500 characters, so names that may be long stand in notes alone.

/// Tells both.
pub(crate) fn both(summary: &mut String, notes: &mut Vec<String>, text: &str) {
    summary.push_str("; ");
    summary.push_str(text);
    notes.push(text.to_owned());
}
