//! Prompts: what is given is checked by name before a guest is entered.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Answer, Client, Registry};
use crate::failure::{Failure, Kind, shown};
use crate::host_calls::bindings::exports::bulkhead::plugin::plugin::{Guest, Message};
use crate::plugin::Prompt;
use crate::runtime::{State, Store};

impl Registry {
    /// Fills in a prompt. `arguments` are as the client sent them: an object of texts.
    ///
    /// # Errors
    /// `Invalid` for an unknown prompt, and with every argument that is missing, unknown or no text; else what the call fails with.
    pub(crate) async fn get_prompt(
        &self,
        name: &str,
        arguments: &Value,
        client: Client,
    ) -> Result<Answer<Vec<Message>>, Failure> {
        let (plugin, prompt) = self.offer.prompt(name).ok_or_else(|| unknown(name))?;
        let input: Vec<(String, String)> = check(name, prompt, arguments)?.into_iter().collect();
        let question = async |guest: &Guest, store: &mut Store<State>| {
            guest.call_get_prompt(store, &prompt.name, &input).await
        };
        let arguments = json!({ "name": prompt.name, "arguments": arguments });
        self.look(plugin, "prompts/get", &arguments, client, question, |_| {
            Ok(())
        })
        .await
    }
}

/// Returns the arguments that were given, or every fault of them.
fn check(
    name: &str,
    prompt: &Prompt,
    arguments: &Value,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut given = BTreeMap::new();
    let mut faults = Vec::new();
    for (key, value) in arguments.as_object().into_iter().flatten() {
        let is_known = prompt.arguments.iter().any(|known| known.name == *key);
        match value {
            _ if !is_known => faults.push(format!("`{}` is unknown", shown(key))),
            // As with tools: to a model, null and nothing are the same.
            Value::Null => {}
            Value::String(text) => {
                given.insert(key.clone(), text.clone());
            }
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                faults.push(format!("`{key}` is no text"));
            }
        }
    }
    let missing = prompt.arguments.iter();
    let missing = missing.filter(|known| known.required && !given.contains_key(&known.name));
    faults.extend(missing.map(|known| format!("`{}` is missing", known.name)));
    if faults.is_empty() {
        return Ok(given);
    }
    let message = format!(
        "the arguments of prompt `{name}` are wrong: {}",
        faults.join("; ")
    );
    Err(Failure::new(Kind::Invalid, message).fix("correct them as prompts/list says"))
}

pub(super) fn unknown(name: &str) -> Failure {
    let shown = shown(name);
    Failure::new(Kind::Invalid, format!("there is no prompt `{shown}`"))
        .fix("use a name from prompts/list")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::PromptArgument;

    fn tour() -> Prompt {
        let argument = |name: &str, required| PromptArgument {
            name: name.to_owned(),
            description: String::new(),
            required,
        };
        Prompt {
            name: "tour".to_owned(),
            title: String::new(),
            description: String::new(),
            arguments: vec![argument("namespace", true), argument("topic", false)],
        }
    }

    #[test]
    fn every_fault_of_the_arguments_is_named() {
        let wrong = json!({ "topic": 7, "nmespace": "shop" });
        let failure = check("tour", &tour(), &wrong).unwrap_err();
        assert_eq!(failure.kind, Kind::Invalid);
        for part in [
            "`nmespace` is unknown",
            "`topic` is no text",
            "`namespace` is missing",
        ] {
            assert!(failure.message.contains(part), "{}", failure.message);
        }
    }

    #[test]
    fn a_null_is_left_out_and_an_empty_text_is_given() {
        let given = check("tour", &tour(), &json!({ "namespace": "", "topic": null })).unwrap();
        assert_eq!(given, BTreeMap::from([("namespace".into(), String::new())]));
        assert!(check("tour", &tour(), &json!({ "namespace": null })).is_err());
        assert!(check("tour", &tour(), &Value::Null).is_err());
    }
}
