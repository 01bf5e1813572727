//! What the API server's own judgement would tell of a secret: it takes a value where it is the one that stands there already.

use serde_json::json;

use super::Shop;

/// Of a container's environment; redaction hides it by its name.
const PASSWORD: &str = "swordfish-4711";

fn pod(password: &str) -> String {
    format!(
        "{{apiVersion: v1, kind: Pod, metadata: {{name: web}}, spec: {{containers: [{{name: web, image: registry.example/web:1, \
         env: [{{name: DB_PASSWORD, value: {password}}}, {{name: LOG_LEVEL, value: info}}]}}]}}}}"
    )
}

/// The environment of a pod never changes, and a field of another manager is no conflict only where it stays the same: without
/// the host's other dry run the right guess would be taken and the wrong one refused.
#[test]
fn a_guess_at_a_pods_password_is_answered_in_the_same_words() {
    let mut shop = Shop::open();
    shop.make(&pod(PASSWORD));
    let answers = [PASSWORD, "swordfish-0815"].map(|guess| {
        let applied = shop.call(
            "k8s_apply",
            json!({ "manifest": pod_in(&shop.namespace, guess) }),
        );
        applied
            .fails("invalid", &["writes where redaction covers"])
            .text
    });
    assert_eq!(answers[0], answers[1]);
    assert!(!answers.concat().contains(PASSWORD));
}

/// What does not touch it is proposed as ever.
#[test]
fn a_label_of_the_same_pod_can_be_proposed() {
    let mut shop = Shop::open();
    shop.make(&pod(PASSWORD));
    let patch = json!({
        "kind": "pod", "name": "web", "operation": "patch", "patch": { "metadata": { "labels": { "team": "shop" } } },
    });
    shop.propose("k8s_patch", patch);
}

fn pod_in(namespace: &str, password: &str) -> String {
    pod(password).replace(
        "{name: web}, spec",
        &format!("{{name: web, namespace: {namespace}}}, spec"),
    )
}
