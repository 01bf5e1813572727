//! The one way of every question to a plugin: a place, budgets, a deadline, the audit, the output budget.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::SemaphorePermit;
use tokio_util::sync::CancellationToken;

use super::Registry;
use crate::call::{
    Actor, Ask, Begun, Budget, Call, Covered, Deadline, Denials, Effect, Origin, ProgressSink,
};
use crate::change::records;
use crate::config::Limits;
use crate::digest::digest_of;
use crate::failure::{Failure, Kind, chain};
use crate::host_calls::bindings::exports::bulkhead::plugin::plugin::Guest;
use crate::host_calls::{HostCalls, cut};
use crate::plugin::Plugin;
use crate::runtime::{GuestResult, Measured, State, Store};
use crate::{escape, redact};

/// Most bytes of a failure in the operator's log.
const MAX_LOGGED_BYTES: usize = 2 * 1024;

/// How long looking up what earlier hosts left may take.
const RECOVERY: Duration = Duration::from_secs(60);

/// What stands for the plugin's key where the host itself answers.
const HOST: &str = "bulkhead";

/// Who asks, and how they are reached while they wait.
pub(crate) struct Client {
    /// `uid 1000` over stdio.
    pub(crate) caller: String,
    /// As it calls itself.
    pub(crate) name: Option<String>,
    /// Fires when it gives the call up.
    pub(crate) cancelled: CancellationToken,
    /// None where it did not ask for progress.
    pub(crate) progress: Option<ProgressSink>,
    /// None where nobody can be asked through it.
    pub(crate) ask: Option<Arc<dyn Ask>>,
}

/// What a client asks for, as it is recorded.
pub(super) struct Asked<'a> {
    /// None where the host itself answers.
    pub(super) plugin: Option<&'a Arc<Plugin>>,
    /// The tool's own name, else the MCP method.
    pub(super) tool: &'a str,
    pub(super) effect: Effect,
    /// As the client wrote them.
    pub(super) arguments: &'a Value,
}

/// An answer within its output budget.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    pub(crate) given: T,
    /// Whether a grant shows the plugin values of Secrets: then they are not masked on their way out either.
    pub(crate) shows_secrets: bool,
}

impl Registry {
    /// Refuses arguments that are larger than any that are taken.
    ///
    /// # Errors
    /// `Limit` with the bound.
    pub(super) fn check_arguments_size(&self, arguments: &str) -> Result<(), Failure> {
        if arguments.len() <= self.max_arguments_bytes {
            return Ok(());
        }
        Err(Failure::new(
            Kind::Limit,
            format!(
                "the arguments have {} bytes, more than the {} that are taken",
                arguments.len(),
                self.max_arguments_bytes
            ),
        )
        .fix("send less, or let the operator raise `runtime.arguments`"))
    }

    /// Does what a client asked for, within the limits of the plugin, and writes down how it ended. `accept` judges an answer that is
    /// within its budget.
    ///
    /// # Errors
    /// What `work` or `accept` fails with; `Limit` where no place came free in time, or the answer is over its budget.
    pub(super) async fn run<T: Measured>(
        &self,
        asked: Asked<'_>,
        client: Client,
        work: impl AsyncFnOnce(&Arc<Call>) -> Result<T, Failure>,
        accept: impl FnOnce(&T) -> Result<(), Failure>,
    ) -> Result<Answer<T>, Failure> {
        // The host's own tools have the limits that a plugin has by default.
        let limits = asked
            .plugin
            .map_or_else(Limits::default, |plugin| plugin.config.limits.clone());
        let call = Arc::new(self.begin(&asked, client, &limits));
        let began = Instant::now();
        let result = async {
            let _slot = self.slot(&call).await?;
            let given = work(&call).await?;
            // Before anything parses it: a guest may answer with as much as its memory holds.
            check_size(&given, limits.output)?;
            accept(&given)?;
            Ok(given)
        }
        .await
        .map_err(|failure| call.begun.told(failure));
        let failed = result.as_ref().err();
        self.note(asked.plugin, &call, failed, began.elapsed());
        log(&call, failed, began.elapsed());
        Ok(Answer {
            given: result?,
            shows_secrets: asked
                .plugin
                .is_some_and(|plugin| plugin.gate.shows_secrets()),
        })
    }

    /// Waits for a place among the calls of the host.
    async fn slot(&self, call: &Call) -> Result<SemaphorePermit<'_>, Failure> {
        let slot = async {
            self.calls.slots.acquire().await.map_err(|error| {
                Failure::new(Kind::Bug, "the slots of calls were closed").source(error)
            })
        };
        call.bound(slot).await
    }

    /// Asks a plugin what can change nothing, by an MCP method.
    ///
    /// # Errors
    /// As [`Registry::run`].
    pub(super) async fn look<T: Measured>(
        &self,
        plugin: &Arc<Plugin>,
        method: &str,
        arguments: &Value,
        client: Client,
        question: impl AsyncFnOnce(&Guest, &mut Store<State>) -> wasmtime::Result<GuestResult<T>>,
        accept: impl FnOnce(&T) -> Result<(), Failure>,
    ) -> Result<Answer<T>, Failure> {
        self.check_arguments_size(&arguments.to_string())?;
        let asked = Asked {
            plugin: Some(plugin),
            tool: method,
            effect: Effect::Read,
            arguments,
        };
        let work = async |call: &Arc<Call>| self.ask(plugin, call, question).await;
        self.run(asked, client, work, accept).await
    }

    /// Asks a plugin within a call.
    pub(super) async fn ask<T>(
        &self,
        plugin: &Arc<Plugin>,
        call: &Arc<Call>,
        question: impl AsyncFnOnce(&Guest, &mut Store<State>) -> wasmtime::Result<GuestResult<T>>,
    ) -> Result<T, Failure> {
        let calls = HostCalls {
            call: Arc::clone(call),
            gate: Arc::clone(&plugin.gate),
            cluster: Arc::clone(&self.cluster),
            prometheus: self.prometheus.clone(),
            settings: Arc::clone(&plugin.settings),
            plugin: plugin.identity(),
            changes: Arc::clone(&self.changes),
            ordinal: AtomicU32::new(0),
        };
        plugin.ask(&self.cache, calls, question).await
    }

    fn begin(&self, asked: &Asked<'_>, client: Client, limits: &Limits) -> Call {
        Call {
            id: self.calls.next.fetch_add(1, Ordering::Relaxed),
            plugin: asked
                .plugin
                .map_or(HOST, |plugin| plugin.config.key.as_str())
                .to_owned(),
            tool: asked.tool.to_owned(),
            effect: asked.effect,
            deadline: Deadline::within(limits.wall),
            cancelled: client.cancelled,
            budget: Budget::new(limits.host_calls, limits.crossing),
            progress: client.progress,
            ask: client.ask,
            origin: Origin {
                caller: client.caller,
                client: client.name,
                arguments_digest: digest_of(asked.arguments),
                arguments: redacted(asked.arguments),
            },
            actor: asked
                .plugin
                .map_or_else(Actor::default, |plugin| plugin.actor.clone()),
            denials: Denials::default(),
            covered: Covered::default(),
            begun: Begun::default(),
        }
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
            begun: Begun::default(),
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
    fn note(
        &self,
        plugin: Option<&Arc<Plugin>>,
        call: &Call,
        failed: Option<&Failure>,
        took: Duration,
    ) {
        let plugin = plugin.map(|plugin| plugin.identity());
        for denial in call.denials.take() {
            self.audit
                .note(records::denial(call, plugin.as_ref(), denial));
        }
        let more = call.denials.take_more();
        if more > 0 {
            self.audit
                .note(records::more_denials(call, plugin.as_ref(), more));
        }
        let outcome = failed.map_or("ok", |failure| failure.kind.as_str());
        self.audit
            .note(records::call(call, plugin.as_ref(), outcome, took));
    }
}

fn log(call: &Call, failed: Option<&Failure>, took: Duration) {
    let (id, plugin, tool) = (call.id, &call.plugin, &call.tool);
    match failed {
        None => tracing::debug!("call {id} of `{tool}` of `{plugin}` took {took:?}"),
        Some(failure) => tracing::info!(
            "call {id} of `{tool}` of `{plugin}` failed: {}: {}",
            failure.kind,
            for_the_log(failure)
        ),
    }
}

fn check_size(answer: &impl Measured, most: u64) -> Result<(), Failure> {
    let bytes = answer.bytes();
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

#[cfg(test)]
mod tests;
