//! The sheet that a proposal is drawn on: every line begins with a mark of the host's, also one that a long text goes on in.
//!
//! The marks are box-drawing characters, which [`super::foreign`] never lets through, so that no text of a stranger can begin a
//! line of its own. Nothing is cut: what is too long goes on in the next line.

use unicode_width::UnicodeWidthChar as _;

use super::foreign::{self, Oddities};

/// Begins a line.
const MARK: &str = "│ ";
/// Begins a line that goes on from the one before.
const GOES_ON: &str = "┆ ";
/// Narrower than this, a terminal breaks the lines itself.
const MIN_WIDTH: usize = 40;

/// How a piece of a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Strong,
    Faint,
    Good,
    Caution,
    Danger,
    /// What cannot be overlooked.
    Alarm,
}

/// A piece of a line.
pub(super) struct Piece {
    text: String,
    style: Style,
}

/// The words of the host.
pub(super) fn host(text: impl Into<String>, style: Style) -> Piece {
    Piece {
        text: text.into(),
        style,
    }
}

/// The drawn lines.
pub(super) struct Page {
    lines: String,
    width: usize,
    color: bool,
    oddities: Oddities,
}

impl Page {
    pub(super) fn new(width: usize, color: bool) -> Self {
        Self {
            lines: String::new(),
            width: width.max(MIN_WIDTH),
            color,
            oddities: Oddities::default(),
        }
    }

    pub(super) fn finish(self) -> String {
        self.lines
    }

    /// A stranger's words on one line. Whoever draws them says afterwards what was odd: [`Page::oddities`].
    pub(super) fn foreign(&mut self, text: &str, style: Style) -> Piece {
        self.oddities.see(text);
        host(foreign::text(text), style)
    }

    /// A value in JSON on one line.
    pub(super) fn json(&mut self, text: &str, style: Style) -> Piece {
        self.oddities.see(&foreign::without_escapes(text));
        host(foreign::json(text), style)
    }

    /// A path of a diff, whose quoted keys have escapes of their own as JSON has.
    pub(super) fn path(&mut self, text: &str, style: Style) -> Piece {
        self.json(text, style)
    }

    /// A line of a text that [`foreign::is_plain`] holds of.
    pub(super) fn verbatim(&mut self, text: &str, style: Style) -> Piece {
        self.oddities.see(text);
        host(text, style)
    }

    /// Draws a line.
    pub(super) fn line(&mut self, pieces: &[Piece]) {
        self.marked(MARK, pieces);
    }

    /// Draws a line with a mark of its own, two columns wide.
    pub(super) fn marked(&mut self, mark: &str, pieces: &[Piece]) {
        let mut rest: Vec<(char, Style)> = pieces
            .iter()
            .flat_map(|piece| piece.text.chars().map(|c| (c, piece.style)))
            .collect();
        let mut mark = mark;
        loop {
            let end = self.end_of_line(&rest);
            let next = rest.split_off(end);
            self.put(mark, &rest);
            if next.is_empty() {
                return;
            }
            mark = GOES_ON;
            rest = next;
        }
    }

    /// Draws what was odd about the strangers' words since it was last asked, and forgets it.
    pub(super) fn oddities(&mut self, indent: &str) {
        for sentence in std::mem::take(&mut self.oddities).say() {
            self.line(&[
                host(indent, Style::Plain),
                host("! ", Style::Alarm),
                host(sentence, Style::Caution),
            ]);
        }
    }

    /// How many characters go on this line: up to the last blank of its second half, else as many as fit.
    fn end_of_line(&self, rest: &[(char, Style)]) -> usize {
        let room = self.width.saturating_sub(2);
        let (mut used, mut after_blank) = (0, None);
        for (at, (c, _)) in rest.iter().enumerate() {
            used += c.width().unwrap_or(1);
            if used > room {
                return after_blank.filter(|end| *end > at / 2).unwrap_or(at);
            }
            if *c == ' ' {
                after_blank = Some(at + 1);
            }
        }
        rest.len()
    }

    fn put(&mut self, mark: &str, characters: &[(char, Style)]) {
        let mark = if characters.is_empty() {
            mark.trim_end()
        } else {
            mark
        };
        self.lines.push_str(mark);
        let mut style = Style::Plain;
        for (c, wanted) in characters {
            self.change(style, *wanted);
            style = *wanted;
            self.lines.push(*c);
        }
        self.change(style, Style::Plain);
        self.lines.push('\n');
    }

    fn change(&mut self, from: Style, to: Style) {
        if !self.color || from == to {
            return;
        }
        self.lines.push_str(match to {
            Style::Plain => "\u{1b}[0m",
            Style::Strong => "\u{1b}[0;1m",
            Style::Faint => "\u{1b}[0;2m",
            Style::Good => "\u{1b}[0;32m",
            Style::Caution => "\u{1b}[0;33m",
            Style::Danger => "\u{1b}[0;31m",
            Style::Alarm => "\u{1b}[0;1;37;41m",
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn drawn(text: &str, width: usize, color: bool) -> String {
        let mut page = Page::new(width, color);
        let piece = page.foreign(text, Style::Danger);
        page.line(&[host("said: ", Style::Plain), piece]);
        page.finish()
    }

    #[test]
    fn a_long_text_goes_on_behind_the_hosts_mark() {
        assert_eq!(
            drawn(&"x".repeat(50), 40, false),
            format!("│ said: {}\n┆ {}\n", "x".repeat(32), "x".repeat(18))
        );
        assert_eq!(
            drawn("a sentence that is broken where a blank is", 40, false),
            "│ said: a sentence that is broken where \n┆ a blank is\n"
        );
    }

    #[test]
    fn a_wide_character_takes_two_columns() {
        assert_eq!(
            drawn(&"数".repeat(20), 40, false),
            format!("│ said: {}\n┆ {}\n", "数".repeat(16), "数".repeat(4))
        );
    }

    proptest! {
        #[test]
        fn every_line_begins_with_a_mark_of_the_hosts(text in any::<String>(), width in 0_usize..200) {
            let drawn = drawn(&text, width, false);
            for (at, line) in drawn.split_terminator('\n').enumerate() {
                prop_assert!(line.starts_with(if at == 0 { "│" } else { "┆" }), "{}", line);
                let columns: usize = line.chars().map(|c| c.width().unwrap_or(99)).sum();
                prop_assert!(columns <= width.max(MIN_WIDTH), "{}", line);
            }
        }

        #[test]
        fn nothing_is_left_out(text in "[a-z0-9 \\-]{0,300}", width in 40_usize..90) {
            let drawn = drawn(&text, width, false).replace("\n┆ ", "").replace('\n', "");
            prop_assert_eq!(drawn, format!("│ said: {text}"));
        }

        #[test]
        fn colour_adds_nothing_but_colour(text in any::<String>()) {
            let colored = drawn(&text, 60, true);
            let mut plain = colored.clone();
            for code in ["\u{1b}[0;31m", "\u{1b}[0m"] {
                plain = plain.replace(code, "");
            }
            prop_assert_eq!(plain, drawn(&text, 60, false));
        }
    }
}
