//! The plugin `velero` at the real API server: Velero's own types, the data set, and no Velero that would act on it.

mod changes;
mod generated;
mod objects;

use std::sync::OnceLock;

use bulkhead_tests::{
    approver::Approver,
    host_config::{HostConfig, cluster_table},
    mcp_client::{Era, McpClient},
    real_cluster::{Controllers, RealCluster, User},
    terminal::Shown,
};
use bulkhead_velero_data::Fleet;
use serde_json::{Value, json};

use crate::{
    fleet::{fleet, shipped_with_examples},
    session::{Ran, Said, bulkhead},
};

/// The server that these tests share, with the data set in it and what `bulkhead rbac` prints for `rbac-user`: the host is never
/// anybody else. What a test makes there has a name of its own.
fn shared() -> &'static (RealCluster, Fleet) {
    static SHARED: OnceLock<(RealCluster, Fleet)> = OnceLock::new();
    SHARED.get_or_init(|| {
        let (cluster, fleet) = (RealCluster::start(Controllers::Off).unwrap(), fleet());
        cluster.serve_velero().unwrap();
        let documents: Vec<_> = fleet.objects().iter().map(without_uid).collect();
        // Strict: a field that the types do not know is an error, where the server would otherwise drop it.
        let apply = [
            "apply",
            "--server-side",
            "--validate=strict",
            "--filename=-",
        ];
        cluster
            .kubectl(&apply, Some(&documents.join("\n---\n")))
            .unwrap();
        give_rights(&cluster);
        (cluster, fleet)
    })
}

/// The server gives the uid; an apply that has one is about an object that is there already.
fn without_uid(object: &Value) -> String {
    let mut object = object.clone();
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.remove("uid");
    }
    object.to_string()
}

fn give_rights(cluster: &RealCluster) {
    let config = HostConfig::with_text(&text(cluster)).unwrap();
    let mut rbac = bulkhead(config.folder());
    rbac.args(["rbac", "--user", User::Rbac.name(), "--config"]);
    let printed = Ran::of(rbac.arg(config.path()));
    assert_eq!(printed.code, Some(0), "{printed:?}");
    cluster.apply(&printed.stdout).unwrap();
    for (group, resource, verb, namespace) in [
        ("velero.io", "schedules", "patch", "velero"),
        ("velero.io", "backups", "list", "velero"),
        ("", "namespaces", "list", ""),
        ("apps", "replicasets", "list", "shop"),
    ] {
        let attributes =
            json!({ "group": group, "resource": resource, "verb": verb, "namespace": namespace });
        cluster.wait_until_allowed(User::Rbac, &attributes).unwrap();
    }
}

fn cluster() -> &'static RealCluster {
    &shared().0
}

/// The data set, as it was made for that server.
fn installed() -> &'static Fleet {
    &shared().1
}

/// The words of `arguments` have no spaces.
fn kubectl(arguments: &str) -> String {
    let arguments: Vec<_> = arguments.split(' ').collect();
    cluster().kubectl(&arguments, None).unwrap()
}

/// An object as it stands, such as `backups.velero.io/shop-stuck`.
fn object(name: &str) -> Value {
    let text = kubectl(&format!("get {name} --namespace=velero --output=json"));
    serde_json::from_str(&text).unwrap()
}

/// A host with the plugin as it is shipped and every example there: settings, and a grant for every change.
struct Host {
    config: HostConfig,
    client: McpClient,
}

impl Host {
    fn open() -> Self {
        let config = HostConfig::with_text(&text(cluster())).unwrap();
        let mut command = bulkhead(config.folder());
        command.arg("serve").arg("--config").arg(config.path());
        let client = McpClient::connect(&mut command, Era::LEGACY).unwrap();
        Self { config, client }
    }

    /// The names of the tools of the plugin that change, or of those that do not.
    fn tools(&mut self, changing: bool) -> Vec<String> {
        let tools = self.client.list_tools().unwrap().into_iter();
        tools
            .filter(|tool| (tool["annotations"]["readOnlyHint"] == false) == changing)
            .map(|tool| tool["name"].as_str().unwrap().to_owned())
            .filter(|name| name.contains("velero"))
            .collect()
    }

    /// The whole result of a call.
    fn result(&mut self, tool: &str, arguments: &Value) -> Value {
        let answer = self.client.call_tool(tool, arguments.clone()).unwrap();
        answer.unwrap_or_else(|error| panic!("{tool} {arguments}: {error:?}"))
    }

    fn call(&mut self, tool: &str, arguments: &Value) -> Said {
        Said::of(self.result(tool, arguments))
    }

    /// Proposes, and returns the change as a value.
    fn propose(&mut self, tool: &str, arguments: &Value) -> Value {
        let result = self.result(tool, arguments);
        let change = &result["structuredContent"];
        assert_eq!(change["state"], "proposed", "{tool} {arguments}: {result}");
        change.clone()
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

    fn apply(&mut self, id: &str) -> String {
        let said = self.call("change_apply", &json!({ "id": id }));
        said.succeeds(&[&format!("change {id}: applied")]).text
    }
}

/// What a host is configured with.
fn text(cluster: &RealCluster) -> String {
    let cluster = cluster_table(&cluster.kubeconfig_for(User::Rbac)).unwrap();
    let approval = Approver::shared().unwrap().table();
    format!("{cluster}{approval}{}", shipped_with_examples())
}
