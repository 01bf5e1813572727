//! `bulkhead demo`: MCP over an embedded cluster, with the shipped configuration or one that an operator is trying out.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use bulkhead_simcluster as simcluster;

use super::{Stop, beside_program, runtime, serve};
use crate::config::{self, ClusterConfig, Environment};

pub(super) fn run(chosen: Option<PathBuf>, environment: Environment) -> Result<(), Stop> {
    let path = chosen.or_else(|| beside_program("config.toml")).context(
        "there is no config.toml beside the program: `cargo xtask build` puts one into dist/",
    )?;
    let mut config = config::load(&path, &environment)?;
    let runtime = runtime()?;
    runtime.block_on(async {
        let cluster =
            simcluster::Server::start_named(simcluster::Cluster::demo(), "demo", 0).await?;
        let mut kubeconfig = tempfile::NamedTempFile::new()?;
        kubeconfig.write_all(cluster.kubeconfig().as_bytes())?;
        config.cluster = ClusterConfig {
            kubeconfig: Some(kubeconfig.path().to_owned()),
            ..ClusterConfig::default()
        };
        // Its metrics would be of other clusters.
        config.prometheus = None;
        serve::serve(config, environment, None).await
    })
}
