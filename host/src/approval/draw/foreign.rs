//! Text of strangers in a drawing: all of it is seen, on its line and in its order, and what could be taken for something else
//! is named.
//!
//! Beyond [`crate::escape`], a drawing writes as numbers what only a decision must not be fooled by: marks that pile up on other
//! letters, scripts that a terminal turns round, blanks that are not the blank, and the lines that the drawing itself is made of.

use std::collections::BTreeSet;

use unicode_width::UnicodeWidthChar as _;

use crate::escape::hides;

/// Most characters that are named one by one; of more, their number is said.
const MOST_NAMED: usize = 8;

/// What is odd about a text.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Oddities {
    /// Written as numbers.
    hidden: BTreeSet<char>,
    /// Seen, and beyond ASCII: they may look like other letters.
    foreign: BTreeSet<char>,
    /// Whether a word is of Latin letters and others.
    mixed: bool,
}

/// Returns a text on one line; a backslash of its own is doubled, so that a number is never its own.
pub(super) fn text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\\' {
            shown.push_str("\\\\");
        } else if misleads(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Returns JSON text on one line, as JSON text of the same value.
pub(super) fn json(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if misleads(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                shown.extend(format!("\\u{unit:04x}").chars());
            }
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Returns JSON text with a blank in place of each escape: what is seen of it, and no letter that only names an escape.
pub(super) fn without_escapes(json: &str) -> String {
    let mut seen = String::with_capacity(json.len());
    let mut rest = json.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            seen.push(c);
            continue;
        }
        seen.push(' ');
        if rest.next() == Some('u') {
            rest.by_ref().take(4).for_each(drop);
        }
    }
    seen
}

/// Whether a text can be drawn line by line as it is: nothing in it would be written as a number, and no blank ends a line.
pub(super) fn is_plain(text: &str) -> bool {
    text.lines()
        .all(|line| !line.ends_with(|c: char| c.is_whitespace()) && !line.chars().any(misleads))
        && !text.contains('\r')
}

/// Whether a character would not be seen as itself, or would move others.
fn misleads(c: char) -> bool {
    hides(c)
        || c.width() == Some(0)
        || (c != ' ' && c.is_whitespace())
        || matches!(c,
            // Lines and blocks, which the drawing is made of.
            '\u{2500}'..='\u{259f}'
            // Scripts from right to left.
            | '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
            | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}'
            // Whatever a font makes of them.
            | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

impl Oddities {
    /// Looks at a text.
    pub(super) fn see(&mut self, text: &str) {
        for c in text.chars().filter(|c| !c.is_ascii() || c.is_control()) {
            if misleads(c) {
                self.hidden.insert(c);
            } else {
                self.foreign.insert(c);
            }
        }
        self.mixed |= text.split(|c: char| !c.is_alphanumeric()).any(|word| {
            let mut letters = word.chars().filter(|c| c.is_alphabetic());
            let latin = letters.clone().any(is_latin);
            latin && letters.any(|c| !is_latin(c))
        });
    }

    /// Says what was seen, a sentence each.
    pub(super) fn say(&self) -> Vec<String> {
        let mut said = Vec::new();
        if self.mixed {
            said.push("a word mixes Latin letters with letters of another script".to_owned());
        }
        if !self.foreign.is_empty() {
            let named = named(&self.foreign, |c| format!("U+{:04X} {c}", u32::from(c)));
            said.push(format!(
                "characters beyond ASCII, which can look like others: {named}"
            ));
        }
        if !self.hidden.is_empty() {
            let named = named(&self.hidden, |c| format!("U+{:04X}", u32::from(c)));
            said.push(format!(
                "characters that hide, move or reverse text, written here as numbers: {named}"
            ));
        }
        said
    }
}

fn named(characters: &BTreeSet<char>, name: impl Fn(char) -> String) -> String {
    let names: Vec<String> = characters
        .iter()
        .take(MOST_NAMED)
        .map(|c| name(*c))
        .collect();
    let named = names.join(", ");
    match characters.len().saturating_sub(MOST_NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// Latin letters with and without accents; not the wide or mathematical ones, which only look like them.
fn is_latin(c: char) -> bool {
    matches!(c, 'A'..='Z' | 'a'..='z' | '\u{aa}' | '\u{ba}' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn oddities(text: &str) -> Vec<String> {
        let mut oddities = Oddities::default();
        oddities.see(text);
        oddities.say()
    }

    #[rstest]
    #[case("two\nlines", "two\\nlines")]
    #[case("\\n", "\\\\n")]
    #[case("\u{1b}[31mred", "\\u{1b}[31mred")]
    #[case("\u{202e}abc", "\\u{202e}abc")]
    #[case("e\u{301}\u{301}\u{301}", "e\\u{301}\\u{301}\\u{301}")]
    #[case("│ approved", "\\u{2502} approved")]
    #[case("שלום 5", "\\u{5e9}\\u{5dc}\\u{5d5}\\u{5dd} 5")]
    #[case("a\u{a0}b", "a\\u{a0}b")]
    #[case("Größe", "Größe")]
    fn a_text_is_what_it_looks_like(#[case] given: &str, #[case] shown: &str) {
        assert_eq!(text(given), shown);
    }

    #[test]
    fn what_is_odd_is_named() {
        assert_eq!(oddities("web-1.27 (prod)"), Vec::<String>::new());
        assert_eq!(
            oddities("Größe"),
            ["characters beyond ASCII, which can look like others: U+00DF ß, U+00F6 ö"]
        );
        assert_eq!(
            oddities("ngіnx"),
            [
                "a word mixes Latin letters with letters of another script",
                "characters beyond ASCII, which can look like others: U+0456 і",
            ]
        );
        assert_eq!(
            oddities("a\u{202e}b"),
            ["characters that hide, move or reverse text, written here as numbers: U+202E"]
        );
        let many: String = ('а'..='я').collect();
        assert!(
            oddities(&many)[0].ends_with(" and 24 more"),
            "{:?}",
            oddities(&many)
        );
    }

    #[test]
    fn a_letter_of_an_escape_is_no_letter_of_the_word() {
        assert_eq!(without_escapes(r#""a\nпри\u00e9t\\u""#), "\"a при t u\"");
        assert_eq!(oddities(&without_escapes(r#""\nпривет""#)).len(), 1);
    }

    #[test]
    fn fullwidth_letters_do_not_pass_for_latin_ones() {
        assert_eq!(oddities("wｅb").len(), 2);
    }

    proptest! {
        #[test]
        fn json_text_keeps_its_value(value in "\\PC{0,20}|.{0,20}") {
            let given = serde_json::to_string(&value).unwrap();
            let read: String = serde_json::from_str(&json(&given)).unwrap();
            prop_assert_eq!(read, value);
        }

        #[test]
        fn two_texts_are_never_shown_alike(one in "[\\\\nu{0-9}\n\u{30}\u{202e}]{0,6}", other in "[\\\\nu{0-9}\n\u{30}\u{202e}]{0,6}") {
            prop_assert_eq!(text(&one) == text(&other), one == other);
        }

        #[test]
        fn nothing_that_is_shown_misleads(given in any::<String>()) {
            prop_assert!(!text(&given).chars().any(misleads));
            prop_assert!(!json(&given).chars().any(misleads));
        }
    }
}
