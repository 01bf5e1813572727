//! What the reading tools and the resources say, as a model reads them.

mod answers;
mod failures;
mod lasting;
mod lists;
mod pages;
mod resources;

use bulkhead_plugin_sdk::Answer;
use bulkhead_plugin_sdk::test_kit::{Kit, Running};
use bulkhead_plugin_velero::describe;
use bulkhead_velero_data::Fleet;
use serde_json::{Value, json};
use std::time::SystemTime;

const READ: &str = r#"api_groups = ["velero.io"], resources = ["*"], verbs = ["get", "list"], namespaces = ["velero"]"#;
const READ_ALL: &str =
    r#"api_groups = ["velero.io"], resources = ["*"], verbs = ["get", "list"], namespaces = ["*"]"#;
const NAMESPACES: &str =
    r#"api_groups = [""], resources = ["namespaces"], verbs = ["get", "list"], scope = "cluster""#;

/// A Velero that somebody runs.
fn fleet() -> Kit {
    Kit::from_manifests(&Fleet::new(7, SystemTime::now()).manifests())
}

/// The same with everything granted that is read.
fn granted() -> Running {
    fleet().grant(READ_ALL).grant(NAMESPACES).run(describe)
}

fn ask(velero: &Running, tool: &str, arguments: Value) -> Answer {
    velero.call(tool, arguments).expect("the tool answers")
}

fn text(tool: &str, arguments: Value) -> String {
    lasting::lasting(&ask(&granted(), tool, arguments).text)
}

/// The name of the newest backup of a schedule in a phase.
fn backup_of(velero: &Running, schedule: &str, phase: &str) -> String {
    let asked = json!({ "schedule": schedule, "phase": phase, "limit": 1 });
    let page = ask(velero, "list_velero_backups", asked).structured;
    let name = page.as_ref().and_then(|page| page["rows"][0][0].as_str());
    name.expect("there is one").to_owned()
}
