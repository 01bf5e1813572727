//! `bulkhead serve`: the one place that wires the parts.

mod again;
mod answers;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Chosen, Stop, open_cache, runtime};
use crate::audit::Audit;
use crate::backend::cluster::Cluster;
use crate::backend::prometheus::Prometheus;
use crate::config::{Config, Environment};
use crate::mcp::{Parts, Server};
use crate::store::{Clock, SqliteStore, Store};
use crate::{tasks, transport};
use again::Again;

/// How long calls that are running may hold up the end.
const SHUTDOWN: Duration = Duration::from_secs(2);

pub(super) fn run(chosen: &Chosen, environment: Environment) -> Result<(), Stop> {
    let config = chosen.load(&environment)?;
    let runtime = runtime()?;
    let again = Again {
        chosen: chosen.clone(),
        environment: environment.clone(),
    };
    let outcome = runtime.block_on(serve(config, environment, Some(again)));
    runtime.shutdown_timeout(SHUTDOWN);
    outcome
}

/// How long changes that are being applied may hold up the end: one request to the API server may take as long.
const LAST_CHANGES: Duration = Duration::from_secs(30);

/// Serves until the client leaves or the program is told to stop. `again` is none where the configuration has no file.
pub(super) async fn serve(
    config: Config,
    environment: Environment,
    again: Option<Again>,
) -> Result<(), Stop> {
    let cache = Arc::new(open_cache(&config)?);
    let prometheus = config.prometheus.clone();
    let prometheus =
        prometheus.map(|prometheus| Arc::new(Prometheus::new(prometheus, &environment)));
    let cluster = Arc::new(Cluster::new(config.cluster.clone(), environment));
    if let Err(error) = cluster.target() {
        tracing::warn!(
            "{}; tools that look at the cluster will fail: `bulkhead doctor`",
            crate::failure::chain(error)
        );
    }
    let clock = Clock::system();
    let store: Arc<dyn Store> =
        Arc::new(SqliteStore::new(&config.directories.state, clock.clone()));
    let audit = Arc::new(Audit::start(Arc::clone(&store), clock));
    let parts = Parts {
        cluster,
        prometheus,
        store,
        audit: Arc::clone(&audit),
        cache,
        caller: transport::stdio::caller(),
        answers: |changes| Arc::new(answers::ToChanges(changes)),
    };
    let server = Server::new(parts, config);
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
    // Before the client hears of us: from then on the signal ends nothing.
    let _reading_again = match again {
        Some(again) => Some(again.at_each_hangup(server.clone())?),
        None => None,
    };
    let served = transport::stdio::serve(server.clone(), stop).await;
    // What was claimed runs to its end, and what happened is written down.
    let left = server.drain(LAST_CHANGES).await;
    if left > 0 {
        tracing::error!(
            "{left} changes have not ended within {LAST_CHANGES:?}: the next host looks what became of them"
        );
    }
    audit.flush().await;
    served?;
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
