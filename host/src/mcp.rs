//! The MCP server: decode, ask the registry, encode.
//!
//! One handler for both protocol eras: `initialize` up to 2025-11-25, and the stateless 2026-07-28. The handshake is answered
//! from the configuration alone; the plugins are loaded meanwhile, and the first request that needs them waits. It knows no
//! plugin.

mod ask;
mod era;
mod progress;
mod result;

use std::sync::Arc;

use rmcp::ErrorData;
use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, Implementation, ListToolsResult,
    PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool as McpTool, ToolAnnotations,
};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::Value;
use tokio::sync::OnceCell;

pub(crate) use ask::{Answer, Answers};

use crate::audit::Audit;
use crate::backend::cluster::Cluster;
use crate::change::ChangesOnDemand;
use crate::config::Config;
use crate::failure::{Failure, shown};
use crate::plugin::Cache;
use crate::registry::{Entry, Registry, Request};

/// The MCP server over one cluster.
#[derive(Clone)]
pub(crate) struct Server {
    shared: Arc<Shared>,
}

/// What a server is made of.
pub(crate) struct Parts {
    pub(crate) config: Arc<Config>,
    pub(crate) cluster: Arc<Cluster>,
    pub(crate) changes: Arc<ChangesOnDemand>,
    pub(crate) audit: Arc<Audit>,
    pub(crate) cache: Arc<Cache>,
    /// `uid 1000` over stdio.
    pub(crate) caller: String,
    /// None where a question cannot be taken up again in a later call.
    pub(crate) answers: Option<Arc<dyn Answers>>,
}

struct Shared {
    parts: Parts,
    registry: OnceCell<Registry>,
}

impl Server {
    pub(crate) fn new(parts: Parts) -> Self {
        Self {
            shared: Arc::new(Shared {
                parts,
                registry: OnceCell::new(),
            }),
        }
    }

    /// Loads the plugins, once; what fails is tried again at the next request.
    pub(crate) async fn registry(&self) -> Result<&Registry, Failure> {
        let parts = &self.shared.parts;
        self.shared
            .registry
            .get_or_try_init(|| {
                Registry::load(
                    &parts.config,
                    Arc::clone(&parts.cluster),
                    Arc::clone(&parts.changes),
                    Arc::clone(&parts.audit),
                    Arc::clone(&parts.cache),
                )
            })
            .await
    }

    /// Loads the plugins and maps their components, so that the first call need not wait.
    pub(crate) async fn warm(&self) {
        match self.registry().await {
            Err(failure) => tracing::error!("{}", failure.text()),
            Ok(registry) => {
                for plugin in registry.plugins() {
                    if let Err(failure) = plugin.ready(&self.shared.parts.cache).await {
                        tracing::error!(
                            "plugin `{}` cannot run: {}",
                            plugin.config.key,
                            failure.text()
                        );
                    }
                }
                if registry.changes() {
                    registry.recover().await;
                }
            }
        }
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let cluster = self.shared.parts.cluster.name();
        let identity = Implementation::new("bulkhead", env!("CARGO_PKG_VERSION"))
            .with_title(format!("Bulkhead: {cluster}"));
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(identity)
            .with_instructions(instructions(&self.shared.parts.cluster))
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let registry = self
            .registry()
            .await
            .map_err(|failure| unloaded(&failure))?;
        let tools = registry
            .tools()
            .map(|(name, entry)| listed(name, entry))
            .collect();
        Ok(era::cacheable(
            &context,
            ListToolsResult::with_all_items(tools),
        ))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let registry = self
            .registry()
            .await
            .map_err(|failure| unloaded(&failure))?;
        let name = request.name.into_owned();
        if !registry.has(&name) {
            let shown = shown(&name);
            return Err(ErrorData::invalid_params(
                format!("there is no tool `{shown}`: use a name from tools/list"),
                None,
            ));
        }
        let arguments = Value::Object(request.arguments.unwrap_or_default());
        let bound = ask::Bound::new(&name, &arguments, &self.shared.parts.caller);
        let brought = ask::Brought {
            responses: request.input_responses,
            state: request.request_state,
        };
        let run = async |ask| {
            let progress = progress::Progress::begin(&context);
            let answer = registry
                .call(Request {
                    name,
                    arguments,
                    cancelled: context.ct.clone(),
                    progress: progress.as_ref().map(progress::Progress::sink),
                    ask: Some(ask),
                    caller: self.shared.parts.caller.clone(),
                    client: era::client(&context),
                })
                .await;
            if let Some(progress) = progress {
                progress.end().await;
            }
            result::of(answer)
        };
        Ok(ask::run(
            self.shared.parts.answers.as_deref(),
            &context,
            &bound,
            brought,
            run,
        )
        .await)
    }
}

/// A plugin set that cannot be served is the operator's fault, not a call's: it is said in the protocol's own error.
fn unloaded(failure: &Failure) -> ErrorData {
    ErrorData::internal_error(failure.text(), None)
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

fn listed(name: &str, entry: &Entry) -> McpTool {
    let tool = entry.tool();
    let schema = |value: &Value| Arc::new(value.as_object().cloned().unwrap_or_default());
    // True by construction: in a call of a `read` tool the host refuses what changes.
    let annotations = ToolAnnotations::with_title(tool.title.clone())
        .read_only(!tool.changes)
        .destructive(tool.changes)
        .idempotent(tool.idempotent)
        .open_world(false);
    let listed = McpTool::new(
        name.to_owned(),
        tool.description.clone(),
        schema(&tool.input_schema),
    )
    .with_title(tool.title.clone())
    .with_annotations(annotations);
    match &tool.output_schema {
        Some(output) => listed.with_raw_output_schema(schema(output)),
        None => listed,
    }
}
