//! What is served by now: one configuration, its plugins, and the way to change something under it.
//!
//! It is swapped whole when the configuration is read again: later calls go by the new one, and calls that run keep what they
//! began with. A configuration whose plugins cannot be offered together is never swapped in, nor is one without a right policy.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use rmcp::ErrorData;
use rmcp::service::{RequestContext, RoleServer};
use tokio::sync::{OnceCell, broadcast};
use tokio_util::sync::CancellationToken;

use super::{Answers, era};
use crate::audit::Audit;
use crate::backend::cluster::Cluster;
use crate::backend::prometheus::Prometheus;
use crate::call::ProgressSink;
use crate::change::{ChangesOnDemand, UnderWay};
use crate::config::Config;
use crate::digest::hex;
use crate::failure::Failure;
use crate::plugin::Cache;
use crate::policy::Policy;
use crate::registry::{Backends, Calls, Client, Lists, Registry};
use crate::store::Store;

/// News that wait for a slow listener; one that misses some is told that everything changed.
const WAITING_NEWS: usize = 16;

/// The MCP server over one cluster.
#[derive(Clone)]
pub(crate) struct Server {
    shared: Arc<Shared>,
}

/// What a server is made of; the same for every configuration that it serves.
pub(crate) struct Parts {
    pub(crate) cluster: Arc<Cluster>,
    pub(crate) prometheus: Option<Arc<Prometheus>>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) audit: Arc<Audit>,
    pub(crate) cache: Arc<Cache>,
    /// `uid 1000` over stdio.
    pub(crate) caller: String,
    /// Where answers of the stateless era go.
    pub(crate) answers: fn(Arc<ChangesOnDemand>) -> Arc<dyn Answers>,
}

struct Shared {
    parts: Parts,
    backends: Backends,
    current: ArcSwap<Current>,
    under_way: Arc<UnderWay>,
    /// What hosts before this one left under way was looked up.
    recovered: OnceCell<()>,
    news: broadcast::Sender<Lists>,
    /// The client has left.
    ended: CancellationToken,
}

/// One configuration and what hangs on it.
pub(super) struct Current {
    config: Arc<Config>,
    changes: Arc<ChangesOnDemand>,
    pub(super) answers: Arc<dyn Answers>,
    registry: OnceCell<Arc<Registry>>,
}

impl Current {
    fn new(
        parts: &Parts,
        under_way: &Arc<UnderWay>,
        config: Config,
        policy: Option<Policy>,
    ) -> Self {
        let config = Arc::new(config);
        let changes = Arc::new(ChangesOnDemand::new(
            Arc::clone(&config),
            policy,
            Arc::clone(&parts.cluster),
            Arc::clone(&parts.store),
            Arc::clone(&parts.audit),
            Arc::clone(under_way),
        ));
        Self {
            answers: (parts.answers)(Arc::clone(&changes)),
            config,
            changes,
            registry: OnceCell::new(),
        }
    }

    async fn registry(&self, backends: &Backends) -> Result<&Arc<Registry>, Failure> {
        self.registry
            .get_or_try_init(|| async {
                let changes = Arc::clone(&self.changes);
                let loaded = Registry::load(&self.config, backends.clone(), changes).await?;
                Ok(Arc::new(loaded))
            })
            .await
    }
}

impl Server {
    pub(crate) fn new(parts: Parts, config: Config) -> Self {
        let backends = Backends {
            cluster: Arc::clone(&parts.cluster),
            prometheus: parts.prometheus.clone(),
            audit: Arc::clone(&parts.audit),
            cache: Arc::clone(&parts.cache),
            calls: Arc::new(Calls::new(&config.runtime)),
        };
        let (news, _) = broadcast::channel(WAITING_NEWS);
        let under_way = Arc::default();
        Self {
            shared: Arc::new(Shared {
                current: ArcSwap::from_pointee(Current::new(&parts, &under_way, config, None)),
                parts,
                backends,
                under_way,
                recovered: OnceCell::new(),
                news,
                ended: CancellationToken::new(),
            }),
        }
    }

    pub(super) fn cluster(&self) -> &Cluster {
        &self.shared.parts.cluster
    }

    /// Returns who calls.
    pub(super) fn caller(&self) -> &str {
        &self.shared.parts.caller
    }

    pub(super) fn current(&self) -> Arc<Current> {
        self.shared.current.load_full()
    }

    /// Loads the plugins of a configuration, once; what fails is tried again at the next request.
    pub(super) async fn registry(&self, current: &Current) -> Result<Arc<Registry>, Failure> {
        current.registry(&self.shared.backends).await.cloned()
    }

    /// Returns the plugins as they are now.
    pub(super) async fn loaded(&self) -> Result<Arc<Registry>, ErrorData> {
        self.loaded_of(&self.current()).await
    }

    /// Returns the plugins of a configuration. A plugin set that cannot be served is the operator's fault, not a call's: it is
    /// said in the protocol's own error.
    pub(super) async fn loaded_of(&self, current: &Current) -> Result<Arc<Registry>, ErrorData> {
        let loaded = self.registry(current).await;
        loaded.map_err(|failure| ErrorData::internal_error(failure.text(), None))
    }

    /// Returns who asks with a request that nobody can be asked about.
    pub(super) fn client(
        &self,
        context: &RequestContext<RoleServer>,
        progress: Option<ProgressSink>,
    ) -> Client {
        Client {
            caller: self.caller().to_owned(),
            name: era::client(context),
            cancelled: context.ct.clone(),
            progress,
            ask: None,
        }
    }

    /// Loads the plugins and maps their components, so that the first call need not wait.
    pub(crate) async fn warm(&self) {
        match self.registry(&self.current()).await {
            Err(failure) => tracing::error!("{}", failure.text()),
            Ok(registry) => self.ready(&registry).await,
        }
    }

    async fn ready(&self, registry: &Registry) {
        for plugin in registry.plugins() {
            if let Err(failure) = plugin.ready(&self.shared.parts.cache).await {
                let key = &plugin.config.key;
                tracing::error!("plugin `{key}` cannot run: {}", failure.text());
            }
        }
        if registry.changes() {
            // Once, under the first configuration that can change something: hosts that end while this one runs are for the next.
            self.shared
                .recovered
                .get_or_init(|| registry.recover())
                .await;
        }
    }

    /// Serves another configuration, under another policy, from now on, and tells clients which of their lists changed. What is
    /// bound to the process stays as it was, and is named in the log.
    ///
    /// # Errors
    /// Where its plugins cannot be offered together; then everything stays as it was.
    pub(crate) async fn reload(&self, config: Config, policy: Policy) -> Result<(), Failure> {
        let before = self.current();
        let texts = (hex(&config.digest), policy.digest().to_owned());
        let next = Arc::new(Current::new(
            &self.shared.parts,
            &self.shared.under_way,
            with_what_stays(config, &before.config),
            Some(policy),
        ));
        let registry = self.registry(&next).await?;
        let changed = match before.registry.get() {
            Some(old) => registry.offer().changed_since(old.offer()),
            // Until now there was no list.
            None => Lists::ALL,
        };
        self.shared.under_way.read_again(texts.0, texts.1);
        self.shared.current.store(next);
        // Nobody may be listening.
        self.shared.news.send(changed).ok();
        tracing::info!("the configuration was read again: {}", said(changed));
        self.ready(&registry).await;
        Ok(())
    }

    /// Returns news of lists that changed, from now on.
    pub(crate) fn news(&self) -> broadcast::Receiver<Lists> {
        self.shared.news.subscribe()
    }

    /// Fires when the client has left.
    pub(crate) fn ended(&self) -> &CancellationToken {
        &self.shared.ended
    }

    /// Waits until changes that are being applied have ended, under whatever configuration they began, or for so long. Returns how
    /// many have not.
    pub(crate) async fn drain(&self, longest: Duration) -> usize {
        self.shared.under_way.drain(longest).await
    }
}

/// Returns the configuration with the parts that the process was started with: the connections, the pool of instances, the folders.
fn with_what_stays(mut config: Config, first: &Config) -> Config {
    let differs = [
        ("[cluster]", config.cluster != first.cluster),
        ("[prometheus]", config.prometheus != first.prometheus),
        ("[runtime]", config.runtime != first.runtime),
        ("[directories]", config.directories != first.directories),
    ];
    for (table, _) in differs.iter().filter(|(_, differs)| *differs) {
        tracing::warn!(
            "`{table}` has changed: that counts when the host is started again, until then it stays as it was"
        );
    }
    config.cluster = first.cluster.clone();
    config.prometheus = first.prometheus.clone();
    config.runtime = first.runtime.clone();
    config.directories = first.directories.clone();
    config
}

fn said(changed: Lists) -> String {
    let lists = [
        ("tools", changed.tools),
        ("resources", changed.resources),
        ("prompts", changed.prompts),
    ];
    let lists: Vec<_> = lists
        .iter()
        .filter(|(_, changed)| *changed)
        .map(|(list, _)| *list)
        .collect();
    if lists.is_empty() {
        "clients are offered the same as before".to_owned()
    } else {
        format!("clients are told of other {}", lists.join(", "))
    }
}
