//! Text of strangers on its way to a terminal or a log.
//!
//! A character that moves the cursor, ends the line, changes the direction of what follows or is not seen at all is written as
//! its number, so that a text stays on its line and is what it looks like.

/// Returns the character, or its number where it would not be seen as itself: `\n`, `\u{202e}`.
pub(crate) fn escaped(c: char) -> impl Iterator<Item = char> {
    let (escape, keep) = if hides(c) {
        (Some(c.escape_default()), None)
    } else {
        (None, Some(c))
    };
    escape.into_iter().flatten().chain(keep)
}

/// Returns the text on one line, without anything that hides.
pub(crate) fn line(text: &str) -> String {
    text.chars().flat_map(escaped).collect()
}

/// Whether a character ends a line, steers a terminal, turns the direction of text, or has no width: Unicode's control,
/// separator, format and default-ignorable characters.
pub(crate) fn hides(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{13430}'..='\u{13455}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_is_written_as_its_number() {
        for (text, shown) in [
            ("a\nb\r\tc", "a\\nb\\r\\tc"),
            ("\u{1b}[2J\u{7}\u{9b}1m", "\\u{1b}[2J\\u{7}\\u{9b}1m"),
            ("\u{202e}txt\u{2066}", "\\u{202e}txt\\u{2066}"),
            ("a\u{200b}b\u{feff}\u{ad}", "a\\u{200b}b\\u{feff}\\u{ad}"),
            ("\u{2028}\u{2029}\u{85}", "\\u{2028}\\u{2029}\\u{85}"),
            ("\u{e0041}\u{fe0f}\u{3164}", "\\u{e0041}\\u{fe0f}\\u{3164}"),
        ] {
            assert_eq!(line(text), shown);
        }
    }

    #[test]
    fn what_is_seen_stays() {
        for text in [
            "web-1.26 \"x\" \\n",
            "Größe 5 → 7",
            "数据库",
            "שלום",
            "हिन्दी",
        ] {
            assert_eq!(line(text), text);
        }
    }
}
