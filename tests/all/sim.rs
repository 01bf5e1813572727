//! A simcluster in this process, for tests that are not async.
//!
//! Whatever a test is about: when its cluster goes, every request that came must have been one that changes nothing, unless the
//! test says that it is about changes.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use bulkhead_simcluster::{Cluster, RequestRecord, Server};
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// The value of the Secret in [`Sim::small`], and what it is in base64.
pub(crate) const SECRET: [&str; 2] = ["correct-horse-battery", "Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5"];

/// The longest wait for a request. Far more than any takes: a deadline, not a measure.
const DEADLINE: Duration = Duration::from_secs(60);

/// A running simcluster with its kubeconfig in a file.
pub(crate) struct Sim {
    pub(crate) server: Server,
    may_change: bool,
    folder: TempDir,
    // After the server, whose tasks it runs.
    _runtime: Runtime,
}

impl Sim {
    pub(crate) fn start(cluster: Cluster) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let server = runtime.block_on(Server::start(cluster)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("kubeconfig"), server.kubeconfig()).unwrap();
        Self {
            server,
            may_change: false,
            folder,
            _runtime: runtime,
        }
    }

    /// Two pods in `shop`, one of them behind the label `app=till`; a pod and a Secret in `vault`.
    pub(crate) fn small() -> Self {
        let mut cluster = Cluster::new();
        for (namespace, name, app) in [
            ("shop", "till", "till"),
            ("shop", "oven", "oven"),
            ("vault", "guard", "guard"),
        ] {
            cluster.insert(pod(namespace, name, app)).unwrap();
        }
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": "vault", "name": "pin"},
            "data": {"password": SECRET[1]},
        });
        cluster.insert(secret).unwrap();
        Self::start(cluster)
    }

    /// The file; a test may write another text into it.
    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.folder.path().join("kubeconfig")
    }

    /// This test is about changes.
    pub(crate) fn may_change(mut self) -> Self {
        self.may_change = true;
        self
    }

    /// The requests that were meant to change something, in their order; a dry run is not.
    pub(crate) fn changes(&self) -> Vec<RequestRecord> {
        let mut requests = self.server.requests();
        requests.retain(|request| request.is_change);
        requests
    }

    /// A folder for more files, which goes with the cluster.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The requests whose path ends so, in their order.
    pub(crate) fn requests_to(&self, path: &str) -> Vec<RequestRecord> {
        let mut requests = self.server.requests();
        requests.retain(|request| request.path.ends_with(path));
        requests
    }

    /// Waits until so many requests have come whose path ends so.
    pub(crate) fn wait_for_requests(&self, path: &str, count: usize) {
        let deadline = Instant::now() + DEADLINE;
        while self.requests_to(path).len() < count {
            assert!(
                Instant::now() < deadline,
                "no {count} requests to {path}: {:?}",
                self.server.requests()
            );
            thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        if thread::panicking() || self.may_change {
            return;
        }
        for request in self.server.requests() {
            let is_review =
                request.method == "POST" && request.path.ends_with("/selfsubjectaccessreviews");
            assert!(
                request.method == "GET" || is_review,
                "a request that may change something: {request:?}"
            );
        }
    }
}

/// A running pod of one container.
pub(crate) fn pod(namespace: &str, name: &str, app: &str) -> serde_json::Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"namespace": namespace, "name": name, "labels": {"app": app}},
        "spec": {"containers": [{"name": app, "image": format!("registry.example/{app}:1")}]},
        "status": {"phase": "Running"},
    })
}
