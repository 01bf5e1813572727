//! Schemas that stand in a file instead of being derived in the component.
//!
//! What derives schemas is a third of a small component and 8 KB for each tool. A large plugin keeps them in a text beside its
//! sources and gives it to [`Plugin::schemas`](crate::Plugin::schemas); a test of the plugin compares it with the types, and
//! writes it. A line is a tool: its name, the schema of its arguments (nothing where their type makes it) and that of its
//! result, apart by tabs, where `=other` is the result of the tool `other`; or a prompt: its name and its arguments.

use crate::bindings::exports::bulkhead::plugin::plugin::PromptArgument;
use serde_json::Value;
#[cfg(all(feature = "test-kit", not(target_arch = "wasm32")))]
use serde_json::json;

/// The stored schemas of a plugin.
#[derive(Clone, Copy, Default)]
pub(crate) struct Stored(pub(crate) &'static str);

impl Stored {
    /// Returns the schemas of a tool's arguments and result; empty for a tool that is not there, which the host then refuses.
    pub(crate) fn of_tool(self, name: &str) -> (String, Option<String>) {
        let (input, output) = parts(self.of(name));
        let output = match output.and_then(|output| output.strip_prefix('=')) {
            Some(other) => parts(self.of(other)).1,
            None => output,
        };
        (input.to_owned(), output.map(str::to_owned))
    }

    /// Returns the arguments of a prompt; none for one that is not there.
    pub(crate) fn of_prompt(self, name: &str) -> Vec<PromptArgument> {
        let arguments = serde_json::from_str(self.of(name)).unwrap_or(Value::Null);
        let argument = |one: &Value| {
            Some(PromptArgument {
                name: one.get(0)?.as_str()?.to_owned(),
                description: one.get(1)?.as_str()?.to_owned(),
                required: one.get(2)?.as_bool()?,
            })
        };
        let arguments = arguments.as_array().into_iter().flatten();
        arguments.filter_map(argument).collect()
    }

    /// Returns what stands behind a name.
    fn of(self, name: &str) -> &'static str {
        let mut lines = self.0.lines();
        lines
            .find_map(|line| line.strip_prefix(name)?.strip_prefix('\t'))
            .unwrap_or_default()
    }
}

/// Cuts the line of a tool behind its name: the schema of the arguments, and that of the result.
fn parts(line: &str) -> (&str, Option<&str>) {
    match line.split_once('\t') {
        Some((input, output)) => (input, Some(output)),
        None => (line, None),
    }
}

/// Returns the lines of tools: name, arguments, result.
#[cfg(all(feature = "test-kit", not(target_arch = "wasm32")))]
pub(crate) fn lines_of_tools(tools: &[(&str, String, Option<String>)]) -> String {
    let line = |(name, input, output): &(&str, String, Option<String>)| {
        let mut same = tools.iter().filter(|(_, _, other)| other == output);
        match (output, same.next()) {
            (Some(_), Some((first, ..))) if first != name => format!("{name}\t{input}\t={first}\n"),
            (Some(output), _) => format!("{name}\t{input}\t{output}\n"),
            (None, _) => format!("{name}\t{input}\n"),
        }
    };
    tools.iter().map(line).collect()
}

/// Returns the line of a prompt.
#[cfg(all(feature = "test-kit", not(target_arch = "wasm32")))]
pub(crate) fn line_of_prompt(name: &str, arguments: &[PromptArgument]) -> String {
    let argument = |one: &PromptArgument| json!([one.name, one.description, one.required]);
    let arguments: Vec<Value> = arguments.iter().map(argument).collect();
    format!("{name}\t{}\n", Value::Array(arguments))
}

#[cfg(all(test, feature = "test-kit"))]
mod tests {
    use super::{Stored, line_of_prompt, lines_of_tools};
    use crate::bindings::exports::bulkhead::plugin::plugin::PromptArgument;

    #[test]
    fn a_line_gives_back_what_was_written_and_no_other_name_does() {
        let argument = |name: &str, required| PromptArgument {
            name: name.to_owned(),
            description: format!("the \"{name}\""),
            required,
        };
        let arguments = [argument("b", true), argument("a", false)];
        let output = || Some("{\"a\":1}".to_owned());
        let tools = [
            ("list", "{}".to_owned(), output()),
            ("list_more", "{\"b\":2}".to_owned(), None),
            ("list_again", "{\"c\":3}".to_owned(), output()),
        ];
        let text = [lines_of_tools(&tools), line_of_prompt("tour", &arguments)];
        assert!(text[0].contains("\t=list\n"), "{}", text[0]);
        let stored = Stored(text.concat().leak());
        assert_eq!(
            stored.of_tool("list"),
            ("{}".to_owned(), Some("{\"a\":1}".to_owned()))
        );
        assert_eq!(stored.of_tool("list_more"), ("{\"b\":2}".to_owned(), None));
        assert_eq!(
            stored.of_tool("list_again"),
            ("{\"c\":3}".to_owned(), output())
        );
        assert_eq!(stored.of_tool("lis"), (String::new(), None));
        let back = stored.of_prompt("tour");
        let back: Vec<_> = back
            .iter()
            .map(|it| (it.name.as_str(), it.required))
            .collect();
        assert_eq!(back, [("b", true), ("a", false)]);
        assert!(stored.of_prompt("list").is_empty());
    }
}
