//! One MCP tool: a function with typed arguments and a typed result.

use crate::arguments::{self, Argument, completed};
use crate::bindings::exports::bulkhead::plugin::plugin as contract;
use crate::output::{IntoOutput, Written};
use crate::stored::Stored;
use crate::{Failure, FromArguments, schema};
use schemars::JsonSchema;
use serde_json::{Map, Value};

/// From the JSON text of the arguments to the answer.
type Run = dyn Fn(&str) -> Result<Written, Failure>;

/// One MCP tool. A tool does nothing but call its function: what a call may touch is up to the operator's grants.
pub struct Tool {
    name: &'static str,
    title: &'static str,
    description: &'static str,
    effect: contract::Effect,
    destructive: bool,
    idempotent: bool,
    /// The tables of the arguments, where their type is made of tables.
    tables: Option<&'static [&'static [Argument]]>,
    /// None where the schemas are stored, in a component.
    derived: Option<Derived>,
    run: Box<Run>,
}

/// The schemas of a tool, from its types.
struct Derived {
    input: fn() -> Value,
    output: fn() -> Option<Value>,
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
        A: FromArguments + JsonSchema + 'static,
        R: IntoOutput + 'static,
    {
        Self {
            idempotent: true,
            derived: derived::<A, R>(),
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
        A: FromArguments + JsonSchema + 'static,
        R: IntoOutput + 'static,
    {
        Self {
            derived: derived::<A, R>(),
            ..Self::new(contract::Effect::Change, name, description, function)
        }
    }

    /// As [`Tool::read`], with its schemas in the text that [`Plugin::schemas`](crate::Plugin::schemas) takes.
    pub fn read_stored<A, R>(
        name: &'static str,
        description: &'static str,
        function: fn(A) -> Result<R, Failure>,
    ) -> Self
    where
        A: FromArguments + JsonSchema + 'static,
        R: IntoOutput + 'static,
    {
        Self {
            idempotent: true,
            derived: stored::<A, R>(),
            ..Self::new(contract::Effect::Read, name, description, function)
        }
    }

    /// As [`Tool::change`], with its schemas in the text that [`Plugin::schemas`](crate::Plugin::schemas) takes.
    pub fn change_stored<A, R>(
        name: &'static str,
        description: &'static str,
        function: fn(A) -> Result<R, Failure>,
    ) -> Self
    where
        A: FromArguments + JsonSchema + 'static,
        R: IntoOutput + 'static,
    {
        Self {
            derived: stored::<A, R>(),
            ..Self::new(contract::Effect::Change, name, description, function)
        }
    }

    fn new<A, R>(
        effect: contract::Effect,
        name: &'static str,
        description: &'static str,
        function: fn(A) -> Result<R, Failure>,
    ) -> Self
    where
        A: FromArguments + 'static,
        R: IntoOutput + 'static,
    {
        Self {
            name,
            title: name,
            description,
            effect,
            destructive: false,
            idempotent: false,
            tables: A::tables(),
            derived: None,
            run: Box::new(move |input| function(A::from_json(input)?)?.into_output()),
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

    pub(crate) fn call(&self, input: &str) -> Result<Written, Failure> {
        match self.tables.and_then(|tables| completed(input, tables)) {
            Some(input) => (self.run)(&input),
            None => (self.run)(input),
        }
    }

    /// Returns the schemas of arguments and result: from the types, else as they are stored. Nothing where neither has them: the host
    /// then refuses the manifest.
    pub(crate) fn schemas(&self, stored: Stored) -> (String, Option<String>) {
        let (input, output) = match &self.derived {
            Some(derived) => {
                let output = (derived.output)().map(|schema| schema.to_string());
                ((derived.input)().to_string(), output)
            }
            None => stored.of_tool(self.name),
        };
        (self.tables.map_or(input, arguments::schema), output)
    }

    /// Returns the line that is stored of it: nothing for arguments whose type makes their schema.
    #[cfg(all(feature = "test-kit", not(target_arch = "wasm32")))]
    pub(crate) fn to_store(&self, stored: Stored) -> (&'static str, String, Option<String>) {
        let (input, output) = self.schemas(stored);
        let is_made = self.tables.is_some();
        (
            self.name,
            if is_made { String::new() } else { input },
            output,
        )
    }

    pub(crate) fn to_contract(&self, stored: Stored) -> contract::Tool {
        let (input_schema, output_schema) = self.schemas(stored);
        contract::Tool {
            name: self.name.to_owned(),
            title: self.title.to_owned(),
            description: self.description.to_owned(),
            input_schema,
            output_schema,
            effect: self.effect,
            destructive: self.destructive,
            idempotent: self.idempotent,
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "as `stored` in a component")]
fn derived<A: JsonSchema, R: IntoOutput>() -> Option<Derived> {
    Some(Derived {
        input: schema::of_arguments::<A>,
        output: R::output_schema,
    })
}

/// In a component nothing refers to what derives schemas, so that it is not there; elsewhere they are derived, to be compared.
#[cfg(not(target_arch = "wasm32"))]
use derived as stored;

#[cfg(target_arch = "wasm32")]
fn stored<A: JsonSchema, R: IntoOutput>() -> Option<Derived> {
    None
}

/// Writes arguments that are all texts as the JSON object that [`FromArguments`] reads.
pub(crate) fn arguments_of_texts<'a>(texts: impl IntoIterator<Item = (&'a str, String)>) -> String {
    // One by one: to collect them would take 4 KiB of code in every component.
    let mut object = Map::new();
    for (name, text) in texts {
        object.insert(name.to_owned(), Value::String(text));
    }
    Value::Object(object).to_string()
}
