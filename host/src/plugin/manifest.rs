//! What a plugin says of itself, checked.
//!
//! A manifest comes from a stranger: names, URIs, sizes and schemas are judged before a client sees them, and a manifest with
//! one fault is refused whole, with every fault named.

mod prompt;
mod resource;
#[cfg(test)]
mod tests;
mod tool;
mod uri;
mod words;

use serde::{Deserialize, Serialize};

pub use prompt::{Prompt, PromptArgument};
pub use resource::{ResourceEntry, TemplateEntry};
pub use tool::Tool;
pub(crate) use uri::scheme;
pub use uri::{UriError, UriTemplate};

use self::words::{is_word, one_line};
use crate::failure::shown;
use crate::gate::Want;
use crate::host_calls::bindings::exports::bulkhead::plugin::plugin as wit;

/// What a plugin is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The plugin's own name; the operator's key may differ.
    pub name: String,
    /// SemVer.
    pub version: String,
    /// One sentence.
    pub description: String,
    /// What it asks for in the cluster.
    pub wants: Vec<Want>,
    /// Why it asks for Prometheus, a sentence each; empty where it does not.
    pub prometheus: Vec<String>,
    /// Sorted by name.
    pub tools: Vec<Tool>,
    /// Sorted by URI.
    pub resources: Vec<ResourceEntry>,
    /// Sorted by URI template.
    pub templates: Vec<TemplateEntry>,
    /// Sorted by name.
    pub prompts: Vec<Prompt>,
}

/// Every fault of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("; "))]
pub(crate) struct ManifestError(Vec<String>);

impl Manifest {
    /// Judges what a component said.
    ///
    /// # Errors
    /// Every fault at once.
    pub(crate) fn check(manifest: wit::Manifest) -> Result<Self, ManifestError> {
        let mut faults = Vec::new();
        if !is_word(&manifest.name, 32, '-') {
            faults.push(format!(
                "its name `{}` is not [a-z][a-z0-9-]{{0,31}}",
                shown(&manifest.name)
            ));
        }
        if manifest.version.is_empty()
            || manifest.version.len() > 64
            || !manifest.version.is_ascii()
        {
            faults.push("its version is not SemVer".to_owned());
        }
        let tools = tool::check(manifest.tools, &mut faults);
        let (resources, templates) =
            resource::check(manifest.resources, manifest.templates, &mut faults);
        let prompts = prompt::check(manifest.prompts, &mut faults);
        if !faults.is_empty() {
            return Err(ManifestError(faults));
        }
        let (mut wants, mut prometheus) = (Vec::new(), Vec::new());
        for want in manifest.wants {
            let reason = one_line(&want.reason);
            match want.power {
                wit::Power::Cluster(cluster) => wants.push(Want {
                    api_groups: cluster.api_groups,
                    resources: cluster.resources,
                    verbs: cluster.verbs,
                    secret_values: cluster.secret_values,
                    reason,
                }),
                wit::Power::Prometheus => prometheus.push(reason),
            }
        }
        Ok(Self {
            name: manifest.name,
            version: manifest.version,
            description: one_line(&manifest.description),
            wants,
            prometheus,
            tools,
            resources,
            templates,
            prompts,
        })
    }

    /// Returns the name of the resource or template that a URI belongs to: the resource of that URI, else of the templates
    /// that match it the one that the plugin names first. None where nothing has it.
    #[must_use]
    pub fn entry_of(&self, uri: &str) -> Option<&str> {
        let fixed = self.resources.iter().find(|entry| entry.uri == uri);
        let template = || {
            let matching = self.templates.iter();
            matching
                .filter(|entry| entry.uri_template.matches(uri))
                .min_by_key(|entry| entry.place)
        };
        fixed
            .map(|entry| &entry.name)
            .or_else(|| template().map(|entry| &entry.name))
            .map(String::as_str)
    }
}
