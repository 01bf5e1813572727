//! SIGHUP: the configuration and the policy beside it are read again. Where either is wrong, nothing changes: both stay as they
//! were.

use tokio::signal::unix::{SignalKind, signal};

use crate::cli::{Chosen, Stop};
use crate::config::{Config, Environment};
use crate::failure::chain;
use crate::mcp::Server;
use crate::policy::Policy;
use crate::tasks::{Task, spawn};

/// What is read again: the files, and the environment as it was at the start.
pub(in crate::cli) struct Again {
    pub(super) chosen: Chosen,
    pub(super) environment: Environment,
}

impl Again {
    /// Reads the files again at each SIGHUP, until the result is dropped.
    ///
    /// # Errors
    /// Where the signal cannot be listened for.
    pub(super) fn at_each_hangup(self, server: Server) -> std::io::Result<Task<()>> {
        let mut hangups = signal(SignalKind::hangup())?;
        Ok(spawn(async move {
            while hangups.recv().await.is_some() {
                self.read(&server).await;
            }
        }))
    }

    async fn read(&self, server: &Server) {
        let wrong = match self.load() {
            Ok((config, policy)) => match server.reload(config, policy).await {
                Ok(()) => return,
                Err(failure) => failure.text(),
            },
            Err(Stop::Config(problems)) => problems.to_string(),
            Err(Stop::Other(error)) => chain(error.as_ref()),
            Err(Stop::Said) => return,
        };
        tracing::error!(
            "the configuration stays as it was, since what is there now is wrong:\n{wrong}"
        );
    }

    fn load(&self) -> Result<(Config, Policy), Stop> {
        let config = self.chosen.load(&self.environment)?;
        let policy = Policy::load(&config.path)?;
        Ok((config, policy))
    }
}
