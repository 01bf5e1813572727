//! `bulkhead init`: the shipped configuration, filled in for the current context.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::{Stop, beside_program};
use crate::backend::cluster::connect;
use crate::config::{self, ClusterConfig, Environment};

/// The shipped configuration is the documentation: what `init` writes is the same text.
const SHIPPED: &str = include_str!("../../../config.toml");

/// Writes a configuration.
#[derive(Debug, clap::Args)]
pub(super) struct Init {
    /// Where to write it [default: bulkhead/config.toml in the user's configuration folder].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The kubeconfig's context, instead of the current one.
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
    /// Write over a file that is there.
    #[arg(long)]
    force: bool,
}

pub(super) fn run(init: &Init, environment: &Environment) -> Result<(), Stop> {
    let path = match &init.config {
        Some(path) => path.clone(),
        None => {
            config::default_path(environment).context("`$HOME` is not set: give --config FILE")?
        }
    };
    if path.exists() && !init.force {
        return Err(anyhow::anyhow!(
            "`{}` exists: give --force to write over it, or --config FILE",
            path.display()
        )
        .into());
    }
    let wanted = ClusterConfig {
        context: init.context.clone(),
        ..ClusterConfig::default()
    };
    let target = match connect::find(&wanted, environment) {
        Ok(target) => Some(target),
        // Asked for by name, it must be there; without a name the file is of use all the same.
        Err(error) if init.context.is_some() => return Err(error.into()),
        Err(error) => {
            eprintln!(
                "note: {}; the file names no context",
                crate::failure::chain(&error)
            );
            None
        }
    };
    let plugins = beside_program("plugins");
    let text = filled(
        SHIPPED,
        target
            .as_ref()
            .filter(|target| !target.files.is_empty())
            .map(|target| target.name.as_str()),
        plugins.as_deref(),
    );
    // What is written must be read: a changed template is found here and not by the user.
    config::parse(&text, &path, environment)?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("failed to make `{}`", folder.display()))?;
    }
    std::fs::write(&path, text).with_context(|| format!("failed to write `{}`", path.display()))?;
    println!("wrote {}", path.display());
    match target {
        Some(target) => println!(
            "cluster {} (default namespace {})",
            target.name, target.default_namespace
        ),
        None => println!("cluster none yet"),
    }
    if plugins.is_none() {
        println!(
            "set each plugin's `source` to its file: there is no folder `plugins` beside the program"
        );
    }
    println!("next: bulkhead doctor --config {}", path.display());
    Ok(())
}

/// The shipped text with the context, and with the folder that holds the plugins in front of each `source`.
fn filled(shipped: &str, context: Option<&str>, plugins: Option<&Path>) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let line = |line: &str| {
        if let (true, Some(context)) = (line.starts_with("#> context = "), context) {
            return format!("context = {}", quoted(context));
        }
        let file = line
            .strip_prefix("source = \"plugins/")
            .and_then(|rest| rest.split('"').next());
        if let (Some(file), Some(plugins)) = (file, plugins) {
            return format!("source = {}", quoted(&plugins.join(file).to_string_lossy()));
        }
        line.to_owned()
    };
    shipped
        .lines()
        .map(line)
        .fold(String::new(), |text, line| text + &line + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_written_file_names_context_and_plugin_and_can_be_read() {
        let environment = Environment {
            home: Some("/home/operator".into()),
            ..Environment::default()
        };
        let text = filled(
            SHIPPED,
            Some("it's \"prod\""),
            Some(Path::new("/opt/bulkhead/plugins")),
        );
        let config = config::parse(&text, Path::new("/x/config.toml"), &environment).unwrap();
        assert_eq!(config.cluster.context.as_deref(), Some("it's \"prod\""));
        assert_eq!(
            config.plugins["generic"].source,
            Path::new("/opt/bulkhead/plugins/generic.wasm")
        );
    }
}
