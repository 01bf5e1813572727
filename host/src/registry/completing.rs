//! Completion of what an argument of a prompt, or a variable of a template, may be.
//!
//! Clients ask while a person types, so what fails, a denial too, is an empty list; it is logged and audited like any call.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::prompts;
use super::{Client, Registry};
use crate::failure::{Failure, Kind, shown};
use crate::host_calls::bindings::exports::bulkhead::plugin::plugin::{CompletionTarget, Guest};
use crate::plugin::Plugin;
use crate::redact;
use crate::runtime::{State, Store};

/// Most values of one answer: the protocol's bound.
const MAX_VALUES: usize = 100;

/// What is completed, by the names that a client uses.
pub(crate) enum Target<'a> {
    /// A prompt, by its name.
    Prompt(&'a str),
    /// A resource template, by its URI template.
    Template(&'a str),
}

/// What a person is typing.
pub(crate) struct Typing<'a> {
    /// The argument, or variable.
    pub(crate) argument: &'a str,
    /// What is there of its value.
    pub(crate) value: &'a str,
    /// What was filled in before, by argument.
    pub(crate) before: &'a HashMap<String, String>,
}

/// What it may be.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Completion {
    /// Best first, at most 100.
    pub(crate) values: Vec<String>,
    /// How many there are; more than `values` where there were too many.
    pub(crate) total: usize,
}

impl Completion {
    /// Whether some were left out.
    pub(crate) fn has_more(&self) -> bool {
        self.total > self.values.len()
    }
}

impl Registry {
    /// Suggests values that begin with what is typed.
    ///
    /// # Errors
    /// `Invalid` for a prompt or template that is not there, or has no such argument. What the plugin fails with is no error.
    pub(crate) async fn complete(
        &self,
        target: Target<'_>,
        typing: Typing<'_>,
        client: Client,
    ) -> Result<Completion, Failure> {
        let (plugin, target, names) = self.completed(&target, typing.argument)?;
        let others = names.into_iter().filter(|name| *name != typing.argument);
        let given: Vec<_> = others
            .filter_map(|name| Some((name.to_owned(), typing.before.get(name)?.clone())))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        let asked_for = match &target {
            CompletionTarget::Prompt(name) => json!({ "prompt": name }),
            CompletionTarget::Template(uri_template) => json!({ "template": uri_template }),
        };
        let Typing {
            argument, value, ..
        } = typing;
        let arguments = json!({
            "ref": asked_for, "argument": argument, "value": value, "given": given.iter().cloned().map(|(name, value)| (name, Value::from(value))).collect::<Map<_, _>>(),
        });
        let question = async |guest: &Guest, store: &mut Store<State>| {
            guest
                .call_complete(store, &target, argument, value, &given)
                .await
        };
        let answer = self
            .look(
                plugin,
                "completion/complete",
                &arguments,
                client,
                question,
                |_| Ok(()),
            )
            .await;
        Ok(answer.map_or_else(
            |_| Completion::default(),
            |answer| offered(answer.given, answer.shows_secrets),
        ))
    }

    /// Whose completion it is, by the plugin's own name for it; and the names of its arguments.
    fn completed(
        &self,
        target: &Target<'_>,
        argument: &str,
    ) -> Result<(&Arc<Plugin>, CompletionTarget, Vec<&str>), Failure> {
        let none = |what: &str| {
            let argument = shown(argument);
            Failure::new(
                Kind::Invalid,
                format!("{what} has no argument `{argument}`"),
            )
        };
        match target {
            Target::Prompt(name) => {
                let (plugin, prompt) = self
                    .offer
                    .prompt(name)
                    .ok_or_else(|| prompts::unknown(name))?;
                let names: Vec<_> = prompt.arguments.iter().map(|it| it.name.as_str()).collect();
                if !names.contains(&argument) {
                    return Err(none(&format!("prompt `{name}`")).fix("use one of prompts/list"));
                }
                let target = CompletionTarget::Prompt(prompt.name.clone());
                Ok((plugin, target, names))
            }
            Target::Template(uri_template) => {
                let (plugin, entry) = self.offer.template(uri_template).ok_or_else(|| {
                    let shown = shown(uri_template);
                    Failure::new(
                        Kind::Invalid,
                        format!("there is no resource template `{shown}`"),
                    )
                    .fix("use a URI template from resources/templates/list")
                })?;
                let names: Vec<_> = entry.uri_template.variables().collect();
                if !names.contains(&argument) {
                    let what = format!("resource template `{uri_template}`");
                    return Err(none(&what).fix("use one of its variables"));
                }
                let target = CompletionTarget::Template(entry.uri_template.as_str().to_owned());
                Ok((plugin, target, names))
            }
        }
    }
}

/// Bounds the values. One that looks like a credential is left out: masked, it would complete nothing.
fn offered(mut values: Vec<String>, shows_secrets: bool) -> Completion {
    values.retain(|value| shows_secrets || redact::text(value) == value.as_str());
    let total = values.len();
    values.truncate(MAX_VALUES);
    Completion { values, total }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_values_are_offered_and_the_rest_is_counted() {
        let values: Vec<String> = (0..101).map(|n| n.to_string()).collect();
        let completion = offered(values.clone(), false);
        assert_eq!(completion.values, values[..100]);
        assert!(completion.has_more() && completion.total == 101);
        let completion = offered(values[..100].to_vec(), false);
        assert!(!completion.has_more() && completion.total == 100);
    }

    #[test]
    fn what_looks_like_a_credential_completes_nothing() {
        let values = || {
            let token = ["gh", "p_16C7e42F292c6912E7710c838347Ae178B4a"].concat();
            vec!["web".to_owned(), token]
        };
        assert_eq!(offered(values(), false).values, ["web"]);
        assert_eq!(offered(values(), true).values.len(), 2);
    }
}
