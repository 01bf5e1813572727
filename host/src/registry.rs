//! From a name or a URI to the plugin that answers it.
//!
//! What a client asks for is checked against what the plugin says of itself before a guest is entered, and every question goes
//! the one way of `calling`: slots, budgets, deadline, audit, output budget.

mod calling;
mod completing;
mod host_tools;
mod offer;
mod prompts;
mod resources;
mod schema;
mod tools;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tokio::sync::Semaphore;

use crate::audit::Audit;
use crate::backend::cluster::Cluster;
use crate::backend::prometheus::Prometheus;
use crate::change::ChangesOnDemand;
use crate::config::{Config, RuntimeConfig};
use crate::failure::Failure;
use crate::plugin::{Cache, Plugin};
pub(crate) use calling::{Answer, Client};
pub(crate) use completing::{Target, Typing};
pub(crate) use offer::{Lists, Offer, is_enabled};
pub(crate) use schema::{Schemas, leave_out_nulls};

/// The enabled plugins of one configuration, and what they offer.
pub(crate) struct Registry {
    offer: Offer,
    plugins: Vec<Arc<Plugin>>,
    cluster: Arc<Cluster>,
    prometheus: Option<Arc<Prometheus>>,
    changes: Arc<ChangesOnDemand>,
    audit: Arc<Audit>,
    cache: Arc<Cache>,
    max_arguments_bytes: usize,
    calls: Arc<Calls>,
}

/// The calls of a host, whichever configuration they began under.
pub(crate) struct Calls {
    /// At once, over all plugins: the pool of instances has no more places.
    slots: Semaphore,
    /// The number of the next one.
    next: AtomicU64,
}

impl Calls {
    pub(crate) fn new(runtime: &RuntimeConfig) -> Self {
        Self {
            slots: Semaphore::new(runtime.max_calls as usize),
            next: AtomicU64::new(1),
        }
    }
}

/// What a registry asks and tells; the same for every configuration of a host.
#[derive(Clone)]
pub(crate) struct Backends {
    pub(crate) cluster: Arc<Cluster>,
    pub(crate) prometheus: Option<Arc<Prometheus>>,
    pub(crate) audit: Arc<Audit>,
    pub(crate) cache: Arc<Cache>,
    pub(crate) calls: Arc<Calls>,
}

impl Registry {
    /// Loads every enabled plugin. One that cannot be loaded is left out and named on stderr: the others serve.
    ///
    /// # Errors
    /// `Invalid` where two plugins have one name for a tool or a prompt, or one scheme for their resources.
    pub(crate) async fn load(
        config: &Config,
        backends: Backends,
        changes: Arc<ChangesOnDemand>,
    ) -> Result<Self, Failure> {
        let Backends {
            cluster,
            prometheus,
            audit,
            cache,
            calls,
        } = backends;
        let mut registry = Self {
            offer: Offer::default(),
            plugins: Vec::new(),
            cluster,
            prometheus,
            changes,
            audit,
            cache,
            max_arguments_bytes: usize::try_from(config.runtime.arguments.bytes())
                .unwrap_or(usize::MAX),
            calls,
        };
        for plugin in config.plugins.values() {
            match Plugin::load(plugin.clone(), &registry.cache).await {
                Ok(plugin) => registry.add(Arc::new(plugin))?,
                Err(failure) => {
                    tracing::error!("plugin `{}` is left out: {}", plugin.key, failure.text());
                }
            }
        }
        if registry.changes() {
            registry.offer.add_host_tools()?;
        }
        Ok(registry)
    }

    fn add(&mut self, plugin: Arc<Plugin>) -> Result<(), Failure> {
        if let Some(first) = self.offer.add(&plugin).into_iter().next() {
            return Err(first);
        }
        self.plugins.push(plugin);
        Ok(())
    }

    /// Returns what clients are offered.
    pub(crate) fn offer(&self) -> &Offer {
        &self.offer
    }

    /// Returns the loaded plugins, by key.
    pub(crate) fn plugins(&self) -> &[Arc<Plugin>] {
        &self.plugins
    }

    /// Whether something can be changed through this host.
    pub(crate) fn changes(&self) -> bool {
        self.plugins.iter().any(|plugin| plugin.gate.changes())
    }
}
