//! `bulkhead serve`: the one place that wires the parts.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Chosen, Stop, open_cache, runtime};
use crate::backend::cluster::Cluster;
use crate::config::{Config, Environment};
use crate::mcp::Server;
use crate::{tasks, transport};

/// How long calls that are running may hold up the end.
const SHUTDOWN: Duration = Duration::from_secs(2);

pub(super) fn run(chosen: &Chosen, environment: Environment) -> Result<(), Stop> {
    let config = chosen.load(&environment)?;
    let runtime = runtime()?;
    let outcome = runtime.block_on(serve(config, environment));
    runtime.shutdown_timeout(SHUTDOWN);
    outcome
}

/// Serves until the client leaves or the program is told to stop.
pub(super) async fn serve(config: Config, environment: Environment) -> Result<(), Stop> {
    let cache = Arc::new(open_cache(&config)?);
    let cluster = Arc::new(Cluster::new(config.cluster.clone(), environment));
    if let Err(error) = cluster.target() {
        tracing::warn!(
            "{}; tools that look at the cluster will fail: `bulkhead doctor`",
            crate::failure::chain(error)
        );
    }
    let server = Server::new(config, cluster, cache, transport::stdio::caller(), None);
    let warming = server.clone();
    // The handshake does not wait for it.
    let _warm = tasks::spawn(async move { warming.warm().await });
    let stop = CancellationToken::new();
    let signalled = stop.clone();
    let _signals = tasks::spawn(async move {
        if told_to_stop().await.is_ok() {
            signalled.cancel();
        }
    });
    transport::stdio::serve(server, stop).await?;
    Ok(())
}

async fn told_to_stop() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result,
        _ = terminate.recv() => Ok(()),
    }
}
