//! What each tool of `generic` is called with. One that is not here fails the test: a new tool says what it needs.

use serde_json::{Value, json};

use super::office::{Office, ROLLED_OUT};

/// What comes of a call that changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It answers.
    Succeeds,
    /// The host or the server says no.
    Denied,
    /// The server let it through, and found no kubelet to ask: there is none.
    NoKubelet,
}

pub(super) struct Call {
    /// What an administrator does first, by kubectl.
    first: &'static [&'static str],
    pub(super) arguments: Value,
    pub(super) outcome: Outcome,
}

impl Call {
    fn new(arguments: Value) -> Self {
        Self {
            first: &[],
            arguments,
            outcome: Outcome::Succeeds,
        }
    }

    fn after(self, kubectl: &'static [&'static str]) -> Self {
        Self {
            first: kubectl,
            ..self
        }
    }

    pub(super) fn before(&self, office: &Office) {
        for kubectl in self.first {
            office.kubectl(kubectl);
        }
    }
}

/// `web` of `shop`, with more arguments.
fn web(more: Value) -> Value {
    let mut arguments = json!({ "kind": "deployment", "namespace": "shop", "name": "web" });
    for (key, value) in more.as_object().into_iter().flatten() {
        arguments[key] = value.clone();
    }
    arguments
}

pub(super) fn scale(replicas: u32) -> Value {
    web(json!({ "operation": "scale", "replicas": replicas }))
}

/// In `shop-test`.
fn manifest(text: &str) -> Call {
    Call::new(json!({ "manifest": text, "namespace": "shop-test" }))
}

/// The calls of one tool, one after another. They lean on nothing that another tool leaves behind.
pub(super) fn calls_of(tool: &str, office: &Office) -> Vec<Call> {
    let alone = |arguments| vec![Call::new(arguments)];
    match tool {
        "ping" | "k8s_api_resources" => alone(json!({})),
        "k8s_list" | "k8s_count" => [
            json!({ "kind": "pods", "namespace": "shop" }),
            json!({ "kind": "deployments", "all_namespaces": true }),
            json!({ "kind": "nodes" }),
            json!({ "kind": "namespaces" }),
            json!({ "kind": "persistentvolumes" }),
            json!({ "kind": "storageclasses" }),
            json!({ "kind": "customresourcedefinitions" }),
        ]
        .map(Call::new)
        .into(),
        "k8s_get" | "k8s_describe" => vec![
            Call::new(web(json!({}))),
            Call::new(json!({ "kind": "pod", "namespace": "shop", "name": office.pod() })),
            Call::new(json!({ "kind": "node", "name": "node-a" })),
            Call::new(json!({ "kind": "namespace", "name": "shop" })),
            Call::new(json!({ "kind": "customresourcedefinition", "name": "pods.metrics.k8s.io" })),
        ],
        "k8s_explain" => alone(json!({ "kind": "deployment", "path": "spec" })),
        "k8s_list_events" => alone(json!({ "namespace": "shop" })),
        "k8s_pod_logs" => vec![Call {
            outcome: Outcome::NoKubelet,
            ..Call::new(json!({ "namespace": "shop", "name": office.pod() }))
        }],
        "k8s_top" => vec![
            Call::new(json!({ "namespace": "shop" })),
            Call::new(json!({ "of": "nodes" })),
        ],
        "k8s_rollout" => vec![
            Call::new(web(json!({ "operation": "status", "wait": true }))),
            Call::new(web(json!({ "operation": "history" }))),
        ],
        "k8s_apply" => vec![
            manifest(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: sizes}\ndata: {a: '1', b: '1'}",
            ),
            manifest("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: sizes}\ndata: {a: '2'}"),
            manifest(
                "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}",
            ),
            manifest(DEPLOYMENT),
        ],
        "k8s_patch" => vec![
            Call::new(scale(4)),
            Call::new(scale(3)),
            Call::new(web(
                json!({ "operation": "update_image", "image": "registry.example/web:3" }),
            )),
            Call::new(web(json!({ "operation": "rollout_restart" }))),
        ],
        "k8s_rollout_undo" => alone(web(json!({}))),
        "k8s_delete" => alone(json!({ "kind": "pod", "namespace": "shop", "name": office.pod() })),
        "k8s_cordon" => vec![Call::new(json!({ "name": "node-b" })).after(&["uncordon node-b"])],
        "k8s_uncordon" => vec![Call::new(json!({ "name": "node-b" })).after(&["cordon node-b"])],
        "k8s_drain" => vec![Call::new(json!({ "name": "node-b" })).after(&[
            "uncordon node-a",
            "uncordon node-b",
            "rollout restart deployment/web --namespace=shop",
            ROLLED_OUT,
        ])],
        other => panic!("what is `{other}` to be called with?"),
    }
}

/// It refers to what only the verb `use` is granted for.
const DEPLOYMENT: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      containers:
        - {name: web, image: 'registry.example/web:1', volumeMounts: [{name: tls, mountPath: /tls}]}
      volumes: [{name: tls, secret: {secretName: web-tls}}]
";
