//! One call, from its arguments to its answer within budgets.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{Entry, Owner, Registry, leave_out_nulls};
use crate::call::{
    Actor, Ask, Budget, Call, Covered, Deadline, Denials, Effect, Origin, ProgressSink,
};
use crate::change::records;
use crate::config::Limits;
use crate::failure::{Failure, Kind, chain, shown};
use crate::host_calls::{HostCalls, cut};
use crate::plugin::Plugin;
use crate::proposal::digest_of;
use crate::runtime::Output;
use crate::{escape, redact};

/// Most bytes of a failure in the operator's log.
const MAX_LOGGED_BYTES: usize = 2 * 1024;

/// How long looking up what earlier hosts left may take.
const RECOVERY: Duration = Duration::from_secs(60);

/// What stands for the plugin's key where the host itself answers.
const HOST: &str = "bulkhead";

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
        let name = request.name.clone();
        let arguments = request.arguments.clone();
        let call = Arc::new(self.begin(entry, request));
        let _slot = call
            .bound(async {
                self.slots.acquire().await.map_err(|error| {
                    Failure::new(Kind::Bug, "the slots of calls were closed").source(error)
                })
            })
            .await?;
        let began = Instant::now();
        let result = match &entry.owner {
            Owner::Plugin(plugin, _) => self.call_plugin(plugin, &call, &input).await,
            Owner::Host(host_tool, _) => self.call_host(*host_tool, &call, &arguments).await,
        };
        self.note(entry, &call, &result, began.elapsed());
        log(&name, &call, &result, began.elapsed());
        let output = result?;
        // Before anything parses it: a guest may answer with as much as its memory holds.
        check_size(&output, limits_of(entry).output)?;
        entry
            .schemas
            .check_result(tool, output.structured.as_deref())?;
        Ok(Answer {
            output,
            shows_secrets: entry
                .plugin()
                .is_some_and(|plugin| plugin.gate.shows_secrets()),
        })
    }

    fn begin(&self, entry: &Entry, request: Request) -> Call {
        let limits = limits_of(entry);
        let tool = entry.tool();
        Call {
            id: self.calls.fetch_add(1, Ordering::Relaxed),
            plugin: entry
                .plugin()
                .map_or(HOST, |plugin| plugin.config.key.as_str())
                .to_owned(),
            tool: tool.name.clone(),
            effect: tool.effect(),
            deadline: Deadline::within(limits.wall),
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
            actor: entry
                .plugin()
                .map_or_else(Actor::default, |plugin| plugin.actor.clone()),
            denials: Denials::default(),
            covered: Covered::default(),
        }
    }

    async fn call_plugin(
        &self,
        plugin: &Arc<Plugin>,
        call: &Arc<Call>,
        input: &str,
    ) -> Result<Output, Failure> {
        let calls = HostCalls {
            call: Arc::clone(call),
            gate: Arc::clone(&plugin.gate),
            cluster: Arc::clone(&self.cluster),
            settings: Arc::clone(&plugin.settings),
            plugin: plugin.identity(),
            changes: Arc::clone(&self.changes),
            ordinal: AtomicU32::new(0),
        };
        plugin.call_tool(&self.cache, calls, input).await
    }

    /// Looks what became of changes that were under way when their host ended, and closes them.
    pub(crate) async fn recover(&self) {
        let call = Call {
            id: 0,
            plugin: HOST.to_owned(),
            tool: "recover".to_owned(),
            effect: Effect::Read,
            deadline: Deadline::within(RECOVERY),
            cancelled: CancellationToken::new(),
            budget: Budget::new(0, 0),
            progress: None,
            ask: None,
            origin: Origin::default(),
            actor: Actor::default(),
            denials: Denials::default(),
            covered: Covered::default(),
        };
        let recovered = async {
            let changes = self.changes.get().await?;
            changes.recover(&call, |key| self.party(key)).await
        };
        if let Err(failure) = recovered.await {
            tracing::error!(
                "what earlier hosts left under way could not be looked up: {}",
                for_the_log(&failure)
            );
        }
    }

    /// Puts the call, and what the gate refused in it, on the way to the audit.
    fn note(&self, entry: &Entry, call: &Call, result: &Result<Output, Failure>, took: Duration) {
        let plugin = entry.plugin().map(|plugin| plugin.identity());
        for denial in call.denials.take() {
            self.audit
                .note(records::denial(call, plugin.as_ref(), denial));
        }
        let more = call.denials.take_more();
        if more > 0 {
            self.audit
                .note(records::more_denials(call, plugin.as_ref(), more));
        }
        let outcome = match result {
            Ok(_) => "ok",
            Err(failure) => failure.kind.as_str(),
        };
        self.audit
            .note(records::call(call, plugin.as_ref(), outcome, took));
    }
}

/// The limits of a tool's plugin; the host's own tools have those that a plugin has by default.
fn limits_of(entry: &Entry) -> Limits {
    entry
        .plugin()
        .map_or_else(Limits::default, |plugin| plugin.config.limits.clone())
}

fn log(name: &str, call: &Call, result: &Result<Output, Failure>, took: Duration) {
    match result {
        Ok(_) => tracing::debug!("call {} of `{name}` took {took:?}", call.id),
        Err(failure) => tracing::info!(
            "call {} of `{name}` failed: {}: {}",
            call.id,
            failure.kind,
            for_the_log(failure)
        ),
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
