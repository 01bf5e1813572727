//! What a spec takes in, case by case.

use super::{CLAIMS, Kind, Selection, Take};
use serde_json::{Value, json};

const DEPLOYMENTS: Kind = Kind::new("deployments", "apps", "deploy");

fn takes(spec: &Value, namespace: &str) -> bool {
    Selection::of(spec).takes_namespace(namespace)
}

fn left(words: &str) -> Take {
    Take::Left(words.to_owned())
}

fn part(words: &str) -> Take {
    Take::Part(words.to_owned())
}

#[test]
fn absent_null_empty_and_a_star_all_mean_every_namespace() {
    for spec in [
        json!({}),
        json!({ "includedNamespaces": null }),
        json!({ "includedNamespaces": [] }),
        json!({ "includedNamespaces": ["*"] }),
    ] {
        assert!(takes(&spec, "shop"), "{spec}");
        assert!(Selection::of(&spec).takes_every_namespace(), "{spec}");
        assert_eq!(Selection::of(&spec).named_namespaces(), None, "{spec}");
        assert_eq!(Selection::of(&spec).namespace("shop"), Take::Whole);
    }
}

#[test]
fn a_namespace_that_is_left_out_is_left_out_even_where_it_is_named() {
    let spec = json!({ "includedNamespaces": ["shop", "pay"], "excludedNamespaces": ["pay"] });
    assert!(takes(&spec, "shop") && !takes(&spec, "pay"));
    assert_eq!(
        Selection::of(&spec).namespace("pay"),
        left("excludedNamespaces")
    );
    assert_eq!(
        Selection::of(&spec).named_namespaces(),
        Some(vec!["shop".to_owned()])
    );
}

#[test]
fn a_namespace_that_nobody_named_is_not_left_out_but_unnamed() {
    let spec = json!({ "includedNamespaces": ["shop"] });
    assert_eq!(Selection::of(&spec).namespace("pay"), Take::Unnamed);
    assert_eq!(
        Selection::of(&spec).claim("pay", &Value::Null),
        Take::Unnamed
    );
}

#[test]
fn patterns_name_namespaces_and_leave_them_out() {
    let spec = json!({ "includedNamespaces": ["shop-*"], "excludedNamespaces": ["*-test"] });
    assert!(takes(&spec, "shop-eu") && !takes(&spec, "shop-test") && !takes(&spec, "pay"));
    assert_eq!(Selection::of(&spec).named_namespaces(), None);
    let spec = json!({ "excludedNamespaces": ["kube-*"] });
    assert!(takes(&spec, "shop") && !takes(&spec, "kube-system"));
    assert!(!Selection::of(&spec).takes_every_namespace());
}

#[test]
fn the_empty_name_means_no_namespace() {
    let spec = json!({ "includedNamespaces": [""] });
    assert!(!takes(&spec, "shop"));
    assert_eq!(Selection::of(&spec).named_namespaces(), Some(Vec::new()));
}

#[test]
fn types_are_named_as_kubectl_names_them() {
    let cases = [
        ("persistentvolumeclaims", CLAIMS, true),
        ("PersistentVolumeClaim", CLAIMS, true),
        ("pvc", CLAIMS, true),
        ("persistentvolumes", CLAIMS, false),
        ("deployments", DEPLOYMENTS, true),
        ("deployments.apps", DEPLOYMENTS, true),
        ("deploy", DEPLOYMENTS, true),
        ("deployments.extensions", DEPLOYMENTS, false),
        ("*.apps", DEPLOYMENTS, true),
        ("*.apps", CLAIMS, false),
    ];
    for (name, kind, expected) in cases {
        for list in ["includedResources", "includedNamespaceScopedResources"] {
            let spec = json!({ list: [name] });
            assert_eq!(
                Selection::of(&spec).takes_kind(kind),
                expected,
                "{list} {name}"
            );
        }
        for list in ["excludedResources", "excludedNamespaceScopedResources"] {
            let spec = json!({ list: [name] });
            assert_eq!(
                Selection::of(&spec).takes_kind(kind),
                !expected,
                "{list} {name}"
            );
        }
    }
}

#[test]
fn a_star_leaves_out_every_type_in_the_new_list_and_none_in_the_old() {
    let new = json!({ "excludedNamespaceScopedResources": ["*"] });
    assert!(!Selection::of(&new).takes_kind(CLAIMS));
    let old = json!({ "excludedResources": ["*"] });
    assert!(Selection::of(&old).takes_kind(CLAIMS));
}

#[test]
fn one_old_list_means_that_the_new_ones_are_not_looked_at() {
    let spec = json!({ "includeClusterResources": false, "includedNamespaceScopedResources": ["configmaps"] });
    assert!(Selection::of(&spec).takes_kind(CLAIMS));
}

#[test]
fn what_a_spec_takes_of_a_namespace_is_said() {
    let namespace = |spec: Value| Selection::of(&spec).namespace("shop");
    let selector = json!({ "matchLabels": { "app": "web" }, "matchExpressions": [
        { "key": "tier", "operator": "In", "values": ["a", "b"] }, { "key": "old", "operator": "DoesNotExist" } ] });
    assert_eq!(
        namespace(json!({ "labelSelector": selector })),
        part("only label app=web,tier in (a,b),!old")
    );
    assert_eq!(
        namespace(json!({ "orLabelSelectors": [
            { "matchLabels": { "app": "web" } }, { "matchLabels": { "app": "db" } }] })),
        part("only label app=web or app=db")
    );
    assert_eq!(
        namespace(json!({ "includedResources": ["configmaps"], "excludedResources": ["secrets"] })),
        part("only configmaps, without secrets")
    );
}

#[test]
fn what_the_server_leaves_out_of_every_backup_is_no_gap() {
    let spec = json!({
        "excludedNamespaceScopedResources": ["volumesnapshots.snapshot.storage.k8s.io"],
        "excludedClusterScopedResources": ["volumesnapshotcontents.snapshot.storage.k8s.io"],
        "includedNamespaces": ["*"], "labelSelector": null, "hooks": {},
    });
    assert_eq!(Selection::of(&spec).namespace("shop"), Take::Whole);
    assert!(Selection::of(&spec).same(Selection::of(&json!({
        "excludedNamespaceScopedResources": ["volumesnapshots.snapshot.storage.k8s.io"],
        "includedNamespaces": ["*"], "ttl": "720h0m0s",
    }))));
}

#[test]
fn labels_fit_as_the_api_server_has_it() {
    let labels = json!({ "app": "db", "tier": "gold" });
    let rule = |key: &str, operator: &str, values: &[&str]| {
        json!({ "labelSelector": { "matchExpressions": [
            { "key": key, "operator": operator, "values": values }] } })
    };
    for (spec, expected) in [
        (json!({}), true),
        (json!({ "labelSelector": {} }), true),
        (
            json!({ "labelSelector": { "matchLabels": { "app": "db" } } }),
            true,
        ),
        (
            json!({ "labelSelector": { "matchLabels": { "app": "db", "x": "y" } } }),
            false,
        ),
        (rule("app", "In", &["web", "db"]), true),
        (rule("app", "In", &["web"]), false),
        (rule("app", "NotIn", &["web"]), true),
        (rule("missing", "NotIn", &["web"]), true),
        (rule("app", "NotIn", &["db"]), false),
        (rule("tier", "Exists", &[]), true),
        (rule("missing", "Exists", &[]), false),
        (rule("missing", "DoesNotExist", &[]), true),
        (rule("tier", "DoesNotExist", &[]), false),
        (rule("tier", "Near", &["gold"]), false),
        (json!({ "orLabelSelectors": [] }), true),
        (
            json!({ "orLabelSelectors": [{ "matchLabels": { "app": "web" } }] }),
            false,
        ),
        (
            json!({ "orLabelSelectors": [{ "matchLabels": { "app": "web" } },
            { "matchLabels": { "tier": "gold" } }] }),
            true,
        ),
    ] {
        assert_eq!(
            Selection::of(&spec).takes_labels(&labels),
            expected,
            "{spec}"
        );
    }
}

#[test]
fn a_claim_is_taken_with_its_data_unless_both_ways_are_switched_off() {
    let claim = |spec: Value| Selection::of(&spec).claim("shop", &Value::Null);
    assert_eq!(claim(json!({})), Take::Whole);
    assert_eq!(claim(json!({ "snapshotVolumes": true })), Take::Whole);
    assert_eq!(
        claim(json!({ "snapshotVolumes": false })),
        part("the claim without its data, snapshotVolumes is false")
    );
    for other in ["defaultVolumesToFsBackup", "defaultVolumesToRestic"] {
        assert_eq!(
            claim(json!({ "snapshotVolumes": false, other: true })),
            Take::Whole
        );
    }
    let policy = json!({ "snapshotVolumes": false, "resourcePolicy": { "kind": "configmap", "name": "volumes" } });
    assert_eq!(claim(policy), Take::Whole);
}

#[test]
fn why_a_claim_is_left_out_is_said() {
    let claim = |spec: Value, labels: Value| Selection::of(&spec).claim("shop", &labels);
    assert_eq!(
        claim(
            json!({ "labelSelector": { "matchLabels": { "app": "web" } } }),
            json!({ "app": "db" })
        ),
        left("label selector app=web")
    );
    assert_eq!(
        claim(
            json!({}),
            json!({ "velero.io/exclude-from-backup": "true" })
        ),
        left("the claim's label velero.io/exclude-from-backup")
    );
    assert_eq!(
        claim(
            json!({}),
            json!({ "velero.io/exclude-from-backup": "false" })
        ),
        Take::Whole
    );
    assert_eq!(
        claim(json!({ "excludedResources": ["pvc"] }), Value::Null),
        left("its resource lists leave out persistentvolumeclaims")
    );
}
