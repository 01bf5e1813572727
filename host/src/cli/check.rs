//! `bulkhead check`: whether the configuration and its plugins hold, and what each plugin may do.

use std::sync::Arc;

use super::{Chosen, Stop, open_cache, runtime};
use crate::config::{Config, Environment, PluginConfig};
use crate::failure::{Failure, chain};
use crate::gate::{Gate, matrix};
use crate::plugin::{Cache, Manifest, Plugin};
use crate::registry::{Offer, is_enabled};

pub(super) fn run(chosen: &Chosen, environment: Environment) -> Result<(), Stop> {
    let config = chosen.load(&environment)?;
    let cache = open_cache(&config)?;
    let wrong = runtime()?.block_on(look(&config, &cache));
    println!(
        "{}: {} plugin(s), {wrong} problem(s)",
        config.path.display(),
        config.plugins.len()
    );
    if wrong == 0 { Ok(()) } else { Err(Stop::Said) }
}

async fn look(config: &Config, cache: &Cache) -> usize {
    let mut wrong = 0;
    let mut offer = Offer::default();
    for settings in config.plugins.values() {
        match open(settings, cache).await {
            Ok(plugin) => {
                print(&plugin);
                for taken in offer.add(&Arc::new(plugin)) {
                    wrong += 1;
                    say(&taken.message, &taken);
                }
            }
            Err(failure) => {
                wrong += 1;
                let key = &settings.key;
                say(
                    &format!("plugin `{key}` cannot be used: {}", chain(&failure)),
                    &failure,
                );
            }
        }
    }
    wrong
}

fn say(words: &str, failure: &Failure) {
    eprintln!("{words}");
    if let Some(fix) = &failure.fix {
        eprintln!("  fix: {fix}");
    }
    eprintln!();
}

async fn open(settings: &PluginConfig, cache: &Cache) -> Result<Plugin, Failure> {
    let plugin = Plugin::load(settings.clone(), cache).await?;
    // Linking finds foreign imports even where the manifest is kept from before.
    plugin.ready(cache).await?;
    Ok(plugin)
}

pub(super) fn enabled(plugin: &Plugin) -> Vec<String> {
    let tools = plugin.manifest.tools.iter();
    tools
        .filter(|tool| is_enabled(&plugin.config.tools, &tool.name))
        .map(|tool| format!("{}{}", plugin.config.prefix, tool.name))
        .collect()
}

fn resources(plugin: &Plugin) -> Vec<String> {
    let has_resource = |name: &str| is_enabled(&plugin.config.resources, name);
    let resources = plugin.manifest.resources.iter();
    let resources = resources.filter(|entry| has_resource(&entry.name));
    let templates = plugin.manifest.templates.iter();
    let templates = templates.filter(|entry| has_resource(&entry.name));
    resources
        .map(|entry| entry.uri.clone())
        .chain(templates.map(|entry| entry.uri_template.as_str().to_owned()))
        .collect()
}

fn prompts(plugin: &Plugin) -> Vec<String> {
    let prompts = plugin.manifest.prompts.iter();
    prompts
        .filter(|prompt| is_enabled(&plugin.config.prompts, &prompt.name))
        .map(|prompt| format!("{}{}", plugin.config.prefix, prompt.name))
        .collect()
}

fn print(plugin: &Plugin) {
    let Manifest {
        name,
        version,
        description,
        wants,
        ..
    } = &plugin.manifest;
    println!("{} ({name} {version}): {description}", plugin.config.key);
    println!("  component  {}", plugin.config.source.display());
    println!("  sha256     {}", plugin.digest);
    for (what, names) in [
        ("tools      ", enabled(plugin)),
        ("resources  ", resources(plugin)),
        ("prompts    ", prompts(plugin)),
    ] {
        if !names.is_empty() {
            println!("  {what}{}", names.join(", "));
        }
    }
    let gate: &Gate = &plugin.gate;
    for line in matrix::table(gate, &matrix::resources(&plugin.config.grants, wants)).lines() {
        println!("  {line}");
    }
    for grant in gate.beyond_wants() {
        println!(
            "  note: a grant gives {grant}, which the plugin does not ask for: it has no effect"
        );
    }
    println!();
}
