//! What an operator asks before anything happens: what another configuration would newly allow, and how risky a plan is.

use std::fs;

use bulkhead_tests::host_config::HostConfig;
use serde_json::json;

use crate::{
    session::{Ran, bulkhead, generic_on},
    sim::Sim,
};

const DELETES: &str = r#"
[[plugins.generic.grants]]
api_groups = [""]
resources = ["pods"]
verbs = ["delete"]
namespaces = ["shop"]

[[approval.rules]]
plugins = ["generic"]
channel = "elicitation"
"#;

fn difference(one: &HostConfig, other: &HostConfig) -> Ran {
    let mut command = bulkhead(one.folder());
    command.args(["grants", "--config"]).arg(one.path());
    Ran::of(command.arg("--diff").arg(other.path()))
}

#[test]
fn another_configuration_is_told_by_what_it_newly_allows() {
    let sim = Sim::small();
    let (reads, deletes) = (generic_on(&sim, ""), generic_on(&sim, ""));
    let text = fs::read_to_string(deletes.path()).unwrap();
    fs::write(deletes.path(), text + DELETES).unwrap();
    let same = difference(&reads, &reads);
    assert_eq!(same.code, Some(0), "{same:?}");
    assert!(
        same.stdout
            .ends_with("the other configuration allows the same\n"),
        "{same:?}"
    );
    for (ran, mark) in [
        (difference(&reads, &deletes), '+'),
        (difference(&deletes, &reads), '-'),
    ] {
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let told = format!(
            "plugin generic\n  {mark} pods  delete  plan shop\n\napproval\n  {mark} rule 1: elicitation for plugins generic\n"
        );
        assert!(ran.stdout.starts_with(&told), "{ran:?}");
    }
    assert_eq!(sim.server.requests(), []);
}

#[test]
fn a_plan_is_as_risky_as_its_gravest_change_and_one_that_is_blocked_ends_with_1() {
    let sim = Sim::small();
    let config = generic_on(&sim, "");
    let path = config.folder().join("plan.json");
    let test = |plan: &str| {
        fs::write(&path, plan).unwrap();
        let mut command = bulkhead(config.folder());
        command.args(["policy", "test"]).arg(&path);
        Ran::of(command.arg("--config").arg(config.path()))
    };
    let pod = |image: &str| {
        json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": { "namespace": "shop", "name": "till" },
            "spec": { "containers": [{ "name": "till", "image": image }] },
        })
    };
    let other_image = json!({
        "verb": "update", "resource": "pods", "namespace": "shop", "name": "till",
        "before": pod("registry.example/till:1"), "after": pod("registry.example/till:2"),
    });
    let namespace = json!({ "verb": "delete", "resource": "namespaces", "name": "shop" });
    let high = test(&json!({ "changes": [other_image] }).to_string());
    assert_eq!(high.code, Some(0), "{high:?}");
    for part in ["high", "runs other code: an image"] {
        assert!(high.stdout.contains(part), "no `{part}` in {high:?}");
    }
    assert!(!high.stdout.contains("blocked"), "{high:?}");
    let blocked = test(&json!({ "changes": [other_image, namespace] }).to_string());
    assert_eq!(blocked.code, Some(1), "{blocked:?}");
    assert!(blocked.stdout.contains("blocked"), "{blocked:?}");
    let wrong = test(r#"{"changes": [{"verb": "update", "resource": "pods", "name": "till"}]}"#);
    assert_ne!(wrong.code, Some(0), "{wrong:?}");
    assert!(
        wrong.stderr.contains("plan.json") && wrong.stderr.contains("needs `before`"),
        "{wrong:?}"
    );
    assert_eq!(sim.server.requests(), []);
}
