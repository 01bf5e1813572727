//! `bulkhead check`: whether the configuration and its plugins hold, and what each plugin may do.

use std::sync::Arc;

use super::{Chosen, Stop, open_cache, runtime};
use crate::config::{Config, Environment, PluginConfig};
use crate::failure::{Failure, chain};
use crate::gate::{Gate, matrix};
use crate::plugin::{Cache, Manifest, Plugin};
use crate::registry::Offer;

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
    let mut changes = false;
    for settings in config.plugins.values() {
        match open(settings, cache).await {
            Ok(plugin) => {
                let plugin = Arc::new(plugin);
                print(&plugin);
                changes |= plugin.gate.changes();
                for taken in offer.add(&plugin) {
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
    if changes && let Err(taken) = offer.add_host_tools() {
        wrong += 1;
        say(&taken.message, &taken);
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

fn print(plugin: &Arc<Plugin>) {
    let Manifest {
        name,
        version,
        description,
        wants,
        prometheus,
        ..
    } = &plugin.manifest;
    println!("{} ({name} {version}): {description}", plugin.config.key);
    println!("  component  {}", plugin.config.source.display());
    println!("  sha256     {}", plugin.digest);
    let offer = Offer::of(plugin);
    let tools = offer.tools().map(|(name, _)| name);
    let resources = offer.resources().map(|(uri, _)| uri);
    let templates = offer.templates().map(|(uri, _)| uri);
    let prompts = offer.prompts().map(|(name, _)| name);
    for (what, names) in [
        ("tools      ", tools.collect::<Vec<_>>()),
        ("resources  ", resources.chain(templates).collect()),
        ("prompts    ", prompts.collect()),
    ] {
        if !names.is_empty() {
            println!("  {what}{}", names.join(", "));
        }
    }
    let gate: &Gate = &plugin.gate;
    for line in matrix::table(gate, &matrix::resources(&plugin.config.grants, wants)).lines() {
        println!("  {line}");
    }
    match (gate.asks_prometheus(), prometheus.is_empty()) {
        (true, _) => println!("  prometheus  every metric"),
        (false, false) => println!(
            "  prometheus  asked for and not granted: `prometheus = true` under [plugins.{}]",
            plugin.config.key
        ),
        (false, true) => {}
    }
    for grant in gate.beyond_wants() {
        println!(
            "  note: a grant gives {grant}, which the plugin does not ask for: it has no effect"
        );
    }
    println!();
}
