//! As shipped it only reads, and a grant for one namespace is none for another.

use serde_json::{Value, json};

use bulkhead_tests::{
    approver::Approver,
    host_config::{HostConfig, cluster_table},
};

use super::{session, shipped_with_examples, sim};
use crate::session::Session;

/// What each tool that changes is called with, so that only the grant is missing.
fn arguments(tool: &str) -> Value {
    match tool {
        "create_velero_backup" => json!({ "name": "new", "included_namespaces": ["shop"] }),
        "create_velero_restore" => json!({ "name": "new", "backup": "shop-before-upgrade" }),
        "create_velero_schedule" => json!({ "name": "new", "schedule": "0 2 * * *" }),
        "pause_velero_schedule" => json!({ "name": "apps-daily" }),
        "unpause_velero_schedule" => json!({ "name": "legacy-nightly" }),
        "delete_velero_backup" => json!({ "name": "shop-before-upgrade" }),
        other => panic!("what is `{other}` to be called with?"),
    }
}

/// The names of the plugin's tools that change something.
fn changing(session: &mut Session) -> Vec<String> {
    let tools = session.list_tools().unwrap();
    tools
        .iter()
        .filter(|tool| tool["annotations"]["readOnlyHint"] == false)
        .filter_map(|tool| tool["name"].as_str())
        .filter(|name| name.contains("velero"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn as_shipped_no_tool_that_changes_is_offered() {
    let sim = sim();
    let mut session = session(&sim);
    assert_eq!(changing(&mut session), [""; 0]);
    let call = session.call_tool("delete_velero_backup", arguments("delete_velero_backup"));
    let error = call.unwrap().unwrap_err();
    assert!(error.message.contains("delete_velero_backup"), "{error:?}");
    session.end();
}

/// The simcluster sees to it that nothing is sent that changes anything.
#[test]
fn a_change_in_another_namespace_than_the_granted_one_is_denied() {
    let sim = sim();
    let (reading, changes) = {
        let text = shipped_with_examples();
        let (reading, changes) = text.split_once("\n# Changes: ").unwrap();
        (reading.to_owned(), changes.to_owned())
    };
    let elsewhere = changes.replace("namespaces = [\"velero\"]", "namespaces = [\"velero-dr\"]");
    assert_ne!(changes, elsewhere);
    let cluster = cluster_table(&sim.kubeconfig()).unwrap();
    let approval = Approver::shared().unwrap().table();
    let text = format!("{cluster}{approval}{reading}\n# {elsewhere}");
    let mut session = Session::start(HostConfig::with_text(&text).unwrap());
    let tools = changing(&mut session);
    assert_eq!(tools.len(), 6, "{tools:?}");
    for tool in tools {
        session
            .call(&tool, arguments(&tool))
            .fails("denied", &["namespace `velero`"]);
    }
    session.end();
}
