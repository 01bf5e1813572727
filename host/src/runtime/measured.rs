//! How much of the output budget an answer takes.
//!
//! Everything that a client reads counts, and every piece of it something: a guest must not get past the budget by many pieces
//! of nothing, or by what stands beside the text.

use crate::host_calls::bindings::exports::bulkhead::plugin::plugin as wit;

/// What one piece costs at least: the protocol writes about as much around it.
const PIECE_BYTES: usize = 32;

/// An answer of a guest.
pub(crate) trait Measured {
    /// Returns the bytes that count for the output budget.
    fn bytes(&self) -> usize;
}

impl Measured for wit::Output {
    /// Text and structured result say the same, and a client shows the model one of them: each has the whole budget.
    fn bytes(&self) -> usize {
        let text: usize = self.content.iter().map(Measured::bytes).sum();
        text.max(self.structured.as_ref().map_or(0, String::len))
    }
}

impl Measured for wit::Block {
    fn bytes(&self) -> usize {
        let bytes = match self {
            Self::Text(text) => text.len(),
            Self::Image(blob) | Self::Audio(blob) => blob.data.len() + blob.mime_type.len(),
            Self::Embedded(contents) => return contents.bytes(),
        };
        bytes.max(PIECE_BYTES)
    }
}

impl Measured for wit::Contents {
    fn bytes(&self) -> usize {
        let bytes = self.text.len() + self.uri.len() + self.mime_type.len();
        bytes.max(PIECE_BYTES)
    }
}

impl Measured for wit::Message {
    fn bytes(&self) -> usize {
        self.content.bytes()
    }
}

impl Measured for String {
    fn bytes(&self) -> usize {
        self.len().max(PIECE_BYTES)
    }
}

impl<T: Measured> Measured for Vec<T> {
    fn bytes(&self) -> usize {
        self.iter().map(Measured::bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_beside_the_text_counts() {
        let long = "x".repeat(1000);
        let contents = |uri: &str, mime_type: &str, text: &str| wit::Contents {
            uri: uri.to_owned(),
            mime_type: mime_type.to_owned(),
            text: text.to_owned(),
        };
        for contents in [
            contents(&long, "", ""),
            contents("", &long, ""),
            contents("", "", &long),
        ] {
            assert_eq!(vec![contents].bytes(), 1000);
        }
        let picture = wit::Block::Image(wit::Blob {
            mime_type: long,
            data: vec![0; 500],
        });
        assert_eq!(picture.bytes(), 1500);
    }

    #[test]
    fn many_pieces_of_nothing_are_not_nothing() {
        assert_eq!(vec![String::new(); 1000].bytes(), 32_000);
        let output = wit::Output {
            content: vec![wit::Block::Text(String::new()); 1000],
            structured: None,
        };
        assert_eq!(output.bytes(), 32_000);
    }

    #[test]
    fn text_and_structured_result_have_the_whole_budget_each() {
        let output = wit::Output {
            content: vec![wit::Block::Text("x".repeat(70))],
            structured: Some("y".repeat(80)),
        };
        assert_eq!(output.bytes(), 80);
    }
}
