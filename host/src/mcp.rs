//! The MCP server: decode, ask the registry, encode.
//!
//! One handler for both protocol eras: `initialize` up to 2025-11-25, and the stateless 2026-07-28. The handshake is answered
//! from the configuration alone; the plugins are loaded meanwhile, and the first request that needs them waits. It knows no
//! plugin.

mod ask;
mod calling;
mod completing;
mod current;
mod era;
mod lists;
mod progress;
mod prompts;
mod reading;
mod result;
mod telling;

use rmcp::ErrorData;
use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CompleteRequestParams, CompleteResult,
    GetPromptRequestParams, GetPromptResponse, Implementation, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
    ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities, ServerConfig,
    SubscriptionFilter,
};
use rmcp::service::{RequestContext, RoleServer, SubscriptionContext};

pub(crate) use ask::{Answer, Answers};
pub(crate) use current::{Parts, Server};
pub(crate) use telling::tell;

use crate::backend::cluster::Cluster;

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let cluster = self.cluster().name();
        let identity = Implementation::new("bulkhead", env!("CARGO_PKG_VERSION"))
            .with_title(format!("Bulkhead: {cluster}"));
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_tool_list_changed()
            .enable_resources()
            .enable_resources_list_changed()
            .enable_prompts()
            .enable_prompts_list_changed()
            .enable_completions()
            .build();
        ServerConfig::new(capabilities)
            .with_server_info(identity)
            .with_instructions(instructions(self.cluster()))
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        lists::tools(self.loaded().await?.offer(), request, &context)
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        lists::resources(self.loaded().await?.offer(), request, &context)
    }

    async fn list_resource_templates(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        lists::templates(self.loaded().await?.offer(), request, &context)
    }

    async fn list_prompts(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        lists::prompts(self.loaded().await?.offer(), request, &context)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        calling::call(self, request, context).await
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        Ok(reading::read(self, &request.uri, &context).await?.into())
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        Ok(prompts::get(self, request, &context).await?.into())
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        completing::complete(self, &request, &context).await
    }

    fn accepted_subscription_filter(&self, _: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        Some(telling::accepted())
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        telling::listen(self, &context).await;
        Ok(())
    }
}

fn instructions(cluster: &Cluster) -> String {
    match cluster.target() {
        Ok(target) => format!(
            "Tools for the Kubernetes cluster `{}` (default namespace `{}`). They show what the operator allows; what is denied, is denied on purpose: \
             tell the person what you needed instead of trying other ways. Values that look like credentials are masked.",
            target.name, target.default_namespace
        ),
        Err(error) => format!(
            "There is no cluster to talk to: {error}. Tell the person to run `bulkhead doctor`."
        ),
    }
}
