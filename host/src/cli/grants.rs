//! `bulkhead grants`: what a configuration gives its plugins, and what another gives beyond it.
//!
//! Both are asked of the gate, so neither can say other than what is enforced. Limits are no power and are not compared.

mod decided;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::{Chosen, Stop, open_cache, runtime, said};
use crate::config::{Config, Environment, Impersonation};
use crate::gate::{Gate, matrix};
use crate::plugin::Plugin;
use crate::registry::is_enabled;

/// Prints what a configuration gives.
#[derive(Debug, clap::Args)]
pub(super) struct Grants {
    #[command(flatten)]
    chosen: Chosen,
    /// Print what this other configuration newly allows, and what it takes away.
    #[arg(long, value_name = "OTHER")]
    diff: Option<PathBuf>,
}

pub(super) fn run(grants: &Grants, environment: &Environment) -> Result<(), Stop> {
    let config = grants.chosen.load(environment)?;
    let other = match &grants.diff {
        Some(path) => Some(crate::config::load(path, environment)?),
        None => None,
    };
    runtime()?.block_on(async {
        let plugins = load(&config).await?;
        match other {
            None => print(&plugins),
            Some(other) => {
                let newer = load(&other).await?;
                print_difference(&plugins, &newer, &decided::difference(&config, &other));
            }
        }
        Ok(())
    })
}

type Plugins = BTreeMap<String, Plugin>;

async fn load(config: &Config) -> Result<Plugins, Stop> {
    let cache = open_cache(config)?;
    let mut plugins = Plugins::new();
    for (key, settings) in &config.plugins {
        let plugin = Plugin::load(settings.clone(), &cache).await.map_err(said)?;
        plugins.insert(key.clone(), plugin);
    }
    Ok(plugins)
}

fn print(plugins: &Plugins) {
    for (key, plugin) in plugins {
        println!(
            "{key} ({} {})",
            plugin.manifest.name, plugin.manifest.version
        );
        let rows = matrix::resources(&plugin.config.grants, &plugin.manifest.wants);
        for line in matrix::table(&plugin.gate, &rows).lines() {
            println!("  {line}");
        }
        if plugin.gate.asks_prometheus() {
            println!("  prometheus  every metric");
        }
        println!();
    }
    println!(
        "plan  only through an approved proposal\n?     only some objects or fields\n*     all resources without a row, save Secrets, ConfigMaps and subresources\n·     nothing"
    );
}

fn print_difference(older: &Plugins, newer: &Plugins, decided: &[String]) {
    let mut is_same = decided.is_empty();
    let keys: BTreeSet<&String> = older.keys().chain(newer.keys()).collect();
    for key in keys {
        let lines = difference(older.get(key), newer.get(key));
        if lines.is_empty() {
            continue;
        }
        is_same = false;
        println!("plugin {key}");
        for line in lines {
            println!("  {line}");
        }
        println!();
    }
    if !decided.is_empty() {
        println!("approval");
        for line in decided {
            println!("  {line}");
        }
        println!();
    }
    if is_same {
        println!("the other configuration allows the same");
    } else {
        println!("+ newly allowed  - no longer allowed  ~ changed");
    }
}

/// What differs of one plugin, a line each.
fn difference(older: Option<&Plugin>, newer: Option<&Plugin>) -> Vec<String> {
    let mut lines = Vec::new();
    match (older, newer) {
        (Some(_), Some(_)) | (None, None) => {}
        (None, Some(_)) => lines.push("+ the plugin is enabled".to_owned()),
        (Some(_), None) => lines.push("- the plugin is no longer enabled".to_owned()),
    }
    if let (Some(older), Some(newer)) = (older, newer) {
        if older.digest != newer.digest {
            lines.push(format!(
                "~ component sha256 {} becomes {}",
                older.digest, newer.digest
            ));
        }
        let acts_as = |plugin: &Plugin| match &plugin.config.impersonate {
            None => "the host itself".to_owned(),
            Some(Impersonation { user, groups }) if groups.is_empty() => user.clone(),
            Some(Impersonation { user, groups }) => format!("{user} of {}", groups.join(", ")),
        };
        let (before, after) = (acts_as(older), acts_as(newer));
        if before != after {
            lines.push(format!("~ acts as {after}, no longer as {before}"));
        }
    }
    let both = [older, newer].into_iter().flatten();
    let (mut grants, mut wants) = (Vec::new(), Vec::new());
    for plugin in both {
        grants.extend(plugin.config.grants.iter().cloned());
        wants.extend(plugin.manifest.wants.iter().cloned());
    }
    let rows = matrix::resources(&grants, &wants);
    for (mark, here, there) in [("+", newer, older), ("-", older, newer)] {
        let Some(here) = here else { continue };
        let others = there.map(enabled).unwrap_or_default();
        let tools = enabled(here);
        let tools = tools.iter().filter(|tool| !others.contains(tool));
        lines.extend(tools.map(|tool| format!("{mark} tool {tool}")));
        let asks = |plugin: &Plugin| plugin.gate.asks_prometheus();
        if asks(here) && !there.is_some_and(asks) {
            lines.push(format!("{mark} prometheus  every metric"));
        }
        let gate: Option<&Gate> = there.map(|plugin| &*plugin.gate);
        let beyond = matrix::beyond(&here.gate, gate, &rows);
        lines.extend(beyond.into_iter().map(|line| format!("{mark} {line}")));
    }
    lines
}

/// The tools that the configuration names, also those that change and have no grant yet: what a grant adds is told as the grant.
fn enabled(plugin: &Plugin) -> Vec<String> {
    let tools = plugin.manifest.tools.iter();
    tools
        .filter(|tool| is_enabled(&plugin.config.tools, &tool.name))
        .map(|tool| format!("{}{}", plugin.config.prefix, tool.name))
        .collect()
}
