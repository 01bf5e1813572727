//! Replacements of spans in a text, and cutting texts without panics.

use std::ops::Range;

use super::MASK;

/// Spans to be replaced, in ascending order.
#[derive(Default)]
pub(super) struct Edits {
    spans: Vec<(Range<usize>, String)>,
}

impl Edits {
    /// Replaces `span` by the mask.
    pub(super) fn mask(&mut self, span: Range<usize>) {
        self.replace(span, MASK.to_owned());
    }

    /// Replaces `span`. A span that begins inside an earlier one is dropped, since its text is gone already.
    pub(super) fn replace(&mut self, span: Range<usize>, with: String) {
        if self
            .spans
            .last()
            .is_none_or(|(last, _)| last.end <= span.start)
        {
            self.spans.push((span, with));
        }
    }

    /// Returns the text with all replacements, or `None` if there are none.
    pub(super) fn apply(self, text: &str) -> Option<String> {
        if self.spans.is_empty() {
            return None;
        }
        let mut result = String::with_capacity(text.len());
        let mut kept_to = 0;
        for (span, with) in self.spans {
            result.push_str(cut(text, kept_to..span.start));
            result.push_str(&with);
            kept_to = span.end;
        }
        result.push_str(cut(text, kept_to..text.len()));
        Some(result)
    }
}

/// Returns the part of `text` in `span`; empty if the span is not one of whole characters, which then hides rather
/// than shows.
pub(super) fn cut(text: &str, span: Range<usize>) -> &str {
    text.get(span).unwrap_or_default()
}

/// Returns where the line around `at` begins.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    cut(text, 0..at)
        .rfind('\n')
        .map_or(0, |newline| newline + 1)
}

/// Returns where the line around `at` ends, before its newline.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    let rest = cut(text, at..text.len());
    let line = rest.find('\n').unwrap_or(rest.len());
    at + cut(rest, 0..line).trim_end_matches('\r').len()
}

/// The line around a place that moves forward. A text of one long line is measured once and not at every place.
pub(super) struct LineAround<'a> {
    text: &'a str,
    line: Range<usize>,
}

impl<'a> LineAround<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            line: 0..line_end(text, 0),
        }
    }

    /// Returns the span of the line around `at`, without its newline.
    pub(super) fn at(&mut self, at: usize) -> Range<usize> {
        if !(self.line.start..=self.line.end).contains(&at) {
            self.line = line_start(self.text, at)..line_end(self.text, at);
        }
        self.line.clone()
    }
}
