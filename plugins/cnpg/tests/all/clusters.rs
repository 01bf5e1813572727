//! What the tools say that look at clusters, as a model reads them: the fleet of twelve, through the host's own gate.

mod certificates;
mod connection;
mod list;
mod resources;
mod status;

use bulkhead_cnpg_data::{Fleet, crds_minimal};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::test_kit::{Kit, Running};
use bulkhead_plugin_sdk::{Answer, Failure};
use serde_json::Value;
use std::time::SystemTime;

const OPERATOR: &str = r#"api_groups = ["postgresql.cnpg.io"], resources = ["*"], verbs = ["get", "list"], namespaces = ["*"]"#;
const REST: &str = r#"api_groups = [""], resources = ["pods", "persistentvolumeclaims", "services", "secrets"], verbs = ["get", "list"], namespaces = ["*"]"#;

/// The fleet. Of the backups of a cluster the newest in each phase: hundreds of them would be most of a test's time.
fn fleet() -> Kit {
    Kit::from_manifests(&manifests())
}

fn manifests() -> String {
    let fleet = Fleet::new(SystemTime::now());
    let mut manifests = crds_minimal();
    let mut seen = Vec::new();
    for object in fleet.objects() {
        if object["kind"] == "Backup" {
            let of = (
                &object["metadata"]["namespace"],
                &object["spec"]["cluster"],
                &object["status"]["phase"],
            );
            if seen.contains(&of) {
                continue;
            }
            seen.push(of);
        }
        manifests.extend(["---\n", &object.to_string(), "\n"]);
    }
    manifests
}

/// The fleet, with everything granted that is read.
fn granted() -> Running {
    fleet().grant(OPERATOR).grant(REST).run(describe)
}

fn ask(running: &Running, tool: &str, arguments: Value) -> Answer {
    running.call(tool, arguments).expect("the tool answers")
}

fn refused(running: &Running, tool: &str, arguments: Value) -> Failure {
    running.call(tool, arguments).expect_err("it is refused")
}
