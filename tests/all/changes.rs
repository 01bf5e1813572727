//! Changes at a simcluster, so that a machine without a real API server has the whole way too: what each step says, and that a
//! person decides. What a real server does to it is in `real/changes`.

mod expected;
pub(crate) mod plans;
mod records;

use bulkhead_simcluster::Cluster;
use bulkhead_tests::{
    approver::Approver,
    built,
    host_config::{HostConfig, READ_EVERYTHING, cluster_table, plugin_table},
    mcp_client::{Era, McpClient},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    session::{Ran, Said, Session, bulkhead},
    sim::Sim,
};

const SCALE: &str = r#"
[[plugins.generic.grants]]
api_groups = ["apps"]
resources = ["deployments", "deployments/scale"]
verbs = ["patch"]
namespaces = ["shop"]
"#;

/// A Deployment `web` of two.
fn shop() -> Sim {
    let mut cluster = Cluster::new();
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"namespace": "shop", "name": "web"},
        "spec": {
            "replicas": 2, "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "web", "image": "registry.example/web:1"}]},
            },
        },
    });
    cluster.insert(deployment).unwrap();
    Sim::start(cluster).may_change()
}

fn config(sim: &Sim) -> HostConfig {
    config_with(sim, SCALE)
}

/// `generic` with these grants beside those to read.
fn config_with(sim: &Sim, grants: &str) -> HostConfig {
    let text = [
        cluster_table(&sim.kubeconfig()).unwrap(),
        Approver::shared().unwrap().table(),
        plugin_table("generic", &built::plugin("generic")).unwrap(),
        READ_EVERYTHING.to_owned(),
        grants.to_owned(),
    ];
    HostConfig::with_text(&text.join("\n")).unwrap()
}

fn scale_to(replicas: u32) -> Value {
    json!({
        "kind": "deployment", "namespace": "shop", "name": "web", "operation": "scale", "replicas": replicas,
        "confirm": true,
    })
}

/// A client of a host, with the configuration that a person decides by.
struct Desk {
    client: McpClient,
    config: HostConfig,
}

impl Desk {
    fn open(config: HostConfig, era: Era) -> Self {
        let (client, config) = Session::in_era(config, era).into_parts();
        Self { client, config }
    }

    fn call(&mut self, tool: &str, arguments: Value) -> Said {
        Said::of(self.client.call_tool(tool, arguments).unwrap().unwrap())
    }

    /// A person approves at the terminal; returns all that it showed.
    fn approve(&self, id: &str) -> String {
        let approver = Approver::shared().unwrap();
        let shown = approver.approve(&self.config, id).unwrap();
        assert_eq!(shown.code, 0, "{}", shown.text);
        shown.text
    }

    /// Ends the host; what it writes behind its calls is on the disk then.
    fn end(self) -> HostConfig {
        assert!(self.client.close_stdin_and_wait().unwrap().success());
        self.config
    }

    /// As YAML.
    fn web(&mut self) -> String {
        let arguments = json!({ "kind": "deployment", "namespace": "shop", "name": "web" });
        self.call("k8s_get", arguments).succeeds(&[]).text
    }
}

/// Runs `bulkhead` with these arguments and a configuration.
fn command(config: &HostConfig, arguments: &[&str]) -> Ran {
    let mut command = bulkhead(config.folder());
    Ran::of(command.args(arguments).arg("--config").arg(config.path()))
}

fn id_in(said: &Said) -> String {
    let mut words = said
        .text
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let id = words.find(|word| word.len() == 12 && word.starts_with("c-"));
    id.unwrap_or_else(|| panic!("{}", said.text)).to_owned()
}

#[rstest]
fn a_change_goes_the_whole_way_and_back(#[values(Era::LEGACY, Era::MODERN)] era: Era) {
    let sim = shop();
    let mut desk = Desk::open(config(&sim), era);
    let said = desk.call("k8s_patch", scale_to(3));
    let id = id_in(&said.fails("needs-approval", &["bulkhead approve c-"]));
    assert_eq!(sim.changes().len(), 0);
    desk.approve(&id);
    assert_eq!(sim.changes().len(), 0);
    let said = desk.call("change_apply", json!({ "id": id }));
    said.succeeds(&[&format!("change {id}: applied")]);
    assert_eq!(sim.changes().len(), 1);
    assert!(desk.web().contains("replicas: 3"));

    let said = desk.call("change_rollback", json!({ "id": id }));
    let said = said.succeeds(&["spec.replicas: 3 -> 2"]);
    let back = id_in(&said);
    desk.approve(&back);
    let said = desk.call("change_apply", json!({ "id": back }));
    said.succeeds(&[&format!("change {back}: applied")]);
    assert_eq!(sim.changes().len(), 2);
    assert!(desk.web().contains("replicas: 2"));
    let verified = command(&desk.config, &["audit", "verify"]);
    assert!(verified.stdout.contains("the chain holds"), "{verified:?}");
}

#[test]
fn what_a_change_costs_the_api_server_is_bounded() {
    let sim = shop();
    let mut desk = Desk::open(config(&sim), Era::LEGACY);
    let mut scale = scale_to(3);
    scale["confirm"] = json!(false);
    // The first connects, and asks what the cluster serves.
    desk.call("k8s_patch", scale.clone()).succeeds(&[]);
    let mut sent = 0;
    let mut requests = || {
        let all = sim.server.requests();
        let new = all.get(sent..).unwrap_or_default();
        sent = all.len();
        new.iter()
            .map(|request| format!("{} {}", request.method, request.path))
            .collect::<Vec<_>>()
    };
    requests();
    scale["replicas"] = json!(4);
    let id = id_in(&desk.call("k8s_patch", scale).succeeds(&[]));
    let web = "/apis/apps/v1/namespaces/shop/deployments/web/scale";
    let [get, patch] = ["GET", "PATCH"].map(|method| format!("{method} {web}"));
    let which_cluster = [
        "GET /api/v1/namespaces/kube-system".to_owned(),
        "POST /apis/authentication.k8s.io/v1/selfsubjectreviews".to_owned(),
    ];
    let look = [get, patch.clone()];
    assert_eq!(requests(), [look.clone(), which_cluster.clone()].concat());
    desk.approve(&id);
    requests();
    desk.call("change_apply", json!({ "id": id }))
        .succeeds(&["applied"]);
    // Once more before anything is sent, and once more before this change is.
    let expected = [&which_cluster[..], &look, &look, &[patch]].concat();
    assert_eq!(requests(), expected);
}
