//! The host without the sandbox, for the SDK's test kit: a plugin that runs natively, behind the real gate, the real
//! redaction and the real client. Not for serving: nothing bounds what native code does.

use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use serde_json::Value;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use crate::approval::ApproverKey;
use crate::audit::Audit;
use crate::backend::cluster::Cluster;
use crate::backend::prometheus::Prometheus;
use crate::call::{Actor, Begun, Budget, Call, Covered, Deadline, Denials, Effect, Origin};
use crate::change::{ChangesOnDemand, records};
use crate::config::{self, ClusterConfig, Environment, PluginConfig};
use crate::digest::digest_of;
use crate::failure::{Failure, Kind};
use crate::gate::{Gate, Want};
use crate::host_calls::{HostCalls, bindings, failure_for_guest};
use crate::plugin::Tool;
use crate::proposal::{Decision, PluginIdentity, Verdict};
use crate::registry::{Schemas, leave_out_nulls};
use crate::store::{Clock, SqliteStore, Store};

/// The schemas of one tool, which the host holds calls against.
pub struct ToolSchemas {
    tool: Tool,
    schemas: Schemas,
}

impl ToolSchemas {
    /// Takes the schemas as the plugin declares them.
    pub fn new(name: &str, input: Value, output: Option<Value>) -> Self {
        let tool = Tool {
            name: name.to_owned(),
            title: String::new(),
            description: String::new(),
            input_schema: input,
            output_schema: output,
            changes: false,
            destructive: false,
            idempotent: false,
        };
        Self {
            tool,
            schemas: Schemas::default(),
        }
    }

    /// Leaves out the nulls that mean nothing, and checks the rest.
    ///
    /// # Errors
    /// A sentence with each fault.
    pub fn take_arguments(&self, arguments: &mut Value) -> Result<(), String> {
        leave_out_nulls(&self.tool, arguments);
        let checked = self.schemas.check_arguments(&self.tool, arguments);
        checked.map_err(|failure| failure.message)
    }

    /// Checks a structured result.
    ///
    /// # Errors
    /// A sentence with each fault.
    pub fn check_result(&self, structured: Option<&str>) -> Result<(), String> {
        let checked = self.schemas.check_result(&self.tool, structured);
        checked.map_err(|failure| failure.message)
    }
}

/// The seed of the approver that stands in for a person.
const APPROVER: [u8; 32] = [7; 32];

/// The host's side of one plugin that runs natively.
pub struct NativeHost {
    runtime: Arc<Runtime>,
    cluster: Arc<Cluster>,
    prometheus: Option<Arc<Prometheus>>,
    gate: Arc<Gate>,
    config: PluginConfig,
    changes: Arc<ChangesOnDemand>,
    _kubeconfig: tempfile::NamedTempFile,
    _state: tempfile::TempDir,
}

impl NativeHost {
    /// Makes the host for a cluster and a plugin, on a multi-threaded runtime: cleaning steps aside from its workers. `plugin` is what stands below `[plugins.test]` in a config.toml, such as
    /// its grants; `wants` is what the plugin's manifest asks for in the cluster, and `wants_prometheus` whether it asks for Prometheus.
    ///
    /// # Errors
    /// Where the TOML is wrong, with every problem, or a file cannot be written.
    ///
    /// # Panics
    /// Never: the configuration that it writes has one plugin.
    pub fn start(
        runtime: Arc<Runtime>,
        kubeconfig: &str,
        plugin: &str,
        wants: Vec<Want>,
        wants_prometheus: bool,
    ) -> anyhow::Result<Self> {
        let key = ApproverKey::from_seed(&APPROVER)?.public();
        let text = format!(
            "[approval]\napprovers = [{{ name = \"test\", key = \"{key}\" }}]\nwait = \"1s\"\n[plugins.test]\nsource = \"test.wasm\"\n{plugin}"
        );
        // No folder is used but the state's; the configuration only wants to know where they would be.
        let environment = Environment {
            home: Some("/test-kit".into()),
            ..Environment::default()
        };
        let mut config = config::parse(&text, Path::new("/test-kit/config.toml"), &environment)?;
        // As the store wants it, whatever the umask of who runs the tests.
        let state = tempfile::Builder::new()
            .permissions(Permissions::from_mode(0o700))
            .tempdir()?;
        config.directories.state = state.path().to_owned();
        let plugin = config
            .plugins
            .values()
            .next()
            .cloned()
            .expect("the text above has one plugin");
        let mut file = tempfile::NamedTempFile::new()?;
        file.write_all(kubeconfig.as_bytes())?;
        let cluster = ClusterConfig {
            kubeconfig: Some(file.path().to_owned()),
            ..ClusterConfig::default()
        };
        let cluster = Arc::new(Cluster::new(cluster, Environment::default()));
        let store: Arc<dyn Store> = Arc::new(SqliteStore::new(state.path(), Clock::system()));
        let audit = {
            let _in_runtime = runtime.enter();
            Arc::new(Audit::start(Arc::clone(&store), Clock::system()))
        };
        let prometheus = config
            .prometheus
            .clone()
            .map(|prometheus| Arc::new(Prometheus::new(prometheus, &Environment::default())));
        let gate = Gate::new("test", plugin.grants.clone(), wants)
            .with_prometheus(plugin.prometheus, wants_prometheus);
        let changes = ChangesOnDemand::new(
            Arc::new(config),
            None,
            Arc::clone(&cluster),
            store,
            audit,
            Arc::default(),
        );
        Ok(Self {
            runtime,
            cluster,
            prometheus,
            gate: Arc::new(gate),
            config: plugin,
            changes: Arc::new(changes),
            _kubeconfig: file,
            _state: state,
        })
    }

    /// Begins a call of a tool, with the plugin's budgets. `arguments` are what the client sent.
    #[must_use]
    pub fn begin(&self, tool: &str, effect: Effect, arguments: &Value) -> NativeCall {
        let limits = &self.config.limits;
        let call = Call {
            id: 1,
            plugin: self.config.key.clone(),
            tool: tool.to_owned(),
            effect,
            deadline: Deadline::within(limits.wall),
            cancelled: CancellationToken::new(),
            budget: Budget::new(limits.host_calls, limits.crossing),
            progress: None,
            ask: None,
            origin: Origin {
                caller: "test".to_owned(),
                client: None,
                arguments_digest: digest_of(arguments),
                arguments: arguments.clone(),
            },
            actor: Actor {
                impersonate: self.config.impersonate.clone().map(Arc::new),
            },
            denials: Denials::default(),
            covered: Covered::default(),
            begun: Begun::default(),
        };
        let settings = serde_json::Value::Object(self.config.settings.clone()).to_string();
        NativeCall {
            runtime: Arc::clone(&self.runtime),
            calls: HostCalls {
                call: Arc::new(call),
                gate: Arc::clone(&self.gate),
                cluster: Arc::clone(&self.cluster),
                prometheus: self.prometheus.clone(),
                settings: settings.into(),
                plugin: PluginIdentity {
                    key: self.config.key.clone(),
                    version: "0.0.0".to_owned(),
                    digest: "native".to_owned(),
                },
                changes: Arc::clone(&self.changes),
                ordinal: AtomicU32::new(0),
            },
        }
    }

    /// Approves a proposal as a person at the console would, by its token.
    ///
    /// # Errors
    /// Where there is no such proposal, or it cannot be decided on any more.
    pub fn approve(&self, token: &str) -> Result<(), Failure> {
        self.runtime.block_on(async {
            let changes = self.changes.get().await?;
            let store = &changes.store;
            let Some(stored) = store.by_token(token).await? else {
                return Err(Failure::new(Kind::NotFound, "there is no such proposal"));
            };
            let key = ApproverKey::from_seed(&APPROVER)
                .map_err(|error| Failure::new(Kind::Bug, "a constant is no key").source(error))?;
            let now = store.now().await?;
            let decision = Decision::signed(&stored.proposal, Verdict::Approved, None, now, &key);
            let record = records::decided(&stored, &decision);
            let record = changes.audit.draft(record).await?;
            store.decide(&decision, &record).await?;
            Ok(())
        })
    }

    /// Returns what a proposal says of itself to the person who decides, by its id.
    ///
    /// # Errors
    /// Where there is no such proposal.
    pub fn summary(&self, id: &str) -> Result<String, Failure> {
        self.runtime.block_on(async {
            let changes = self.changes.get().await?;
            let stored = changes.store.proposal(id).await?;
            let stored =
                stored.ok_or_else(|| Failure::new(Kind::NotFound, "there is no such proposal"))?;
            Ok(stored.proposal.summary)
        })
    }
}

/// One call that runs natively.
pub struct NativeCall {
    runtime: Arc<Runtime>,
    calls: HostCalls,
}

impl NativeCall {
    /// Returns the host calls; the async ones go through [`NativeCall::wait`].
    #[must_use]
    pub fn calls(&self) -> &HostCalls {
        &self.calls
    }

    /// Waits for a host call, and says its failure as a guest would see it.
    ///
    /// # Errors
    /// What the host call fails with.
    pub fn wait<T>(
        &self,
        call: impl Future<Output = Result<T, crate::failure::Failure>>,
    ) -> Result<T, bindings::bulkhead::plugin::types::Failure> {
        self.runtime
            .block_on(call)
            .map_err(|failure| failure_for_guest(&failure))
    }
}
