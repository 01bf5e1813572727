//! Nothing is sent before a person decides: for each tool that changes something, whichever there are.

use serde_json::json;

use super::{Desk, calls, sim, with};

#[test]
fn no_dry_run_and_no_unconfirmed_call_of_any_tool_sends_a_change() {
    let sim = sim().may_change();
    let tools = Desk::open(&sim.kubeconfig()).tools(true);
    assert!(!tools.is_empty());
    for tool in tools {
        // So many proposals may be open at once at one host.
        let mut desk = Desk::open(&sim.kubeconfig());
        let (name, arguments) = calls::arguments(&tool);
        for more in calls::undecided(&tool) {
            desk.propose(&name, &with(&arguments, &more));
            assert_eq!(sim.changes(), [], "{name} {more}");
        }
        let confirmed = with(&arguments, &json!({ "confirm": true }));
        desk.call(&name, &confirmed).fails("needs-approval", &[]);
        assert_eq!(sim.changes(), [], "{name} confirmed");
        desk.end();
    }
}

/// Where a rule approves without asking, nothing else than the tool itself holds a change back.
#[test]
fn where_a_rule_approves_by_itself_no_dry_run_and_no_unconfirmed_call_sends_a_change_either() {
    let sim = sim().may_change();
    let open = || Desk::open_with(&sim.kubeconfig(), RULE);
    for tool in open().tools(true) {
        let mut desk = open();
        let (name, arguments) = calls::arguments(&tool);
        for more in calls::undecided(&tool) {
            desk.propose(&name, &with(&arguments, &more));
            assert_eq!(sim.changes(), [], "{name} {more}");
        }
        desk.end();
    }
    // The rule does what it says: this is confirmed, and no dry run.
    let scale = json!({ "name": "scratch", "namespace": "lab", "instances": 2, "confirm": true });
    open()
        .call("scale_postgres_cluster", &scale)
        .succeeds(&["is applied"]);
    assert_eq!(sim.changes().len(), 1);
}

/// Whatever is not of high risk.
const RULE: &str = r#"
[[approval.rules]]
plugins = ["cnpg"]
verbs = ["create", "patch", "delete"]
resources = ["clusters", "databases", "backups", "scheduledbackups", "poolers", "secrets"]
namespaces = ["shop", "till", "lab"]
channel = "auto"
"#;

#[test]
fn no_tool_that_reads_sends_anything_but_reads() {
    // The simcluster sees to it when it goes.
    let sim = sim();
    let mut desk = Desk::open(&sim.kubeconfig());
    for tool in desk.tools(false) {
        let (name, arguments) = calls::arguments(&tool);
        desk.call(&name, &arguments).succeeds(&[]);
    }
    desk.end();
}
