//! From a tool's name to the plugin that answers it.
//!
//! Two enabled plugins with one tool name are refused, since an operator who reads a name must know whose it is. Arguments are
//! checked against the input schema before a guest is entered; in debug builds results are checked against the output schema.

mod schema;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use serde_json::Value;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::backend::cluster::Cluster;
use crate::call::{Ask, Budget, Call, Effect, Origin, ProgressSink};
use crate::config::Config;
use crate::failure::{Failure, Kind, chain, shown};
use crate::host_calls::{HostCalls, cut};
use crate::plugin::{Cache, Plugin, Tool};
use crate::proposal::digest_of;
use crate::runtime::Output;
use crate::{escape, redact};
pub(crate) use schema::{Schemas, leave_out_nulls};

/// Most bytes of a failure in the operator's log.
const MAX_LOGGED_BYTES: usize = 2 * 1024;

/// The enabled tools of all plugins.
pub(crate) struct Registry {
    /// By the name that a client sees, in its order.
    tools: BTreeMap<String, Entry>,
    plugins: Vec<Arc<Plugin>>,
    cluster: Arc<Cluster>,
    cache: Arc<Cache>,
    max_arguments_bytes: usize,
    /// Calls at once, over all plugins: the pool has no more places.
    slots: Semaphore,
    calls: AtomicU64,
}

/// One enabled tool.
pub(crate) struct Entry {
    plugin: Arc<Plugin>,
    /// Place in the plugin's manifest.
    place: usize,
    schemas: Schemas,
}

impl Entry {
    /// Returns what the plugin says of the tool.
    pub(crate) fn tool(&self) -> &Tool {
        &self.plugin.manifest.tools[self.place]
    }
}

/// One call of a client.
pub(crate) struct Request {
    /// As the client wrote it.
    pub(crate) name: String,
    /// A JSON object.
    pub(crate) arguments: Value,
    /// Fires when the client gives the call up.
    pub(crate) cancelled: CancellationToken,
    /// None where the client did not ask for progress.
    pub(crate) progress: Option<ProgressSink>,
    /// None where nobody can be asked through the client.
    pub(crate) ask: Option<Arc<dyn Ask>>,
    /// `uid 1000` over stdio.
    pub(crate) caller: String,
    /// The client as it calls itself.
    pub(crate) client: Option<String>,
}

/// A tool's answer, within its output budget.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) output: Output,
    /// Whether a grant shows the plugin values of Secrets: then they are not masked on their way out either.
    pub(crate) shows_secrets: bool,
}

impl Registry {
    /// Loads every enabled plugin. One that cannot be loaded is left out and named on stderr: the others serve.
    ///
    /// # Errors
    /// `Invalid` where two plugins have one tool name.
    pub(crate) async fn load(
        config: &Config,
        cluster: Arc<Cluster>,
        cache: Arc<Cache>,
    ) -> Result<Self, Failure> {
        let mut registry = Self {
            tools: BTreeMap::new(),
            plugins: Vec::new(),
            cluster,
            cache,
            max_arguments_bytes: usize::try_from(config.runtime.arguments.bytes())
                .unwrap_or(usize::MAX),
            slots: Semaphore::new(config.runtime.max_calls as usize),
            calls: AtomicU64::new(1),
        };
        for plugin in config.plugins.values() {
            match Plugin::load(plugin.clone(), &registry.cache).await {
                Ok(plugin) => registry.add(Arc::new(plugin))?,
                Err(failure) => {
                    tracing::error!("plugin `{}` is left out: {}", plugin.key, failure.text());
                }
            }
        }
        Ok(registry)
    }

    fn add(&mut self, plugin: Arc<Plugin>) -> Result<(), Failure> {
        for (place, tool) in plugin.manifest.tools.iter().enumerate() {
            let enabled = plugin
                .config
                .tools
                .iter()
                .any(|glob| glob.matches(&tool.name));
            // No verb that changes can be granted, so a tool that changes could only fail.
            if !enabled || tool.effect() == Effect::Change {
                continue;
            }
            let name = format!("{}{}", plugin.config.prefix, tool.name);
            if let Some(other) = self.tools.get(&name) {
                let (first, second) = (&other.plugin.config.key, &plugin.config.key);
                return Err(Failure::new(
                    Kind::Invalid,
                    format!("plugins `{first}` and `{second}` both have a tool `{name}`"),
                )
                .fix(format!(
                    "set `plugins.{second}.prefix` in config.toml, such as `prefix = \"{second}_\"`"
                )));
            }
            self.tools.insert(
                name,
                Entry {
                    plugin: Arc::clone(&plugin),
                    place,
                    schemas: Schemas::default(),
                },
            );
        }
        self.plugins.push(plugin);
        Ok(())
    }

    /// Returns the tools by name, in the order in which a client sees them.
    pub(crate) fn tools(&self) -> impl Iterator<Item = (&String, &Entry)> {
        self.tools.iter()
    }

    /// Returns the loaded plugins, by key.
    pub(crate) fn plugins(&self) -> &[Arc<Plugin>] {
        &self.plugins
    }

    /// Whether there is such a tool.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.tools.contains_key(name)
    }

    /// Runs a tool.
    ///
    /// # Errors
    /// `NotFound` for an unknown tool, `Invalid` for wrong arguments, else what the call fails with.
    pub(crate) async fn call(&self, mut request: Request) -> Result<Answer, Failure> {
        let entry = self
            .tools
            .get(&request.name)
            .ok_or_else(|| unknown(&request.name))?;
        let tool = entry.tool();
        leave_out_nulls(tool, &mut request.arguments);
        let input = request.arguments.to_string();
        if input.len() > self.max_arguments_bytes {
            return Err(Failure::new(
                Kind::Limit,
                format!(
                    "the arguments have {} bytes, more than the {} that are taken",
                    input.len(),
                    self.max_arguments_bytes
                ),
            )
            .fix("send less, or let the operator raise `runtime.arguments`"));
        }
        entry.schemas.check_arguments(tool, &request.arguments)?;
        let limits = &entry.plugin.config.limits;
        let call = Arc::new(Call {
            id: self.calls.fetch_add(1, Ordering::Relaxed),
            plugin: entry.plugin.config.key.clone(),
            tool: tool.name.clone(),
            effect: tool.effect(),
            deadline: Instant::now() + limits.wall,
            cancelled: request.cancelled,
            budget: Budget::new(limits.host_calls, limits.crossing),
            progress: request.progress,
            ask: request.ask,
            origin: Origin {
                caller: request.caller,
                client: request.client,
                arguments_digest: digest_of(&request.arguments),
                arguments: redacted(&request.arguments),
            },
        });
        let _slot = call
            .bound(async {
                self.slots.acquire().await.map_err(|error| {
                    Failure::new(Kind::Bug, "the slots of calls were closed").source(error)
                })
            })
            .await?;
        let began = Instant::now();
        let calls = HostCalls {
            call: Arc::clone(&call),
            gate: Arc::clone(&entry.plugin.gate),
            cluster: Arc::clone(&self.cluster),
            settings: Arc::clone(&entry.plugin.settings),
        };
        let result = entry.plugin.call_tool(&self.cache, calls, &input).await;
        match &result {
            Ok(_) => tracing::debug!(
                "call {} of `{}` took {:?}",
                call.id,
                request.name,
                began.elapsed()
            ),
            Err(failure) => {
                tracing::info!(
                    "call {} of `{}` failed: {}: {}",
                    call.id,
                    request.name,
                    failure.kind,
                    for_the_log(failure)
                );
            }
        }
        let output = result?;
        // Before anything parses it: a guest may answer with as much as its memory holds.
        check_size(&output, limits.output)?;
        entry
            .schemas
            .check_result(tool, output.structured.as_deref())?;
        Ok(Answer {
            output,
            shows_secrets: entry.plugin.gate.shows_secrets(),
        })
    }
}

fn check_size(output: &Output, most: u64) -> Result<(), Failure> {
    let bytes = output.bytes();
    if bytes as u64 <= most {
        return Ok(());
    }
    Err(Failure::new(
        Kind::Limit,
        format!("the answer has {bytes} bytes, more than the {most} that one answer may have"),
    )
    .fix("ask for less: a part, a smaller page, fewer lines; or let the operator raise `limits.output`"))
}

/// The arguments as they are recorded and shown.
fn redacted(arguments: &Value) -> Value {
    let mut arguments = arguments.clone();
    redact::json(&mut arguments);
    arguments
}

/// A failure in one line: a guest may have written it, and the log is a terminal.
fn for_the_log(failure: &Failure) -> String {
    let words = chain(failure);
    let words = redact::text(cut(&words, MAX_LOGGED_BYTES));
    escape::line(&words)
}

fn unknown(name: &str) -> Failure {
    let shown = shown(name);
    Failure::new(Kind::NotFound, format!("there is no tool `{shown}`"))
        .fix("use a name from tools/list")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_one_line_of_the_log_without_credentials() {
        let words = format!(
            "no\ntoken ghp_16C7e42F292c6912E7710c838347Ae178B4a {}",
            "x".repeat(9000)
        );
        let line = for_the_log(&Failure::new(Kind::Plugin, words));
        assert!(line.starts_with("no\\ntoken "), "{line}");
        assert!(!line.contains("ghp_") && line.len() < 3000, "{line}");
    }

    #[test]
    fn an_answer_is_measured_before_it_is_parsed() {
        let output = Output {
            content: Vec::new(),
            structured: Some("not JSON".repeat(10)),
        };
        assert_eq!(check_size(&output, 79).unwrap_err().kind, Kind::Limit);
        assert!(check_size(&output, 80).is_ok());
    }
}
