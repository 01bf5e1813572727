//! Changes at the real API server: a client proposes, a person decides at a terminal, the host applies exactly that, once.
//!
//! Each test has a namespace, a configuration and a state folder of its own.

mod binding;
mod bounds;
mod crashes;
mod ending;
mod grants;
mod guessing;
mod kinds;
mod moving;
mod outcomes;
mod plans;
mod policy;
mod refusing;
mod rollback;
mod tampering;
mod way_through;

use std::time::Duration;

use bulkhead_tests::{
    approver::Approver,
    built,
    host_config::{HostConfig, cluster_table, plugin_table},
    mcp_client::{Era, McpClient},
    real_cluster::{Change, RealCluster, User},
    terminal::Shown,
};
use rusqlite::{Connection, Params};
use serde_json::{Value, json};

use crate::session::{Ran, Said, bulkhead};

/// How long another writer of the store is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// All that the plugin `generic` asks for, everywhere.
const EVERYTHING: &str = r#"
[[plugins.generic.grants]]
api_groups = ["*"]
resources = ["*", "secrets", "configmaps"]
verbs = ["get", "list", "watch", "create", "patch", "delete", "use"]
namespaces = ["*"]

[[plugins.generic.grants]]
api_groups = ["*"]
resources = ["*/scale"]
verbs = ["patch"]
namespaces = ["*"]

[[plugins.generic.grants]]
api_groups = [""]
resources = ["pods/eviction"]
verbs = ["create"]
namespaces = ["*"]

[[plugins.generic.grants]]
api_groups = ["*"]
resources = ["*"]
verbs = ["get", "list", "create", "patch", "delete"]
scope = "cluster"
"#;

/// What a host is configured with.
struct Setup<'a> {
    cluster: &'static RealCluster,
    request_timeout: &'a str,
    /// `[approval]`; with [`Approver::shared`] where it is none.
    approval: Option<&'a str>,
    /// More tables.
    tables: &'a str,
    /// Of `generic`.
    grants: &'a str,
    era: Era,
}

impl Setup<'_> {
    /// The server without controllers, and everything granted.
    fn usual() -> Self {
        Self {
            cluster: RealCluster::shared().unwrap(),
            request_timeout: "30s",
            approval: None,
            tables: "",
            grants: EVERYTHING,
            era: Era::LEGACY,
        }
    }

    /// The text of its file.
    fn text(&self) -> String {
        let approver = || Approver::shared().unwrap().table();
        [
            cluster_table(&self.cluster.kubeconfig_for(User::Admin)).unwrap(),
            format!("request_timeout = \"{}\"", self.request_timeout),
            self.approval.map_or_else(approver, str::to_owned),
            self.tables.to_owned(),
            plugin_table("generic", &built::plugin("generic")).unwrap(),
            self.grants.to_owned(),
        ]
        .join("\n")
    }

    fn open(&self) -> Shop {
        Shop::of(
            self.cluster,
            HostConfig::with_text(&self.text()).unwrap(),
            self.era,
        )
    }
}

/// A namespace of a cluster, and a host that may change it.
struct Shop {
    cluster: &'static RealCluster,
    namespace: String,
    config: HostConfig,
    client: McpClient,
    era: Era,
}

impl Shop {
    fn open() -> Self {
        Setup::usual().open()
    }

    fn of(cluster: &'static RealCluster, config: HostConfig, era: Era) -> Self {
        let client = serve(&config, era);
        Self {
            cluster,
            namespace: cluster.new_namespace().unwrap(),
            config,
            client,
            era,
        }
    }

    /// Ends the host and starts another on the same state; `between` is done while there is none.
    fn restart(self, between: impl FnOnce(&HostConfig)) -> Self {
        assert!(self.client.close_stdin_and_wait().unwrap().success());
        between(&self.config);
        Self {
            client: serve(&self.config, self.era),
            ..self
        }
    }

    /// Calls a tool; one of the plugin's in this namespace, unless the arguments name another.
    fn call(&mut self, tool: &str, arguments: Value) -> Said {
        let mut arguments = arguments;
        let of_nodes = ["k8s_cordon", "k8s_uncordon", "k8s_drain"].contains(&tool);
        if tool.starts_with("k8s_") && !of_nodes && arguments.get("namespace").is_none() {
            arguments["namespace"] = json!(self.namespace);
        }
        let answer = self.client.call_tool(tool, arguments).unwrap();
        Said::of(answer.unwrap_or_else(|error| panic!("{tool}: {error:?}")))
    }

    /// Proposes a change that can be approved; returns its id.
    fn propose(&mut self, tool: &str, arguments: Value) -> String {
        let said = self
            .call(tool, arguments)
            .succeeds(&["is proposed; nothing has changed yet"]);
        id_in(&said.text)
    }

    /// A person approves at the terminal.
    fn approve(&self, id: &str) -> Shown {
        let shown = Approver::shared()
            .unwrap()
            .approve(&self.config, id)
            .unwrap();
        assert_eq!(shown.code, 0, "{}", shown.text);
        shown
    }

    /// `change_apply`, whatever it says.
    fn apply(&mut self, id: &str) -> Said {
        self.call("change_apply", json!({ "id": id }))
    }

    /// `change_apply` comes to this outcome.
    fn comes_to(&mut self, id: &str, outcome: &str) -> String {
        let said = self.apply(id);
        assert!(
            said.text.contains(&format!("change {id}: {outcome}")),
            "not {outcome}: {}",
            said.text
        );
        said.text
    }

    /// `change_apply` ends without having sent anything, and says why.
    fn refuses(&mut self, id: &str, why: &[&str]) {
        let text = self.comes_to(id, "failed");
        for part in ["not done; nothing was sent"].iter().chain(why) {
            assert!(text.contains(part), "no `{part}` in: {text}");
        }
    }

    /// Proposes, approves and applies; returns the id.
    fn change(&mut self, tool: &str, arguments: Value) -> String {
        let id = self.propose(tool, arguments);
        self.approve(&id);
        self.comes_to(&id, "applied");
        id
    }

    /// Proposes to take a change back; returns the new change's id.
    fn take_back(&mut self, id: &str) -> String {
        let said = self.call("change_rollback", json!({ "id": id }));
        id_but(&said.succeeds(&["proposed", "Take back change"]).text, id)
    }

    /// Proposes to take a change back, approves and applies that.
    fn roll_back(&mut self, id: &str) {
        let back = self.take_back(id);
        self.approve(&back);
        self.comes_to(&back, "applied");
        let status = self.call("change_status", json!({ "id": id }));
        status.succeeds(&["rolled-back"]);
    }

    /// Runs kubectl in the namespace; the words of `arguments` have no spaces.
    fn kubectl(&self, arguments: &str) -> String {
        let namespace = format!("--namespace={}", self.namespace);
        let mut arguments: Vec<&str> = arguments.split(' ').collect();
        arguments.push(&namespace);
        self.cluster.kubectl(&arguments, None).unwrap()
    }

    /// Makes an object; `manifest` is YAML without its namespace.
    fn make(&self, manifest: &str) {
        let namespace = format!("--namespace={}", self.namespace);
        self.cluster
            .kubectl(&["create", "--filename=-", &namespace], Some(manifest))
            .unwrap();
    }

    /// A Deployment of three that is called `web`.
    fn make_web(&self) {
        self.make(WEB);
    }

    /// Such as `deployment web`.
    fn object(&self, kind_and_name: &str) -> Value {
        let text = self.kubectl(&format!("get {kind_and_name} --output=json"));
        serde_json::from_str(&text).unwrap()
    }

    /// Whether there is such an object.
    fn exists(&self, kind_and_name: &str) -> bool {
        let found = self.kubectl(&format!(
            "get {kind_and_name} --ignore-not-found --output=name"
        ));
        !found.is_empty()
    }

    /// The requests so far that were meant to change the namespace, by whoever sent them.
    fn changes(&self) -> Vec<Change> {
        self.cluster.changes_in(&self.namespace).unwrap()
    }

    /// Runs `bulkhead COMMAND --config FILE`.
    fn bulkhead(&self, command: &str) -> Ran {
        Ran::of(
            bulkhead(self.config.folder())
                .args(command.split(' '))
                .arg("--config")
                .arg(self.config.path()),
        )
    }

    /// The audit's records about a change, the oldest first.
    fn records(&self, id: &str) -> Vec<Value> {
        let listed = self.bulkhead(&format!("audit list --json --change {id}"));
        assert_eq!(listed.code, Some(0), "{listed:?}");
        let lines = listed.stdout.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The host's store, as whoever owns the file can write it.
    fn database(&self) -> Connection {
        let database = Connection::open(self.config.state().join("bulkhead.db")).unwrap();
        database.busy_timeout(PATIENCE).unwrap();
        database
    }

    /// Writes to the store; returns how many rows it changed.
    fn tamper(&self, statement: &str, parameters: impl Params) -> usize {
        self.database().execute(statement, parameters).unwrap()
    }

    /// One text of the store.
    fn stored(&self, query: &str, id: &str) -> String {
        let read = self.database().query_one(query, [id], |row| row.get(0));
        read.unwrap()
    }

    /// As if so much time had passed: the store's time never goes back behind what any host has seen.
    fn passes(&self, time: Duration) {
        let milliseconds = i64::try_from(time.as_millis()).unwrap();
        let now = "max(time, CAST(unixepoch('subsec') * 1000 AS INTEGER))";
        let statement = format!("UPDATE latest SET time = {now} + ?1");
        assert_eq!(self.tamper(&statement, [milliseconds]), 1);
    }

    /// The chain holds.
    fn verified(&self) {
        let verified = self.bulkhead("audit verify");
        assert_eq!(verified.code, Some(0), "{verified:?}");
        assert!(verified.stdout.contains("the chain holds"), "{verified:?}");
    }
}

const WEB: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'registry.example/web:1'}]}
";

/// Scales [`WEB`].
fn scale_to(replicas: u32) -> Value {
    json!({ "kind": "deployment", "name": "web", "operation": "scale", "replicas": replicas })
}

/// Scales [`WEB`] and says that the user asked for it.
fn confirmed(mut arguments: Value) -> Value {
    arguments["confirm"] = json!(true);
    arguments
}

fn serve(config: &HostConfig, era: Era) -> McpClient {
    let mut command = bulkhead(config.folder());
    command.arg("serve").arg("--config").arg(config.path());
    McpClient::connect(&mut command, era).unwrap()
}

/// The first id of a change in a text.
fn id_in(text: &str) -> String {
    id_but(text, "")
}

/// The first id of a change in a text that is not this one.
fn id_but(text: &str, other: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    words
        .filter(|word| word.len() == 12 && word.starts_with("c-") && *word != other)
        .map(str::to_owned)
        .next()
        .unwrap_or_else(|| panic!("no id in: {text}"))
}
