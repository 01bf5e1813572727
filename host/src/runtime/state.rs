//! What a store holds: the host's side of the call, and a WASI that grants nothing.

use wasmtime::component::ResourceTable;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use super::limits::StoreLimits;
use crate::config::Limits;
use crate::failure::{Failure, Kind};
use crate::host_calls::HostCalls;
use crate::host_calls::bindings::bulkhead::plugin::context::Level;
use crate::redact;

/// What a guest may write to stdout and stderr in one call; the rest is refused.
const PRINTED_BYTES: usize = 16 * 1024;

/// Handles that a guest may hold at once: streams, pollables. A plugin needs a handful.
const MAX_HANDLES: usize = 256;

/// Random bytes that a guest may ask for at once.
const MAX_RANDOM_BYTES: u64 = 64 * 1024;

/// The state of one store.
pub(crate) struct State {
    calls: Option<HostCalls>,
    wasi: WasiCtx,
    table: ResourceTable,
    printed: MemoryOutputPipe,
    pub(super) limits: StoreLimits,
}

impl State {
    /// For a call of a tool.
    pub(super) fn for_call(calls: HostCalls, limits: &Limits) -> Self {
        Self::new(Some(calls), limits)
    }

    /// For `describe`, which may make no host call.
    pub(super) fn for_describe(limits: &Limits) -> Self {
        Self::new(None, limits)
    }

    fn new(calls: Option<HostCalls>, limits: &Limits) -> Self {
        let printed = MemoryOutputPipe::new(PRINTED_BYTES);
        // Nothing is inherited: no files, no sockets, no environment, no arguments. Clocks and random are real.
        let wasi = WasiCtx::builder()
            .stdout(printed.clone())
            .stderr(printed.clone())
            .allow_tcp(false)
            .allow_udp(false)
            .max_random_size(MAX_RANDOM_BYTES)
            .build();
        let mut table = ResourceTable::new();
        table.set_max_capacity(MAX_HANDLES);
        Self {
            calls,
            wasi,
            table,
            printed,
            limits: StoreLimits::new(limits),
        }
    }

    /// Returns the host's side of the call.
    ///
    /// # Errors
    /// A trap inside `describe`.
    pub(super) fn calls(&self) -> wasmtime::Result<&HostCalls> {
        self.calls
            .as_ref()
            .ok_or_else(|| wasmtime::Error::msg("`describe` made a host call, which it may not"))
    }

    /// Writes what the guest printed to the operator's log, a line each, within the budget of the call.
    pub(super) fn log_printed(&self) {
        if let Some(calls) = &self.calls {
            for line in self.printed().lines().filter(|line| !line.is_empty()) {
                calls.log(Level::Info, line);
            }
        }
    }

    /// What the guest wrote to stdout and stderr. Cleaned as a whole: a key has many lines.
    fn printed(&self) -> String {
        redact::text(&String::from_utf8_lossy(&self.printed.contents())).into_owned()
    }

    /// Says why a guest ended without an answer.
    pub(super) fn explain(&self, error: &wasmtime::Error, limits: &Limits) -> Failure {
        if self.limits.refused_memory {
            return Failure::new(
                Kind::Limit,
                format!(
                    "the plugin needed more than its {} MiB of memory for this call",
                    limits.memory >> 20
                ),
            )
            .fix("ask for less at once, or let the operator raise `limits.memory`");
        }
        match error.downcast_ref::<wasmtime::Trap>() {
            Some(wasmtime::Trap::StackOverflow) => {
                Failure::new(Kind::Plugin, "the plugin ran out of stack in this call")
                    .fix("tell its author")
            }
            Some(trap) => {
                // A panic in Rust prints its message before it traps.
                let said = self.printed();
                let said: String = said
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .chars()
                    .filter(|c| !c.is_control())
                    .take(200)
                    .collect();
                let detail = if said.is_empty() {
                    String::new()
                } else {
                    format!(", after it printed `{said}`")
                };
                Failure::new(
                    Kind::Plugin,
                    format!("the plugin trapped in this call ({trap}){detail}"),
                )
                .fix("tell its author")
            }
            None => {
                let words = format!("{error:#}");
                let words: String = redact::text(&words)
                    .chars()
                    .filter(|c| !c.is_control())
                    .take(300)
                    .collect();
                Failure::new(
                    Kind::Plugin,
                    format!("the plugin failed in this call: {words}"),
                )
                .fix("tell its author")
            }
        }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}
