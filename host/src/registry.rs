//! From a tool's name to the plugin that answers it.
//!
//! Two enabled plugins with one tool name are refused, since an operator who reads a name must know whose it is. Arguments are
//! checked against the input schema before a guest is entered; in debug builds results are checked against the output schema.

mod calling;
mod host_tools;
mod schema;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tokio::sync::Semaphore;

use crate::audit::Audit;
use crate::backend::cluster::Cluster;
use crate::call::Effect;
use crate::change::ChangesOnDemand;
use crate::config::Config;
use crate::failure::{Failure, Kind};
use crate::plugin::{Cache, Plugin, Tool};
pub(crate) use calling::{Answer, Request};
use host_tools::HostTool;
pub(crate) use schema::{Schemas, leave_out_nulls};

/// The enabled tools of all plugins.
pub(crate) struct Registry {
    /// By the name that a client sees, in its order.
    tools: BTreeMap<String, Entry>,
    plugins: Vec<Arc<Plugin>>,
    cluster: Arc<Cluster>,
    changes: Arc<ChangesOnDemand>,
    audit: Arc<Audit>,
    cache: Arc<Cache>,
    max_arguments_bytes: usize,
    /// Calls at once, over all plugins: the pool has no more places.
    slots: Semaphore,
    calls: AtomicU64,
}

/// One enabled tool.
pub(crate) struct Entry {
    owner: Owner,
    schemas: Schemas,
}

/// Who answers a tool.
enum Owner {
    /// A plugin, by the tool's place in its manifest.
    Plugin(Arc<Plugin>, usize),
    /// The host itself.
    Host(HostTool, Tool),
}

impl Entry {
    /// Returns what is said of the tool.
    pub(crate) fn tool(&self) -> &Tool {
        match &self.owner {
            Owner::Plugin(plugin, place) => &plugin.manifest.tools[*place],
            Owner::Host(_, tool) => tool,
        }
    }

    fn plugin(&self) -> Option<&Arc<Plugin>> {
        match &self.owner {
            Owner::Plugin(plugin, _) => Some(plugin),
            Owner::Host(..) => None,
        }
    }
}

impl Registry {
    /// Loads every enabled plugin. One that cannot be loaded is left out and named on stderr: the others serve.
    ///
    /// # Errors
    /// `Invalid` where two plugins have one tool name.
    pub(crate) async fn load(
        config: &Config,
        cluster: Arc<Cluster>,
        changes: Arc<ChangesOnDemand>,
        audit: Arc<Audit>,
        cache: Arc<Cache>,
    ) -> Result<Self, Failure> {
        let mut registry = Self {
            changes,
            audit,
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
        if registry.changes() {
            registry.add_host_tools()?;
        }
        Ok(registry)
    }

    fn add_host_tools(&mut self) -> Result<(), Failure> {
        for host_tool in HostTool::ALL {
            let tool = host_tool.tool();
            let name = tool.name.clone();
            let owner = Owner::Host(host_tool, tool);
            let entry = Entry {
                owner,
                schemas: Schemas::default(),
            };
            if let Some(other) = self.tools.insert(name.clone(), entry) {
                let key = other
                    .plugin()
                    .map_or("", |plugin| plugin.config.key.as_str());
                return Err(Failure::new(
                    Kind::Invalid,
                    format!("plugin `{key}` has a tool `{name}`, which is the host's own"),
                )
                .fix(format!(
                    "set `plugins.{key}.prefix` in config.toml, such as `prefix = \"{key}_\"`"
                )));
            }
        }
        Ok(())
    }

    fn add(&mut self, plugin: Arc<Plugin>) -> Result<(), Failure> {
        for (place, tool) in plugin.manifest.tools.iter().enumerate() {
            let enabled = plugin
                .config
                .tools
                .iter()
                .any(|glob| glob.matches(&tool.name));
            // Without a grant that changes, a tool that changes could only fail.
            if !enabled || (tool.effect() == Effect::Change && !plugin.gate.changes()) {
                continue;
            }
            let name = format!("{}{}", plugin.config.prefix, tool.name);
            if let Some(other) = self.tools.get(&name) {
                let first = other
                    .plugin()
                    .map_or("", |plugin| plugin.config.key.as_str());
                let second = &plugin.config.key;
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
                    owner: Owner::Plugin(Arc::clone(&plugin), place),
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

    /// Whether something can be changed through this host.
    pub(crate) fn changes(&self) -> bool {
        self.plugins.iter().any(|plugin| plugin.gate.changes())
    }

    /// Whether there is such a tool.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.tools.contains_key(name)
    }
}
