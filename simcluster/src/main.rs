//! Serves a folder of manifests, or the demo cluster, as a Kubernetes API until Ctrl-C.

use std::path::PathBuf;

use anyhow::Context as _;
use bulkhead_simcluster::{Cluster, Server};
use clap::Parser;

/// The read half of the Kubernetes API on 127.0.0.1, from a folder of manifests.
#[derive(Debug, Parser)]
#[command(version, about)]
#[group(id = "source", required = true, multiple = false, args = ["manifests", "demo"])]
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
