//! Hosts of two clusters on one state folder: what one left under way is looked up where it happened, and nowhere else.

use std::fs;

use bulkhead_simcluster::Cluster;
use bulkhead_tests::{
    approver::Approver,
    built,
    host_config::{HostConfig, READ_EVERYTHING, cluster_table, plugin_table},
    mcp_client::{Era, McpClient},
};
use serde_json::{Value, json};

use crate::{
    session::{Said, bulkhead},
    sim::Sim,
};

const SCALE: &str = r#"
[[plugins.generic.grants]]
api_groups = ["apps"]
resources = ["deployments", "deployments/scale"]
verbs = ["patch"]
namespaces = ["shop"]
"#;

/// A Deployment `web` of two; clusters are told apart by this uid.
fn shop(uid: &str) -> Sim {
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
    let system = json!({
        "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system", "uid": uid},
    });
    cluster.insert(system).unwrap();
    Sim::start(cluster).may_change()
}

/// One state folder, and a kubeconfig that leads to one cluster or the other.
struct Desk {
    config: HostConfig,
    kubeconfig: std::path::PathBuf,
    _folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let kubeconfig = folder.path().join("kubeconfig");
        let text = [
            cluster_table(&kubeconfig).unwrap(),
            // What may still be on its way is waited for so long.
            "request_timeout = \"1s\"".to_owned(),
            Approver::shared().unwrap().table(),
            plugin_table("generic", &built::plugin("generic")).unwrap(),
            READ_EVERYTHING.to_owned(),
            SCALE.to_owned(),
        ];
        Self {
            config: HostConfig::with_text(&text.join("\n")).unwrap(),
            kubeconfig,
            _folder: folder,
        }
    }

    fn at(&self, sim: &Sim, environment: &[(&str, &str)]) -> McpClient {
        fs::copy(sim.kubeconfig(), &self.kubeconfig).unwrap();
        let mut command = bulkhead(self.config.folder());
        command.arg("serve").arg("--config").arg(self.config.path());
        command.envs(environment.iter().copied());
        McpClient::connect(&mut command, Era::LEGACY).unwrap()
    }

    /// A host of this cluster proposes to scale, a person approves, and the host ends at this place.
    fn dies(&self, sim: &Sim, point: &str) -> String {
        let mut host = self.at(sim, &[("BULKHEAD_FAULT_POINT", point)]);
        let scale = json!({
            "kind": "deployment", "namespace": "shop", "name": "web", "operation": "scale", "replicas": 3,
            "confirm": true,
        });
        let said = call(&mut host, "k8s_patch", scale).fails("needs-approval", &[]);
        let mut words = said
            .text
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        let id = words.find(|word| word.len() == 12 && word.starts_with("c-"));
        let id = id.unwrap_or_else(|| panic!("{}", said.text)).to_owned();
        let shown = Approver::shared()
            .unwrap()
            .approve(&self.config, &id)
            .unwrap();
        assert_eq!(shown.code, 0, "{}", shown.text);
        let answer = host.call_tool("change_apply", json!({ "id": id }));
        assert!(answer.is_err(), "it did not end at {point}: {answer:?}");
        id
    }
}

fn call(host: &mut McpClient, tool: &str, arguments: Value) -> Said {
    Said::of(host.call_tool(tool, arguments).unwrap().unwrap())
}

/// Waits until the host has looked what became of it.
fn settled(host: &mut McpClient, id: &str) -> Said {
    loop {
        let said = call(host, "change_status", json!({ "id": id }));
        if !said.text.contains("applying") {
            return said;
        }
    }
}

#[test]
fn a_change_is_looked_up_and_taken_back_in_its_own_cluster_alone() {
    let (here, elsewhere) = (shop("u-here"), shop("u-elsewhere"));
    let desk = Desk::new();
    let id = desk.dies(&here, "after-execute");
    assert_eq!(here.changes().len(), 1);
    // There `web` has two replicas, as if nothing had happened.
    let mut other = desk.at(&elsewhere, &[]);
    elsewhere.wait_for_requests("/namespaces/kube-system", 1);
    call(&mut other, "change_status", json!({ "id": id })).succeeds(&["applying"]);
    assert!(other.close_stdin_and_wait().unwrap().success());

    let mut own = desk.at(&here, &[]);
    settled(&mut own, &id).succeeds(&["applied", "the object is as the change would have it"]);
    assert!(own.close_stdin_and_wait().unwrap().success());

    let mut other = desk.at(&elsewhere, &[]);
    call(&mut other, "change_rollback", json!({ "id": id }))
        .fails("conflict", &["was made in another cluster"]);
    assert!(other.close_stdin_and_wait().unwrap().success());
    // What was there before is kept, although the host died.
    let mut own = desk.at(&here, &[]);
    call(&mut own, "change_rollback", json!({ "id": id })).succeeds(&["spec.replicas: 3 -> 2"]);
    assert_eq!((here.changes().len(), elsewhere.changes().len()), (1, 0));
}

#[test]
fn what_was_not_sent_has_failed_when_its_time_is_over() {
    let sim = shop("u-here");
    let desk = Desk::new();
    let id = desk.dies(&sim, "after-intent");
    let mut next = desk.at(&sim, &[]);
    settled(&mut next, &id).succeeds(&["failed", "the object is as it was before"]);
    assert_eq!(sim.changes().len(), 0);
}
