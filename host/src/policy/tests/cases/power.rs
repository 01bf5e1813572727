//! Who may do what.

use serde_json::json;

use super::{Case, Kind, SECRET, annotated, create, delete, update};

pub(super) fn cases() -> Vec<Case> {
    const RBAC: &str = "rbac.authorization.k8s.io";
    const ACCOUNT: Kind = ("", "serviceaccounts");
    vec![
        create(
            "a role",
            (RBAC, "roles"),
            json!({"rules": [{"verbs": ["get"], "resources": ["pods"]}]}),
        ),
        delete("a cluster role binding", (RBAC, "clusterrolebindings")).of_cluster(),
        create("a service account", ACCOUNT, json!({})),
        update(
            "a token for a service account",
            ACCOUNT,
            json!({}),
            json!({"secrets": [{"name": "t"}]}),
        ),
        update(
            "an AWS role for a service account",
            ACCOUNT,
            json!({}),
            annotated("eks.amazonaws.com/role-arn", "arn"),
        ),
        update(
            "a Google account for a service account",
            ACCOUNT,
            json!({}),
            annotated("iam.gke.io/gcp-service-account", "a@b"),
        ),
        update(
            "an Azure identity for a service account",
            ACCOUNT,
            json!({}),
            annotated("azure.workload.identity/client-id", "1"),
        ),
        delete("a service account that ends", ACCOUNT),
        create("a secret", SECRET, json!({"data": {"a": "***"}})),
        create(
            "a lasting token",
            SECRET,
            annotated("kubernetes.io/service-account.name", "admin"),
        ),
        update(
            "a value of a secret",
            SECRET,
            json!({"data": {"a": "1"}}),
            json!({"data": {"a": "2"}}),
        ),
        create(
            "a certificate request",
            ("certificates.k8s.io", "certificatesigningrequests"),
            json!({}),
        )
        .of_cluster(),
    ]
}
