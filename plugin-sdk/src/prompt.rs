//! MCP prompts: messages that a person puts before a model, made from a few arguments.
//!
//! A prompt is a function, as a tool is, and reads: in its calls nothing can be changed. Its arguments are texts that a person
//! types into a form; the form's fields stand in the order of the fields of the function's type.

mod arguments;

pub use crate::bindings::exports::bulkhead::plugin::plugin::{Block, Message, Role};

use crate::bindings::exports::bulkhead::plugin::plugin as contract;
use crate::completion::{Completions, Suggest, Typed};
use crate::stored::Stored;
use crate::tool::arguments_of_texts;
use crate::{Contents, Failure, FromArguments};
use schemars::JsonSchema;

/// From the JSON text of the arguments to the messages.
type Run = dyn Fn(&str) -> Result<Vec<Message>, Failure>;

/// One MCP prompt.
pub struct Prompt {
    name: &'static str,
    title: &'static str,
    description: &'static str,
    /// None where they are stored, in a component.
    derived: Option<fn() -> Vec<contract::PromptArgument>>,
    completions: Completions,
    run: Box<Run>,
}

impl Prompt {
    /// A prompt. The name is `[a-z][a-z0-9_]{0,63}`; the description says what it is for.
    ///
    /// `A` has a field of type `String` for each argument, or `Option<String>` for one that may be left out; the fields' doc
    /// comments tell a person what to write. An argument may be the empty text.
    pub fn new<A, R>(
        name: &'static str,
        description: &'static str,
        function: fn(A) -> Result<R, Failure>,
    ) -> Self
    where
        A: FromArguments + JsonSchema + 'static,
        R: IntoMessages + 'static,
    {
        Self {
            derived: Some(arguments::of::<A>),
            ..Self::without_arguments(name, description, function)
        }
    }

    /// As [`Prompt::new`], with its arguments in the text that [`Plugin::schemas`](crate::Plugin::schemas) takes.
    pub fn stored<A, R>(
        name: &'static str,
        description: &'static str,
        function: fn(A) -> Result<R, Failure>,
    ) -> Self
    where
        A: FromArguments + JsonSchema + 'static,
        R: IntoMessages + 'static,
    {
        Self {
            #[cfg(not(target_arch = "wasm32"))]
            derived: Some(arguments::of::<A>),
            ..Self::without_arguments(name, description, function)
        }
    }

    fn without_arguments<A, R>(
        name: &'static str,
        description: &'static str,
        function: fn(A) -> Result<R, Failure>,
    ) -> Self
    where
        A: FromArguments + 'static,
        R: IntoMessages + 'static,
    {
        Self {
            name,
            title: name,
            description,
            derived: None,
            completions: Completions::default(),
            run: Box::new(move |input| Ok(function(A::from_json(input)?)?.into_messages())),
        }
    }

    /// A few words for a person; the name where left out.
    #[must_use]
    pub fn title(mut self, title: &'static str) -> Self {
        self.title = title;
        self
    }

    /// Suggests values for an argument while a person types, as [`Template::completes`](crate::Template::completes) does.
    #[must_use]
    pub fn completes(mut self, argument: &'static str, suggest: Suggest) -> Self {
        self.completions.add(argument, suggest);
        self
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the arguments: from the type, else as they are stored.
    pub(crate) fn arguments(&self, stored: Stored) -> Vec<contract::PromptArgument> {
        match self.derived {
            Some(derived) => derived(),
            None => stored.of_prompt(self.name),
        }
    }

    pub(crate) fn get(
        &self,
        given: &[(String, String)],
        stored: Stored,
    ) -> Result<Vec<Message>, Failure> {
        let known = self.arguments(stored);
        if let Some((unknown, _)) = given
            .iter()
            .find(|(name, _)| known.iter().all(|argument| argument.name != *name))
        {
            return Err(Failure::Invalid(format!(
                "prompt `{}` has no argument `{unknown}`",
                self.name
            )));
        }
        if let Some(missing) = known.iter().find(|argument| {
            argument.required && given.iter().all(|(name, _)| *name != argument.name)
        }) {
            return Err(Failure::Invalid(format!(
                "prompt `{}` needs the argument `{}`",
                self.name, missing.name
            )));
        }
        let given = given
            .iter()
            .map(|(name, text)| (name.as_str(), text.clone()));
        (self.run)(&arguments_of_texts(given))
    }

    pub(crate) fn complete(
        &self,
        argument: &str,
        typed: Typed<'_>,
    ) -> Result<Vec<String>, Failure> {
        self.completions.of(argument, typed)
    }

    pub(crate) fn to_contract(&self, stored: Stored) -> contract::Prompt {
        contract::Prompt {
            name: self.name.to_owned(),
            title: self.title.to_owned(),
            description: self.description.to_owned(),
            arguments: self.arguments(stored),
        }
    }
}

/// What the function of a prompt may return: a text, which the person says, or a list of messages.
pub trait IntoMessages {
    /// Returns the messages, in the order in which they are said.
    fn into_messages(self) -> Vec<Message>;
}

impl IntoMessages for String {
    fn into_messages(self) -> Vec<Message> {
        vec![Message::user(self)]
    }
}

impl IntoMessages for Vec<Message> {
    fn into_messages(self) -> Vec<Message> {
        self
    }
}

impl Message {
    /// Something that the person says.
    pub fn user(text: impl Into<String>) -> Self {
        Self {
            role: Role::User,
            content: Block::Text(text.into()),
        }
    }

    /// Something that the model says.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self {
            role: Role::Assistant,
            content: Block::Text(text.into()),
        }
    }

    /// A resource of the plugin that the person shows, as it was read.
    pub fn embedded(uri: impl Into<String>, contents: Contents) -> Self {
        Self {
            role: Role::User,
            content: Block::Embedded(contents.at(uri)),
        }
    }
}

#[cfg(test)]
mod tests;
