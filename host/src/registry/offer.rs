//! What the enabled plugins offer, by the names that a client uses.
//!
//! Two plugins with one name for a tool or a prompt, or one scheme for their resources, are refused: an operator who reads a
//! name or a URI must know whose it is, and no plugin may answer in another's place.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Schemas;
use super::host_tools::HostTool;
use crate::call::Effect;
use crate::config::Glob;
use crate::failure::{Failure, Kind};
use crate::plugin::{Plugin, Prompt, ResourceEntry, TemplateEntry, Tool, scheme};

/// Everything that is offered; each list in its order.
#[derive(Default)]
pub(crate) struct Offer {
    tools: BTreeMap<String, Entry>,
    resources: BTreeMap<String, Place>,
    templates: BTreeMap<String, Place>,
    prompts: BTreeMap<String, Place>,
    /// Whose resources have a scheme.
    schemes: BTreeMap<String, Arc<Plugin>>,
}

/// One enabled tool.
pub(crate) struct Entry {
    pub(super) owner: Owner,
    pub(super) schemas: Schemas,
}

/// Who answers a tool.
pub(super) enum Owner {
    /// A plugin, by the tool's place in its manifest.
    Plugin(Arc<Plugin>, usize),
    /// The host itself.
    Host(HostTool, Tool),
}

/// A resource, template or prompt: the plugin, and where it stands in its manifest.
struct Place {
    plugin: Arc<Plugin>,
    at: usize,
}

/// Which of a client's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Lists {
    pub(crate) tools: bool,
    /// The resources or the templates.
    pub(crate) resources: bool,
    pub(crate) prompts: bool,
}

impl Lists {
    pub(crate) const ALL: Self = Self {
        tools: true,
        resources: true,
        prompts: true,
    };
}

impl Entry {
    /// Returns what is said of the tool.
    pub(crate) fn tool(&self) -> &Tool {
        match &self.owner {
            Owner::Plugin(plugin, place) => &plugin.manifest.tools[*place],
            Owner::Host(_, tool) => tool,
        }
    }

    pub(super) fn plugin(&self) -> Option<&Arc<Plugin>> {
        match &self.owner {
            Owner::Plugin(plugin, _) => Some(plugin),
            Owner::Host(..) => None,
        }
    }
}

impl Offer {
    /// Returns what is offered of one plugin where no other has any of its names.
    pub(crate) fn of(plugin: &Arc<Plugin>) -> Self {
        let mut offer = Self::default();
        // Alone in it, it has everything for itself.
        offer.add(plugin);
        offer
    }

    /// Adds what the operator enabled of a plugin. Returns everything that another one has already; empty where it is all
    /// its own.
    pub(crate) fn add(&mut self, plugin: &Arc<Plugin>) -> Vec<Failure> {
        let mut taken = Vec::new();
        self.add_tools(plugin, &mut taken);
        self.add_resources(plugin, &mut taken);
        self.add_prompts(plugin, &mut taken);
        taken
    }

    fn add_tools(&mut self, plugin: &Arc<Plugin>, taken: &mut Vec<Failure>) {
        for (place, tool) in plugin.manifest.tools.iter().enumerate() {
            // Without a grant that changes, a tool that changes could only fail.
            let could_only_fail = tool.effect() == Effect::Change && !plugin.gate.changes();
            if could_only_fail || !is_enabled(&plugin.config.tools, &tool.name) {
                continue;
            }
            let name = format!("{}{}", plugin.config.prefix, tool.name);
            if let Some(other) = self.tools.get(&name) {
                let other = other.plugin().map_or("", |other| other.config.key.as_str());
                taken.push(both("tool", &name, other, plugin));
                continue;
            }
            let entry = Entry {
                owner: Owner::Plugin(Arc::clone(plugin), place),
                schemas: Schemas::default(),
            };
            self.tools.insert(name, entry);
        }
    }

    fn add_resources(&mut self, plugin: &Arc<Plugin>, taken: &mut Vec<Failure>) {
        let manifest = &plugin.manifest;
        let place = |at| Place {
            plugin: Arc::clone(plugin),
            at,
        };
        for (at, entry) in manifest.resources.iter().enumerate() {
            if is_enabled(&plugin.config.resources, &entry.name)
                && self.takes_scheme(&entry.uri, plugin, taken)
            {
                self.resources.insert(entry.uri.clone(), place(at));
            }
        }
        for (at, entry) in manifest.templates.iter().enumerate() {
            let uri = entry.uri_template.as_str();
            if is_enabled(&plugin.config.resources, &entry.name)
                && self.takes_scheme(uri, plugin, taken)
            {
                self.templates.insert(uri.to_owned(), place(at));
            }
        }
    }

    /// Whether a plugin has the scheme of a URI for itself. Where it has not, that is said once.
    fn takes_scheme(&mut self, uri: &str, plugin: &Arc<Plugin>, taken: &mut Vec<Failure>) -> bool {
        let scheme = scheme(uri).unwrap_or_default();
        let owner = self
            .schemes
            .entry(scheme.to_owned())
            .or_insert_with(|| Arc::clone(plugin));
        if Arc::ptr_eq(owner, plugin) {
            return true;
        }
        let (first, second) = (&owner.config.key, &plugin.config.key);
        let message = format!(
            "plugins `{first}` and `{second}` both have resources of the scheme `{scheme}:`"
        );
        if taken.iter().all(|failure| failure.message != message) {
            taken.push(Failure::new(Kind::Invalid, message).fix(format!(
                "set `plugins.{second}.resources` in config.toml to names of others, or to `[]`, which offers none"
            )));
        }
        false
    }

    fn add_prompts(&mut self, plugin: &Arc<Plugin>, taken: &mut Vec<Failure>) {
        for (at, prompt) in plugin.manifest.prompts.iter().enumerate() {
            if !is_enabled(&plugin.config.prompts, &prompt.name) {
                continue;
            }
            let name = format!("{}{}", plugin.config.prefix, prompt.name);
            if let Some(other) = self.prompts.get(&name) {
                taken.push(both("prompt", &name, &other.plugin.config.key, plugin));
                continue;
            }
            let plugin = Arc::clone(plugin);
            self.prompts.insert(name, Place { plugin, at });
        }
    }

    /// Adds the host's own tools.
    ///
    /// # Errors
    /// `Invalid` where a plugin has a tool of such a name.
    pub(crate) fn add_host_tools(&mut self) -> Result<(), Failure> {
        for host_tool in HostTool::ALL {
            let tool = host_tool.tool();
            let name = tool.name.clone();
            let entry = Entry {
                owner: Owner::Host(host_tool, tool),
                schemas: Schemas::default(),
            };
            if let Some(other) = self.tools.insert(name.clone(), entry) {
                let key = other
                    .plugin()
                    .map_or("", |plugin| plugin.config.key.as_str());
                let message =
                    format!("plugin `{key}` has a tool `{name}`, which is the host's own");
                return Err(Failure::new(Kind::Invalid, message).fix(prefix(key)));
            }
        }
        Ok(())
    }

    /// Returns the tools by name.
    pub(crate) fn tools(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.tools
            .iter()
            .map(|(name, entry)| (name.as_str(), entry))
    }

    /// Returns the resources by URI.
    pub(crate) fn resources(&self) -> impl Iterator<Item = (&str, &ResourceEntry)> {
        self.resources
            .iter()
            .map(|(uri, place)| (uri.as_str(), &place.plugin.manifest.resources[place.at]))
    }

    /// Returns the resource templates by URI template.
    pub(crate) fn templates(&self) -> impl Iterator<Item = (&str, &TemplateEntry)> {
        self.templates
            .iter()
            .map(|(uri, place)| (uri.as_str(), &place.plugin.manifest.templates[place.at]))
    }

    /// Returns the prompts by name.
    pub(crate) fn prompts(&self) -> impl Iterator<Item = (&str, &Prompt)> {
        self.prompts
            .iter()
            .map(|(name, place)| (name.as_str(), &place.plugin.manifest.prompts[place.at]))
    }

    /// Returns what a prompt is for.
    pub(crate) fn prompt_description(&self, name: &str) -> Option<&str> {
        self.prompt(name)
            .map(|(_, prompt)| prompt.description.as_str())
    }

    /// Returns a tool by its name.
    pub(crate) fn tool(&self, name: &str) -> Option<&Entry> {
        self.tools.get(name)
    }

    /// Returns the plugin that reads a URI: its scheme is that plugin's, and the resource or template that the URI belongs to is
    /// enabled.
    pub(super) fn reader(&self, uri: &str) -> Option<&Arc<Plugin>> {
        let plugin = self.schemes.get(scheme(uri)?)?;
        let name = plugin.manifest.entry_of(uri)?;
        is_enabled(&plugin.config.resources, name).then_some(plugin)
    }

    /// Returns a template by its URI template, and its plugin.
    pub(super) fn template(&self, uri_template: &str) -> Option<(&Arc<Plugin>, &TemplateEntry)> {
        let Place { plugin, at } = self.templates.get(uri_template)?;
        Some((plugin, &plugin.manifest.templates[*at]))
    }

    /// Returns a prompt by its name, and its plugin.
    pub(super) fn prompt(&self, name: &str) -> Option<(&Arc<Plugin>, &Prompt)> {
        let Place { plugin, at } = self.prompts.get(name)?;
        Some((plugin, &plugin.manifest.prompts[*at]))
    }

    /// Returns which lists are not what they were.
    pub(crate) fn changed_since(&self, before: &Self) -> Lists {
        fn said<'a>((name, entry): (&'a str, &'a Entry)) -> (&'a str, &'a Tool) {
            (name, entry.tool())
        }
        Lists {
            tools: !self.tools().map(said).eq(before.tools().map(said)),
            resources: !self.resources().eq(before.resources())
                || !self.templates().eq(before.templates()),
            prompts: !self.prompts().eq(before.prompts()),
        }
    }
}

/// Whether one of the operator's patterns names it.
pub(crate) fn is_enabled(globs: &[Glob], name: &str) -> bool {
    globs.iter().any(|glob| glob.matches(name))
}

fn both(kind: &str, name: &str, first: &str, second: &Arc<Plugin>) -> Failure {
    let second = &second.config.key;
    let message = format!("plugins `{first}` and `{second}` both have a {kind} `{name}`");
    Failure::new(Kind::Invalid, message).fix(prefix(second))
}

fn prefix(key: &str) -> String {
    format!("set `plugins.{key}.prefix` in config.toml, such as `prefix = \"{key}_\"`")
}
