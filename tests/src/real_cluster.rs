//! A real Kubernetes API server for tests: etcd, kube-apiserver and, where asked for, controllers, scheduler and nodes, on loopback.
//!
//! Nothing outlives the test process, however it ends. There is no kubelet: pods stay Pending and their status is what a test
//! writes, unless kwok plays the kubelets. Servers are shared by the tests of a process; each test works in a namespace of its own.

mod audit;
mod kubectl;
mod operators;
mod processes;
mod programs;
mod users;
mod wait;
pub mod webhook;

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use anyhow::Result;
use serde_json::{Value, json};

use self::processes::Processes;
pub use self::{
    audit::{Change, Request},
    users::User,
};
use crate::{https::HttpsClient, parts::Part};

/// The names of the nodes of [`Controllers::AndNodes`].
pub const NODES: [&str; 2] = ["node-a", "node-b"];

/// A container image whose pods never become ready under [`Controllers::AndNodes`]: it cannot be pulled.
pub const BROKEN_IMAGE: &str = "registry.example/broken:1";

/// What runs beside the API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Controllers {
    /// Nothing: objects stay as they are written.
    Off,
    /// kube-controller-manager: it makes ReplicaSets and Pods of Deployments, and collects what has lost its owner. Pods stay Pending.
    On,
    /// Also kube-scheduler and kwok, with the two ready nodes [`NODES`]: pods are placed and run at once, so rollouts end.
    AndNodes,
}

/// A running API server.
pub struct RealCluster {
    directory: PathBuf,
    kubectl: PathBuf,
    url: String,
    ca_pem: String,
    /// How many were given to tests.
    namespaces: AtomicU32,
    // Last, since dropping it ends the processes and removes the directory.
    processes: Processes,
}

impl RealCluster {
    /// The server without controllers that the tests of this process share.
    ///
    /// # Errors
    /// As [`RealCluster::start`]; the same one for every test.
    pub fn shared() -> Result<&'static Self, &'static NotStarted> {
        static SHARED: OnceLock<Result<RealCluster, NotStarted>> = OnceLock::new();
        SHARED
            .get_or_init(|| Self::start(Controllers::Off))
            .as_ref()
    }

    /// The server with controllers and nodes that the tests of this process share.
    ///
    /// # Errors
    /// As [`RealCluster::start`]; the same one for every test.
    pub fn with_nodes() -> Result<&'static Self, &'static NotStarted> {
        static SHARED: OnceLock<Result<RealCluster, NotStarted>> = OnceLock::new();
        SHARED
            .get_or_init(|| Self::start(Controllers::AndNodes))
            .as_ref()
    }

    /// Starts a server of its own, and waits until it is ready.
    ///
    /// # Errors
    /// Where the programs are missing ([`crate::parts::Missing`]), or end, or are not ready within a minute: with the end of their logs.
    pub fn start(controllers: Controllers) -> Result<Self, NotStarted> {
        Self::try_start(controllers).map_err(NotStarted)
    }

    fn try_start(controllers: Controllers) -> Result<Self> {
        let folder = Part::Cluster.find()?;
        // The watchdog of `processes` removes it, also when this process is killed.
        let directory = tempfile::Builder::new()
            .prefix("bulkhead-cluster-")
            .tempdir()?
            .keep();
        let mut processes = Processes::new(&directory)?;
        let [etcd, peers, secure] = programs::free_ports()?;
        fs::write(directory.join("tokens.csv"), users::token_file())?;
        fs::write(directory.join("audit-policy.yaml"), audit::POLICY)?;

        processes.start("etcd", programs::etcd(&folder, &directory, etcd, peers))?;
        processes.start(
            "kube-apiserver",
            programs::apiserver(&folder, &directory, etcd, secure),
        )?;
        let url = format!("https://127.0.0.1:{secure}");
        let ca_pem = wait_until_ready(&mut processes, &directory, &url)?;
        let mut cluster = Self {
            kubectl: folder.join("kubectl"),
            directory,
            url,
            ca_pem,
            namespaces: AtomicU32::new(0),
            processes,
        };
        cluster.users()?;
        match controllers {
            Controllers::Off => {}
            Controllers::On => cluster.controllers(&folder)?,
            Controllers::AndNodes => {
                cluster.controllers(&folder)?;
                cluster.nodes(&folder)?;
            }
        }
        Ok(cluster)
    }

    fn users(&self) -> Result<()> {
        for user in User::ALL {
            fs::write(
                self.kubeconfig_for(user),
                users::kubeconfig(user, &self.url, &self.ca_pem),
            )?;
        }
        self.apply(users::RIGHTS)?;
        let list = json!({"verb": "list", "resource": "pods", "namespace": "shop"});
        self.wait_until_allowed(User::Reader, &list)?;
        let impersonate = json!({"verb": "impersonate", "resource": "users"});
        self.wait_until_allowed(User::Impersonator, &impersonate)
    }

    fn controllers(&mut self, folder: &Path) -> Result<()> {
        let command =
            programs::controller_manager(folder, &self.kubeconfig_for(User::ControllerManager));
        self.processes.start("kube-controller-manager", command)
    }

    /// Scheduler, kwok and the nodes; returns when these are ready.
    fn nodes(&mut self, folder: &Path) -> Result<()> {
        let stages = self.directory.join("stages.yaml");
        fs::write(&stages, include_str!("../kwok/stages.yaml"))?;
        let scheduler = programs::scheduler(folder, &self.kubeconfig_for(User::Scheduler));
        let kwok = programs::kwok(folder, &self.kubeconfig_for(User::Kwok), &stages);
        self.processes.start("kube-scheduler", scheduler)?;
        self.processes.start("kwok", kwok)?;
        for name in NODES {
            self.apply(&node(name))?;
            // A node's status is a subresource: an apply of the node leaves it out.
            self.apply_status(&node(name))?;
        }
        let ready = [
            "wait",
            "--for=condition=Ready",
            "nodes",
            "--all",
            "--timeout=60s",
        ];
        if let Err(error) = self.kubectl(&ready, None) {
            self.processes.all_running()?;
            let log = processes::log_end(&self.directory.join("kwok.log"));
            return Err(error.context(log));
        }
        Ok(())
    }

    /// Waits until the user may do something: the server learns of new RBAC by a watch. `attributes` are the
    /// `resourceAttributes` of an access review: `verb`, `group`, `resource`, `subresource`, `namespace`, `name`.
    ///
    /// # Errors
    /// Where the server still says no after a minute.
    pub fn wait_until_allowed(&self, user: User, attributes: &Value) -> Result<()> {
        self.wait_until_reviewed(user, attributes, true)
    }

    /// Waits until the user may no longer do something.
    ///
    /// # Errors
    /// Where the server still says yes after a minute.
    pub fn wait_until_refused(&self, user: User, attributes: &Value) -> Result<()> {
        self.wait_until_reviewed(user, attributes, false)
    }

    fn wait_until_reviewed(&self, user: User, attributes: &Value, wanted: bool) -> Result<()> {
        let review = json!({"spec": {"resourceAttributes": attributes}});
        self.wait_for_review(user, "selfsubjectaccessreviews", &review, wanted)
    }

    /// Waits until a user of this name, who has no token and is in no group, may do something.
    ///
    /// # Errors
    /// Where the server still says no after a minute.
    pub fn wait_until_name_may(&self, name: &str, attributes: &Value) -> Result<()> {
        let review = json!({"spec": {"user": name, "resourceAttributes": attributes}});
        self.wait_for_review(User::Admin, "subjectaccessreviews", &review, true)
    }

    fn wait_for_review(&self, by: User, kind: &str, review: &Value, wanted: bool) -> Result<()> {
        let client = self.client(by)?;
        let path = format!("/apis/authorization.k8s.io/v1/{kind}");
        wait::until(
            || {
                let answer = client.send("POST", &path, None, Some(review))?;
                Ok((answer.json()["status"]["allowed"] == wanted).then_some(()))
            },
            || {
                format!(
                    "`{}` is not told {wanted} about {}",
                    by.name(),
                    review["spec"]
                )
            },
        )
    }

    /// Makes a namespace for one test and returns its name, which no other test of this cluster has.
    ///
    /// # Errors
    /// As [`RealCluster::kubectl`].
    pub fn new_namespace(&self) -> Result<String> {
        let name = format!("test-{}", self.namespaces.fetch_add(1, Ordering::Relaxed));
        match self.kubectl(&["create", "namespace", &name], None) {
            // On a busy machine its client may send that twice, and nobody else takes these names.
            Err(error) if error.to_string().contains("AlreadyExists") => {}
            made => drop(made?),
        }
        Ok(name)
    }

    /// `https://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The certificates that sign the server's, as PEM.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// A kubeconfig file with one context, `real`, whose default namespace is `default`.
    #[must_use]
    pub fn kubeconfig_for(&self, user: User) -> PathBuf {
        self.directory.join(format!("{}.kubeconfig", user.name()))
    }

    /// A plain HTTPS client as this user.
    ///
    /// # Errors
    /// Where the server's certificate cannot be read.
    pub fn client(&self, user: User) -> Result<HttpsClient> {
        HttpsClient::new(&self.url, &self.ca_pem, &user.token())
    }

    /// Every request by this user so far that was meant to change something, in the server's order. Dry runs and access
    /// reviews change nothing and are left out; requests that failed are in. One whose answer was seen is sure to be there.
    ///
    /// The cluster's own programs are not in the log.
    ///
    /// # Errors
    /// Where the audit log cannot be read, or a request does not end.
    pub fn changes_by(&self, user: User) -> Result<Vec<Change>> {
        self.changes(|change| change.user == user.name())
    }

    /// The same by namespace, whoever asked. Of the Namespace itself its creation does not count.
    ///
    /// # Errors
    /// As [`RealCluster::changes_by`].
    pub fn changes_in(&self, namespace: &str) -> Result<Vec<Change>> {
        self.changes(|change| change.namespace.as_deref() == Some(namespace))
    }

    fn changes(&self, wanted: impl Fn(&Change) -> bool) -> Result<Vec<Change>> {
        let mut changes = audit::settled(&self.directory.join("audit.log"))?;
        changes.retain(|request| request.is_change && wanted(request));
        Ok(changes)
    }

    /// Every request by this user so far, in the server's order: also reads, where it is [`User::Rbac`] or
    /// [`User::Impersonator`], but no watch.
    ///
    /// # Errors
    /// As [`RealCluster::changes_by`].
    pub fn requests_by(&self, user: User) -> Result<Vec<Request>> {
        let mut requests = audit::settled(&self.directory.join("audit.log"))?;
        requests.retain(|request| request.user == user.name());
        Ok(requests)
    }
}

/// The status that a kubelet would give a node before it is ready.
fn node(name: &str) -> String {
    format!(
        "
apiVersion: v1
kind: Node
metadata: {{name: {name}, labels: {{kubernetes.io/hostname: {name}}}}}
status:
  allocatable: {{cpu: '32', memory: 256Gi, pods: '110'}}
  capacity: {{cpu: '32', memory: 256Gi, pods: '110'}}
"
    )
}

/// Why there is no server. Debug is Display, because a failing test shows it by `unwrap`.
pub struct NotStarted(anyhow::Error);

impl fmt::Display for NotStarted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.0)
    }
}

impl fmt::Debug for NotStarted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for NotStarted {}

/// Returns the server's certificate authority once it answers `/readyz` and has made its namespaces.
fn wait_until_ready(processes: &mut Processes, directory: &Path, url: &str) -> Result<String> {
    let certificate = directory.join("certificates").join("apiserver.crt");
    let log = directory.join("kube-apiserver.log");
    wait::until(
        || {
            processes.all_running()?;
            // The server makes the certificate at its start.
            let Ok(pem) = fs::read_to_string(&certificate) else {
                return Ok(None);
            };
            let Ok(client) = HttpsClient::new(url, &pem, &User::Admin.token()) else {
                return Ok(None);
            };
            let needed = [
                "/readyz",
                "/api/v1/namespaces/kube-system",
                "/api/v1/namespaces/default",
            ];
            let ready = needed.iter().all(|path| {
                client
                    .send("GET", path, None, None)
                    .is_ok_and(|answer| answer.status == 200)
            });
            Ok(ready.then_some(pem))
        },
        || format!("kube-apiserver is not ready:\n{}", processes::log_end(&log)),
    )
}
