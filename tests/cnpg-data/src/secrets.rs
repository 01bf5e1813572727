//! The Secrets of a cluster: of the application, of the certificates, of managed roles. Each value says that it is not to be shown.

use serde_json::{Map, Value, json};

use crate::{
    cluster::Made,
    meta::{Place, SECRET_MARK, encoded, of_cluster},
};

/// The Secrets that the operator makes by itself.
pub(crate) fn all(made: &Made<'_>) -> Vec<Value> {
    let name = |suffix: &str| format!("{}-{suffix}", made.at.name);
    vec![
        application(made),
        authority(made.at, &name("ca")),
        certificate(made.at, &name("server")),
        certificate(made.at, &name("replication")),
    ]
}

/// `CreateSecret` (`secrets.go`).
fn application(made: &Made<'_>) -> Value {
    let (cluster, namespace, user) = (made.at.name, made.at.namespace, made.database);
    let password = format!("{cluster}-{SECRET_MARK}");
    let host = format!("{cluster}-rw");
    let (near, full) = (
        format!("{host}.{namespace}:5432"),
        format!("{host}.{namespace}.svc.cluster.local:5432"),
    );
    let uri = |at: &str| format!("postgresql://{user}:{password}@{at}/{user}");
    let jdbc = |at: &str| format!("jdbc:postgresql://{at}/{user}?password={password}&user={user}");
    let data = data(&[
        ("username", user),
        ("user", user),
        ("password", &password),
        ("dbname", user),
        ("host", &host),
        ("port", "5432"),
        ("pgpass", &format!("{host}:5432:{user}:{user}:{password}\n")),
        ("uri", &uri(&near)),
        ("jdbc-uri", &jdbc(&near)),
        ("fqdn-uri", &uri(&full)),
        ("fqdn-jdbc-uri", &jdbc(&full)),
    ]);
    let labels = json!({
        "cnpg.io/cluster": cluster, "cnpg.io/reload": "true", "cnpg.io/userType": "app",
        "app.kubernetes.io/managed-by": "cloudnative-pg",
    });
    secret(
        of_cluster(made.at, &format!("{cluster}-app"), labels),
        "kubernetes.io/basic-auth",
        data,
    )
}

/// `GenerateCASecret` (`certs.go`).
fn authority(at: Place<'_>, name: &str) -> Value {
    let data = data(&[
        ("ca.crt", CERTIFICATE),
        ("ca.key", &format!("{name}-{SECRET_MARK}")),
    ]);
    let labels = json!({ "app.kubernetes.io/managed-by": "cloudnative-pg" });
    secret(of_cluster(at, name, labels), "Opaque", data)
}

/// `GenerateCertificateSecret` (`certs.go`).
fn certificate(at: Place<'_>, name: &str) -> Value {
    let labels = json!({ "app.kubernetes.io/managed-by": "cloudnative-pg" });
    secret(
        of_cluster(at, name, labels),
        "kubernetes.io/tls",
        pair(name),
    )
}

/// A certificate that a person, or cert-manager, provides: it has no owner here.
pub(crate) fn provided(at: Place<'_>, name: &str) -> Value {
    let mut data = pair(name);
    data["ca.crt"] = json!(encoded(CERTIFICATE));
    let metadata = json!({
        "name": name, "namespace": at.namespace,
        "annotations": { "cert-manager.io/certificate-name": name },
    });
    secret(metadata, "kubernetes.io/tls", data)
}

const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n";

fn pair(name: &str) -> Value {
    data(&[
        ("tls.crt", CERTIFICATE),
        ("tls.key", &format!("{name}-{SECRET_MARK}")),
    ])
}

/// The password of a managed role, as the plugin's origin named and labelled it; but a Secret's name takes no underscore, which most
/// roles' names have: the API server refuses it. The label has the role's own name.
pub(crate) fn of_role(at: Place<'_>, role: &str) -> Value {
    let name = format!("cnpg-{}-user-{}", at.name, role.replace('_', "-"));
    let labels =
        json!({ "cnpg.io/cluster": at.name, "cnpg.io/role": role, "cnpg.io/reload": "true" });
    let metadata = json!({ "name": name, "namespace": at.namespace, "labels": labels });
    secret(metadata, "kubernetes.io/basic-auth", login(role))
}

/// A Secret of such a name that nobody made for a role.
pub(crate) fn of_nobody(at: Place<'_>) -> Value {
    let metadata = json!({
        "name": at.name, "namespace": at.namespace, "labels": { "app.kubernetes.io/name": "importer" },
    });
    secret(metadata, "Opaque", login("importer"))
}

/// What the in-tree backups of a namespace log in with.
pub(crate) fn object_store(namespace: &str) -> Value {
    let data = data(&[
        ("ACCESS_KEY_ID", &format!("id-{SECRET_MARK}")),
        ("ACCESS_SECRET_KEY", &format!("key-{SECRET_MARK}")),
    ]);
    let metadata = json!({ "name": "backup-s3", "namespace": namespace });
    secret(metadata, "Opaque", data)
}

fn login(user: &str) -> Value {
    data(&[
        ("username", user),
        ("password", &format!("{user}-{SECRET_MARK}")),
    ])
}

fn data(values: &[(&str, &str)]) -> Value {
    let values = values.iter();
    let values = values.map(|(key, value)| ((*key).to_owned(), json!(encoded(value))));
    Value::Object(values.collect::<Map<_, _>>())
}

fn secret(metadata: Value, kind: &str, data: Value) -> Value {
    json!({ "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": kind, "data": data })
}
