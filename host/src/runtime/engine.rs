//! The engine: how components are compiled, where instances live, and the clock that makes guests yield.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::thread::Thread;
use std::time::Duration;

use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{InstanceAllocationStrategy, PoolingAllocationConfig, Store};

use super::Ready;
use super::state::State;
use crate::config::Limits;
use crate::host_calls::bindings::{Bulkhead, BulkheadPre};

/// How long a guest runs before others get their turn. Short against a person's patience, long against a switch of tasks.
const TICK: Duration = Duration::from_millis(5);

/// The pool's bounds. Address space only: a slot costs memory when it is used. An interpreter inside a component (JavaScript,
/// Python) has dozens of core instances and tables, and a core instance state of a megabyte; measured with jco and
/// componentize-py in 2026-11.
const MAX_MEMORY_BYTES: usize = 256 << 20;
const CORE_INSTANCES_PER_COMPONENT: u32 = 60;
const TABLES_PER_COMPONENT: u32 = 60;
const TABLE_ELEMENTS: usize = 40_000;
const INSTANCE_BYTES: usize = 2 << 20;
const MEMORIES_PER_COMPONENT: u32 = 4;

/// Compiles, and holds the pool of instances.
pub(crate) struct Engine {
    engine: wasmtime::Engine,
    linker: Linker<State>,
    clock: Arc<Clock>,
}

impl Engine {
    /// Makes the engine for at most so many calls at once.
    ///
    /// # Errors
    /// Where the machine cannot reserve the address space.
    pub(crate) fn new(max_calls: u32) -> wasmtime::Result<Self> {
        let engine = wasmtime::Engine::new(&config(max_calls))?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        Bulkhead::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)?;
        let clock = Clock::start(&engine);
        Ok(Self {
            engine,
            linker,
            clock,
        })
    }

    /// Returns the part of a compiled component's name that says for which engine it was compiled.
    pub(crate) fn compatibility(&self) -> String {
        use std::hash::{Hash as _, Hasher as _};
        // Stable for one build of Bulkhead, which is what the compiled form is bound to.
        let mut hasher = std::hash::DefaultHasher::new();
        self.engine
            .precompile_compatibility_hash()
            .hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    pub(crate) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.engine
    }

    /// Links a component.
    ///
    /// # Errors
    /// Where it imports something that is not there, with the name; or exports no plugin.
    pub(crate) fn link(&self, component: &Component) -> wasmtime::Result<Ready> {
        BulkheadPre::new(self.linker.instantiate_pre(component)?)
    }

    /// Makes the store of one call.
    pub(super) fn store(&self, state: State, limits: &Limits) -> Store<State> {
        let mut store = Store::new(&self.engine, state);
        store.limiter(|state| &mut state.limits);
        store.set_hostcall_fuel(usize::try_from(limits.crossing).unwrap_or(usize::MAX));
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        store
    }

    /// Keeps the clock ticking while the result lives.
    pub(super) fn tick(&self) -> Ticking {
        self.clock.running.fetch_add(1, Ordering::Relaxed);
        self.clock.thread.unpark();
        Ticking(Arc::clone(&self.clock))
    }
}

/// How components are compiled and where they live: the same in the host and in the child that compiles, since the pool's
/// bounds decide how memory is addressed.
fn config(max_calls: u32) -> wasmtime::Config {
    let mut config = wasmtime::Config::new();
    config
        .wasm_component_model(true)
        .epoch_interruption(true)
        .max_wasm_stack(512 << 10);
    // A backtrace of a stranger's code tells a model nothing, and costs its size in memory.
    config.wasm_backtrace_max_frames(std::num::NonZeroUsize::new(8));
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(max_calls)
        .total_core_instances(max_calls.saturating_mul(CORE_INSTANCES_PER_COMPONENT))
        .total_memories(max_calls.saturating_mul(2))
        .total_tables(max_calls.saturating_mul(TABLES_PER_COMPONENT))
        .total_stacks(max_calls)
        .max_core_instances_per_component(CORE_INSTANCES_PER_COMPONENT)
        .max_tables_per_component(TABLES_PER_COMPONENT)
        .max_memories_per_component(MEMORIES_PER_COMPONENT)
        .max_core_instance_size(INSTANCE_BYTES)
        .max_component_instance_size(INSTANCE_BYTES)
        .max_memory_size(MAX_MEMORY_BYTES)
        .table_elements(TABLE_ELEMENTS)
        // A slot that stays warm keeps its pages: a few are enough for a person's calls.
        .max_unused_warm_slots(8);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config
}

/// Compiles a component to the form that an [`Engine`] maps.
///
/// # Errors
/// Where the bytes are no component.
pub(crate) fn precompile(wasm: &[u8]) -> wasmtime::Result<Vec<u8>> {
    wasmtime::Engine::new(&config(1))?.precompile_component(wasm)
}

/// Advances the epoch while calls run, and sleeps otherwise.
struct Clock {
    running: AtomicUsize,
    thread: Thread,
}

/// A call that runs.
pub(super) struct Ticking(Arc<Clock>);

impl Drop for Ticking {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Clock {
    fn start(engine: &wasmtime::Engine) -> Arc<Self> {
        let engine = engine.clone();
        let (give, take) = std::sync::mpsc::channel::<Weak<Self>>();
        let thread = std::thread::spawn(move || {
            let Ok(clock) = take.recv() else { return };
            // Ends with the engine: nothing else holds the clock.
            while let Some(running) = clock
                .upgrade()
                .map(|clock| clock.running.load(Ordering::Relaxed))
            {
                if running == 0 {
                    std::thread::park_timeout(Duration::from_secs(1));
                } else {
                    std::thread::sleep(TICK);
                    engine.increment_epoch();
                }
            }
        });
        let clock = Arc::new(Self {
            running: AtomicUsize::new(0),
            thread: thread.thread().clone(),
        });
        // The thread waits for it, so it cannot be gone.
        drop(give.send(Arc::downgrade(&clock)));
        clock
    }
}
