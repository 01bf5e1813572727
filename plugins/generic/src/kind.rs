//! Which type of resource a call is about: one word, or group, version and plural.

use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::kubernetes::{self, ResourceType};
use schemars::JsonSchema;
use serde::Deserialize;

/// The arguments that name a type.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Kind {
    /// Kind, plural, singular or short name: `Deployment`, `deploy`, `backups.velero.io`. Enough alone.
    kind: Option<String>,
    /// API group, such as `apps`; empty for the core group.
    group: Option<String>,
    /// API version, such as `v1`; the preferred one where left out.
    version: Option<String>,
    /// Plural, such as `deployments`; goes before `kind`.
    plural: Option<String>,
}

/// A type that the cluster serves.
#[derive(Debug)]
pub(crate) struct Resolved {
    /// With the version that was asked for.
    pub(crate) of: ResourceType,
    /// Such as `Deployment`.
    pub(crate) kind: String,
    /// Whether its objects have a namespace.
    pub(crate) namespaced: bool,
    /// What the answer must mention: that the word could have meant something else.
    pub(crate) note: Option<String>,
}

impl Kind {
    /// The type of an object, by what it says of itself.
    pub(crate) fn of_object(api_version: &str, kind: &str) -> Self {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Self {
            kind: Some(kind.to_owned()),
            group: Some(group.to_owned()),
            version: Some(version.to_owned()),
            plural: None,
        }
    }

    /// Finds the type.
    ///
    /// # Errors
    /// `Invalid` where nothing names a type, `NotFound` where the cluster serves no such type.
    pub(crate) fn resolve(&self) -> Result<Resolved, Failure> {
        let given = |word: &Option<String>| word.clone().filter(|word| !word.is_empty());
        let Some(word) = given(&self.plural).or_else(|| given(&self.kind)) else {
            return Err(
                Failure::invalid("neither `kind` nor `plural` says which type")
                    .next_step("give `kind`, such as `pods` or `Deployment`"),
            );
        };
        let group = self
            .group
            .as_deref()
            .map(|group| if group == "core" { "" } else { group });
        let asked = match group {
            None | Some("") => word.clone(),
            Some(group) => format!("{word}.{group}"),
        };
        let found = kubernetes::resolve(&asked).map_err(|failure| {
            failure.next_step("k8s_api_resources lists what the cluster serves")
        })?;
        if let Some(group) = group.filter(|group| *group != found.of.group) {
            let group = if group.is_empty() {
                "the core group".to_owned()
            } else {
                format!("group `{group}`")
            };
            return Err(
                Failure::not_found(format!("{group} has no `{word}`")).next_step(&format!(
                    "`{}` is served by group `{}`",
                    found.of.plural, found.of.group
                )),
            );
        }
        let note = (group.is_none() && !found.others.is_empty()).then(|| {
            format!(
                "`{asked}` could also mean {}; give `group` for it",
                found.others.join(" or ")
            )
        });
        let version = given(&self.version).or(found.of.version);
        Ok(Resolved {
            of: ResourceType {
                version,
                ..found.of
            },
            kind: found.kind,
            namespaced: found.namespaced,
            note,
        })
    }
}

/// Returns `deployments.apps`, or `pods` for the core group.
pub(crate) fn full_name(of: &ResourceType) -> String {
    match of.group.as_str() {
        "" => of.plural.clone(),
        group => format!("{}.{group}", of.plural),
    }
}
