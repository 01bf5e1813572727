//! `prompts/get`.

use rmcp::ErrorData;
use rmcp::model::{ErrorCode, GetPromptRequestParams, GetPromptResult};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::Value;

use super::{Server, progress, result};

pub(super) async fn get(
    server: &Server,
    request: GetPromptRequestParams,
    context: &RequestContext<RoleServer>,
) -> Result<GetPromptResult, ErrorData> {
    let registry = server.loaded().await?;
    let name = request.name;
    let arguments = Value::Object(request.arguments.unwrap_or_default());
    let answer = progress::reported(context, async |progress| {
        let client = server.client(context, progress);
        registry.get_prompt(&name, &arguments, client).await
    });
    match answer.await {
        Ok(answer) => {
            let filled = GetPromptResult::new(result::messages(answer));
            Ok(match registry.offer().prompt_description(&name) {
                Some(description) => filled.with_description(description),
                None => filled,
            })
        }
        Err(failure) => Err(result::error(&failure, ErrorCode::INVALID_PARAMS)),
    }
}
