//! Serves a folder of manifests, or the demo cluster, as a Kubernetes API until Ctrl-C.

use std::path::PathBuf;

use anyhow::Context as _;
use bulkhead_simcluster::{Cluster, Server};
use clap::{ArgGroup, Parser};

/// A Kubernetes API on 127.0.0.1, in memory, from a folder of manifests.
#[derive(Debug, Parser)]
#[command(version, about)]
#[command(group(ArgGroup::new("source").required(true).args(["manifests", "demo"])))]
struct Arguments {
    /// A folder of *.yaml, *.yml and *.json, with logs as logs/NAMESPACE/POD/CONTAINER[.previous].log.
    #[arg(long, value_name = "DIR")]
    manifests: Option<PathBuf>,
    /// The embedded demo cluster, in which a few things are broken.
    #[arg(long)]
    demo: bool,
    /// Where to listen; 0 is a free port.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Writes a kubeconfig with the context `sim` to this file.
    #[arg(long, value_name = "FILE")]
    kubeconfig_out: Option<PathBuf>,
}

#[tokio::main]
#[expect(
    clippy::print_stdout,
    reason = "the URL on stdout is this program's answer"
)]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let cluster = match &arguments.manifests {
        Some(dir) => Cluster::from_dir(dir)?,
        None => Cluster::demo(),
    };
    let server = Server::start_named(cluster, "sim", arguments.port)
        .await
        .with_context(|| format!("port {} of 127.0.0.1 cannot be used", arguments.port))?;
    if let Some(path) = &arguments.kubeconfig_out {
        std::fs::write(path, server.kubeconfig())
            .with_context(|| format!("`{}` cannot be written", path.display()))?;
    }
    println!("{}", server.url());
    tokio::signal::ctrl_c()
        .await
        .context("Ctrl-C cannot be waited for")
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::Arguments;

    #[test]
    fn exactly_one_source_is_given_beside_any_other_option() {
        let parses = |arguments: &[&str]| {
            let arguments = ["bulkhead-simcluster"].iter().chain(arguments);
            Arguments::try_parse_from(arguments).is_ok()
        };
        assert!(parses(&[
            "--demo",
            "--port",
            "8001",
            "--kubeconfig-out",
            "k"
        ]));
        assert!(parses(&["--manifests", "dir"]));
        assert!(!parses(&["--port", "8001"]));
        assert!(!parses(&["--demo", "--manifests", "dir"]));
    }
}
