//! No Velero, one, and two of them.

use bulkhead_simcluster::Cluster;
use bulkhead_tests::{
    host_config::HostConfig,
    host_config::cluster_table,
    mcp_client::{Era, McpClient},
};
use bulkhead_velero_data::{VELERO, VELERO_DR, crds_minimal};
use serde_json::{Value, json};

use super::{config, session, shipped, sim};
use crate::{
    session::{Ran, Session, bulkhead},
    sim::Sim,
};

/// As a person who has just installed bulkhead would meet it.
#[test]
fn a_cluster_without_velero_is_one_clear_sentence_and_nothing_wrong() {
    let sim = Sim::small();
    let config = config(&sim);
    for command in ["check", "doctor"] {
        let ran = Ran::command(command, &config);
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
    let mut session = Session::start(config);
    for tool in [
        "list_velero_backups",
        "list_velero_schedules",
        "list_velero_restores",
        "check_velero_coverage",
    ] {
        let said = session
            .call(tool, json!({}))
            .fails("not-found", &["Velero is not installed in cluster `sim`"]);
        assert_eq!(said.text.lines().count(), 1, "{}", said.text);
        assert!(!said.text.contains("404"), "{}", said.text);
    }
    session.end();
}

#[test]
fn a_velero_that_has_nothing_yet_is_not_the_same_as_none() {
    let sim = Sim::start(Cluster::from_manifests(&crds_minimal()).unwrap());
    let mut session = session(&sim);
    session
        .call("list_velero_backups", json!({}))
        .succeeds(&["0 backups.velero.io in namespace velero"]);
    session.end();
}

/// The backups of the namespace that the plugin takes by itself.
fn namespace_of(client: &mut McpClient, arguments: Value) -> Value {
    let answer = client.call_tool("list_velero_backups", arguments);
    answer.unwrap().unwrap()["structuredContent"]["namespace"].take()
}

/// With a grant for the other one too.
fn two(sim: &Sim) -> HostConfig {
    let both = shipped().replace("namespaces = [\"velero\"]", "namespaces = [\"velero*\"]");
    let cluster = cluster_table(&sim.kubeconfig()).unwrap();
    HostConfig::with_text(&format!("{cluster}{both}")).unwrap()
}

#[test]
fn the_callers_namespace_counts_before_the_operators_and_that_before_velero() {
    let sim = sim();
    let other = json!({ "namespace": VELERO_DR });

    let mut session = Session::start(two(&sim));
    assert_eq!(namespace_of(&mut session, json!({})), VELERO);
    assert_eq!(namespace_of(&mut session, other.clone()), VELERO_DR);
    session.end();

    let text = std::fs::read_to_string(two(&sim).path()).unwrap();
    let set = text.replace("#> namespace = \"velero\"", "namespace = \"velero-dr\"");
    assert_ne!(text, set);
    let set = set.split("\n[directories]").next().unwrap();
    let mut session = Session::start(HostConfig::with_text(set).unwrap());
    assert_eq!(namespace_of(&mut session, json!({})), VELERO_DR);
    let velero = json!({ "namespace": VELERO });
    assert_eq!(namespace_of(&mut session, velero), VELERO);
    session.end();
}

/// The origin's document promised it, and its program never read it.
#[test]
fn the_variable_velero_namespace_counts_as_it_is_shipped() {
    let sim = sim();
    let config = two(&sim);
    let mut command = bulkhead(config.folder());
    command.env("VELERO_NAMESPACE", VELERO_DR);
    command.arg("serve").arg("--config").arg(config.path());
    let mut client = McpClient::connect(&mut command, Era::LEGACY).unwrap();
    assert_eq!(namespace_of(&mut client, json!({})), VELERO_DR);
}

/// As shipped, the other one is not granted.
#[test]
fn another_namespace_than_the_granted_one_is_denied() {
    let sim = sim();
    let mut session = session(&sim);
    let other = json!({ "namespace": VELERO_DR });
    session
        .call("list_velero_backups", other)
        .fails("denied", &["velero-dr"]);
    session.end();
}
