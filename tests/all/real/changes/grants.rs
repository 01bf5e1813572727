//! The gate in front of changes: verbs, namespaces, fields, labels and references, each as the grant says it.

use serde_json::{Value, json};

use super::{EVERYTHING, Setup, Shop, scale_to};

const READ: &str = r#"
[[plugins.generic.grants]]
api_groups = ["", "apps"]
resources = ["deployments", "configmaps"]
verbs = ["get", "list"]
namespaces = ["*"]
"#;

fn granted(shop: &str) -> Shop {
    Setup {
        grants: &format!("{READ}\n[[plugins.generic.grants]]\n{shop}"),
        ..Setup::usual()
    }
    .open()
}

#[test]
fn a_verb_that_no_grant_has_is_denied_with_the_grant_that_is_missing() {
    let mut shop = granted(
        "api_groups = [\"apps\"]\nresources = [\"deployments\"]\nverbs = [\"patch\"]\nnamespaces = [\"*\"]\n",
    );
    shop.make_web();
    let delete = json!({ "kind": "deployment", "name": "web" });
    shop.call("k8s_delete", delete)
        .fails("denied", &["delete", "deployments.apps"]);
    shop.call("k8s_patch", scale_to(4))
        .fails("denied", &["deployments/scale"]);
    let denials = shop.restart(|_| ()).bulkhead("denials");
    assert!(
        denials.stdout.contains("verbs = [\"delete\"]"),
        "{denials:?}"
    );
}

#[test]
fn another_namespace_than_the_granted_one_is_denied() {
    let mut shop = granted(
        "api_groups = [\"\"]\nresources = [\"configmaps\"]\nverbs = [\"create\", \"patch\"]\nnamespaces = [\"elsewhere\"]\n",
    );
    let manifest = "{apiVersion: v1, kind: ConfigMap, metadata: {name: new}}";
    shop.call("k8s_apply", json!({ "manifest": manifest }))
        .fails("denied", &["configmaps"]);
}

#[test]
fn a_patch_sets_only_the_fields_of_its_grant() {
    let mut shop = granted(
        "api_groups = [\"apps\"]\nresources = [\"deployments\"]\nverbs = [\"patch\"]\nnamespaces = [\"*\"]\n\
         fields = [\"metadata.labels\", \"spec.replicas\"]\n",
    );
    shop.make_web();
    let patch = |patch: Value| json!({ "kind": "deployment", "name": "web", "operation": "patch", "patch": patch });
    shop.propose(
        "k8s_patch",
        patch(json!({ "metadata": { "labels": { "team": "shop" } } })),
    );
    for outside in [
        json!({ "spec": { "paused": true } }),
        json!({ "metadata": { "labels": { "team": "shop" }, "annotations": { "a": "b" } } }),
        json!({ "spec": { "replicas": 4, "minReadySeconds": 9 } }),
    ] {
        shop.call("k8s_patch", patch(outside))
            .fails("denied", &["no grant covers"]);
    }
}

#[test]
fn an_object_must_have_the_labels_of_the_grant_before_and_after() {
    let mut shop = granted(
        "api_groups = [\"\"]\nresources = [\"configmaps\"]\nverbs = [\"create\", \"patch\", \"delete\"]\nnamespaces = [\"*\"]\n\
         label_selector = \"team=shop\"\n",
    );
    shop.make("{apiVersion: v1, kind: ConfigMap, metadata: {name: ours, labels: {team: shop}}}");
    shop.make("{apiVersion: v1, kind: ConfigMap, metadata: {name: theirs, labels: {team: bank}}}");
    let patch = |name: &str, patch: Value| json!({ "kind": "configmap", "name": name, "operation": "patch", "patch": patch });
    let data = json!({ "data": { "a": "b" } });
    shop.propose("k8s_patch", patch("ours", data.clone()));
    shop.call(
        "k8s_patch",
        patch(
            "ours",
            json!({ "metadata": { "labels": { "team": "bank" } } }),
        ),
    )
    .fails("denied", &["label"]);
    shop.call(
        "k8s_patch",
        patch("ours", json!({ "metadata": { "labels": null } })),
    )
    .fails("denied", &["label"]);
    // It looks like one that is not there, also to who would take it over.
    shop.call("k8s_patch", patch("theirs", data))
        .fails("not-found", &[]);
    shop.call(
        "k8s_patch",
        patch(
            "theirs",
            json!({ "metadata": { "labels": { "team": "shop" } } }),
        ),
    )
    .fails("not-found", &[]);
    shop.call(
        "k8s_delete",
        json!({ "kind": "configmap", "name": "theirs" }),
    )
    .fails("not-found", &[]);
    let new = |team: &str| json!({ "manifest": format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: new, labels: {{team: {team}}}}}}}") });
    shop.call("k8s_apply", new("bank"))
        .fails("denied", &["label"]);
    shop.propose("k8s_apply", new("shop"));
}

#[test]
fn a_pod_that_refers_to_a_secret_needs_the_verb_use_on_it() {
    let grants = EVERYTHING.replace(", \"use\"", "");
    let mut shop = Setup {
        grants: &grants,
        ..Setup::usual()
    }
    .open();
    shop.make_web();
    let env = json!({ "spec": { "template": { "spec": { "containers": [{
        "name": "web", "image": "registry.example/web:1",
        "env": [{ "name": "PIN", "valueFrom": { "secretKeyRef": { "name": "till", "key": "pin" } } }],
    }] } } } });
    let patch = json!({ "kind": "deployment", "name": "web", "operation": "patch", "patch": env });
    shop.call("k8s_patch", patch.clone())
        .fails("denied", &["use", "secrets", "till"]);
    let one = format!(
        "{grants}\n[[plugins.generic.grants]]\napi_groups = [\"\"]\nresources = [\"secrets\"]\nverbs = [\"use\"]\n\
         namespaces = [\"*\"]\nnames = [\"till\"]\n"
    );
    let mut shop = Setup {
        grants: &one,
        ..Setup::usual()
    }
    .open();
    shop.make_web();
    shop.propose("k8s_patch", patch);
}

#[test]
fn a_field_that_somebody_else_manages_is_not_taken_by_an_apply() {
    let mut shop = Shop::open();
    shop.make("{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {color: red}}");
    let manifest =
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {color: blue}}";
    shop.call("k8s_apply", json!({ "manifest": manifest }))
        .fails("conflict", &["kubectl-create", ".data.color"]);
}
