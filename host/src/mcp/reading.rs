//! `resources/read`.

use rmcp::ErrorData;
use rmcp::model::{ErrorCode, ReadResourceResult};
use rmcp::service::{RequestContext, RoleServer};

use super::{Server, progress, result};

/// Reads a resource. What is not there has MCP's own error, whose code rmcp fits to the era.
pub(super) async fn read(
    server: &Server,
    uri: &str,
    context: &RequestContext<RoleServer>,
) -> Result<ReadResourceResult, ErrorData> {
    let registry = server.loaded().await?;
    let answer = progress::reported(context, async |progress| {
        let client = server.client(context, progress);
        registry.read_resource(uri, client).await
    });
    match answer.await {
        Ok(answer) => Ok(ReadResourceResult::new(result::contents(answer))),
        Err(failure) => Err(result::error(&failure, ErrorCode::RESOURCE_NOT_FOUND)),
    }
}
