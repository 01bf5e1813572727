//! Runs a plugin natively, against an in-memory cluster, through the host's own gate, projection and redaction.
//!
//! A test then sees what a model would see: what no grant covers is denied, values of Secrets are not there, credentials are
//! masked. What only the sandbox does is missing here: limits on memory and CPU, and the budget of the answer.
//!
//! ```no_run
//! use bulkhead_plugin_sdk::{Plugin, test_kit::Kit};
//! # fn describe() -> Plugin { Plugin::new("hello", "0.1.0", "Names pods.") }
//! let hello = Kit::demo()
//!     .grant(r#"api_groups = [""], resources = ["pods"], verbs = ["list"], namespaces = ["shop"]"#)
//!     .run(describe);
//! let answer = hello.call("hello_pods", serde_json::json!({ "namespace": "shop" })).expect("it is granted");
//! assert!(answer.text.contains("checkout"));
//! assert_eq!(hello.cluster().requests().last().expect("it was asked").path, "/api/v1/namespaces/shop/pods");
//! ```

mod convert;
mod host;

pub use crate::bindings::exports::bulkhead::plugin::plugin::CompletionTarget;

use crate::host::with_host;
use crate::output::Answer;
use crate::{Contents, Failure, Message, Plugin};
use bulkhead::call::Effect;
use bulkhead::kit::{NativeHost, ToolSchemas};
use bulkhead_simcluster as simcluster;
use serde_json::{Map, Value, json};
use std::rc::Rc;
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};

/// A cluster, and what the operator grants and sets.
pub struct Kit {
    cluster: simcluster::Cluster,
    grants: Vec<String>,
    settings: String,
    limits: String,
    approving: bool,
    prometheus: Metrics,
}

/// What there is of Prometheus.
#[derive(Default)]
enum Metrics {
    /// None is configured.
    #[default]
    None,
    /// One that the plugin may not ask.
    Forbidden,
    /// One that knows these expressions, by what stands under `data` in its answers.
    Known(Vec<(String, Value)>),
}

impl Kit {
    /// The demo cluster: namespaces `shop`, `batch` and `load`, in each something broken.
    pub fn demo() -> Self {
        Self::with(simcluster::Cluster::demo())
    }

    /// A cluster of these manifests, as `kubectl apply` takes them; custom resources with their CRDs.
    ///
    /// # Panics
    /// On a manifest that cannot be loaded, with the reason.
    pub fn from_manifests(yaml: &str) -> Self {
        let cluster = simcluster::Cluster::from_manifests(yaml);
        Self::with(cluster.unwrap_or_else(|error| fail("the manifests cannot be loaded", &error)))
    }

    /// Any cluster: with logs, from a folder, changed by hand.
    pub fn with(cluster: simcluster::Cluster) -> Self {
        Self {
            cluster,
            grants: Vec::new(),
            settings: String::new(),
            limits: String::new(),
            approving: false,
            prometheus: Metrics::None,
        }
    }

    /// Adds a grant: the keys of a `[[plugins.KEY.grants]]` table as TOML, apart by commas.
    #[must_use]
    pub fn grant(mut self, toml: &str) -> Self {
        self.grants.push(format!("{{ {} }}", toml.trim()));
        self
    }

    /// Sets the keys of the `[plugins.KEY.settings]` table as TOML.
    #[must_use]
    pub fn settings(mut self, toml: &str) -> Self {
        toml.clone_into(&mut self.settings);
        self
    }

    /// Sets the keys of the `[plugins.KEY.limits]` table as TOML; those that only the sandbox holds are missing here.
    #[must_use]
    pub fn limits(mut self, toml: &str) -> Self {
        toml.clone_into(&mut self.limits);
        self
    }

    /// Has a person approve whatever a tool asks to apply, as soon as it asks. Without this nobody is there to approve, and a tool
    /// that asks fails with [`Failure::NeedsApproval`].
    #[must_use]
    pub fn approving(mut self) -> Self {
        self.approving = true;
        self
    }

    /// Configures a Prometheus that the plugin may ask, and that answers this expression with this under `data`; see
    /// [`vector`](crate::prometheus::vector). What it was told nothing about has an empty result, as an unknown metric has.
    #[must_use]
    pub fn prometheus(mut self, expression: &str, data: Value) -> Self {
        let mut known = match self.prometheus {
            Metrics::Known(known) => known,
            Metrics::None | Metrics::Forbidden => Vec::new(),
        };
        known.push((expression.to_owned(), data));
        self.prometheus = Metrics::Known(known);
        self
    }

    /// Configures a Prometheus that the operator does not let the plugin ask.
    #[must_use]
    pub fn prometheus_for_others(mut self) -> Self {
        self.prometheus = Metrics::Forbidden;
        self
    }

    /// Starts the cluster. The plugin is described anew for each call, as in a fresh instance.
    ///
    /// # Panics
    /// On grants or settings that the host would not accept, with its words; where loopback has no free port.
    pub fn run(self, describe: fn() -> Plugin) -> Running {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build();
        let runtime = runtime.unwrap_or_else(|error| fail("no runtime", &error));
        let prometheus = self.prometheus.start(&runtime);
        let plugin = self.plugin_table(prometheus.as_ref());
        let server = runtime.block_on(simcluster::Server::start_named(self.cluster, "test-kit", 0));
        let server = server.unwrap_or_else(|error| fail("the cluster does not start", &error));
        let runtime = Arc::new(runtime);
        let (wants, wants_prometheus) = convert::wants(describe().manifest().wants);
        let host = NativeHost::start(
            Arc::clone(&runtime),
            &server.kubeconfig(),
            &plugin,
            wants,
            wants_prometheus,
        );
        let host = host.unwrap_or_else(|error| fail("the host does not start", &error));
        Running {
            describe,
            host: Rc::new(host),
            approving: self.approving,
            server,
            prometheus,
            _runtime: runtime,
        }
    }

    /// What stands below `[plugins.test]` in the host's configuration. A test has no home, so the directories are named; the host
    /// keeps its proposals in a directory of its own in their place.
    fn plugin_table(&self, prometheus: Option<&simcluster::Prometheus>) -> String {
        let grants = self.grants.join(",\n");
        let may_ask = matches!(self.prometheus, Metrics::Known(_));
        let url =
            prometheus.map_or_else(String::new, |server| format!("url = \"{}\"", server.url()));
        let (settings, limits) = (&self.settings, &self.limits);
        format!(
            "prometheus = {may_ask}\ngrants = [{grants}]\n\
             [plugins.test.settings]\n{settings}\n[plugins.test.limits]\n{limits}\n[prometheus]\n{url}\n\
             [directories]\ncache = \"/test-kit/cache\"\nstate = \"/test-kit/state\"\n",
        )
    }
}

impl Metrics {
    fn start(&self, runtime: &Runtime) -> Option<simcluster::Prometheus> {
        if matches!(self, Self::None) {
            return None;
        }
        let server = runtime.block_on(simcluster::Prometheus::start());
        let server = server.unwrap_or_else(|error| fail("Prometheus does not start", &error));
        if let Self::Known(known) = self {
            for (expression, data) in known {
                server.answer(expression, data.clone());
            }
        }
        Some(server)
    }
}

/// A plugin with its cluster, and its Prometheus where there is one. All end when it is dropped.
pub struct Running {
    describe: fn() -> Plugin,
    host: Rc<NativeHost>,
    approving: bool,
    server: simcluster::Server,
    prometheus: Option<simcluster::Prometheus>,
    /// Cluster and Prometheus answer on it.
    _runtime: Arc<Runtime>,
}

impl Running {
    /// Calls a tool as the host would: with the budgets of a default configuration, and with arguments and result checked
    /// against its schemas.
    ///
    /// # Errors
    /// [`Failure::Invalid`] for arguments that do not match, [`Failure::Internal`] for such a result, else what the tool answers.
    ///
    /// # Panics
    /// Never: the SDK writes the schemas that are parsed.
    pub fn call(&self, tool: &str, arguments: Value) -> Result<Answer, Failure> {
        let plugin = (self.describe)();
        let parse =
            |schema: &str| serde_json::from_str(schema).expect("the SDK writes schemas as JSON");
        let described = plugin.tools().find(|described| described.name == tool);
        let effect = described.as_ref().map(|it| convert::effect(it.effect));
        let schemas = described.map(|it| {
            ToolSchemas::new(
                tool,
                parse(&it.input_schema),
                it.output_schema.as_deref().map(parse),
            )
        });
        let mut arguments = arguments;
        if let Some(schemas) = &schemas {
            schemas
                .take_arguments(&mut arguments)
                .map_err(Failure::Invalid)?;
        }
        let effect = effect.unwrap_or(Effect::Read);
        let host = self.begin(tool, effect, &arguments);
        let answer = with_host(host, || plugin.call(tool, &arguments.to_string()))?;
        if let Some(schemas) = &schemas {
            let structured = answer.structured.as_ref().map(Value::to_string);
            schemas
                .check_result(structured.as_deref())
                .map_err(Failure::Internal)?;
        }
        Ok(answer)
    }

    /// Reads a resource as the host would.
    ///
    /// # Errors
    /// As [`Plugin::read`].
    pub fn read(&self, uri: &str) -> Result<Contents, Failure> {
        let host = self.begin("resources/read", Effect::Read, &json!({ "uri": uri }));
        with_host(host, || (self.describe)().read(uri))
    }

    /// Fills in a prompt as the host would.
    ///
    /// # Errors
    /// As [`Plugin::get_prompt`].
    pub fn prompt(&self, name: &str, arguments: &[(&str, &str)]) -> Result<Vec<Message>, Failure> {
        let given = pairs(arguments);
        let asked: Map<_, _> = given.iter().cloned().map(|(k, v)| (k, v.into())).collect();
        let asked = json!({ "name": name, "arguments": asked });
        let host = self.begin("prompts/get", Effect::Read, &asked);
        with_host(host, || (self.describe)().get_prompt(name, &given))
    }

    /// Completes a variable of a template, by its URI template, or an argument of a prompt, by its name; `before` is what was filled in
    /// of others. A failure is given as it is; a client would see no values.
    ///
    /// # Errors
    /// As [`Plugin::complete`].
    pub fn complete(
        &self,
        target: &CompletionTarget,
        argument: &str,
        typed: &str,
        before: &[(&str, &str)],
    ) -> Result<Vec<String>, Failure> {
        let before = pairs(before);
        let asked = json!({ "argument": { "name": argument, "value": typed } });
        let host = self.begin("completion/complete", Effect::Read, &asked);
        with_host(host, || {
            (self.describe)().complete(target, argument, typed, &before)
        })
    }

    fn begin(&self, tool: &str, effect: Effect, arguments: &Value) -> Rc<host::KitHost> {
        Rc::new(host::KitHost {
            call: self.host.begin(tool, effect, arguments),
            approver: self.approving.then(|| Rc::clone(&self.host)),
        })
    }

    /// What a proposal says of itself to the person who decides, by its id: they see neither the notes nor the words of an answer.
    ///
    /// # Panics
    /// Where there is no such proposal.
    pub fn summary(&self, id: &str) -> String {
        let summary = self.host.summary(id);
        summary.unwrap_or_else(|failure| fail("no summary", &failure.message))
    }

    /// The cluster: what was asked of it, and ways to change it and to let it fail.
    pub fn cluster(&self) -> &simcluster::Server {
        &self.server
    }

    /// Prometheus: what was asked of it, and ways to let it fail.
    ///
    /// # Panics
    /// Where the kit has none.
    pub fn prometheus(&self) -> &simcluster::Prometheus {
        let server = self.prometheus.as_ref();
        server.unwrap_or_else(|| fail("no Prometheus", &"call `Kit::prometheus` first"))
    }
}

/// Compares the text that a plugin gives to [`Plugin::schemas`] with what its types say now. With `UPDATE_SCHEMAS=1` in the
/// environment it writes the file instead.
///
/// # Panics
/// Where they differ, with what to do.
#[expect(
    clippy::disallowed_methods,
    reason = "a test, not a plugin: its environment says what to do"
)]
pub fn stored_schemas(describe: fn() -> Plugin, file: &str) {
    let now = describe().to_store();
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(file, now).unwrap_or_else(|error| fail("cannot write the schemas", &error));
        return;
    }
    let stored = std::fs::read_to_string(file)
        .unwrap_or_else(|error| fail("cannot read the schemas", &error));
    let differs = now.lines().ne(stored.lines());
    assert!(
        !differs,
        "`{file}` is not what the types say: run this test with UPDATE_SCHEMAS=1 and commit the file"
    );
}

fn pairs(given: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = given
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    owned.collect()
}

#[expect(
    clippy::panic,
    reason = "a test whose set-up is wrong must fail, and say why"
)]
fn fail(what: &str, why: &dyn std::fmt::Display) -> ! {
    panic!("{what}: {why}")
}

#[cfg(test)]
mod tests;
