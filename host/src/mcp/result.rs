//! An outcome as an MCP result: the last redaction, the encoding.

use rmcp::model::{CallToolResult, ContentBlock, ResourceContents};
use serde_json::Value;

use crate::failure::{Failure, Kind};
use crate::host_calls::bindings::exports::bulkhead::plugin::plugin::Block;
use crate::redact;
use crate::registry::Answer;

/// Most bytes of a failure's text: a plugin may have written it.
const MAX_FAILURE_BYTES: usize = 4 * 1024;

/// Encodes the outcome of a call. Every failure is an `isError` result with its kind, its reason and the next step.
pub(super) fn of(outcome: Result<Answer, Failure>) -> CallToolResult {
    match outcome.and_then(encode) {
        Ok(result) => result,
        Err(failure) => failed(&failure),
    }
}

fn encode(answer: Answer) -> Result<CallToolResult, Failure> {
    let Answer {
        output,
        shows_secrets,
    } = answer;
    // What the cluster gave was cleaned before the guest saw it. This pass is for what a guest puts together.
    let clean = |text: String| {
        if shows_secrets {
            text
        } else {
            redact::text(&text).into_owned()
        }
    };
    let content = output
        .content
        .into_iter()
        .map(|piece| block(piece, clean))
        .collect();
    let mut result = CallToolResult::success(content);
    if let Some(text) = output.structured {
        let mut value: Value = serde_json::from_str(&text).map_err(|error| {
            Failure::new(Kind::Plugin, "the structured result is not JSON").source(error)
        })?;
        if !shows_secrets {
            redact::json(&mut value);
        }
        result.structured_content = Some(value);
    }
    Ok(result)
}

fn failed(failure: &Failure) -> CallToolResult {
    if failure.kind == Kind::Bug {
        tracing::error!("a fault of Bulkhead: {}", failure.text());
    }
    let text = failure.text();
    let text = redact::text(crate::host_calls::cut(&text, MAX_FAILURE_BYTES));
    CallToolResult::error(vec![ContentBlock::text(format!(
        "{}: {text}",
        failure.kind
    ))])
}

fn block(block: Block, clean: impl Fn(String) -> String) -> ContentBlock {
    match block {
        Block::Text(text) => ContentBlock::text(clean(text)),
        Block::Image(blob) => ContentBlock::image(base64(&blob.data), blob.mime_type),
        Block::Audio(blob) => ContentBlock::audio(base64(&blob.data), blob.mime_type),
        Block::Embedded(contents) => ContentBlock::resource(
            ResourceContents::text(clean(contents.text), contents.uri)
                .with_mime_type(contents.mime_type),
        ),
    }
}

fn base64(data: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(data)
}
