//! An outcome in MCP's words: the last redaction, the encoding.

use rmcp::ErrorData;
use rmcp::model::{CallToolResult, ContentBlock, ErrorCode, PromptMessage, ResourceContents, Role};
use serde_json::{Value, json};

use crate::failure::{Failure, Kind};
use crate::host_calls::bindings::exports::bulkhead::plugin::plugin as wit;
use crate::redact;
use crate::registry::Answer;
use crate::runtime::Output;

/// Most bytes of a failure's text: a plugin may have written it.
const MAX_FAILURE_BYTES: usize = 4 * 1024;

/// Cleans the words of a guest on their way out. What the cluster gave was cleaned before the guest saw it; this pass is for
/// what a guest puts together.
#[derive(Clone, Copy)]
struct Cleaning {
    shows_secrets: bool,
}

/// Encodes the outcome of a call. Every failure is an `isError` result with its kind, its reason and the next step.
pub(super) fn of(outcome: Result<Answer<Output>, Failure>) -> CallToolResult {
    match outcome.and_then(encode) {
        Ok(result) => result,
        Err(failure) => CallToolResult::error(vec![ContentBlock::text(words(&failure))]),
    }
}

fn encode(answer: Answer<Output>) -> Result<CallToolResult, Failure> {
    let (output, cleaning) = taken(answer);
    let content = output.content.into_iter();
    let content = content.map(|piece| cleaning.block(piece)).collect();
    let mut result = CallToolResult::success(content);
    if let Some(text) = output.structured {
        let mut value: Value = serde_json::from_str(&text).map_err(|error| {
            Failure::new(Kind::Plugin, "the structured result is not JSON").source(error)
        })?;
        if !cleaning.shows_secrets {
            redact::json(&mut value);
        }
        result.structured_content = Some(value);
    }
    Ok(result)
}

/// Encodes what a resource holds.
pub(super) fn contents(answer: Answer<Vec<wit::Contents>>) -> Vec<ResourceContents> {
    let (contents, cleaning) = taken(answer);
    // The URI is the client's own.
    let encoded = |contents: wit::Contents| {
        let uri = contents.uri.clone();
        cleaning.contents(contents, uri)
    };
    contents.into_iter().map(encoded).collect()
}

/// Encodes the messages of a prompt.
pub(super) fn messages(answer: Answer<Vec<wit::Message>>) -> Vec<PromptMessage> {
    let (messages, cleaning) = taken(answer);
    let encoded = |message: wit::Message| {
        let role = match message.role {
            wit::Role::User => Role::User,
            wit::Role::Assistant => Role::Assistant,
        };
        PromptMessage::new(role, cleaning.block(message.content))
    };
    messages.into_iter().map(encoded).collect()
}

/// Says a failure as an error of the protocol. `not_found` is the code where the thing itself is not there.
pub(super) fn error(failure: &Failure, not_found: ErrorCode) -> ErrorData {
    let code = match failure.kind {
        Kind::NotFound => not_found,
        Kind::Invalid => ErrorCode::INVALID_PARAMS,
        Kind::Denied
        | Kind::Conflict
        | Kind::Limit
        | Kind::NeedsApproval
        | Kind::Declined
        | Kind::Cancelled
        | Kind::Upstream
        | Kind::Plugin
        | Kind::Bug => ErrorCode::INTERNAL_ERROR,
    };
    let data = json!({ "kind": failure.kind.as_str() });
    ErrorData::new(code, words(failure), Some(data))
}

/// What a client reads of a failure: kind, reason and next step, cleaned and cut.
fn words(failure: &Failure) -> String {
    if failure.kind == Kind::Bug {
        tracing::error!("a fault of Bulkhead: {}", failure.text());
    }
    let text = failure.text();
    let text = redact::text(crate::host_calls::cut(&text, MAX_FAILURE_BYTES));
    format!("{}: {text}", failure.kind)
}

fn taken<T>(answer: Answer<T>) -> (T, Cleaning) {
    let shows_secrets = answer.shows_secrets;
    (answer.given, Cleaning { shows_secrets })
}

impl Cleaning {
    /// JSON is read and cleaned by its structure, also where it stands in the text of a resource.
    fn text(self, text: String) -> String {
        if self.shows_secrets {
            text
        } else {
            redact::text(&text).into_owned()
        }
    }

    fn contents(self, contents: wit::Contents, uri: String) -> ResourceContents {
        ResourceContents::text(self.text(contents.text), uri)
            .with_mime_type(self.text(contents.mime_type))
    }

    fn block(self, block: wit::Block) -> ContentBlock {
        match block {
            wit::Block::Text(text) => ContentBlock::text(self.text(text)),
            wit::Block::Image(blob) => {
                ContentBlock::image(base64(&blob.data), self.text(blob.mime_type))
            }
            wit::Block::Audio(blob) => {
                ContentBlock::audio(base64(&blob.data), self.text(blob.mime_type))
            }
            wit::Block::Embedded(contents) => {
                let uri = self.text(contents.uri.clone());
                ContentBlock::resource(self.contents(contents, uri))
            }
        }
    }
}

fn base64(data: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> String {
        ["gh", "p_16C7e42F292c6912E7710c838347Ae178B4a"].concat()
    }

    fn read(text: String, mime_type: &str, shows_secrets: bool) -> String {
        let given = vec![wit::Contents {
            uri: "library://pods".to_owned(),
            mime_type: mime_type.to_owned(),
            text,
        }];
        let contents = contents(Answer {
            given,
            shows_secrets,
        });
        serde_json::to_string(&contents).unwrap()
    }

    #[test]
    fn contents_are_masked_as_text_and_as_json() {
        let secret = json!({ "kind": "Secret", "data": { "pin": "c2VzYW1lLW9wZW4=" } });
        for (text, mime_type) in [
            (format!("token {}", token()), "text/plain"),
            (json!({ "token": token() }).to_string(), "application/json"),
            (secret.to_string(), "application/json"),
            (format!("{secret:#}"), "application/json"),
            ("x".to_owned(), token().as_str()),
        ] {
            let told = read(text.clone(), mime_type, false);
            assert!(
                !told.contains("7710c838347A") && !told.contains("c2VzYW1l"),
                "{told}"
            );
            let shown = read(text, mime_type, true);
            assert!(
                shown.contains("7710c838347A") || shown.contains("c2VzYW1l"),
                "{shown}"
            );
        }
    }

    #[test]
    fn what_stands_beside_an_embedded_text_is_masked_too() {
        let block = |uri: &str, mime_type: &str| {
            wit::Block::Embedded(wit::Contents {
                uri: uri.to_owned(),
                mime_type: mime_type.to_owned(),
                text: String::new(),
            })
        };
        let picture = wit::Block::Image(wit::Blob {
            mime_type: token(),
            data: vec![],
        });
        let cleaning = Cleaning {
            shows_secrets: false,
        };
        for block in [
            block(&token(), "text/plain"),
            block("x:y", &token()),
            picture,
        ] {
            let told = serde_json::to_string(&cleaning.block(block)).unwrap();
            assert!(!told.contains("7710c838347A"), "{told}");
        }
    }

    #[test]
    fn a_failure_is_cleaned_and_cut_and_says_its_kind() {
        let failure = Failure::new(Kind::NotFound, format!("{} {}", token(), "x".repeat(9000)))
            .fix("look elsewhere");
        let error = error(&failure, ErrorCode::RESOURCE_NOT_FOUND);
        assert_eq!(error.code, ErrorCode::RESOURCE_NOT_FOUND);
        assert!(
            error.message.starts_with("not-found: <redacted>"),
            "{}",
            error.message
        );
        assert!(error.message.len() < 5000);
        assert_eq!(error.data, Some(json!({ "kind": "not-found" })));
        let denied = Failure::new(Kind::Denied, "no");
        let error = super::error(&denied, ErrorCode::RESOURCE_NOT_FOUND);
        assert_eq!(error.code, ErrorCode::INTERNAL_ERROR);
    }
}
