//! The table of built-in resource types, as kube-apiserver 1.36 lists them.
//!
//! Data only. Groups stand in the real server's order; inside a group, by plural. The shared suite compares every row
//! with the real server's discovery.

use Scope::{Cluster, Namespaced};

/// Whether objects of a type live in a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Namespaced,
    Cluster,
}

/// Group, version, plural, kind, scope, short names, categories, whether it has `status`.
pub(crate) type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Scope,
    &'static [&'static str],
    &'static [&'static str],
    bool,
);

const NONE: &[&str] = &[];
const ALL: &[&str] = &["all"];

#[rustfmt::skip]
pub(crate) const TYPES: &[Row] = &[
    ("", "v1", "configmaps", "ConfigMap", Namespaced, &["cm"], NONE, false),
    ("", "v1", "endpoints", "Endpoints", Namespaced, &["ep"], NONE, false),
    ("", "v1", "events", "Event", Namespaced, &["ev"], NONE, false),
    ("", "v1", "limitranges", "LimitRange", Namespaced, &["limits"], NONE, false),
    ("", "v1", "namespaces", "Namespace", Cluster, &["ns"], NONE, true),
    ("", "v1", "nodes", "Node", Cluster, &["no"], NONE, true),
    ("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", Namespaced, &["pvc"], NONE, true),
    ("", "v1", "persistentvolumes", "PersistentVolume", Cluster, &["pv"], NONE, true),
    ("", "v1", "pods", "Pod", Namespaced, &["po"], ALL, true),
    ("", "v1", "replicationcontrollers", "ReplicationController", Namespaced, &["rc"], ALL, true),
    ("", "v1", "resourcequotas", "ResourceQuota", Namespaced, &["quota"], NONE, true),
    ("", "v1", "secrets", "Secret", Namespaced, NONE, NONE, false),
    ("", "v1", "serviceaccounts", "ServiceAccount", Namespaced, &["sa"], NONE, false),
    ("", "v1", "services", "Service", Namespaced, &["svc"], ALL, true),
    ("apps", "v1", "controllerrevisions", "ControllerRevision", Namespaced, NONE, NONE, false),
    ("apps", "v1", "daemonsets", "DaemonSet", Namespaced, &["ds"], ALL, true),
    ("apps", "v1", "deployments", "Deployment", Namespaced, &["deploy"], ALL, true),
    ("apps", "v1", "replicasets", "ReplicaSet", Namespaced, &["rs"], ALL, true),
    ("apps", "v1", "statefulsets", "StatefulSet", Namespaced, &["sts"], ALL, true),
    ("events.k8s.io", "v1", "events", "Event", Namespaced, &["ev"], NONE, false),
    ("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", Namespaced, &["hpa"], ALL, true),
    ("batch", "v1", "cronjobs", "CronJob", Namespaced, &["cj"], ALL, true),
    ("batch", "v1", "jobs", "Job", Namespaced, NONE, ALL, true),
    ("networking.k8s.io", "v1", "ingressclasses", "IngressClass", Cluster, NONE, NONE, false),
    ("networking.k8s.io", "v1", "ingresses", "Ingress", Namespaced, &["ing"], NONE, true),
    ("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", Namespaced, &["netpol"], NONE, false),
    ("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", Namespaced, &["pdb"], NONE, true),
    ("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", Cluster, NONE, NONE, false),
    ("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", Cluster, NONE, NONE, false),
    ("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", Namespaced, NONE, NONE, false),
    ("rbac.authorization.k8s.io", "v1", "roles", "Role", Namespaced, NONE, NONE, false),
    ("storage.k8s.io", "v1", "storageclasses", "StorageClass", Cluster, &["sc"], NONE, false),
    ("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", Cluster, &["crd", "crds"], &["api-extensions"], true),
    ("coordination.k8s.io", "v1", "leases", "Lease", Namespaced, NONE, NONE, false),
    ("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", Namespaced, NONE, NONE, false),
];

/// Served only by a cluster that holds such objects, as with a metrics-server.
#[rustfmt::skip]
pub(crate) const METRICS: &[Row] = &[
    ("metrics.k8s.io", "v1beta1", "nodes", "NodeMetrics", Cluster, NONE, NONE, false),
    ("metrics.k8s.io", "v1beta1", "pods", "PodMetrics", Namespaced, NONE, NONE, false),
];

/// What answers a POST and keeps nothing: group, version, plural, kind.
pub(crate) const REVIEWS: &[(&str, &str, &str, &str)] = &[
    (
        "authentication.k8s.io",
        "v1",
        "selfsubjectreviews",
        "SelfSubjectReview",
    ),
    (
        "authorization.k8s.io",
        "v1",
        "selfsubjectaccessreviews",
        "SelfSubjectAccessReview",
    ),
];
