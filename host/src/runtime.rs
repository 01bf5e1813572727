//! Runs a guest: a fresh instance for each call, with its limits, and no way to starve another call.
//!
//! The guest yields at each tick of the epoch and its CPU time is counted poll by poll, on the thread's own clock, so two
//! guests that spin share the workers with every other call until their CPU budget is gone. Wall time is another limit. A
//! call that fails, traps or is dropped takes its store with it and nothing else.

mod engine;
mod imports;
mod limits;
mod measured;
mod meter;
mod state;

use std::sync::Arc;

pub(crate) use engine::{Engine, precompile};
pub(crate) use measured::Measured;
pub(crate) use state::State;
pub(crate) use wasmtime::Store;

use crate::config::Limits;
use crate::failure::{Failure, Kind};
use crate::host_calls::bindings::bulkhead::plugin::types;
use crate::host_calls::bindings::exports::bulkhead::plugin::plugin as wit;
use crate::host_calls::bindings::{Bulkhead, BulkheadPre};
use crate::host_calls::{HostCalls, failure_of_guest};

/// What a tool answered: the guest's words, not yet judged.
pub(crate) use wit::Output;

/// A component that is ready to be instantiated.
pub(crate) type Ready = BulkheadPre<State>;

/// What a function of the contract gives.
pub(crate) type GuestResult<T> = Result<T, types::Failure>;

/// Asks a guest one thing in an instance of its own.
///
/// # Errors
/// The guest's own failure, `Limit` where a budget is spent, `Cancelled`, `Plugin` where the guest trapped.
pub(crate) async fn ask<T>(
    engine: &Engine,
    ready: &Ready,
    limits: &Limits,
    calls: HostCalls,
    question: impl AsyncFnOnce(&wit::Guest, &mut Store<State>) -> wasmtime::Result<GuestResult<T>>,
) -> Result<T, Failure> {
    let call = Arc::clone(&calls.call);
    let state = State::for_call(calls, limits);
    let entered = enter(engine, ready, limits, state, async move |guest, store| {
        question(guest.bulkhead_plugin_plugin(), store).await
    });
    call.bound(entered).await?.map_err(failure_of_guest)
}

/// Asks a component what it is. It may make no host call.
///
/// # Errors
/// `Limit` where it takes too much, `Plugin` where it trapped.
pub(crate) async fn describe(
    engine: &Engine,
    ready: &Ready,
    limits: &Limits,
) -> Result<wit::Manifest, Failure> {
    let state = State::for_describe(limits);
    let described = enter(engine, ready, limits, state, async |guest, store| {
        guest.bulkhead_plugin_plugin().call_describe(store).await
    });
    tokio::time::timeout(limits.wall, described)
        .await
        .map_err(|_| {
            Failure::new(
                Kind::Limit,
                "`describe` did not end within the plugin's wall time",
            )
        })?
}

/// Makes a store, enters the guest, and turns what goes wrong into a failure of this call alone.
async fn enter<T>(
    engine: &Engine,
    ready: &Ready,
    limits: &Limits,
    state: State,
    run: impl AsyncFnOnce(&Bulkhead, &mut Store<State>) -> wasmtime::Result<T>,
) -> Result<T, Failure> {
    let mut store = engine.store(state, limits);
    let _ticking = engine.tick();
    let guest = async {
        let guest = ready.instantiate_async(&mut store).await?;
        run(&guest, &mut store).await
    };
    let metered = meter::Metered::new(guest, limits.cpu).await;
    store.data().log_printed();
    match metered {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(store.data().explain(&error, limits)),
        Err(meter::Spent) => Err(Failure::new(
            Kind::Limit,
            format!(
                "the plugin used up its CPU time of {} for this call",
                crate::config::duration_text(limits.cpu)
            ),
        )
        .fix("ask for less at once, or let the operator raise `limits.cpu`")),
    }
}
