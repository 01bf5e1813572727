//! One MCP tool: a function with typed arguments and a typed result.

use crate::bindings::exports::bulkhead::plugin::plugin as contract;
use crate::output::{Answer, IntoOutput};
use crate::{Failure, schema};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// From the JSON text of the arguments to the answer.
type Run = dyn Fn(&str) -> Result<Answer, Failure>;

/// One MCP tool. A tool does nothing but call its function: what a call may touch is up to the operator's grants.
pub struct Tool {
    name: &'static str,
    title: &'static str,
    description: &'static str,
    effect: contract::Effect,
    destructive: bool,
    idempotent: bool,
    input_schema: fn() -> Value,
    output_schema: fn() -> Option<Value>,
    run: Box<Run>,
}

impl Tool {
    /// A tool that only looks. The host holds it to that: in its calls nothing can be changed.
    ///
    /// The name is `[a-z][a-z0-9_]{0,63}`; the description tells the model what it answers, when to use it, what it costs.
    pub fn read<A, R>(
        name: &'static str,
        description: &'static str,
        function: fn(A) -> Result<R, Failure>,
    ) -> Self
    where
        A: DeserializeOwned + JsonSchema + 'static,
        R: IntoOutput + 'static,
    {
        Self {
            idempotent: true,
            ..Self::new(contract::Effect::Read, name, description, function)
        }
    }

    /// A tool that may propose changes through [`changes`](crate::changes). Nothing is applied before a person approved it.
    ///
    /// Name and description as for [`Tool::read`].
    pub fn change<A, R>(
        name: &'static str,
        description: &'static str,
        function: fn(A) -> Result<R, Failure>,
    ) -> Self
    where
        A: DeserializeOwned + JsonSchema + 'static,
        R: IntoOutput + 'static,
    {
        Self::new(contract::Effect::Change, name, description, function)
    }

    fn new<A, R>(
        effect: contract::Effect,
        name: &'static str,
        description: &'static str,
        function: fn(A) -> Result<R, Failure>,
    ) -> Self
    where
        A: DeserializeOwned + JsonSchema + 'static,
        R: IntoOutput + 'static,
    {
        Self {
            name,
            title: name,
            description,
            effect,
            destructive: false,
            idempotent: false,
            input_schema: schema::of_arguments::<A>,
            output_schema: R::output_schema,
            run: Box::new(move |input| function(arguments(input)?)?.into_output()),
        }
    }

    /// Its changes can lose data.
    #[must_use]
    pub fn destructive(mut self) -> Self {
        self.destructive = true;
        self
    }

    /// Calling it twice has the effect of calling it once.
    #[must_use]
    pub fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }

    /// A few words for a person; the tool's name where left out.
    #[must_use]
    pub fn title(mut self, title: &'static str) -> Self {
        self.title = title;
        self
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn call(&self, input: &str) -> Result<Answer, Failure> {
        (self.run)(input)
    }

    pub(crate) fn to_contract(&self) -> contract::Tool {
        contract::Tool {
            name: self.name.to_owned(),
            title: self.title.to_owned(),
            description: self.description.to_owned(),
            input_schema: (self.input_schema)().to_string(),
            output_schema: (self.output_schema)().map(|schema| schema.to_string()),
            effect: self.effect,
            destructive: self.destructive,
            idempotent: self.idempotent,
        }
    }
}

pub(crate) fn arguments<A: DeserializeOwned>(input: &str) -> Result<A, Failure> {
    serde_json::from_str(input)
        .map_err(|error| Failure::Invalid(format!("the arguments do not fit: {error}")))
}

/// Writes arguments that are all texts as the JSON object that [`arguments`] reads.
pub(crate) fn arguments_of_texts<'a>(texts: impl IntoIterator<Item = (&'a str, String)>) -> String {
    // One by one: to collect them would take 4 KiB of code in every component.
    let mut object = Map::new();
    for (name, text) in texts {
        object.insert(name.to_owned(), Value::String(text));
    }
    Value::Object(object).to_string()
}
