//! MCP resources: what a client reads by its URI, at a fixed one or at one of a family.
//!
//! A resource is a function, as a tool is, and reads: in its calls nothing can be changed. A client shows resources to a
//! person, who picks one, so names and titles are for people.

use crate::bindings::exports::bulkhead::plugin::plugin as contract;
use crate::completion::{Completions, Suggest, Typed};
use crate::tool::arguments_of_texts;
use crate::uri_template::UriTemplate;
use crate::{Contents, Failure, FromArguments, IntoContents};

/// From the MIME type that the resource is listed with to its contents.
type Read = dyn Fn(&str) -> Result<Contents, Failure>;

/// From the JSON text of the variables' values and the MIME type to the contents.
type ReadAt = dyn Fn(&str, &str) -> Result<Contents, Failure>;

/// One MCP resource with a fixed URI.
///
/// With a [`Template`] and a [`Prompt`](crate::Prompt):
///
/// ```no_run
/// use bulkhead_plugin_sdk::kubernetes::{self, ObjectRef, Query, ResourceType};
/// use bulkhead_plugin_sdk::{Failure, Plugin, Prompt, Resource, Template, Typed, context};
/// use serde_json::Value;
///
/// #[derive(serde::Deserialize)]
/// struct Named {
///     name: String,
/// }
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// struct Trouble {
///     /// The deployment that is in trouble.
///     name: String,
///     /// What was seen of it.
///     symptom: Option<String>,
/// }
///
/// fn deployments() -> Result<Vec<String>, Failure> {
///     let of = ResourceType::new("apps", "deployments");
///     let query = Query::in_namespace(of, context::default_namespace());
///     let page = kubernetes::list_fields::<(String,)>(&query, &["metadata.name"], 500, None)?;
///     Ok(page.items.into_iter().map(|(name,)| name).collect())
/// }
///
/// fn deployment(which: Named) -> Result<Value, Failure> {
///     let of = ResourceType::new("apps", "deployments");
///     let namespace = context::default_namespace();
///     kubernetes::get(&ObjectRef::in_namespace(of, namespace, which.name))
/// }
///
/// fn names(_: Typed<'_>) -> Result<Vec<String>, Failure> {
///     deployments()
/// }
///
/// fn triage(trouble: Trouble) -> Result<String, Failure> {
///     let Trouble { name, symptom } = trouble;
///     let seen = symptom.map_or_else(String::new, |symptom| format!(" Seen so far: {symptom}."));
///     Ok(format!(
///         "Find out what is wrong with the deployment {name}.{seen} Read workload://deployments/{name} first."
///     ))
/// }
///
/// fn with_something_to_read(plugin: Plugin) -> Plugin {
///     let all = Resource::new("workload://deployments", "deployments", "Names them.", deployments);
///     let one = Template::new("workload://deployments/{name}", "deployment", "One of them.", deployment);
///     let triage = Prompt::new("workload_triage", "Finds out what is wrong.", triage);
///     plugin
///         .resource(all.title("Deployments"))
///         .template(one.title("Deployment").completes("name", names))
///         .prompt(triage.title("What is wrong?").completes("name", names))
/// }
/// ```
pub struct Resource {
    uri: &'static str,
    shown: Shown,
    run: Box<Read>,
}

/// A family of MCP resources: a URI template, with a function of what stands for its variables.
pub struct Template {
    uri_template: &'static str,
    shown: Shown,
    completions: Completions,
    run: Box<ReadAt>,
}

/// What a client shows of both.
struct Shown {
    name: &'static str,
    title: &'static str,
    description: &'static str,
    mime_type: &'static str,
}

impl Shown {
    fn new(name: &'static str, description: &'static str, mime_type: &'static str) -> Self {
        Self {
            name,
            title: name,
            description,
            mime_type,
        }
    }
}

impl Resource {
    /// A resource at `uri`, which is absolute and has the plugin's own scheme: `velero://backups`.
    ///
    /// The name is `[a-z][a-z0-9_]{0,63}`, unique among the resources and templates of the plugin; an operator enables it by that.
    /// The description tells the model what it answers.
    pub fn new<R>(
        uri: &'static str,
        name: &'static str,
        description: &'static str,
        function: fn() -> Result<R, Failure>,
    ) -> Self
    where
        R: IntoContents + 'static,
    {
        Self {
            uri,
            shown: Shown::new(name, description, R::MIME_TYPE),
            run: Box::new(move |mime_type| function()?.into_contents(mime_type)),
        }
    }

    /// A few words for a person; the name where left out.
    #[must_use]
    pub fn title(mut self, title: &'static str) -> Self {
        self.shown.title = title;
        self
    }

    /// What kind of text it is; where left out `application/json`, and of a [`Text`](crate::Text) or [`Contents`] `text/plain`.
    #[must_use]
    pub fn mime_type(mut self, mime_type: &'static str) -> Self {
        self.shown.mime_type = mime_type;
        self
    }

    pub(crate) fn uri(&self) -> &'static str {
        self.uri
    }

    pub(crate) fn read(&self) -> Result<Contents, Failure> {
        (self.run)(self.shown.mime_type)
    }

    pub(crate) fn to_contract(&self) -> contract::ResourceEntry {
        contract::ResourceEntry {
            uri: self.uri.to_owned(),
            name: self.shown.name.to_owned(),
            title: self.shown.title.to_owned(),
            description: self.shown.description.to_owned(),
            mime_type: self.shown.mime_type.to_owned(),
        }
    }
}

impl Template {
    /// The resources at every URI that `uri_template` matches: `velero://backups/{name}`, RFC 6570, level 1. A variable stands
    /// for one or more characters but `/`. Name and description as for [`Resource::new`].
    ///
    /// `A` has a field of type `String` for each variable, and is given what stood there, percent-decoded. It comes from
    /// whoever reads: judge it like the argument of a tool.
    pub fn new<A, R>(
        uri_template: &'static str,
        name: &'static str,
        description: &'static str,
        function: fn(A) -> Result<R, Failure>,
    ) -> Self
    where
        A: FromArguments + 'static,
        R: IntoContents + 'static,
    {
        Self {
            uri_template,
            shown: Shown::new(name, description, R::MIME_TYPE),
            completions: Completions::default(),
            run: Box::new(move |input, mime_type| {
                function(A::from_json(input)?)?.into_contents(mime_type)
            }),
        }
    }

    /// A few words for a person; the name where left out.
    #[must_use]
    pub fn title(mut self, title: &'static str) -> Self {
        self.shown.title = title;
        self
    }

    /// What kind of text they are; left out, as for [`Resource::mime_type`].
    #[must_use]
    pub fn mime_type(mut self, mime_type: &'static str) -> Self {
        self.shown.mime_type = mime_type;
        self
    }

    /// Suggests values for a variable while a person types. `suggest` is given what was typed so far, of the variables before it
    /// too; of its values those that begin with it are shown, in its order, at most 100.
    #[must_use]
    pub fn completes(mut self, variable: &'static str, suggest: Suggest) -> Self {
        self.completions.add(variable, suggest);
        self
    }

    pub(crate) fn uri_template(&self) -> &'static str {
        self.uri_template
    }

    /// Reads the resource at a URI, or returns none where the template does not match it.
    pub(crate) fn read(&self, uri: &str) -> Option<Result<Contents, Failure>> {
        let values = UriTemplate::parse(self.uri_template)?.values(uri)?;
        let input = arguments_of_texts(values);
        Some((self.run)(&input, self.shown.mime_type))
    }

    pub(crate) fn complete(
        &self,
        variable: &str,
        typed: Typed<'_>,
    ) -> Result<Vec<String>, Failure> {
        self.completions.of(variable, typed)
    }

    pub(crate) fn to_contract(&self) -> contract::TemplateEntry {
        contract::TemplateEntry {
            uri_template: self.uri_template.to_owned(),
            name: self.shown.name.to_owned(),
            title: self.shown.title.to_owned(),
            description: self.shown.description.to_owned(),
            mime_type: self.shown.mime_type.to_owned(),
        }
    }
}
