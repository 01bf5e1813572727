//! `completion/complete`.

use rmcp::ErrorData;
use rmcp::model::{CompleteRequestParams, CompleteResult, CompletionInfo, ErrorCode, Reference};
use rmcp::service::{RequestContext, RoleServer};

use super::{Server, result};
use crate::registry::{Target, Typing};

pub(super) async fn complete(
    server: &Server,
    request: &CompleteRequestParams,
    context: &RequestContext<RoleServer>,
) -> Result<CompleteResult, ErrorData> {
    let registry = server.loaded().await?;
    let target = match &request.r#ref {
        Reference::Prompt(prompt) => Target::Prompt(&prompt.name),
        Reference::Resource(template) => Target::Template(&template.uri),
        _ => {
            let message = "`ref` is neither `ref/prompt` nor `ref/resource`";
            return Err(ErrorData::invalid_params(message, None));
        }
    };
    let argument = &request.argument;
    // A person who types is told nothing of progress.
    let client = server.client(context, None);
    let context = request.context.clone().unwrap_or_default();
    let typing = Typing {
        argument: &argument.name,
        value: &argument.value,
        before: &context.arguments.unwrap_or_default(),
    };
    let completed = registry
        .complete(target, typing, client)
        .await
        .map_err(|failure| result::error(&failure, ErrorCode::INVALID_PARAMS))?;
    let mut info = CompletionInfo::default();
    info.has_more = Some(completed.has_more());
    info.total = u32::try_from(completed.total).ok();
    info.values = completed.values;
    Ok(CompleteResult::new(info))
}
