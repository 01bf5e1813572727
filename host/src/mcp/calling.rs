//! `tools/call`: runs a tool, and asks the person where the call may.

use rmcp::ErrorData;
use rmcp::model::{CallToolRequestParams, CallToolResponse};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::Value;

use super::{Server, ask, progress, result};
use crate::failure::shown;
use crate::registry::Client;

pub(super) async fn call(
    server: &Server,
    request: CallToolRequestParams,
    context: RequestContext<RoleServer>,
) -> Result<CallToolResponse, ErrorData> {
    // Both of one configuration, whatever is read meanwhile.
    let current = server.current();
    let registry = server.loaded_of(&current).await?;
    let name = request.name.into_owned();
    let Some(entry) = registry.offer().tool(&name) else {
        let shown = shown(&name);
        return Err(ErrorData::invalid_params(
            format!("there is no tool `{shown}`: use a name from tools/list"),
            None,
        ));
    };
    let arguments = Value::Object(request.arguments.unwrap_or_default());
    let bound = ask::Bound::new(&name, &arguments, server.caller());
    let brought = ask::Brought {
        responses: request.input_responses,
        state: request.request_state,
    };
    let run = async |ask| {
        let answer = progress::reported(&context, async |progress| {
            let client = Client {
                ask: Some(ask),
                ..server.client(&context, progress)
            };
            registry.call_tool(entry, arguments, client).await
        });
        result::of(answer.await)
    };
    Ok(ask::run(&*current.answers, &context, &bound, brought, run).await)
}
