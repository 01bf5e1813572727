//! What objects of the operator have in common: names of labels, owners, values of Secrets.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::named::Named;

pub(crate) const API: &str = "postgresql.cnpg.io/v1";
pub(crate) const VERSION: &str = "1.28.0";

/// Where an object stands.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
}

impl From<Named> for Place<'static> {
    fn from(Named { namespace, name }: Named) -> Self {
        Self { namespace, name }
    }
}

/// In every password and key of the fleet.
pub const SECRET_MARK: &str = "not-to-be-shown";

/// `status`, for a condition. Times of change are minutes ago.
pub(crate) fn condition(
    kind: &str,
    status: bool,
    reason: &str,
    message: &str,
    at: String,
) -> Value {
    json!({
        "type": kind, "status": if status { "True" } else { "False" }, "reason": reason, "message": message,
        "lastTransitionTime": at,
    })
}

/// The labels of what belongs to a cluster (`CreateClusterReadWriteService`, `services.go`; `buildInstance`, `pods.go`).
pub(crate) fn labels(cluster: &str, major: u32) -> Value {
    json!({
        "cnpg.io/cluster": cluster, "app.kubernetes.io/name": "postgresql", "app.kubernetes.io/instance": cluster,
        "app.kubernetes.io/version": major.to_string(), "app.kubernetes.io/component": "database",
        "app.kubernetes.io/managed-by": "cloudnative-pg",
    })
}

/// The reference to a cluster as owner (`SetAsOwnedBy`, `ownership.go`). Its uid is the server's to give.
pub(crate) fn owned_by(cluster: &str) -> Value {
    owned(API, "Cluster", cluster)
}

pub(crate) fn owned(api_version: &str, kind: &str, name: &str) -> Value {
    json!([{ "apiVersion": api_version, "kind": kind, "name": name, "controller": true }])
}

/// Metadata of an object of the operator for a cluster.
pub(crate) fn of_cluster(at: Place<'_>, name: &str, labels: Value) -> Value {
    json!({
        "name": name, "namespace": at.namespace, "labels": labels,
        "annotations": { "cnpg.io/operatorVersion": VERSION }, "ownerReferences": owned_by(at.name),
    })
}

/// Adds the members of `more` to an object.
pub(crate) fn extend(object: &mut Value, more: Value) {
    if let (Some(object), Value::Object(more)) = (object.as_object_mut(), more) {
        object.extend(more);
    }
}

/// Takes a member away.
pub(crate) fn remove(object: &mut Value, member: &str) {
    if let Some(object) = object.as_object_mut() {
        object.remove(member);
    }
}

/// A value of a Secret.
pub(crate) fn encoded(text: &str) -> String {
    STANDARD.encode(text)
}
