//! The fleet behind the host's gate, what an operator grants, and ways to ask.

pub(crate) use crate::asking::{ask, with};
use bulkhead_cnpg_data::{Fleet, Operator};
use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::test_kit::{Kit, Running};
use bulkhead_simcluster::Cluster;
use serde_json::{Value, json};
use std::time::{Duration, Instant, SystemTime};

/// The host knows a cluster by this.
const KUBE_SYSTEM: &str = "
---
apiVersion: v1
kind: Namespace
metadata: { name: kube-system, uid: 5f2c8f5e-91b4-4c0e-9d1a-3f6d2b7e8a10 }
";

pub(crate) const READ: &str = r#"api_groups = ["postgresql.cnpg.io"], resources = ["*"], verbs = ["get", "list", "watch"], namespaces = ["shop", "till", "lab"]"#;

const CATALOGUES: &str = r#"api_groups = ["postgresql.cnpg.io"], resources = ["clusterimagecatalogs"], verbs = ["get", "list"], scope = "cluster""#;

const AROUND: &str = r#"api_groups = [""], resources = ["pods", "persistentvolumeclaims"], verbs = ["get", "list"], namespaces = ["shop", "till", "lab"]"#;

const SECRETS: &str = r#"api_groups = [""], resources = ["secrets"], verbs = ["get", "list", "delete"], namespaces = ["shop", "till", "lab"]"#;

const CLASSES: &str = r#"api_groups = ["storage.k8s.io"], resources = ["storageclasses"], verbs = ["get", "list"], scope = "cluster""#;

pub(crate) const WRITE: &str = r#"api_groups = ["postgresql.cnpg.io"], resources = ["clusters"], verbs = ["create", "patch", "delete"], namespaces = ["shop", "till", "lab"]"#;

const STATUS: &str = r#"api_groups = ["postgresql.cnpg.io"], resources = ["clusters/status"], verbs = ["patch"], namespaces = ["shop", "till", "lab"]"#;

/// The fleet and nothing granted, with objects of the test's own.
pub(crate) fn bare(more: &str) -> Kit {
    let fleet = Fleet::new(SystemTime::now());
    Kit::from_manifests(&(fleet.manifests() + KUBE_SYSTEM + more))
}

/// Everything is granted, and nobody approves.
pub(crate) fn granted_with(more: &str) -> Kit {
    let grants = [READ, CATALOGUES, AROUND, SECRETS, CLASSES, WRITE, STATUS];
    grants.into_iter().fold(bare(more), Kit::grant)
}

/// Everything is granted, and somebody approves.
pub(crate) fn people() -> Kit {
    granted_with("").approving()
}

/// Only clusters may be read and changed, and nothing around them.
pub(crate) fn narrow() -> Kit {
    bare("").grant(READ).grant(WRITE).grant(STATUS).approving()
}

/// What a call would change, as a value.
pub(crate) fn value(cnpg: &Running, tool: &str, arguments: &Value) -> Result<Value, Failure> {
    let answer = cnpg.call(tool, arguments.clone())?;
    Ok(answer.structured.expect("each tool has a value"))
}

pub(crate) fn refused(cnpg: &Running, tool: &str, arguments: &Value) -> Failure {
    let failure = cnpg.call(tool, arguments.clone()).expect_err(tool);
    let sent = cnpg.cluster().changing_requests();
    assert!(sent.is_empty(), "{tool}: {sent:?}");
    failure
}

/// The notes of a proposal, as one text.
pub(crate) fn notes(cnpg: &Running, tool: &str, arguments: &Value) -> String {
    let mut answer = value(cnpg, tool, arguments).expect(tool);
    assert_eq!(answer["state"], "proposed", "{tool}: {answer}");
    answer["notes"].take().to_string()
}

/// What the person who decides is told of a proposal: neither notes nor words.
pub(crate) fn summary(cnpg: &Running, tool: &str, arguments: &Value) -> String {
    let answer = value(cnpg, tool, arguments).expect(tool);
    cnpg.summary(answer["id"].as_str().expect("a proposal has an id"))
}

/// Calls the tool confirmed and with `wait`, and has the operator act as soon as the host watches.
pub(crate) fn waited(
    cnpg: &Running,
    tool: &str,
    arguments: &Value,
    operator: impl FnOnce(&mut Cluster) + Send,
) -> Value {
    let server = cnpg.cluster();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // A deadline, not a measure.
            let deadline = Instant::now() + Duration::from_secs(60);
            let watches = || {
                let requests = server.requests();
                requests
                    .iter()
                    .any(|request| request.query.contains("watch=1"))
            };
            while !watches() {
                assert!(
                    Instant::now() < deadline,
                    "no watch: {:?}",
                    server.requests()
                );
                std::thread::sleep(Duration::from_millis(2));
            }
            server.change(operator);
        });
        let arguments = with(arguments, &json!({ "confirm": true, "wait": true }));
        let mut answer = value(cnpg, tool, &arguments).expect("it is approved");
        assert_eq!(answer["state"], "applied", "{answer}");
        answer["waited"].take()
    })
}

/// Calls the tool confirmed and with `wait`, with the scripted operator at work, and returns how waiting ended.
pub(crate) fn operated(cnpg: &Running, tool: &str, arguments: &Value) -> Value {
    let _operator = Operator::start(&cnpg.cluster().url());
    let arguments = with(arguments, &json!({ "confirm": true, "wait": true }));
    let mut answer = value(cnpg, tool, &arguments).expect("it is approved");
    assert_eq!(answer["state"], "applied", "{answer}");
    answer["waited"].take()
}

/// A cluster as the operator leaves it.
pub(crate) fn cluster(namespace: &str, name: &str, spec: Value, status: Value) -> Value {
    json!({
        "apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
        "metadata": { "name": name, "namespace": namespace }, "spec": spec, "status": status,
    })
}

/// An object as a document of a manifest. JSON is YAML.
pub(crate) fn document(object: &Value) -> String {
    format!("\n---\n{object}\n")
}
