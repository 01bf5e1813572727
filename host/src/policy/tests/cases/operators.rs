//! Kinds of other makers: of those that are known to act for others, and of those that nobody knows.

use serde_json::{Value, json};

use super::{Case, Kind, annotated, create, update};

pub(super) fn cases() -> Vec<Case> {
    let spec = |title, kind: Kind, change: Value| {
        update(
            title,
            kind,
            json!({"spec": {"a": 1}}),
            json!({"spec": change}),
        )
    };
    let mut cases = vec![
        create(
            "an application of Argo CD",
            ("argoproj.io", "applications"),
            json!({}),
        ),
        spec(
            "a field of a kind that nobody knows",
            ("example.org", "widgets"),
            json!({"a": 2}),
        ),
        update(
            "an annotation of a kind that nobody knows",
            ("example.org", "widgets"),
            json!({}),
            annotated("a", "b"),
        ),
        spec(
            "a field of an unknown kind of a known maker",
            ("argoproj.io", "rollouts"),
            json!({"a": 2}),
        ),
        spec(
            "a script in a kind that nobody knows",
            ("example.org", "widgets"),
            json!({"steps": [{"script": "id"}]}),
        ),
        spec(
            "a source of code in a kind that nobody knows",
            ("example.org", "functions"),
            json!({"build": {"source": "https://example.org"}}),
        ),
        spec(
            "an autoscaler with credentials",
            ("keda.sh", "triggerauthentications"),
            json!({"secretTargetRef": [{"parameter": "a", "name": "queue", "key": "k"}]}),
        ),
        update(
            "a store of secrets for the whole cluster",
            ("external-secrets.io", "clustersecretstores"),
            json!({}),
            json!({"spec": {"provider": {"vault": {"auth": {"tokenSecretRef": {
                "name": "vault", "namespace": "bank",
            }}}}}}),
        )
        .of_cluster(),
    ];
    let powerful: [(&str, Kind); 14] = [
        (
            "what pods are allowed",
            ("security.openshift.io", "securitycontextconstraints"),
        ),
        ("a chart of Rancher's", ("helm.cattle.io", "helmcharts")),
        (
            "a subscription to an operator",
            ("operators.coreos.com", "subscriptions"),
        ),
        (
            "an operator's version",
            ("operators.coreos.com", "clusterserviceversions"),
        ),
        (
            "a provider of Crossplane's",
            ("pkg.crossplane.io", "providers"),
        ),
        ("a task of Tekton's", ("tekton.dev", "tasks")),
        ("a workflow of Argo's", ("argoproj.io", "workflowtemplates")),
        ("a sensor of Argo's", ("argoproj.io", "sensors")),
        (
            "an issuer of certificates",
            ("cert-manager.io", "clusterissuers"),
        ),
        ("a middleware of Traefik's", ("traefik.io", "middlewares")),
        (
            "secrets in a volume",
            ("secrets-store.csi.x-k8s.io", "secretproviderclasses"),
        ),
        (
            "a generator of secrets",
            ("generators.external-secrets.io", "passwords"),
        ),
        (
            "a global network policy of Calico's",
            ("crd.projectcalico.org", "globalnetworkpolicies"),
        ),
        (
            "machines of the cluster",
            ("infrastructure.cluster.x-k8s.io", "awsmachines"),
        ),
    ];
    cases.extend(powerful.map(|(title, kind)| spec(title, kind, json!({"a": 2}))));
    cases
}
