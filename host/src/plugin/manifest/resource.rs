//! Resources and resource templates as a manifest names them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::uri::{self, UriTemplate};
use super::words::{bounded, check_name, check_texts};
use crate::failure::shown;
use crate::host_calls::bindings::exports::bulkhead::plugin::plugin as wit;

const MAX_MIME_TYPE_BYTES: usize = 128;

/// One resource with a fixed URI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceEntry {
    /// Absolute, with a scheme of the plugin's own; unique in the plugin.
    pub uri: String,
    /// Unique among the plugin's resources and templates: what an operator enables it by.
    pub name: String,
    /// For a person; empty where there is none.
    pub title: String,
    /// For the model.
    pub description: String,
    /// Of the contents; empty where the plugin does not say.
    pub mime_type: String,
}

/// A family of resources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateEntry {
    /// Unique in the plugin.
    pub uri_template: UriTemplate,
    /// Unique among the plugin's resources and templates: what an operator enables it by.
    pub name: String,
    /// For a person; empty where there is none.
    pub title: String,
    /// For the model.
    pub description: String,
    /// Of the contents; empty where the plugin does not say.
    pub mime_type: String,
    /// Where the plugin names it: of several that match a URI, the first is meant.
    pub place: usize,
}

/// Returns the resources that are right by URI, and the templates by URI template.
pub(super) fn check(
    resources: Vec<wit::ResourceEntry>,
    templates: Vec<wit::TemplateEntry>,
    faults: &mut Vec<String>,
) -> (Vec<ResourceEntry>, Vec<TemplateEntry>) {
    let mut seen = Seen::default();
    let resources = bounded(resources, "resource", faults);
    let templates = bounded(templates, "template", faults);
    let mut resources: Vec<_> = resources
        .into_iter()
        .filter_map(|entry| resource(entry, &mut seen, faults))
        .collect();
    let mut templates: Vec<_> = templates
        .into_iter()
        .enumerate()
        .filter_map(|(place, entry)| template(place, entry, &mut seen, faults))
        .collect();
    resources.sort_by(|a, b| a.uri.cmp(&b.uri));
    templates.sort_by(|a, b| a.uri_template.as_str().cmp(b.uri_template.as_str()));
    (resources, templates)
}

/// What may stand once in a manifest.
#[derive(Default)]
struct Seen {
    names: BTreeSet<String>,
    uris: BTreeSet<String>,
}

impl Seen {
    fn check(&mut self, kind: &str, name: &str, uri: &str, faults: &mut Vec<String>) {
        if !self.names.insert(name.to_owned()) {
            let name = shown(name);
            faults.push(format!("it names two resources or templates `{name}`"));
        }
        if !self.uris.insert(uri.to_owned()) {
            let uri = shown(uri);
            faults.push(format!("it has the {kind} `{uri}` twice"));
        }
    }
}

fn resource(
    entry: wit::ResourceEntry,
    seen: &mut Seen,
    faults: &mut Vec<String>,
) -> Option<ResourceEntry> {
    seen.check("resource", &entry.name, &entry.uri, faults);
    let texts = [entry.title.as_str(), entry.description.as_str()];
    check_said("resource", &entry.name, &texts, &entry.mime_type, faults);
    if let Err(error) = uri::check(&entry.uri) {
        faults.push(format!("resource URI `{}` {error}", shown(&entry.uri)));
        return None;
    }
    Some(ResourceEntry {
        uri: entry.uri,
        name: entry.name,
        title: entry.title,
        description: entry.description,
        mime_type: entry.mime_type,
    })
}

fn template(
    place: usize,
    entry: wit::TemplateEntry,
    seen: &mut Seen,
    faults: &mut Vec<String>,
) -> Option<TemplateEntry> {
    seen.check("template", &entry.name, &entry.uri_template, faults);
    let texts = [entry.title.as_str(), entry.description.as_str()];
    check_said("template", &entry.name, &texts, &entry.mime_type, faults);
    let shown = shown(&entry.uri_template);
    match UriTemplate::try_from(entry.uri_template) {
        Err(error) => {
            faults.push(format!("URI template `{shown}` {error}"));
            None
        }
        Ok(uri_template) => Some(TemplateEntry {
            uri_template,
            name: entry.name,
            title: entry.title,
            description: entry.description,
            mime_type: entry.mime_type,
            place,
        }),
    }
}

/// Checks what resources and templates say alike.
fn check_said(kind: &str, name: &str, texts: &[&str], mime_type: &str, faults: &mut Vec<String>) {
    check_name(kind, name, faults);
    check_texts(kind, name, texts, faults);
    let is_one = mime_type.len() <= MAX_MIME_TYPE_BYTES
        && mime_type.bytes().all(|c| c.is_ascii_graphic())
        && mime_type
            .split_once('/')
            .is_some_and(|(kind, of)| !kind.is_empty() && !of.is_empty());
    if !is_one && !mime_type.is_empty() {
        let (name, mime_type) = (shown(name), shown(mime_type));
        faults.push(format!(
            "the MIME type `{mime_type}` of {kind} `{name}` is none"
        ));
    }
}
