//! What a server says of its types, in three shapes.

use serde::Deserialize;

/// The three shapes that `/api` and `/apis` answer with.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Answer {
    Aggregated { items: Vec<GroupDiscovery> },
    Groups { groups: Vec<GroupVersions> },
    CoreVersions { versions: Vec<String> },
}

#[derive(Deserialize)]
pub(super) struct GroupDiscovery {
    #[serde(default)]
    pub(super) metadata: Named,
    #[serde(default)]
    pub(super) versions: Vec<VersionDiscovery>,
}

/// The core group's metadata has no name.
#[derive(Deserialize, Default)]
pub(super) struct Named {
    #[serde(default)]
    pub(super) name: String,
}

#[derive(Deserialize)]
pub(super) struct VersionDiscovery {
    pub(super) version: String,
    #[serde(default)]
    pub(super) resources: Vec<ResourceDiscovery>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResourceDiscovery {
    pub(super) resource: String,
    pub(super) response_kind: KindOf,
    pub(super) scope: String,
    #[serde(default)]
    pub(super) singular_resource: String,
    #[serde(default)]
    pub(super) short_names: Vec<String>,
    #[serde(default)]
    pub(super) verbs: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct KindOf {
    pub(super) kind: String,
}

#[derive(Deserialize)]
pub(super) struct GroupVersions {
    pub(super) name: String,
    pub(super) versions: Vec<GroupVersion>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GroupVersion {
    pub(super) group_version: String,
    pub(super) version: String,
}

impl GroupVersion {
    pub(super) fn core(version: String) -> Self {
        Self {
            group_version: version.clone(),
            version,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct ResourceList {
    pub(super) resources: Vec<LegacyResource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LegacyResource {
    pub(super) name: String,
    #[serde(default)]
    pub(super) singular_name: String,
    pub(super) namespaced: bool,
    pub(super) kind: String,
    #[serde(default)]
    pub(super) verbs: Vec<String>,
    #[serde(default)]
    pub(super) short_names: Vec<String>,
}

impl ResourceList {
    pub(super) fn into_version(self, version: String) -> VersionDiscovery {
        // A slash is a subresource, which the aggregated form lists apart.
        let resources = self
            .resources
            .into_iter()
            .filter(|resource| !resource.name.contains('/'));
        VersionDiscovery {
            version,
            resources: resources
                .map(|legacy| ResourceDiscovery {
                    resource: legacy.name,
                    response_kind: KindOf { kind: legacy.kind },
                    scope: if legacy.namespaced {
                        "Namespaced"
                    } else {
                        "Cluster"
                    }
                    .to_owned(),
                    singular_resource: legacy.singular_name,
                    short_names: legacy.short_names,
                    verbs: legacy.verbs,
                })
                .collect(),
        }
    }
}
