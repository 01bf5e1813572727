//! `bulkhead check`: whether the configuration and its plugins hold, and what each plugin may do.

use super::{Chosen, Stop, open_cache, runtime};
use crate::config::{Config, Environment, PluginConfig};
use crate::failure::chain;
use crate::gate::{Gate, matrix};
use crate::plugin::{Cache, Manifest, Plugin};

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
    let mut names = std::collections::BTreeMap::new();
    for settings in config.plugins.values() {
        match open(settings, cache).await {
            Ok(plugin) => {
                print(&plugin);
                for tool in enabled(&plugin) {
                    if let Some(other) = names.insert(tool.clone(), settings.key.clone()) {
                        wrong += 1;
                        eprintln!(
                            "plugins `{other}` and `{key}` both have a tool `{tool}`\n  fix: set `plugins.{key}.prefix`, such as `prefix = \"{key}_\"`\n",
                            key = settings.key
                        );
                    }
                }
            }
            Err(failure) => {
                wrong += 1;
                eprintln!(
                    "plugin `{}` cannot be used: {}",
                    settings.key,
                    chain(&failure)
                );
                if let Some(fix) = &failure.fix {
                    eprintln!("  fix: {fix}");
                }
                eprintln!();
            }
        }
    }
    wrong
}

async fn open(settings: &PluginConfig, cache: &Cache) -> Result<Plugin, crate::failure::Failure> {
    let plugin = Plugin::load(settings.clone(), cache).await?;
    // Linking finds foreign imports even where the manifest is kept from before.
    plugin.ready(cache).await?;
    Ok(plugin)
}

pub(super) fn enabled(plugin: &Plugin) -> Vec<String> {
    let tools = plugin.manifest.tools.iter().filter(|tool| {
        plugin
            .config
            .tools
            .iter()
            .any(|glob| glob.matches(&tool.name))
    });
    tools
        .map(|tool| format!("{}{}", plugin.config.prefix, tool.name))
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
    println!("  tools      {}", enabled(plugin).join(", "));
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
