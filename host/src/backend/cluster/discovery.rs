//! What types the cluster serves.
//!
//! Read once, in the aggregated form where the server has it, and again when an unknown word is asked for, since a CRD may
//! have come. A word that several groups serve means the core or built-in one: metrics-server serves `pods` too.

mod answer;

use std::collections::BTreeMap;

use self::answer::{Answer, GroupDiscovery, GroupVersion, GroupVersions, Named, ResourceList};
use super::request::{Accept, Connection};
use super::url::Url;
use crate::failure::{Failure, Kind};
use crate::gate::Resource;

/// A type that the cluster serves, in its preferred version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiResource {
    /// Group and plural.
    pub resource: Resource,
    /// The version that the server prefers.
    pub version: String,
    /// All versions that serve it, the preferred one first.
    pub versions: Vec<String>,
    /// Such as `Deployment`.
    pub kind: String,
    /// Such as `deployment`.
    pub singular: String,
    /// Such as `deploy`.
    pub short_names: Vec<String>,
    /// Whether its objects have a namespace.
    pub namespaced: bool,
    /// What the server supports.
    pub verbs: Vec<String>,
}

/// Every type, by group, then plural.
#[derive(Debug, Default)]
pub struct Discovery {
    types: BTreeMap<Resource, ApiResource>,
}

impl Discovery {
    pub(super) async fn read(connection: &Connection) -> Result<Self, Failure> {
        let mut discovery = Self::default();
        for root in ["/api", "/apis"] {
            match connection
                .get_json(&Url::fixed(root), Accept::Discovery)
                .await?
            {
                Answer::Aggregated { items } => items
                    .into_iter()
                    .for_each(|group| discovery.add_group(group)),
                Answer::Groups { groups } => discovery.read_groups(connection, groups).await,
                Answer::CoreVersions { versions } => {
                    let group = GroupVersions {
                        name: String::new(),
                        versions: versions.into_iter().map(GroupVersion::core).collect(),
                    };
                    discovery.read_groups(connection, vec![group]).await;
                }
            }
        }
        Ok(discovery)
    }

    /// Returns every type, by group, then plural.
    pub fn all(&self) -> impl Iterator<Item = &ApiResource> {
        self.types.values()
    }

    /// Returns the type of this group and plural.
    #[must_use]
    pub fn get(&self, resource: &Resource) -> Option<&ApiResource> {
        self.types.get(resource)
    }

    /// Returns what a word means, and what else it could have meant: a kind, plural, singular or short name, alone or with
    /// the group (`deployments.apps`), in any case.
    #[must_use]
    pub fn resolve(&self, word: &str) -> Option<(&ApiResource, Vec<&ApiResource>)> {
        let word = word.to_lowercase();
        // The whole word first: a plural has no dot, but a group does.
        let (name, group) = match word.split_once('.') {
            Some((name, group)) => (name, Some(group)),
            None => (word.as_str(), None),
        };
        let mut found: Vec<_> = self
            .types
            .values()
            .filter(|resource| group.is_none_or(|group| resource.is_in(group)))
            .filter_map(|resource| Some((resource.closeness(name)?, resource)))
            .collect();
        found
            .sort_by_key(|(closeness, resource)| (*closeness, resource.rank(), &resource.resource));
        let mut types = found.into_iter().map(|(_, resource)| resource);
        let first = types.next()?;
        Some((first, types.collect()))
    }

    /// Returns the nearest words to one that means nothing, at most three.
    #[must_use]
    pub fn nearest(&self, word: &str) -> Vec<&str> {
        let word = word.to_lowercase();
        let mut near: Vec<_> = self
            .types
            .values()
            .filter(|resource| {
                let plural = &resource.resource.plural;
                plural.contains(word.trim_end_matches('s'))
                    || word.contains(resource.singular.as_str()) && !resource.singular.is_empty()
            })
            .map(|resource| resource.resource.plural.as_str())
            .collect();
        near.dedup();
        near.truncate(3);
        near
    }

    /// Falls back to a request for each version, as servers before 1.30 and aggregated API servers need it. A group that
    /// does not answer is left out, as kubectl does: one broken extension must not hide the rest.
    async fn read_groups(&mut self, connection: &Connection, groups: Vec<GroupVersions>) {
        for group in groups {
            let mut versions = Vec::new();
            for version in group.versions {
                let root = if group.name.is_empty() {
                    "/api"
                } else {
                    "/apis"
                };
                let url = Url::fixed(root);
                let url = version.group_version.split('/').fold(url, Url::join);
                match connection
                    .get_json::<ResourceList>(&url, Accept::Json)
                    .await
                {
                    Ok(list) => versions.push(list.into_version(version.version)),
                    Err(failure) => {
                        tracing::warn!(
                            "discovery of `{}` failed: {failure}",
                            version.group_version
                        );
                    }
                }
            }
            self.add_group(GroupDiscovery {
                metadata: Named { name: group.name },
                versions,
            });
        }
    }

    fn add_group(&mut self, group: GroupDiscovery) {
        for version in group.versions {
            for found in version.resources {
                let resource = Resource::new(group.metadata.name.clone(), found.resource);
                // Versions come in the server's order of preference: the first one that serves a type is preferred.
                let entry = self
                    .types
                    .entry(resource.clone())
                    .or_insert_with(|| ApiResource {
                        resource,
                        version: version.version.clone(),
                        versions: Vec::new(),
                        kind: found.response_kind.kind,
                        singular: found.singular_resource,
                        short_names: found.short_names,
                        namespaced: found.scope == "Namespaced",
                        verbs: found.verbs,
                    });
                entry.versions.push(version.version.clone());
            }
        }
    }
}

impl ApiResource {
    fn is_in(&self, group: &str) -> bool {
        self.resource.group == group
            || group.split_once('.').is_some_and(|(version, group)| {
                self.resource.group == group && self.versions.iter().any(|have| have == version)
            })
    }

    /// How a word names this type: 0 for the plural, then kind or singular, then a short name.
    fn closeness(&self, word: &str) -> Option<u8> {
        if self.resource.plural == word {
            Some(0)
        } else if self.kind.to_lowercase() == word || self.singular == word {
            Some(1)
        } else if self.short_names.iter().any(|short| short == word) {
            Some(2)
        } else {
            None
        }
    }

    /// Core before Kubernetes' own groups before everyone else's. metrics.k8s.io is an extension that shadows `pods` and
    /// `nodes`; events.k8s.io serves the core's events again.
    fn rank(&self) -> u8 {
        match self.resource.group.as_str() {
            "" => 0,
            "metrics.k8s.io" | "events.k8s.io" => 3,
            group if !group.contains('.') => 1,
            group if group.ends_with(".k8s.io") => 2,
            _ => 4,
        }
    }

    /// Returns the version to use: the one asked for, else the preferred one.
    ///
    /// # Errors
    /// `NotFound` where the asked one does not serve the type.
    pub fn version(&self, asked: Option<&str>) -> Result<&str, Failure> {
        match asked {
            None => Ok(&self.version),
            Some(asked) => self
                .versions
                .iter()
                .map(String::as_str)
                .find(|have| *have == asked)
                .ok_or_else(|| {
                    Failure::new(
                        Kind::NotFound,
                        format!("`{}` is not served in version `{asked}`", self.resource),
                    )
                    .fix(format!(
                        "use one of {}, or leave the version out",
                        self.versions.join(", ")
                    ))
                }),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn discovery() -> Discovery {
        let mut discovery = Discovery::default();
        let version = |version: &str, resources: &[(&str, &str, &str)]| {
            json!({"version": version, "resources": resources.iter().map(|(plural, kind, short)| json!({
                "resource": plural, "responseKind": {"kind": kind}, "scope": "Namespaced",
                "singularResource": kind.to_lowercase(), "shortNames": [short], "verbs": ["get", "list"]
            })).collect::<Vec<_>>()})
        };
        for group in [
            json!({"metadata": {}, "versions": [version("v1", &[("pods", "Pod", "po"), ("events", "Event", "ev")])]}),
            json!({"metadata": {"name": "apps"}, "versions": [version("v1", &[("deployments", "Deployment", "deploy")]),
                version("v1beta1", &[("deployments", "Deployment", "deploy")])]}),
            json!({"metadata": {"name": "metrics.k8s.io"}, "versions": [version("v1beta1", &[("pods", "PodMetrics", "x")])]}),
            json!({"metadata": {"name": "events.k8s.io"}, "versions": [version("v1", &[("events", "Event", "ev")])]}),
            json!({"metadata": {"name": "postgresql.cnpg.io"}, "versions": [version("v1", &[("backups", "Backup", "y")])]}),
            json!({"metadata": {"name": "velero.io"}, "versions": [version("v1", &[("backups", "Backup", "z")])]}),
        ] {
            discovery.add_group(serde_json::from_value(group).unwrap());
        }
        discovery
    }

    #[test]
    fn a_word_means_the_core_or_built_in_type_and_the_others_are_named() {
        let discovery = discovery();
        for (word, meant, others) in [
            ("deploy", "deployments.apps", vec![]),
            ("Deployment", "deployments.apps", vec![]),
            ("deployments.apps", "deployments.apps", vec![]),
            ("deployments.v1beta1.apps", "deployments.apps", vec![]),
            ("pods", "pods", vec!["pods.metrics.k8s.io"]),
            ("ev", "events", vec!["events.events.k8s.io"]),
            ("pods.metrics.k8s.io", "pods.metrics.k8s.io", vec![]),
            (
                "backup",
                "backups.postgresql.cnpg.io",
                vec!["backups.velero.io"],
            ),
        ] {
            let (found, also) = discovery.resolve(word).unwrap();
            assert_eq!(found.resource.to_string(), meant, "{word}");
            assert_eq!(
                also.iter()
                    .map(|other| other.resource.to_string())
                    .collect::<Vec<_>>(),
                others,
                "{word}"
            );
        }
        assert!(discovery.resolve("gadgets").is_none());
    }

    #[test]
    fn the_first_version_is_preferred_and_others_can_be_asked_for() {
        let discovery = discovery();
        let (deployments, _) = discovery.resolve("deployments").unwrap();
        assert_eq!(deployments.version(None).unwrap(), "v1");
        assert_eq!(deployments.version(Some("v1beta1")).unwrap(), "v1beta1");
        assert_eq!(
            deployments.version(Some("v2")).unwrap_err().kind,
            Kind::NotFound
        );
    }
}
