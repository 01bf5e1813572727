//! `bulkhead plugins`: a first look at a plugin, before or after it is configured. Nothing of it is granted anything for that.

mod look;
mod paste;
mod rows;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Subcommand;

use super::{Chosen, Stop, open_cache, runtime, said};
use crate::config::{Config, Environment, PluginConfig};
use crate::failure::chain;
use crate::plugin::{Cache, Component, Plugin};
use rows::Row;

/// Looks at plugins; without a word, lists those of the configuration.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Plugins {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    chosen: Chosen,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The plugins of the configuration, a line each: how much of what they have is offered.
    List(Chosen),
    /// All about one component, whether or not it is configured: what it asks for, what it offers, and the grants to paste.
    Inspect {
        /// The component's file.
        file: PathBuf,
    },
}

pub(super) fn run(plugins: Plugins, environment: Environment) -> Result<(), Stop> {
    let Plugins { what, chosen } = plugins;
    match what.unwrap_or(What::List(chosen)) {
        What::List(chosen) => {
            let config = chosen.load(&environment)?;
            let cache = open_cache(&config)?;
            runtime()?.block_on(list(&config, &cache));
            Ok(())
        }
        What::Inspect { file } => {
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
    let mut rows = Vec::new();
    for plugin in config.plugins.values() {
        let loaded = Plugin::load(plugin.clone(), cache).await;
        rows.push(match loaded {
            Ok(loaded) => Row::of(&Arc::new(loaded)),
            Err(failure) => Row::broken(&plugin.key, &chain(&failure)),
        });
    }
    print!("{}", rows::table(&rows));
}

/// A configuration of one plugin without a grant.
fn one(file: &Path, environment: &Environment) -> Result<Config, Stop> {
    let source = toml::Value::String(std::path::absolute(file)?.to_string_lossy().into_owned());
    let text = format!("[plugins.inspected]\nsource = {source}\n");
    Ok(crate::config::parse(&text, file, environment)?)
}

/// Prints each part as soon as it is known: a component that cannot be used is looked at as far as it goes.
async fn inspect(config: &PluginConfig, cache: &Cache) -> Result<(), Stop> {
    let component = Component::read(config).map_err(said)?;
    print!("{}", look::file(&component));
    let imports = cache.imports(&component).await.map_err(said)?;
    print!("{}", look::imports(&imports));
    let plugin = Plugin::of(config.clone(), &component, cache)
        .await
        .map_err(said)?;
    print!("{}", look::manifest(&plugin.manifest));
    print!("{}", paste::table(&plugin.manifest, &component));
    Ok(())
}
