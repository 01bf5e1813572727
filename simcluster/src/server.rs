//! The server: a listener on 127.0.0.1, what its requests share, and the way to script and to watch it.
//!
//! No lock is held across an await. When the [`Server`] is dropped, the listener closes and open watches end.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::answer::answer;
use crate::cluster::Cluster;
use crate::fault::{Fault, Scripted};

/// A running server. It stops when dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    context: String,
    shared: Arc<Shared>,
}

/// One request, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRecord {
    /// Such as `GET`.
    pub method: String,
    /// Without the query, as it was encoded.
    pub path: String,
    /// Without its question mark; empty if there was none.
    pub query: String,
    /// None if the client named none.
    pub user_agent: Option<String>,
    /// None if the client named none.
    pub accept: Option<String>,
    /// Whether it was meant to change something, and not as a dry run. Access reviews change nothing. A request that was
    /// refused counts, too.
    pub is_change: bool,
}

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Shared {
    cluster: RwLock<Cluster>,
    revision: watch::Sender<u64>,
    stop: watch::Sender<bool>,
    pub(crate) faults: Mutex<Vec<Scripted>>,
    pub(crate) requests: Mutex<Vec<RequestRecord>>,
    pub(crate) token: Mutex<Option<String>>,
}

impl Server {
    /// Serves `cluster` on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// If no port can be bound.
    pub async fn start(cluster: Cluster) -> std::io::Result<Self> {
        Self::start_named(cluster, "sim", 0).await
    }

    /// Serves `cluster` on `port` (0 for a free one); the kubeconfig calls it `context`.
    ///
    /// # Errors
    /// If the port cannot be bound.
    pub async fn start_named(cluster: Cluster, context: &str, port: u16) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            revision: watch::Sender::new(cluster.journal().resource_version()),
            cluster: RwLock::new(cluster),
            stop: watch::Sender::new(false),
            faults: Mutex::default(),
            requests: Mutex::default(),
            token: Mutex::default(),
        });
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&shared));
        let mut stop = shared.stopping();
        tokio::spawn(async move {
            let stopped = async move {
                // An error means that the server is gone, which is the same.
                stop.changed().await.ok();
            };
            // axum's serve handles failures of a connection itself and ends when `stopped` does.
            axum::serve(listener, router)
                .with_graceful_shutdown(stopped)
                .await
                .ok();
        });
        Ok(Self {
            address,
            context: context.to_owned(),
            shared,
        })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A kubeconfig, as YAML, with one context and `default` as its namespace. It holds no credentials.
    pub fn kubeconfig(&self) -> String {
        let (context, url) = (&self.context, self.url());
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: {context}\n\
             clusters:\n- name: {context}\n  cluster:\n    server: {url}\n\
             users:\n- name: {context}\n  user: {{}}\n\
             contexts:\n- name: {context}\n  context:\n    cluster: {context}\n    user: {context}\n    namespace: default\n"
        )
    }

    /// Every request so far, in the order in which they came.
    pub fn requests(&self) -> Vec<RequestRecord> {
        lock(&self.shared.requests).clone()
    }

    /// Those of [`Server::requests`] that were meant to change something: no reads, no dry runs, no access reviews.
    pub fn changing_requests(&self) -> Vec<RequestRecord> {
        let mut requests = self.requests();
        requests.retain(|request| request.is_change);
        requests
    }

    /// Changes the cluster; watches are told.
    pub fn change(&self, change: impl FnOnce(&mut Cluster)) {
        self.shared.change(change);
    }

    /// Lets the next request for objects, logs or a review fail.
    pub fn fail_next(&self, fault: Fault) {
        self.fail("", 1, fault);
    }

    /// Lets the next `times` requests for objects, logs or a review fail whose path contains `path_contains`.
    pub fn fail(&self, path_contains: &str, times: usize, fault: Fault) {
        lock(&self.shared.faults).push(Scripted::new(path_contains, times, fault));
    }

    /// From now on, answers 401 to a request without this bearer token.
    pub fn require_token(&self, token: &str) {
        *lock(&self.shared.token) = Some(token.to_owned());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop.send_replace(true);
    }
}

impl Shared {
    /// Looks at the cluster. Not across an await: a writer waits.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Cluster) -> T) -> T {
        look(&self.cluster.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the cluster and tells watches. Not across an await, as [`Shared::read`].
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Cluster) -> T) -> T {
        let mut cluster = self.cluster.write().unwrap_or_else(PoisonError::into_inner);
        let changed = change(&mut cluster);
        let resource_version = cluster.journal().resource_version();
        drop(cluster);
        self.revision.send_replace(resource_version);
        changed
    }

    /// Changes with each resource version.
    pub(crate) fn revision(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }

    /// Changes when the server stops.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }
}

/// A test that panicked while it held a lock is not this server's failure.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
