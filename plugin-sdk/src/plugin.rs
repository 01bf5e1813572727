//! A plugin as a value: its wants, tools, resources, templates and prompts. `describe` and the calls read from it, so they
//! cannot disagree.

use crate::bindings::exports::bulkhead::plugin::plugin as contract;
use crate::completion::Typed;
use crate::output::{Answer, Written};
use crate::stored::Stored;
#[cfg(all(feature = "test-kit", not(target_arch = "wasm32")))]
use crate::stored::{line_of_prompt, lines_of_tools};
use crate::{Contents, Failure, Message, Prompt, Resource, Template, Tool, Want};

/// A plugin: what it is called, what it asks for, and what it has.
pub struct Plugin {
    name: &'static str,
    version: &'static str,
    description: &'static str,
    wants: Vec<Want>,
    tools: Vec<Tool>,
    resources: Vec<Resource>,
    templates: Vec<Template>,
    prompts: Vec<Prompt>,
    stored: Stored,
}

impl Plugin {
    /// A plugin that has nothing yet. The name is `[a-z][a-z0-9-]{0,31}`, the version `env!("CARGO_PKG_VERSION")`, the description
    /// one sentence for the operator.
    pub fn new(name: &'static str, version: &'static str, description: &'static str) -> Self {
        Self {
            name,
            version,
            description,
            wants: Vec::new(),
            tools: Vec::new(),
            resources: Vec::new(),
            templates: Vec::new(),
            prompts: Vec::new(),
            stored: Stored::default(),
        }
    }

    /// Adds a power to ask the operator for.
    #[must_use]
    pub fn wants(mut self, want: Want) -> Self {
        self.wants.push(want);
        self
    }

    /// Adds a tool.
    #[must_use]
    pub fn tool(mut self, tool: Tool) -> Self {
        self.tools.push(tool);
        self
    }

    /// Adds a resource with a fixed URI.
    #[must_use]
    pub fn resource(mut self, resource: Resource) -> Self {
        self.resources.push(resource);
        self
    }

    /// Adds a family of resources. A URI that several templates match goes to the one that was added first.
    #[must_use]
    pub fn template(mut self, template: Template) -> Self {
        self.templates.push(template);
        self
    }

    /// Adds a prompt.
    #[must_use]
    pub fn prompt(mut self, prompt: Prompt) -> Self {
        self.prompts.push(prompt);
        self
    }

    /// The schemas of the tools and prompts that were made by `…_stored`, as a text that stands beside the plugin's sources:
    /// `include_str!("../schemas.tsv")`. A component is smaller by it; the kit's `stored_schemas` writes it and compares it.
    #[must_use]
    pub fn schemas(mut self, text: &'static str) -> Self {
        self.stored = Stored(text);
        self
    }

    /// Runs a tool on the JSON text of its arguments.
    ///
    /// # Errors
    /// [`Failure::NotFound`] for an unknown tool, [`Failure::Invalid`] for arguments that do not fit, else the tool's own.
    pub fn call(&self, name: &str, input: &str) -> Result<Answer, Failure> {
        self.run(name, input)?.parsed()
    }

    /// As [`Plugin::call`], with the structured result as it goes to the host.
    ///
    /// # Errors
    /// As [`Plugin::call`].
    pub(crate) fn run(&self, name: &str, input: &str) -> Result<Written, Failure> {
        match self.tools.iter().find(|tool| tool.name() == name) {
            Some(tool) => tool.call(input),
            None => Err(Failure::NotFound(format!(
                "plugin `{}` has no tool `{name}`",
                self.name
            ))),
        }
    }

    /// Reads the resource at a URI: one with this fixed URI, else one of the first template that matches.
    ///
    /// # Errors
    /// [`Failure::NotFound`] where there is none, with the URIs that there are, else the resource's own.
    pub fn read(&self, uri: &str) -> Result<Contents, Failure> {
        if let Some(resource) = self.resources.iter().find(|one| one.uri() == uri) {
            return resource.read();
        }
        let mut read = self.templates.iter().filter_map(|one| one.read(uri));
        read.next().unwrap_or_else(|| Err(self.no_resource(uri)))
    }

    fn no_resource(&self, uri: &str) -> Failure {
        let fixed = self.resources.iter().map(Resource::uri);
        let families = self.templates.iter().map(Template::uri_template);
        let there = match fixed.chain(families).collect::<Vec<_>>().join(", ") {
            none if none.is_empty() => "it has none".to_owned(),
            all => format!("it has {all}"),
        };
        Failure::NotFound(format!(
            "plugin `{}` has no resource `{uri}`; {there}",
            self.name
        ))
    }

    /// Fills in a prompt with arguments, by name.
    ///
    /// # Errors
    /// [`Failure::NotFound`] for an unknown prompt, [`Failure::Invalid`] for an argument that is unknown or missing, else the
    /// prompt's own.
    pub fn get_prompt(
        &self,
        name: &str,
        given: &[(String, String)],
    ) -> Result<Vec<Message>, Failure> {
        match self.prompts.iter().find(|prompt| prompt.name() == name) {
            Some(prompt) => prompt.get(given, self.stored),
            None => Err(Failure::NotFound(format!(
                "plugin `{}` has no prompt `{name}`",
                self.name
            ))),
        }
    }

    /// Suggests values for a variable of a template or an argument of a prompt, of which `typed` is there already, and `before`
    /// of others. At most 100, best first; none where nothing completes it.
    ///
    /// # Errors
    /// Those of the function that suggests.
    pub fn complete(
        &self,
        target: &contract::CompletionTarget,
        argument: &str,
        typed: &str,
        before: &[(String, String)],
    ) -> Result<Vec<String>, Failure> {
        let typed = Typed::new(typed, before);
        let found = match target {
            contract::CompletionTarget::Prompt(name) => {
                let prompt = self.prompts.iter().find(|one| one.name() == name);
                prompt.map(|prompt| prompt.complete(argument, typed))
            }
            contract::CompletionTarget::Template(uri_template) => {
                let mut templates = self.templates.iter();
                let template = templates.find(|one| one.uri_template() == uri_template);
                template.map(|template| template.complete(argument, typed))
            }
        };
        found.unwrap_or_else(|| Ok(Vec::new()))
    }

    /// Returns the tools as `describe` names them.
    pub(crate) fn tools(&self) -> impl Iterator<Item = contract::Tool> {
        self.tools.iter().map(|tool| tool.to_contract(self.stored))
    }

    /// Returns the text that [`Plugin::schemas`] takes, from the types: a line for each tool and prompt.
    #[cfg(all(feature = "test-kit", not(target_arch = "wasm32")))]
    pub(crate) fn to_store(&self) -> String {
        let tools = self.tools.iter();
        let tools: Vec<_> = tools.map(|tool| tool.to_store(self.stored)).collect();
        let prompt =
            |prompt: &Prompt| line_of_prompt(prompt.name(), &prompt.arguments(self.stored));
        let prompts = self.prompts.iter().map(prompt);
        std::iter::once(lines_of_tools(&tools))
            .chain(prompts)
            .collect()
    }

    /// Returns what `describe` answers.
    pub fn manifest(self) -> contract::Manifest {
        contract::Manifest {
            name: self.name.to_owned(),
            version: self.version.to_owned(),
            description: self.description.to_owned(),
            tools: self.tools().collect(),
            resources: self.resources.iter().map(Resource::to_contract).collect(),
            templates: self.templates.iter().map(Template::to_contract).collect(),
            prompts: self
                .prompts
                .iter()
                .map(|prompt| prompt.to_contract(self.stored))
                .collect(),
            wants: self.wants.into_iter().map(Want::into_contract).collect(),
        }
    }
}

/// Exports a plugin as a component. Takes the name of a `fn() -> Plugin` that stands beside it and makes no host call.
///
/// Outside of WebAssembly it exports nothing, so that the plugin's own tests link.
#[macro_export]
macro_rules! plugin {
    ($describe:ident) => {
        #[cfg(not(target_arch = "wasm32"))]
        const _: fn() -> $crate::Plugin = $describe;

        #[cfg(target_arch = "wasm32")]
        #[expect(unsafe_code, reason = "a component's exports are C functions under fixed names")]
        mod component {
            struct Component;

            impl $crate::export::Guest for Component {
                fn describe() -> $crate::export::Manifest {
                    super::$describe().manifest()
                }

                fn call_tool(name: String, input: String) -> Result<$crate::export::Output, $crate::Failure> {
                    $crate::export::call_tool(&super::$describe(), &name, &input)
                }

                fn read_resource(uri: String) -> Result<Vec<$crate::export::Contents>, $crate::Failure> {
                    $crate::export::read_resource(&super::$describe(), &uri)
                }

                fn get_prompt(
                    name: String,
                    input: Vec<(String, String)>,
                ) -> Result<Vec<$crate::export::Message>, $crate::Failure> {
                    super::$describe().get_prompt(&name, &input)
                }

                fn complete(
                    target: $crate::export::CompletionTarget,
                    argument: String,
                    value: String,
                    given: Vec<(String, String)>,
                ) -> Result<Vec<String>, $crate::Failure> {
                    super::$describe().complete(&target, &argument, &value, &given)
                }
            }

            $crate::bindings::export!(Component with_types_in $crate::bindings);
        }
    };
}

#[cfg(test)]
mod tests;
