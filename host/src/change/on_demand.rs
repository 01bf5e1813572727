//! The way to change something, opened by whatever needs it first: a call, or the look at what other hosts left under way. Reading
//! the audit needs nothing of it.
//!
//! Serving must not wait for a disk, and a host whose state directory is broken still reads the cluster: what fails here fails
//! changes alone, and is tried again by the next call.

use std::sync::Arc;

use ring::hmac;
use tokio::sync::OnceCell;

use super::{Changes, StateKey, UnderWay};
use crate::audit::Audit;
use crate::backend::cluster::Cluster;
use crate::config::{Config, Problems};
use crate::digest::hex;
use crate::failure::{Failure, Kind};
use crate::policy::Policy;
use crate::store::{Entry, Filter, Store};

/// What is needed to open [`Changes`].
pub struct ChangesOnDemand {
    config: Arc<Config>,
    policy: Option<Arc<Policy>>,
    cluster: Arc<Cluster>,
    store: Arc<dyn Store>,
    audit: Arc<Audit>,
    under_way: Arc<UnderWay>,
    opened: OnceCell<Arc<Changes>>,
}

impl ChangesOnDemand {
    /// Keeps the parts; opens nothing. Without a policy, the one beside the configuration is read when it is first needed.
    pub(crate) fn new(
        config: Arc<Config>,
        policy: Option<Policy>,
        cluster: Arc<Cluster>,
        store: Arc<dyn Store>,
        audit: Arc<Audit>,
        under_way: Arc<UnderWay>,
    ) -> Self {
        Self {
            config,
            policy: policy.map(Arc::new),
            cluster,
            store,
            audit,
            under_way,
            opened: OnceCell::new(),
        }
    }

    /// Opens it, once.
    ///
    /// # Errors
    /// Where the policy is wrong, or the state directory cannot be used.
    pub(crate) async fn get(&self) -> Result<&Arc<Changes>, Failure> {
        self.opened
            .get_or_try_init(|| async {
                let state = self.config.directories.state.clone();
                let beside = self.config.path.clone();
                let checked = self.policy.clone();
                let (key, policy) = tokio::task::spawn_blocking(move || {
                    let key = StateKey::open(&state)?;
                    let policy = match checked {
                        Some(policy) => policy,
                        None => Arc::new(Policy::load(&beside).map_err(wrong_policy)?),
                    };
                    Ok::<_, Failure>((key, policy))
                })
                .await
                .map_err(|_| Failure::new(Kind::Bug, "opening the state directory panicked"))??;
                let derived = |purpose| hmac::Key::new(hmac::HMAC_SHA256, &key.derive(purpose));
                Ok(Arc::new(Changes {
                    cluster: Arc::clone(&self.cluster),
                    store: Arc::clone(&self.store),
                    audit: Arc::clone(&self.audit),
                    policy,
                    approval: self.config.approval.clone(),
                    bounds: self.config.changes.clone(),
                    config_digest: hex(&self.config.digest),
                    key: derived("masks of observed values"),
                    seal: derived("decisions of this host"),
                    questions: key.derive("questions to clients"),
                    under_way: Arc::clone(&self.under_way),
                }))
            })
            .await
    }

    /// Returns the audit records that match, the newest first, also where changes are refused.
    ///
    /// # Errors
    /// `Upstream` where the store cannot be read.
    pub(crate) async fn history(&self, filter: &Filter) -> Result<Vec<Entry>, Failure> {
        // A call that has just ended belongs to it. Where it cannot be written down, what is there still can be read.
        self.audit.flush().await;
        self.store.find(filter).await.map_err(|error| {
            Failure::new(Kind::Upstream, "the audit cannot be read")
                .fix(error.fix())
                .source(error)
        })
    }
}

fn wrong_policy(problems: Problems) -> Failure {
    Failure::new(
        Kind::Invalid,
        "changes are refused, since the policy is wrong",
    )
    .source(problems)
    .fix("let the operator correct policy.toml; `bulkhead policy test` reads it")
}
