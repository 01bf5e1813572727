//! The way back: what a change had touched is as it was, through a proposal of its own that a person approves too.

use bulkhead_tests::real_cluster::RealCluster;
use rstest::rstest;
use serde_json::{Value, json};

use super::{Setup, Shop, id_but, scale_to};

/// On the server with controllers and nodes.
fn with_nodes() -> Shop {
    Setup {
        cluster: RealCluster::with_nodes().unwrap(),
        ..Setup::usual()
    }
    .open()
}

const SETTINGS: &str = "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, labels: {team: shop}}, data: {color: red, size: small}}";

fn patch(kind: &str, name: &str, patch: Value) -> Value {
    json!({ "kind": kind, "name": name, "operation": "patch", "patch": patch })
}

/// The object but for what the server keeps about it.
pub(super) fn kept(shop: &Shop, kind_and_name: &str) -> Value {
    let mut object = shop.object(kind_and_name);
    for key in [
        "uid",
        "resourceVersion",
        "generation",
        "creationTimestamp",
        "managedFields",
    ] {
        object["metadata"].as_object_mut().unwrap().remove(key);
    }
    let annotations = object["metadata"]["annotations"].as_object_mut();
    if let Some(annotations) = annotations {
        annotations.remove("deployment.kubernetes.io/revision");
        if annotations.is_empty() {
            object["metadata"]
                .as_object_mut()
                .unwrap()
                .remove("annotations");
        }
    }
    object.as_object_mut().unwrap().remove("status");
    object
}

/// Does something to an object that was made by kubectl, and takes it back.
#[rstest]
#[case::a_value("k8s_patch", patch("configmap", "settings", json!({ "data": { "color": "blue" } })))]
#[case::a_new_key("k8s_patch", patch("configmap", "settings", json!({ "data": { "shape": "round" } })))]
#[case::a_key_less("k8s_patch", patch("configmap", "settings", json!({ "data": { "color": null } })))]
#[case::all_keys("k8s_patch", patch("configmap", "settings", json!({ "data": null })))]
#[case::the_first_annotation("k8s_patch", patch("configmap", "settings", json!({ "metadata": { "annotations": { "a": "b" } } })))]
#[case::a_label("k8s_patch", patch("configmap", "settings", json!({ "metadata": { "labels": { "team": "bank" } } })))]
#[case::by_apply("k8s_apply", json!({ "manifest": "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {shape: round}}" }))]
#[case::its_end("k8s_delete", json!({ "kind": "configmap", "name": "settings" }))]
fn a_config_map_is_as_it_was(#[case] tool: &str, #[case] arguments: Value) {
    let mut shop = Shop::open();
    shop.make(SETTINGS);
    let before = kept(&shop, "configmap settings");
    let id = shop.change(tool, arguments);
    shop.roll_back(&id);
    assert_eq!(kept(&shop, "configmap settings"), before);
    shop.verified();
}

#[rstest]
#[case::replicas(scale_to(1))]
#[case::an_image(json!({ "kind": "deployment", "name": "web", "operation": "update_image", "image": "registry.example/web:2" }))]
#[case::a_restart(json!({ "kind": "deployment", "name": "web", "operation": "rollout_restart" }))]
#[case::a_list(patch("deployment", "web", json!({ "spec": { "template": { "spec": { "containers": [{ "name": "web", "image": "registry.example/web:1", "args": ["--fast"] }, { "name": "side", "image": "registry.example/side:1" }] } } } })))]
fn a_deployment_is_as_it_was(#[case] arguments: Value) {
    let mut shop = Shop::open();
    shop.make_web();
    let before = kept(&shop, "deployment web");
    let id = shop.change("k8s_patch", arguments);
    assert_ne!(kept(&shop, "deployment web"), before);
    shop.roll_back(&id);
    assert_eq!(kept(&shop, "deployment web"), before);
}

#[test]
fn what_was_scaled_down_to_nothing_or_up_from_it_is_as_it_was() {
    let mut shop = Shop::open();
    shop.make_web();
    let replicas = |shop: &Shop| shop.object("deployment web")["spec"]["replicas"].clone();
    let said = shop.call("k8s_patch", scale_to(0));
    let said = said.succeeds(&[
        "risk high",
        "stops the last replica",
        "spec.replicas: 3 -> 0",
    ]);
    let down = super::id_in(&said.text);
    shop.approve(&down);
    shop.comes_to(&down, "applied");
    assert_eq!(replicas(&shop), 0);
    let up = shop.change("k8s_patch", scale_to(2));
    shop.roll_back(&up);
    assert_eq!(replicas(&shop), 0);
    shop.roll_back(&down);
    assert_eq!(replicas(&shop), 3);
}

#[test]
fn what_was_created_is_deleted() {
    let mut shop = Shop::open();
    let id = shop.change("k8s_apply", json!({ "manifest": SETTINGS }));
    assert!(shop.exists("configmap settings"));
    let back = shop.take_back(&id);
    let shown = shop.approve(&back);
    assert!(shown.text.contains("delete"), "{}", shown.text);
    shop.comes_to(&back, "applied");
    assert!(!shop.exists("configmap settings"));
}

#[test]
fn a_deleted_deployment_comes_back_with_its_pods() {
    let mut shop = with_nodes();
    shop.make_web();
    shop.kubectl("rollout status deployment/web --timeout=240s");
    let before = kept(&shop, "deployment web");
    let said = shop.call("k8s_delete", json!({ "kind": "deployment", "name": "web" }));
    // What goes with it is enumerated before anybody decides.
    let said = said.succeeds(&[
        "objects that it owns go with it",
        "with another uid; data of volumes does not come back",
    ]);
    let id = super::id_in(&said.text);
    shop.approve(&id);
    shop.comes_to(&id, "applied");
    shop.kubectl("wait --for=delete pod --selector=app=web --timeout=240s");
    shop.roll_back(&id);
    assert_eq!(kept(&shop, "deployment web"), before);
    shop.kubectl("rollout status deployment/web --timeout=240s");
    shop.verified();
}

const JOB: &str = "{apiVersion: batch/v1, kind: Job, metadata: {name: made}, \
    spec: {suspend: true, template: {spec: {restartPolicy: Never, containers: [{name: a, image: 'registry.example/a:1'}]}}}}";

/// What the server chooses when it makes an object is another in each dry run, and nobody's decision.
#[rstest]
#[case::an_address(
    "service",
    "{apiVersion: v1, kind: Service, metadata: {name: made}, spec: {type: NodePort, selector: {app: web}, ports: [{port: 80}]}}"
)]
#[case::the_label_of_its_pods("job", JOB)]
#[case::nothing(
    "pod",
    "{apiVersion: v1, kind: Pod, metadata: {name: made}, spec: {containers: [{name: a, image: 'registry.example/a:1'}]}}"
)]
fn what_the_server_chooses_does_not_hinder(#[case] kind: &str, #[case] manifest: &str) {
    let mut shop = Shop::open();
    let id = shop.change("k8s_apply", json!({ "manifest": manifest }));
    shop.roll_back(&id);
    assert!(!shop.exists(&format!("{kind} made")));
}

#[test]
fn a_deleted_job_comes_back_with_a_label_of_its_own() {
    let mut shop = Shop::open();
    shop.make(JOB);
    let template = |shop: &Shop| shop.object("job made")["spec"]["template"]["spec"].clone();
    let before = template(&shop);
    let id = shop.change("k8s_delete", json!({ "kind": "job", "name": "made" }));
    let back = shop.take_back(&id);
    shop.approve(&back);
    shop.comes_to(&back, "applied");
    assert_eq!(template(&shop), before);
    let job = shop.object("job made");
    let labels = &job["spec"]["template"]["metadata"]["labels"];
    assert_eq!(
        labels["batch.kubernetes.io/controller-uid"],
        job["metadata"]["uid"]
    );
}

#[test]
fn a_service_comes_back_with_an_address_of_its_own() {
    let mut shop = Shop::open();
    shop.make("{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: 80}]}}");
    let without_address = |shop: &Shop| {
        let mut service = kept(shop, "service web");
        for key in ["clusterIP", "clusterIPs"] {
            service["spec"].as_object_mut().unwrap().remove(key);
        }
        service
    };
    let before = without_address(&shop);
    let id = shop.change("k8s_delete", json!({ "kind": "service", "name": "web" }));
    shop.roll_back(&id);
    assert_eq!(without_address(&shop), before);
}

#[test]
fn the_data_of_a_deleted_volume_claim_is_not_promised() {
    let mut shop = with_nodes();
    shop.make(
        "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: till}, \
         spec: {accessModes: [ReadWriteOnce], storageClassName: '', resources: {requests: {storage: 1Gi}}}}",
    );
    let said = shop.call(
        "k8s_delete",
        json!({ "kind": "persistentvolumeclaim", "name": "till" }),
    );
    let said = said.succeeds(&["risk high", "data of volumes does not come back"]);
    let id = super::id_in(&said.text);
    let shown = shop.approve(&id);
    assert!(
        shown.text.contains("data of volumes does not come back"),
        "{}",
        shown.text
    );
    shop.comes_to(&id, "applied");
    shop.kubectl("wait --for=delete persistentvolumeclaim/till --timeout=240s");
    let said = shop.call("change_rollback", json!({ "id": id }));
    let said = said.succeeds(&["data"]);
    let back = id_but(&said.text, &id);
    shop.approve(&back);
    shop.comes_to(&back, "applied");
    assert!(shop.exists("persistentvolumeclaim till"));
}

const SECRET: &str = "correct-horse-battery";

#[test]
fn a_deleted_secret_does_not_come_back_and_says_what_was_left_out() {
    let mut shop = Shop::open();
    shop.make(&format!(
        "{{apiVersion: v1, kind: Secret, metadata: {{name: pin}}, stringData: {{pin: {SECRET}}}}}"
    ));
    let id = shop.change("k8s_delete", json!({ "kind": "secret", "name": "pin" }));
    let said = shop.call("change_rollback", json!({ "id": id }));
    said.fails("invalid", &["cannot be put back", "data.pin"]);
    is_nowhere(&shop);
}

#[test]
fn a_deployment_with_a_password_in_it_does_not_come_back_without() {
    let mut shop = Shop::open();
    shop.make(&super::WEB.replace(
        "name: web, image",
        &format!("name: web, env: [{{name: DB_PASSWORD, value: {SECRET}}}], image"),
    ));
    let id = shop.change("k8s_patch", scale_to(2));
    shop.roll_back(&id);
    let id = shop.change("k8s_delete", json!({ "kind": "deployment", "name": "web" }));
    let said = shop.call("change_rollback", json!({ "id": id }));
    said.fails("invalid", &["cannot be put back", "env[0].value"]);
    is_nowhere(&shop);
}

/// The secret's value is in no answer, no log, no record and not in the store.
fn is_nowhere(shop: &Shop) {
    let encoded = "Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5";
    let listed = shop.bulkhead("audit list --json");
    let mut seen = vec![
        ("the answers", shop.client.received().as_bytes().to_vec()),
        ("the log", shop.client.stderr().into_bytes()),
        ("the audit", listed.stdout.into_bytes()),
    ];
    for name in ["bulkhead.db", "bulkhead.db-wal"] {
        let bytes = std::fs::read(shop.config.state().join(name));
        seen.push((name, bytes.unwrap_or_default()));
    }
    for (place, bytes) in seen {
        for secret in [SECRET, encoded] {
            let found = bytes
                .windows(secret.len())
                .any(|part| part == secret.as_bytes());
            assert!(!found, "`{secret}` is in {place}");
        }
    }
}

#[test]
fn an_object_that_has_moved_on_is_left_alone_unless_a_person_approves_the_wider_change() {
    let mut shop = Shop::open();
    shop.make_web();
    let id = shop.change("k8s_patch", scale_to(5));
    shop.kubectl("scale deployment web --replicas=7");
    let said = shop.call("change_rollback", json!({ "id": id }));
    said.fails("conflict", &["overwrite"]);
    let said = shop.call("change_rollback", json!({ "id": id, "overwrite": true }));
    let said = said.succeeds(&["spec.replicas: 7 -> 3"]);
    let back = id_but(&said.text, &id);
    assert_eq!(shop.object("deployment web")["spec"]["replicas"], 7);
    shop.approve(&back);
    shop.comes_to(&back, "applied");
    assert_eq!(shop.object("deployment web")["spec"]["replicas"], 3);
}

#[test]
fn what_was_changed_beside_it_since_stays() {
    let mut shop = Shop::open();
    shop.make(SETTINGS);
    let id = shop.change(
        "k8s_patch",
        patch(
            "configmap",
            "settings",
            json!({ "data": { "color": "blue" } }),
        ),
    );
    shop.kubectl("patch configmap settings --type=merge --patch={\"data\":{\"size\":\"large\"}}");
    shop.roll_back(&id);
    let data = &shop.object("configmap settings")["data"];
    assert_eq!(*data, json!({ "color": "red", "size": "large" }));
}

#[test]
fn what_was_created_and_has_changed_since_is_not_deleted() {
    let mut shop = Shop::open();
    let id = shop.change("k8s_apply", json!({ "manifest": SETTINGS }));
    shop.kubectl("patch configmap settings --type=merge --patch={\"data\":{\"size\":\"large\"}}");
    shop.call("change_rollback", json!({ "id": id }))
        .fails("conflict", &["overwrite"]);
    assert!(shop.exists("configmap settings"));
}

#[test]
fn what_was_made_anew_since_is_another_object() {
    let mut shop = Shop::open();
    shop.make(SETTINGS);
    let id = shop.change(
        "k8s_patch",
        patch(
            "configmap",
            "settings",
            json!({ "data": { "color": "blue" } }),
        ),
    );
    shop.kubectl("delete configmap settings");
    shop.call("change_rollback", json!({ "id": id }))
        .fails("conflict", &["not there any more"]);
    shop.make(SETTINGS);
    for overwrite in [false, true] {
        let arguments = json!({ "id": id, "overwrite": overwrite });
        shop.call("change_rollback", arguments)
            .fails("conflict", &[]);
    }
}

#[test]
fn a_change_is_taken_back_once() {
    let mut shop = Shop::open();
    shop.make_web();
    let id = shop.change("k8s_patch", scale_to(5));
    let back = shop.take_back(&id);
    assert_eq!(
        shop.take_back(&id),
        back,
        "the open proposal is found again"
    );
    shop.approve(&back);
    shop.comes_to(&back, "applied");
    shop.call("change_rollback", json!({ "id": id }))
        .fails("conflict", &["rolled-back"]);
    shop.apply(&back).fails("conflict", &["already"]);
    // The way back has a way back.
    shop.roll_back(&back);
    assert_eq!(shop.object("deployment web")["spec"]["replicas"], 5);
}

#[test]
fn the_way_back_is_kept_over_a_restart_and_not_for_ever() {
    let mut shop = Shop::open();
    shop.make_web();
    let id = shop.change("k8s_patch", scale_to(5));
    let mut shop = shop.restart(|_| ());
    shop.take_back(&id);
    shop.passes(std::time::Duration::from_secs(8 * 24 * 60 * 60));
    let mut shop = shop.restart(|_| ());
    shop.call("change_rollback", json!({ "id": id }))
        .fails("not-found", &["snapshots are kept for"]);
}

#[test]
fn a_rollback_needs_the_grant_for_what_it_does() {
    let mut shop = Setup {
        grants: "[[plugins.generic.grants]]\napi_groups = [\"\"]\nresources = [\"configmaps\"]\n\
                 verbs = [\"get\", \"create\", \"patch\"]\nnamespaces = [\"*\"]\n",
        ..Setup::usual()
    }
    .open();
    let id = shop.change("k8s_apply", json!({ "manifest": SETTINGS }));
    shop.call("change_rollback", json!({ "id": id }))
        .fails("denied", &["delete"]);
    assert!(shop.exists("configmap settings"));
}
