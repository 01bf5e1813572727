//! The plugin `cnpg` as a component in a real host, on a fleet of clusters that CloudNativePG runs, in the simcluster.

mod bounds;
pub(crate) mod calls;
mod library;
mod metrics;
mod offer;
mod origin;
mod passwords;
pub(crate) mod states;
mod unsent;
pub(crate) mod waiting;

use std::{fs, path::Path, time::SystemTime};

use bulkhead_cnpg_data::Fleet;
use bulkhead_simcluster::Cluster;
use bulkhead_tests::{
    approver::Approver,
    built,
    host_config::{HostConfig, cluster_table, plugin_table},
    mcp_client::{Era, McpClient},
};
use serde_json::{Value, json};

use crate::{
    session::{Ran, Said, bulkhead},
    sim::Sim,
};

/// What the tools read, and every change that one of them can propose, in the namespaces of the fleet.
const GRANTS: &str = r#"
[[plugins.cnpg.grants]]
api_groups = ["postgresql.cnpg.io"]
resources = ["*"]
verbs = ["get", "list", "watch"]
namespaces = ["shop", "till", "lab"]

[[plugins.cnpg.grants]]
api_groups = ["barmancloud.cnpg.io"]
resources = ["objectstores"]
verbs = ["get", "list"]
namespaces = ["shop", "till", "lab"]

[[plugins.cnpg.grants]]
api_groups = ["postgresql.cnpg.io"]
resources = ["clusterimagecatalogs"]
verbs = ["get", "list"]
scope = "cluster"

[[plugins.cnpg.grants]]
api_groups = [""]
resources = ["pods", "persistentvolumeclaims", "services"]
verbs = ["get", "list"]
namespaces = ["shop", "till", "lab"]

[[plugins.cnpg.grants]]
api_groups = [""]
resources = ["pods/log"]
verbs = ["get"]
namespaces = ["shop", "till", "lab"]

[[plugins.cnpg.grants]]
api_groups = ["storage.k8s.io"]
resources = ["storageclasses"]
verbs = ["get", "list"]
scope = "cluster"

[[plugins.cnpg.grants]]
api_groups = ["postgresql.cnpg.io"]
resources = ["clusters", "clusters/status", "databases", "backups", "scheduledbackups", "poolers"]
verbs = ["create", "patch", "delete"]
namespaces = ["shop", "till", "lab"]

[[plugins.cnpg.grants]]
api_groups = [""]
resources = ["secrets"]
verbs = ["get", "list", "create", "patch", "delete", "use"]
namespaces = ["shop", "till", "lab"]
"#;

/// The fleet as it stands now: the host's clock is the real one.
pub(crate) fn fleet() -> Fleet {
    Fleet::new(SystemTime::now())
}

/// A simcluster with the fleet in it, and with what its instances have said.
fn sim() -> Sim {
    let fleet = fleet();
    let mut cluster = Cluster::from_manifests(&fleet.manifests()).unwrap();
    for log in fleet.logs() {
        let (namespace, pod, text) = (log.namespace, &log.pod, &log.text);
        let set = cluster.set_log(namespace, pod, log.container, log.previous, text);
        set.unwrap();
    }
    Sim::start(cluster)
}

/// What a host is configured with: a cluster, the plugin with every grant, and a person who approves.
pub(crate) fn text(kubeconfig: &Path) -> String {
    text_with(kubeconfig, "", GRANTS)
}

/// The same with more keys in the plugin's table, and with other grants.
fn text_with(kubeconfig: &Path, keys: &str, grants: &str) -> String {
    [
        &cluster_table(kubeconfig).unwrap(),
        &Approver::shared().unwrap().table(),
        &plugin_table("cnpg", &built::plugin("cnpg")).unwrap(),
        keys,
        grants,
    ]
    .join("\n")
}

/// The names of the plugin's tools, from the file that has a line for each.
fn tools_of_the_plugin() -> Vec<String> {
    let path = built::workspace().join("plugins/cnpg/schemas.tsv");
    let text = fs::read_to_string(path).unwrap();
    // A tool has an input and an output, a prompt its arguments.
    let names = text
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .filter(|line| line.len() == 3);
    let mut names: Vec<_> = names.map(|line| line[0].to_owned()).collect();
    names.sort();
    names
}

/// A client of a host with the plugin, and the configuration that a person decides by.
pub(crate) struct Desk {
    client: McpClient,
    config: HostConfig,
}

impl Desk {
    pub(crate) fn open(kubeconfig: &Path) -> Self {
        Self::open_with(kubeconfig, "")
    }

    /// The same with more tables in the configuration.
    fn open_with(kubeconfig: &Path, more: &str) -> Self {
        Self::of(&(text(kubeconfig) + more))
    }

    /// With this configuration.
    fn of(text: &str) -> Self {
        let config = HostConfig::with_text(text).unwrap();
        let mut command = bulkhead(config.folder());
        command.arg("serve").arg("--config").arg(config.path());
        let client = McpClient::connect(&mut command, Era::LEGACY).unwrap();
        Self { client, config }
    }

    /// The plugin's tools that change something, or those that do not, as they are offered.
    pub(crate) fn tools(&mut self, changing: bool) -> Vec<Value> {
        let ours = tools_of_the_plugin();
        let mut tools = self.client.list_tools().unwrap();
        tools.retain(|tool| {
            ours.iter().any(|name| tool["name"] == name.as_str())
                && (tool["annotations"]["readOnlyHint"] == false) == changing
        });
        tools
    }

    /// The whole result of a call.
    pub(crate) fn result(&mut self, tool: &str, arguments: &Value) -> Value {
        let answer = self.client.call_tool(tool, arguments.clone()).unwrap();
        answer.unwrap_or_else(|error| panic!("{tool} {arguments}: {error:?}"))
    }

    pub(crate) fn call(&mut self, tool: &str, arguments: &Value) -> Said {
        Said::of(self.result(tool, arguments))
    }

    /// Proposes, and returns the change as a value.
    pub(crate) fn propose(&mut self, tool: &str, arguments: &Value) -> Value {
        let result = self.result(tool, arguments);
        let change = &result["structuredContent"];
        assert_eq!(change["state"], "proposed", "{tool} {arguments}: {result}");
        change.clone()
    }

    /// A person approves at the terminal; returns all that it showed.
    pub(crate) fn approve(&self, id: &str) -> String {
        let approver = Approver::shared().unwrap();
        let shown = approver.approve(&self.config, id).unwrap();
        assert_eq!(shown.code, 0, "{}", shown.text);
        shown.text
    }

    pub(crate) fn apply(&mut self, id: &str) -> String {
        let said = self.call("change_apply", &json!({ "id": id }));
        said.succeeds(&[&format!("change {id}: applied")]).text
    }

    /// Ends the host; what it writes behind its calls is on the disk then.
    fn end(self) -> HostConfig {
        assert!(self.client.close_stdin_and_wait().unwrap().success());
        self.config
    }
}

/// The id of the change that a text is about.
pub(crate) fn id_in(text: &str) -> &str {
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let id = words.find(|word| word.len() == 12 && word.starts_with("c-"));
    id.unwrap_or_else(|| panic!("{text}"))
}

/// Every record of the audit.
fn audit(config: &HostConfig) -> String {
    let mut command = bulkhead(config.folder());
    command.args(["audit", "list", "--json", "--config"]);
    Ran::of(command.arg(config.path())).stdout
}

/// Two objects as one.
pub(crate) fn with(arguments: &Value, more: &Value) -> Value {
    let mut all = arguments.clone();
    let (Some(members), Some(more)) = (all.as_object_mut(), more.as_object()) else {
        panic!("arguments are objects");
    };
    members.extend(more.clone());
    all
}
