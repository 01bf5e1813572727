//! The resource types that a cluster serves: the built-in ones, and those of its CRDs.
//!
//! Names, singulars, kinds and short names are kube-apiserver 1.36's. The verbs and subresources are those that this
//! server serves, since a client takes discovery at its word.

use serde_json::Value;

use crate::builtin::{self, Scope};

/// What this server does with an object, in the real server's order.
const VERBS: &[&str] = &[
    "create", "delete", "get", "list", "patch", "update", "watch",
];

/// What it does with what no client may write.
const READING: &[&str] = &["get", "list", "watch"];

/// One resource type in one version.
#[derive(Debug, Clone)]
pub(crate) struct ResourceType {
    /// The core group is the empty string.
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) plural: String,
    pub(crate) singular: String,
    pub(crate) kind: String,
    pub(crate) list_kind: String,
    pub(crate) short_names: Vec<String>,
    pub(crate) categories: Vec<String>,
    pub(crate) namespaced: bool,
    /// Whether it has the subresource `status`.
    pub(crate) has_status: bool,
    /// Whether a CRD defines it.
    pub(crate) custom: bool,
}

impl ResourceType {
    /// `apps/v1`, and `v1` for the core group.
    pub(crate) fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// `deployments.apps`, and `pods` for the core group: as messages name it.
    pub(crate) fn qualified_plural(&self) -> String {
        if self.group.is_empty() {
            self.plural.clone()
        } else {
            format!("{}.{}", self.plural, self.group)
        }
    }

    /// Under which name its objects are kept: the same for every version.
    pub(crate) fn stored_as(&self) -> String {
        // The one type that two groups serve from one store.
        if self.group == "events.k8s.io" {
            self.plural.clone()
        } else {
            self.qualified_plural()
        }
    }

    /// `Deployment.apps`, and `Pod` for the core group: as messages about its contents name it.
    pub(crate) fn qualified_kind(&self) -> String {
        if self.group.is_empty() {
            self.kind.clone()
        } else {
            format!("{}.{}", self.kind, self.group)
        }
    }

    /// What can be done with its objects.
    pub(crate) fn verbs(&self) -> &'static [&'static str] {
        if self.is_read_only() { READING } else { VERBS }
    }

    /// Whether its objects come from elsewhere than the API, as metrics do.
    pub(crate) fn is_read_only(&self) -> bool {
        self.group == "metrics.k8s.io"
    }

    /// Whether `metadata.generation` counts the changes of what is wanted.
    pub(crate) fn counts_generations(&self) -> bool {
        self.custom
            || match self.group.as_str() {
                "" => matches!(self.plural.as_str(), "pods" | "replicationcontrollers"),
                "apps" => self.plural != "controllerrevisions",
                "batch"
                | "policy"
                | "apiextensions.k8s.io"
                | "discovery.k8s.io"
                | "networking.k8s.io" => true,
                _ => false,
            }
    }

    /// What hangs on an object and is served, in the real server's order.
    pub(crate) fn subresources(&self) -> Vec<Subresource> {
        let is_pod = self.group.is_empty() && self.plural == "pods";
        let is_scaled = self.group == "apps"
            && matches!(
                self.plural.as_str(),
                "deployments" | "replicasets" | "statefulsets"
            );
        [
            (EVICTION, is_pod),
            (LOG, is_pod),
            (SCALE, is_scaled),
            (STATUS, self.has_status),
        ]
        .into_iter()
        .filter(|(_, has)| *has)
        .map(|(subresource, _)| subresource)
        .collect()
    }

    /// Whether `name` is among them.
    pub(crate) fn has_subresource(&self, name: &str) -> bool {
        self.subresources().iter().any(|one| one.name == name)
    }
}

/// What hangs on an object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subresource {
    pub(crate) name: &'static str,
    pub(crate) verbs: &'static [&'static str],
    /// Group, version and kind of what is exchanged; none is the object itself.
    pub(crate) kind: Option<(&'static str, &'static str, &'static str)>,
}

const EVICTION: Subresource = Subresource {
    name: "eviction",
    verbs: &["create"],
    kind: Some(("policy", "v1", "Eviction")),
};
const LOG: Subresource = Subresource {
    name: "log",
    verbs: &["get"],
    kind: None,
};
const SCALE: Subresource = Subresource {
    name: "scale",
    verbs: &["get", "patch", "update"],
    kind: Some(("autoscaling", "v1", "Scale")),
};
const STATUS: Subresource = Subresource {
    name: "status",
    verbs: &["get", "patch", "update"],
    kind: None,
};

/// Every served type, in the order of discovery.
#[derive(Debug, Clone)]
pub(crate) struct TypeTable {
    types: Vec<ResourceType>,
}

impl TypeTable {
    /// The types of a cluster without CRDs.
    pub(crate) fn built_in() -> Self {
        Self {
            types: builtin::TYPES.iter().map(built_in_type).collect(),
        }
    }

    pub(crate) fn all(&self) -> &[ResourceType] {
        &self.types
    }

    /// By the parts of a URL.
    pub(crate) fn find(&self, group: &str, version: &str, plural: &str) -> Option<&ResourceType> {
        self.types
            .iter()
            .find(|of| of.group == group && of.version == version && of.plural == plural)
    }

    /// By what a manifest says.
    pub(crate) fn of_object(&self, api_version: &str, kind: &str) -> Option<&ResourceType> {
        self.types
            .iter()
            .find(|of| of.kind == kind && of.api_version() == api_version)
    }

    pub(crate) fn serves(&self, group: &str, version: &str) -> bool {
        self.types
            .iter()
            .any(|of| of.group == group && of.version == version)
    }

    /// The groups other than the core group, each with its versions, preferred first.
    pub(crate) fn groups(&self) -> Vec<(String, Vec<String>)> {
        let mut groups: Vec<(String, Vec<String>)> = Vec::new();
        for of in self.types.iter().filter(|of| !of.group.is_empty()) {
            match groups.iter_mut().find(|(group, _)| *group == of.group) {
                Some((_, versions)) if versions.contains(&of.version) => {}
                Some((_, versions)) => versions.push(of.version.clone()),
                None => groups.push((of.group.clone(), vec![of.version.clone()])),
            }
        }
        for (_, versions) in &mut groups {
            versions.sort_by_key(|version| std::cmp::Reverse(priority(version)));
        }
        groups
    }

    /// Adds types that are served only where the cluster holds their objects: `metrics.k8s.io`.
    pub(crate) fn add_metrics(&mut self) {
        if !self.serves("metrics.k8s.io", "v1beta1") {
            self.types
                .extend(builtin::METRICS.iter().map(built_in_type));
        }
    }

    /// Adds the served versions of a CRD, in place of those that it had before.
    pub(crate) fn define(&mut self, crd: &Value) {
        self.forget(crd);
        let spec = &crd["spec"];
        let names = &spec["names"];
        let kind = text(&names["kind"]);
        for version in spec["versions"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|version| version["served"] == true)
        {
            self.types.push(ResourceType {
                group: text(&spec["group"]),
                version: text(&version["name"]),
                plural: text(&names["plural"]),
                singular: names["singular"]
                    .as_str()
                    .map_or_else(|| kind.to_lowercase(), str::to_owned),
                list_kind: names["listKind"]
                    .as_str()
                    .map_or_else(|| format!("{kind}List"), str::to_owned),
                kind: kind.clone(),
                short_names: texts(&names["shortNames"]),
                categories: texts(&names["categories"]),
                namespaced: spec["scope"] == "Namespaced",
                has_status: version.pointer("/subresources/status").is_some(),
                custom: true,
            });
        }
    }

    /// Drops the types of a CRD.
    pub(crate) fn forget(&mut self, crd: &Value) {
        let group = text(&crd["spec"]["group"]);
        let plural = text(&crd["spec"]["names"]["plural"]);
        self.types
            .retain(|of| !(of.custom && of.group == group && of.plural == plural));
    }
}

fn built_in_type(row: &builtin::Row) -> ResourceType {
    let &(group, version, plural, kind, scope, short_names, categories, has_status) = row;
    ResourceType {
        group: group.to_owned(),
        version: version.to_owned(),
        plural: plural.to_owned(),
        singular: if group == "metrics.k8s.io" {
            String::new()
        } else {
            kind.to_lowercase()
        },
        kind: kind.to_owned(),
        list_kind: format!("{kind}List"),
        short_names: short_names.iter().map(ToString::to_string).collect(),
        categories: categories.iter().map(ToString::to_string).collect(),
        namespaced: scope == Scope::Namespaced,
        has_status,
        custom: false,
    }
}

/// Kubernetes' order of versions: stable before beta before alpha, then the higher number; others last, by name.
fn priority(version: &str) -> (u8, u32, u32, std::cmp::Reverse<String>) {
    let name = std::cmp::Reverse(version.to_owned());
    let parsed = version.strip_prefix('v').and_then(|rest| {
        let (level, major, minor) = match (rest.split_once("alpha"), rest.split_once("beta")) {
            (Some((major, minor)), _) => (1, major, minor),
            (_, Some((major, minor))) => (2, major, minor),
            (None, None) => (3, rest, "0"),
        };
        Some((level, major.parse().ok()?, minor.parse().ok()?))
    });
    let (level, major, minor) = parsed.unwrap_or((0, 0, 0));
    (level, major, minor, name)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::priority;

    #[test]
    fn versions_stand_in_kubernetes_order() {
        let mut versions = ["v1alpha1", "foo1", "v2beta1", "v10", "v1", "v11beta2", "v2"];
        versions.sort_by_key(|version| std::cmp::Reverse(priority(version)));
        assert_eq!(
            versions,
            ["v10", "v2", "v1", "v11beta2", "v2beta1", "v1alpha1", "foo1"]
        );
    }
}
