//! The changes of the golden matrix: what each is, in the words of whoever would ask for it.

use serde_json::{Value, json};

use super::super::{Subject, Verb};

/// A change with the title of its row.
pub(super) struct Case {
    pub(super) title: &'static str,
    pub(super) group: &'static str,
    pub(super) resource: &'static str,
    verb: Verb,
    namespace: Option<&'static str>,
    name: &'static str,
    before: Option<Value>,
    after: Option<Value>,
}

impl Case {
    pub(super) fn subject(&self) -> Subject<'_> {
        Subject {
            verb: self.verb,
            group: self.group,
            resource: self.resource,
            namespace: self.namespace,
            name: self.name,
            before: self.before.as_ref(),
            after: self.after.as_ref(),
            dependents: None,
        }
    }

    fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    fn within(self, namespace: &'static str) -> Self {
        let namespace = Some(namespace);
        Self { namespace, ..self }
    }

    fn of_cluster(self) -> Self {
        Self {
            namespace: None,
            ..self
        }
    }
}

/// `deployments.apps` without the dot where the group is the core one.
type Kind = (&'static str, &'static str);

const DEPLOYMENT: Kind = ("apps", "deployments");
const STATEFUL_SET: Kind = ("apps", "statefulsets");
const POD: Kind = ("", "pods");
const SERVICE: Kind = ("", "services");
const SECRET: Kind = ("", "secrets");
const NAMESPACE: Kind = ("", "namespaces");
const NODE: Kind = ("", "nodes");
const CLAIM: Kind = ("", "persistentvolumeclaims");
const VOLUME: Kind = ("", "persistentvolumes");
const BUDGET: Kind = ("policy", "poddisruptionbudgets");
const DEFINITION: Kind = ("apiextensions.k8s.io", "customresourcedefinitions");
const RESTORE: Kind = ("velero.io", "restores");
const BACKUP: Kind = ("velero.io", "backups");
const SCHEDULE: Kind = ("velero.io", "schedules");
const DATABASE_CLUSTER: Kind = ("postgresql.cnpg.io", "clusters");
const DATABASE: Kind = ("postgresql.cnpg.io", "databases");
const POOLER: Kind = ("postgresql.cnpg.io", "poolers");

fn case(
    title: &'static str,
    verb: Verb,
    kind: Kind,
    before: Option<Value>,
    after: Option<Value>,
) -> Case {
    let (group, resource) = kind;
    Case {
        title,
        group,
        resource,
        verb,
        namespace: Some("shop"),
        name: "web",
        before,
        after,
    }
}

fn create(title: &'static str, kind: Kind, object: Value) -> Case {
    case(title, Verb::Create, kind, None, Some(object))
}

/// `change` is a merge patch.
fn update(title: &'static str, kind: Kind, before: Value, change: Value) -> Case {
    let mut after = before.clone();
    merge(&mut after, change);
    case(title, Verb::Update, kind, Some(before), Some(after))
}

fn delete(title: &'static str, kind: Kind) -> Case {
    case(title, Verb::Delete, kind, Some(json!({})), None)
}

fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    for (key, value) in patch {
        let fields = target.as_object_mut().expect("it was made one above");
        if value.is_null() {
            fields.remove(&key);
        } else {
            merge(fields.entry(key).or_insert(Value::Null), value);
        }
    }
}

/// One deployment, as the API server would show it.
pub(super) fn deployment() -> Value {
    json!({
        "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{
                    "name": "web", "image": "web:1",
                    "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}},
                }]},
            },
        },
    })
}

fn container(change: Value) -> Value {
    let mut container = deployment()["spec"]["template"]["spec"]["containers"][0].take();
    merge(&mut container, change);
    json!({"spec": {"template": {"spec": {"containers": [container]}}}})
}

fn pod_spec(change: Value) -> Value {
    json!({"spec": {"template": {"spec": change}}})
}

fn annotated(key: &str, value: &str) -> Value {
    json!({"metadata": {"annotations": {key: value}}})
}

fn database_cluster() -> Value {
    json!({"metadata": {"name": "orders"}, "spec": {
        "instances": 3, "imageName": "ghcr.io/cloudnative-pg/postgresql:17.2", "storage": {"size": "10Gi"},
        "managed": {"roles": [{"name": "app", "login": true}]},
    }})
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = workloads();
    cases.extend(power());
    cases.extend(cluster());
    cases.extend(data());
    cases.extend(backups());
    cases.extend(databases());
    cases
}

fn workloads() -> Vec<Case> {
    let on = |title, change| update(title, DEPLOYMENT, deployment(), change);
    vec![
        on("nothing changes", json!({})),
        on("scale from 2 to 3", json!({"spec": {"replicas": 3}})),
        on("scale from 2 to 0", json!({"spec": {"replicas": 0}})),
        on(
            "scale from 2 to 12, by 500 %",
            json!({"spec": {"replicas": 12}}),
        ),
        on(
            "scale from 2 to 13, by 550 %",
            json!({"spec": {"replicas": 13}}),
        ),
        on(
            "scale in a production namespace",
            json!({"spec": {"replicas": 3}}),
        )
        .within("prod-eu"),
        on(
            "scale in a namespace that only sounds like one",
            json!({"spec": {"replicas": 3}}),
        )
        .within("product"),
        on(
            "scale a workload that is critical by its name",
            json!({"spec": {"replicas": 3}}),
        )
        .named("payment-redis"),
        on(
            "scale in a protected namespace",
            json!({"spec": {"replicas": 3}}),
        )
        .within("kube-system"),
        on(
            "another label on the deployment itself",
            json!({"metadata": {"labels": {"team": "a"}}}),
        ),
        on("another image", container(json!({"image": "web:2"}))),
        on(
            "another command",
            container(json!({"command": ["sh", "-c", "id"]})),
        ),
        on(
            "a plain environment variable",
            container(json!({"env": [{"name": "LD_PRELOAD", "value": "/x.so"}]})),
        ),
        on(
            "a variable from a secret",
            container(json!({"env": [
                {"name": "P", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}
            ]})),
        ),
        on(
            "the environment from a secret",
            container(json!({"envFrom": [{"secretRef": {"name": "db"}}]})),
        ),
        on(
            "twice the cpu",
            container(json!({"resources": {"requests": {"cpu": "200m"}}})),
        ),
        on(
            "fifty times the cpu",
            container(json!({"resources": {"requests": {"cpu": "5"}}})),
        ),
        on(
            "the first limit",
            container(json!({"resources": {"limits": {"memory": "1Gi"}}})),
        ),
        on(
            "a privileged container",
            container(json!({"securityContext": {"privileged": true}})),
        ),
        on(
            "another probe",
            container(json!({"livenessProbe": {"exec": {"command": ["id"]}}})),
        ),
        on(
            "a second container",
            json!({"spec": {"template": {"spec": {"containers": [
                {"name": "spy", "image": "spy:1"},
                deployment()["spec"]["template"]["spec"]["containers"][0],
            ]}}}}),
        ),
        on(
            "a directory of the node",
            pod_spec(json!({"volumes": [{"name": "v", "hostPath": {"path": "/"}}]})),
        ),
        on(
            "a mounted secret",
            pod_spec(json!({"volumes": [{"name": "v", "secret": {"secretName": "db"}}]})),
        ),
        on(
            "a projected token",
            pod_spec(json!({"volumes": [
                {"name": "v", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}}
            ]})),
        ),
        on(
            "another service account",
            pod_spec(json!({"serviceAccountName": "admin", "serviceAccount": "admin"})),
        ),
        on(
            "the network of the node",
            pod_spec(json!({"hostNetwork": true})),
        ),
        on(
            "other nodes",
            pod_spec(json!({"nodeSelector": {"disk": "ssd"}})),
        ),
        on(
            "a rollout restart",
            json!({"spec": {"template": annotated("kubectl.kubernetes.io/restartedAt", "now")}}),
        ),
        on(
            "other labels of the pods",
            json!({"spec": {"template": {"metadata": {"labels": {"app": "x"}}}}}),
        ),
        on(
            "an owner",
            json!({"metadata": {"ownerReferences": [{"kind": "ConfigMap", "name": "x", "uid": "1"}]}}),
        ),
        on(
            "a finalizer",
            json!({"metadata": {"finalizers": ["example.org/never"]}}),
        ),
        on(
            "the annotation that kubectl compares with",
            annotated("kubectl.kubernetes.io/last-applied-configuration", "{}"),
        ),
        create("a deployment", DEPLOYMENT, deployment()),
        create(
            "a bare pod",
            POD,
            json!({"spec": {
                "containers": [{"name": "a", "image": "a:1"}], "serviceAccountName": "default",
            }}),
        ),
        create(
            "a cron job",
            ("batch", "cronjobs"),
            json!({"spec": {"jobTemplate": {"spec": {"template": {"spec": {
                "containers": [{"name": "a", "image": "a:1"}]
            }}}}}}),
        ),
        create(
            "a custom resource with a pod template",
            ("example.org", "runners"),
            json!({"spec": {"deep": {"template": {
                "spec": {"initContainers": [{"name": "a", "image": "a:1", "command": ["id"]}]}
            }}}}),
        ),
        update(
            "a pod that leaves its owner",
            POD,
            json!({"metadata": {"labels": {"app": "web"}}}),
            json!({"metadata": {"labels": {"app": null}}}),
        ),
        delete("a pod", POD),
        delete("a deployment that ends", DEPLOYMENT),
        case("an evicted pod", Verb::Evict, POD, Some(json!({})), None),
        case(
            "an evicted pod of a protected namespace",
            Verb::Evict,
            POD,
            Some(json!({})),
            None,
        )
        .within("kube-system"),
        create(
            "an autoscaler",
            ("autoscaling", "horizontalpodautoscalers"),
            json!({"spec": {"maxReplicas": 10}}),
        ),
    ]
}

fn power() -> Vec<Case> {
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

fn cluster() -> Vec<Case> {
    let service = || json!({"spec": {"type": "ClusterIP", "selector": {"app": "web"}}});
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
        delete("a node", NODE).of_cluster(),
        create(
            "a network policy",
            ("networking.k8s.io", "networkpolicies"),
            json!({}),
        ),
        create(
            "an ingress",
            ("networking.k8s.io", "ingresses"),
            json!({"spec": {"tls": [{"secretName": "tls"}]}}),
        ),
        create(
            "a disruption budget",
            BUDGET,
            json!({"spec": {"minAvailable": 1}}),
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
        create("a service", SERVICE, service()),
        update(
            "a service that selects other pods",
            SERVICE,
            service(),
            json!({"spec": {"selector": {"app": "x"}}}),
        ),
        update(
            "a service for everyone",
            SERVICE,
            service(),
            json!({"spec": {"type": "LoadBalancer"}}),
        ),
        update(
            "a service that points elsewhere",
            SERVICE,
            service(),
            json!({"spec": {"externalName": "x.org"}}),
        ),
        delete("a service that ends", SERVICE),
        create("endpoints", ("", "endpoints"), json!({})),
        create(
            "an application of Argo CD",
            ("argoproj.io", "applications"),
            json!({}),
        ),
    ]
}

fn data() -> Vec<Case> {
    let spec =
        |title, kind, change| update(title, kind, json!({"spec": {}}), json!({"spec": change}));
    vec![
        delete("a volume", VOLUME).of_cluster(),
        spec(
            "a volume that is not kept",
            VOLUME,
            json!({"persistentVolumeReclaimPolicy": "Delete"}),
        )
        .of_cluster(),
        create(
            "a claim",
            CLAIM,
            json!({"spec": {"resources": {"requests": {"storage": "1Gi"}}}}),
        ),
        create(
            "a claim of another's volume",
            CLAIM,
            json!({"spec": {"volumeName": "pv-1"}}),
        ),
        update(
            "a claim ten times as large",
            CLAIM,
            json!({"spec": {"resources": {"requests": {"storage": "1Gi"}}}}),
            json!({"spec": {"resources": {"requests": {"storage": "10Gi"}}}}),
        ),
        delete("a claim that ends", CLAIM),
        delete("a stateful set", STATEFUL_SET),
        spec(
            "a stateful set that deletes its claims",
            STATEFUL_SET,
            json!({"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"}}),
        ),
        delete("a secret that ends", SECRET),
        delete("a config map", ("", "configmaps")),
        update(
            "a setting",
            ("", "configmaps"),
            json!({"data": {"a": "1"}}),
            json!({"data": {"a": "2"}}),
        ),
        delete("a snapshot", ("snapshot.storage.k8s.io", "volumesnapshots")),
    ]
}

fn backups() -> Vec<Case> {
    let spec =
        |title, kind, change| update(title, kind, json!({"spec": {}}), json!({"spec": change}));
    vec![
        create(
            "a backup of a namespace",
            BACKUP,
            json!({"spec": {"includedNamespaces": ["shop"]}}),
        ),
        create(
            "a backup of everything",
            BACKUP,
            json!({"spec": {"includedNamespaces": ["*"]}}),
        ),
        create(
            "a backup that runs a command",
            BACKUP,
            json!({"spec": {"hooks": {"resources": [
                {"name": "a", "pre": [{"exec": {"command": ["id"]}}]}
            ]}}}),
        ),
        delete("a backup", BACKUP),
        update(
            "a backup that is told to run again",
            BACKUP,
            json!({"status": {"phase": "Completed"}}),
            json!({"status": {"phase": "New"}}),
        ),
        create(
            "a restore",
            RESTORE,
            json!({"spec": {"backupName": "nightly"}}),
        ),
        create(
            "a restore into another namespace",
            RESTORE,
            json!({"spec": {
                "backupName": "nightly", "namespaceMapping": {"payments": "mine"},
            }}),
        ),
        create(
            "a restore that overwrites",
            RESTORE,
            json!({"spec": {
                "backupName": "nightly", "existingResourcePolicy": "update", "resourceModifier": {"kind": "ConfigMap", "name": "m"},
            }}),
        ),
        spec(
            "a schedule that is paused",
            SCHEDULE,
            json!({"paused": true}),
        ),
        spec(
            "a schedule that is resumed",
            SCHEDULE,
            json!({"paused": false}),
        ),
        spec(
            "a schedule at another hour",
            SCHEDULE,
            json!({"schedule": "0 1 * * *"}),
        ),
        spec(
            "a schedule whose backups live shorter",
            SCHEDULE,
            json!({"template": {"ttl": "1h"}}),
        ),
        delete("a schedule", SCHEDULE),
        create(
            "a request to delete a backup",
            ("velero.io", "deletebackuprequests"),
            json!({"spec": {"backupName": "x"}}),
        ),
        create(
            "a request to download a backup",
            ("velero.io", "downloadrequests"),
            json!({}),
        ),
        spec(
            "another place for backups",
            ("velero.io", "backupstoragelocations"),
            json!({"credential": {"name": "s3", "key": "k"}}),
        ),
        create(
            "another place for snapshots",
            ("velero.io", "volumesnapshotlocations"),
            json!({}),
        ),
        create(
            "another repository",
            ("velero.io", "backuprepositories"),
            json!({}),
        ),
        create(
            "a config map that changes what is restored",
            ("", "configmaps"),
            json!({"metadata": {"labels": {"velero.io/change-image-name": "x"}}}),
        ),
        update(
            "a pod that runs a command at backups",
            POD,
            json!({}),
            annotated("pre.hook.backup.velero.io/command", "[\"id\"]"),
        ),
    ]
}

fn databases() -> Vec<Case> {
    let on =
        |title, change| update(title, DATABASE_CLUSTER, database_cluster(), change).named("orders");
    let role = |fields: Value| {
        let mut role = json!({"name": "app", "login": true});
        merge(&mut role, fields);
        json!({"spec": {"managed": {"roles": [role]}}})
    };
    let create_cluster = |title, change: Value| {
        let mut object = database_cluster();
        merge(&mut object, change);
        create(title, DATABASE_CLUSTER, object).named("orders")
    };
    vec![
        create_cluster("a database cluster", json!({})),
        create_cluster(
            "a database cluster that runs SQL",
            json!({"spec": {"bootstrap": {"initdb": {
                "postInitSQL": ["CREATE ROLE x SUPERUSER"], "postInitApplicationSQLRefs": {"secretRefs": [{"name": "sql", "key": "a"}]},
            }}}}),
        ),
        create_cluster(
            "a copy of another database",
            json!({"spec": {"bootstrap": {"recovery": {"source": "payments"}}}}),
        ),
        on(
            "5 instances in place of 3",
            json!({"spec": {"instances": 5}}),
        ),
        on(
            "30 instances in place of 3",
            json!({"spec": {"instances": 30}}),
        ),
        on(
            "another image of the server",
            json!({"spec": {"imageName": "x:1"}}),
        ),
        on(
            "a larger volume",
            json!({"spec": {"storage": {"size": "20Gi"}}}),
        ),
        on(
            "a role that may create databases",
            role(json!({"createdb": true})),
        ),
        on("a superuser", role(json!({"superuser": true}))),
        on("a role that replicates", role(json!({"replication": true}))),
        on(
            "a role within another",
            role(json!({"inRoles": ["pg_execute_server_program"]})),
        ),
        on(
            "a role with a password",
            role(json!({"passwordSecret": {"name": "app-user"}})),
        ),
        on(
            "access of the superuser",
            json!({"spec": {"enableSuperuserAccess": true, "superuserSecret": {"name": "su"}}}),
        ),
        on(
            "an identity of the cloud for the database",
            json!({"spec": {"serviceAccountTemplate": annotated("eks.amazonaws.com/role-arn", "arn")}}),
        ),
        on("hibernation", annotated("cnpg.io/hibernation", "on")),
        on(
            "a fenced instance",
            annotated("cnpg.io/fencedInstances", "[\"*\"]"),
        ),
        on("a patch of the pods", annotated("cnpg.io/podPatch", "[]")),
        on(
            "a restart",
            annotated("kubectl.kubernetes.io/restartedAt", "now"),
        ),
        on(
            "a parameter",
            json!({"spec": {"postgresql": {"parameters": {"work_mem": "64MB"}}}}),
        ),
        on(
            "a command as a parameter",
            json!({"spec": {"postgresql": {"parameters": {"archive_command": "id"}}}}),
        ),
        on(
            "other rules for logins",
            json!({"spec": {"postgresql": {"pg_hba": ["host all all all trust"]}}}),
        ),
        delete("a database cluster that ends", DATABASE_CLUSTER).named("orders"),
        create(
            "a database",
            DATABASE,
            json!({"spec": {"name": "app", "owner": "app", "cluster": {"name": "orders"}}}),
        ),
        create(
            "a database that ends with its object",
            DATABASE,
            json!({"spec": {"databaseReclaimPolicy": "delete"}}),
        ),
        delete("a database that ends", DATABASE),
        delete("a backup of a database", ("postgresql.cnpg.io", "backups")),
        delete(
            "a scheduled backup",
            ("postgresql.cnpg.io", "scheduledbackups"),
        ),
        create(
            "a pooler with its own pods",
            POOLER,
            json!({"spec": {"template": {"spec": {"containers": [{"name": "a", "image": "x"}]}}}}),
        ),
        create(
            "a publication",
            ("postgresql.cnpg.io", "publications"),
            json!({}),
        ),
        create(
            "a subscription",
            ("postgresql.cnpg.io", "subscriptions"),
            json!({}),
        ),
    ]
}
