//! `bulkhead plugins list|inspect`: what a component imports, asks for and offers.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::{Chosen, Stop, open_cache, runtime, said};
use crate::config::{Config, Environment, PluginConfig};
use crate::failure::chain;
use crate::plugin::{Cache, Component, Manifest, Plugin};

/// Looks at plugins.
#[derive(Debug, Subcommand)]
pub(super) enum Plugins {
    /// The plugins of the configuration, a line each.
    List(Chosen),
    /// All about one component: imports, wants, tools, digest.
    Inspect {
        /// The component's file.
        file: PathBuf,
    },
}

pub(super) fn run(plugins: Plugins, environment: Environment) -> Result<(), Stop> {
    match plugins {
        Plugins::List(chosen) => {
            let config = chosen.load(&environment)?;
            let cache = open_cache(&config)?;
            runtime()?.block_on(list(&config, &cache));
            Ok(())
        }
        Plugins::Inspect { file } => {
            let config = one(&file, &environment)?;
            let cache = open_cache(&config)?;
            let Some(plugin) = config.plugins.values().next() else {
                return Ok(());
            };
            runtime()?.block_on(inspect(plugin, &cache))
        }
    }
}

async fn list(config: &Config, cache: &Cache) {
    for plugin in config.plugins.values() {
        match Plugin::load(plugin.clone(), cache).await {
            Ok(loaded) => println!(
                "{}\t{} {}\t{} tools\t{}\t{}",
                plugin.key,
                loaded.manifest.name,
                loaded.manifest.version,
                loaded.manifest.tools.len(),
                loaded.digest,
                plugin.source.display()
            ),
            Err(failure) => println!("{}\tcannot be used: {}", plugin.key, chain(&failure)),
        }
    }
}

/// A configuration of one plugin without a grant.
fn one(file: &Path, environment: &Environment) -> Result<Config, Stop> {
    let source = toml::Value::String(std::path::absolute(file)?.to_string_lossy().into_owned());
    let text = format!("[plugins.inspected]\nsource = {source}\n");
    Ok(crate::config::parse(&text, file, environment)?)
}

async fn inspect(config: &PluginConfig, cache: &Cache) -> Result<(), Stop> {
    let component = Component::read(config).map_err(said)?;
    println!(
        "file      {}\nsha256    {}\nbytes     {}",
        component.path.display(),
        component.digest,
        component.bytes.len()
    );
    println!("imports   (an upper bound of what it can try)");
    for name in cache.imports(&component).await.map_err(said)? {
        println!("  {name}");
    }
    let plugin = Plugin::load(config.clone(), cache).await.map_err(said)?;
    let Manifest {
        name,
        version,
        description,
        wants,
        tools,
        ..
    } = &plugin.manifest;
    println!("name      {name}\nversion   {version}\nsays      {description}\nwants");
    for want in wants {
        println!(
            "  {} of {} in {}{}: {}",
            want.verbs.join(", "),
            want.resources.join(", "),
            groups(&want.api_groups),
            if want.secret_values {
                ", with the values of Secrets"
            } else {
                ""
            },
            want.reason
        );
    }
    println!("tools");
    for tool in tools {
        println!(
            "  {} ({}): {}",
            tool.name,
            if tool.changes { "change" } else { "read" },
            tool.title
        );
    }
    Ok(())
}

fn groups(groups: &[String]) -> String {
    groups
        .iter()
        .map(|group| if group.is_empty() { "core" } else { group })
        .collect::<Vec<_>>()
        .join(", ")
}
