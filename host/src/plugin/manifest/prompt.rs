//! Prompts as a manifest names them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::words::{bounded, check_name, check_texts};
use crate::failure::shown;
use crate::host_calls::bindings::exports::bulkhead::plugin::plugin as wit;

/// Most arguments of one prompt: a person fills them in.
const MAX_ARGUMENTS: usize = 32;

/// One prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// Unique in the plugin.
    pub name: String,
    /// For a person; empty where there is none.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// In the plugin's order, which is a form's.
    pub arguments: Vec<PromptArgument>,
}

/// One argument of a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptArgument {
    /// Unique in the prompt.
    pub name: String,
    /// What to put there.
    pub description: String,
    /// Whether the prompt makes no sense without it.
    pub required: bool,
}

/// Returns the prompts that are right, by name.
pub(super) fn check(prompts: Vec<wit::Prompt>, faults: &mut Vec<String>) -> Vec<Prompt> {
    let mut names = BTreeSet::new();
    let mut checked: Vec<_> = bounded(prompts, "prompt", faults)
        .into_iter()
        .map(|prompt| {
            if !names.insert(prompt.name.clone()) {
                faults.push(format!(
                    "it names the prompt `{}` twice",
                    shown(&prompt.name)
                ));
            }
            check_one(prompt, faults)
        })
        .collect();
    checked.sort_by(|a, b| a.name.cmp(&b.name));
    checked
}

fn check_one(prompt: wit::Prompt, faults: &mut Vec<String>) -> Prompt {
    check_name("prompt", &prompt.name, faults);
    let texts = [prompt.title.as_str(), prompt.description.as_str()];
    check_texts("prompt", &prompt.name, &texts, faults);
    let name = shown(&prompt.name);
    if prompt.arguments.len() > MAX_ARGUMENTS {
        faults.push(format!(
            "prompt `{name}` has {} arguments, more than {MAX_ARGUMENTS}",
            prompt.arguments.len()
        ));
    }
    let mut names = BTreeSet::new();
    let arguments = prompt.arguments.into_iter().take(MAX_ARGUMENTS);
    let arguments = arguments.map(|argument| {
        if !names.insert(argument.name.clone()) {
            let twice = shown(&argument.name);
            faults.push(format!(
                "prompt `{name}` names the argument `{twice}` twice"
            ));
        }
        check_name("argument", &argument.name, faults);
        check_texts("argument", &argument.name, &[&argument.description], faults);
        PromptArgument {
            name: argument.name,
            description: argument.description,
            required: argument.required,
        }
    });
    Prompt {
        arguments: arguments.collect(),
        name: prompt.name,
        title: prompt.title,
        description: prompt.description,
    }
}
