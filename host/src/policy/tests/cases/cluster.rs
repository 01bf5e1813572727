//! What decides about other objects, or for all of them.

use serde_json::json;

use super::{Case, Kind, annotated, create, delete, update};

const NAMESPACE: Kind = ("", "namespaces");
const NODE: Kind = ("", "nodes");
const BUDGET: Kind = ("policy", "poddisruptionbudgets");
const DEFINITION: Kind = ("apiextensions.k8s.io", "customresourcedefinitions");

pub(super) fn cases() -> Vec<Case> {
    let spec =
        |title, kind, change| update(title, kind, json!({"spec": {}}), json!({"spec": change}));
    vec![
        create(
            "a webhook",
            (
                "admissionregistration.k8s.io",
                "mutatingwebhookconfigurations",
            ),
            json!({}),
        )
        .of_cluster(),
        spec("a kind of objects", DEFINITION, json!({"scope": "Cluster"})).of_cluster(),
        delete("a kind of objects that ends", DEFINITION).of_cluster(),
        delete(
            "a part of the API",
            ("apiregistration.k8s.io", "apiservices"),
        )
        .of_cluster(),
        create(
            "a namespace",
            NAMESPACE,
            json!({"metadata": {"labels": {"kubernetes.io/metadata.name": "x"}}}),
        )
        .of_cluster(),
        create(
            "a namespace without pod security",
            NAMESPACE,
            json!({"metadata": {"labels": {
                "pod-security.kubernetes.io/enforce": "privileged"
            }}}),
        )
        .of_cluster(),
        update(
            "other labels of a namespace",
            NAMESPACE,
            json!({}),
            json!({"metadata": {"labels": {"a": "b"}}}),
        )
        .of_cluster(),
        update(
            "other annotations of a namespace",
            NAMESPACE,
            json!({}),
            annotated("a", "b"),
        )
        .of_cluster(),
        delete("a namespace that ends", NAMESPACE).of_cluster(),
        update(
            "a label of a protected namespace",
            NAMESPACE,
            json!({}),
            json!({"metadata": {"labels": {"a": "b"}}}),
        )
        .of_cluster()
        .named("kube-system"),
        spec("a cordoned node", NODE, json!({"unschedulable": true})).of_cluster(),
        spec(
            "a tainted node",
            NODE,
            json!({"taints": [{"key": "a", "effect": "NoExecute"}]}),
        )
        .of_cluster(),
        update(
            "an annotation of a node",
            NODE,
            json!({}),
            annotated("a", "b"),
        )
        .of_cluster(),
        delete("a node", NODE).of_cluster(),
        create(
            "a network policy",
            ("networking.k8s.io", "networkpolicies"),
            json!({}),
        ),
        create(
            "a disruption budget",
            BUDGET,
            json!({"spec": {"minAvailable": 1}}),
        ),
        create(
            "a disruption budget that protects nothing",
            BUDGET,
            json!({"spec": {"maxUnavailable": "100%"}}),
        ),
        spec(
            "a looser disruption budget",
            BUDGET,
            json!({"minAvailable": 0}),
        ),
        delete("a disruption budget that ends", BUDGET),
        spec(
            "a quota",
            ("", "resourcequotas"),
            json!({"hard": {"pods": "10"}}),
        ),
        delete("a limit range", ("", "limitranges")),
    ]
}
