//! What a cluster says of itself, read whole and from the fields of a list.

use super::{Cluster, Hibernation};
use crate::backup::Method;
use serde_json::{Value, json};

fn cluster(object: Value) -> Cluster {
    Cluster { object }
}

#[test]
fn a_catalogue_says_the_major_version_and_the_status_says_the_image() {
    let of_catalogue = cluster(json!({
        "spec": { "imageCatalogRef": { "kind": "ImageCatalog", "name": "postgresql", "major": 17 } },
    }));
    assert_eq!((of_catalogue.image(), of_catalogue.major()), ("", Some(17)));
    let upgrading = cluster(json!({
        "spec": { "imageName": "postgresql:18.1" },
        "status": { "image": "postgresql:18.1", "pgDataImageInfo": { "image": "postgresql:17.7", "majorVersion": 17 } },
    }));
    assert_eq!(
        (upgrading.major(), upgrading.data_major()),
        (Some(18), Some(17))
    );
}

#[test]
fn hibernation_counts_as_done_only_when_the_condition_says_so() {
    let with = |annotation: &str, status: &str| {
        cluster(json!({
            "metadata": { "annotations": { "cnpg.io/hibernation": annotation } },
            "status": { "conditions": [{ "type": "cnpg.io/hibernation", "status": status }] },
        }))
    };
    assert_eq!(with("on", "True").hibernation(), Hibernation::Hibernated);
    assert_eq!(with("on", "False").hibernation(), Hibernation::Hibernating);
    assert_eq!(with("off", "True").hibernation(), Hibernation::No);
    assert_eq!(with("yes", "False").hibernation(), Hibernation::Wrong);
    assert_eq!(with("on", "True").state(), "Hibernated");
}

#[test]
fn hibernation_that_has_not_begun_hides_nothing() {
    let asked = cluster(json!({
        "metadata": { "annotations": { "cnpg.io/hibernation": "on" } }, "status": { "phase": "Failing over" },
    }));
    assert_eq!(asked.hibernation(), Hibernation::Asked);
    assert_eq!(
        (asked.state(), asked.is_hibernated()),
        ("Failing over", false)
    );
}

#[test]
fn fencing_is_a_list_of_names_and_what_is_no_list_fences_nothing() {
    let fencing = |list: &str| {
        cluster(json!({ "metadata": { "annotations": { "cnpg.io/fencedInstances": list } } }))
    };
    let one = fencing(r#"["a-1"]"#);
    assert!(one.is_fenced("a-1") && !one.is_fenced("a-2") && !one.is_wholly_fenced());
    let all = fencing(r#"["*"]"#);
    assert!(all.is_fenced("a-2") && all.state() == "Fenced");
    assert!(fencing("a-1").fenced().is_empty());
}

#[test]
fn only_a_plugin_that_takes_backups_makes_the_status_silent() {
    let of = |spec: Value| cluster(json!({ "spec": spec }));
    let plugin = of(json!({ "plugins": [{ "name": "barman-cloud.cloudnative-pg.io" }] }));
    let expected = [Method::Plugin("barman-cloud.cloudnative-pg.io".to_owned())];
    assert_eq!(plugin.backup_ways(), expected);
    assert!(plugin.has_backup_plugin());
    let other = of(json!({ "plugins": [{ "name": "mirrors.example" }] }));
    assert!(!other.has_backup_plugin() && other.backup_ways().is_empty());
}

#[test]
fn a_replica_cluster_follows_another_one_unless_that_is_itself() {
    let with = |replica: Value| {
        cluster(json!({ "metadata": { "name": "here" }, "spec": { "replica": replica } }))
    };
    assert!(with(json!({ "primary": "there" })).is_replica());
    assert!(!with(json!({ "primary": "here" })).is_replica());
    assert!(!with(json!({ "self": "there", "primary": "there" })).is_replica());
    assert!(!with(json!({ "enabled": false, "source": "there" })).is_replica());
    assert!(!with(Value::Null).is_replica());
}

#[test]
fn a_role_has_its_place_and_its_state() {
    let of = cluster(json!({
        "spec": { "managed": { "roles": [{ "name": "app" }, { "name": "auditor", "ensure": "present" }] } },
        "status": { "managedRolesStatus": {
            "byStatus": { "reconciled": ["app"], "pending-reconciliation": ["auditor"] },
            "cannotReconcile": { "auditor": ["no role `compliance`", "again"] },
        } },
    }));
    assert_eq!(of.role("auditor").map(|(place, _)| place), Some(1));
    assert!(of.role("nobody").is_none());
    assert_eq!(
        (of.role_status("app"), of.role_status("nobody")),
        ("reconciled", "")
    );
    let expected = [(
        "auditor".to_owned(),
        "no role `compliance`; again".to_owned(),
    )];
    assert_eq!(of.cannot_reconcile(), expected);
}
