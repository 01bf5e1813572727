//! A real Kubernetes API server for tests: etcd, kube-apiserver and, where asked for, kube-controller-manager on loopback.
//!
//! Nothing outlives the test process, however it ends. There is no kubelet: pods stay Pending, their status is what a test writes.
//! One server is shared by the tests of a process; each test works in a namespace of its own.

mod audit;
mod processes;
mod users;

use std::{
    fmt, fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};

use self::processes::Processes;
pub use self::{audit::Change, users::User};
use crate::{https::HttpsClient, parts::Part};

/// What the API server must do within this time, on a busy machine.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// Whether kube-controller-manager runs: it makes ReplicaSets and Pods of Deployments, and collects what has lost its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Controllers {
    /// Objects stay as they are written.
    Off,
    /// As in a cluster.
    On,
}

/// A running API server.
pub struct RealCluster {
    directory: PathBuf,
    kubectl: PathBuf,
    url: String,
    ca_pem: String,
    // Last, since dropping it ends the processes and removes the directory.
    _processes: Processes,
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

    /// Starts a server of its own, and waits until it is ready.
    ///
    /// # Errors
    /// Where the programs are missing ([`crate::parts::Missing`]), or end, or are not ready within a minute: with the end of their logs.
    pub fn start(controllers: Controllers) -> Result<Self, NotStarted> {
        Self::try_start(controllers).map_err(NotStarted)
    }

    fn try_start(controllers: Controllers) -> Result<Self> {
        let programs = Part::Cluster.find()?;
        // The watchdog of `processes` removes it, also when this process is killed.
        let directory = tempfile::Builder::new()
            .prefix("bulkhead-cluster-")
            .tempdir()?
            .keep();
        let mut processes = Processes::new(&directory)?;
        let [etcd, peers, secure] = free_ports()?;
        fs::write(directory.join("tokens.csv"), users::token_file())?;
        fs::write(directory.join("audit-policy.yaml"), audit::POLICY)?;

        processes.start("etcd", etcd_command(&programs, &directory, etcd, peers))?;
        processes.start(
            "kube-apiserver",
            apiserver_command(&programs, &directory, etcd, secure),
        )?;
        let url = format!("https://127.0.0.1:{secure}");
        let ca_pem = wait_until_ready(&mut processes, &directory, &url)?;
        let cluster = Self {
            kubectl: programs.join("kubectl"),
            directory,
            url,
            ca_pem,
            _processes: processes,
        };
        cluster.finish(&programs, controllers)
    }

    /// What needs a ready server: kubeconfigs, the users' rights, controllers.
    fn finish(mut self, programs: &Path, controllers: Controllers) -> Result<Self> {
        for user in User::ALL {
            fs::write(
                self.kubeconfig_for(user),
                users::kubeconfig(user, &self.url, &self.ca_pem),
            )?;
        }
        self.apply(users::RIGHTS)?;
        if controllers == Controllers::On {
            let mut command = Command::new(programs.join("kube-controller-manager"));
            command
                .arg(format!(
                    "--kubeconfig={}",
                    self.kubeconfig_for(User::ControllerManager).display()
                ))
                .args(["--leader-elect=false", "--secure-port=0"]);
            self._processes.start("kube-controller-manager", command)?;
        }
        Ok(self)
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

    /// Runs the real kubectl as an administrator and returns its standard output.
    ///
    /// # Errors
    /// Where kubectl fails: with its standard error.
    pub fn kubectl(&self, arguments: &[&str], stdin: Option<&str>) -> Result<String> {
        let mut command = Command::new(&self.kubectl);
        command
            .arg("--kubeconfig")
            .arg(self.kubeconfig_for(User::Admin))
            .args(arguments)
            // Its discovery cache would otherwise stand in the user's home.
            .env("KUBECACHEDIR", self.directory.join("kubectl-cache"))
            .stdin(if stdin.is_some() {
                Stdio::piped()
            } else {
                Stdio::null()
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().context("cannot start kubectl")?;
        let written = match (stdin, child.stdin.take()) {
            (Some(text), Some(mut pipe)) => std::io::Write::write_all(&mut pipe, text.as_bytes()),
            _ => Ok(()),
        };
        let output = child.wait_with_output()?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "`kubectl {}` failed: {}",
            arguments.join(" "),
            stderr.trim()
        );
        written.context("kubectl did not read its input")?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Applies manifests as YAML by server-side apply.
    ///
    /// # Errors
    /// As [`RealCluster::kubectl`].
    pub fn apply(&self, manifests: &str) -> Result<()> {
        self.kubectl(&["apply", "--server-side", "--filename=-"], Some(manifests))?;
        Ok(())
    }

    /// Writes the status of one object, as a kubelet or a controller would: `status` is the whole object as YAML.
    ///
    /// # Errors
    /// As [`RealCluster::kubectl`].
    pub fn apply_status(&self, manifest: &str) -> Result<()> {
        self.kubectl(
            &[
                "apply",
                "--server-side",
                "--subresource=status",
                "--force-conflicts",
                "--field-manager=kubelet",
                "--filename=-",
            ],
            Some(manifest),
        )?;
        Ok(())
    }

    /// Every request by this user so far that was meant to change something, in the server's order. Dry runs and access
    /// reviews change nothing and are left out; requests that failed are in.
    ///
    /// # Errors
    /// Where the audit log cannot be read.
    pub fn changes_by(&self, user: User) -> Result<Vec<Change>> {
        let log = fs::read_to_string(self.directory.join("audit.log")).context("the audit log")?;
        audit::changes(&log, user.name())
    }
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

/// Three ports that are free now, below those which the kernel gives to port 0: no other test can take one by chance.
fn free_ports() -> Result<[u16; 3]> {
    const LOWEST: u16 = 20_000;
    const RANGE: u32 = 12_000;
    // Between the search and the server's start a port is free: it must not be given to another server of this process.
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    // Another process searches elsewhere.
    let offset = process::id().wrapping_mul(97);
    let mut ports = Vec::new();
    for _ in 0..RANGE {
        let step = GIVEN.fetch_add(1, Ordering::Relaxed);
        let port = LOWEST + u16::try_from(offset.wrapping_add(step) % RANGE)?;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            ports.push(port);
        }
        if let [first, second, third] = ports[..] {
            return Ok([first, second, third]);
        }
    }
    bail!("no free ports on loopback")
}

fn etcd_command(programs: &Path, directory: &Path, clients: u16, peers: u16) -> Command {
    let (clients, peers) = (
        format!("http://127.0.0.1:{clients}"),
        format!("http://127.0.0.1:{peers}"),
    );
    let mut command = Command::new(programs.join("etcd"));
    command
        .arg(format!("--data-dir={}", directory.join("etcd").display()))
        .args([
            format!("--listen-client-urls={clients}"),
            format!("--advertise-client-urls={clients}"),
            format!("--listen-peer-urls={peers}"),
            format!("--initial-advertise-peer-urls={peers}"),
            format!("--initial-cluster=default={peers}"),
        ])
        // The data is thrown away with the process.
        .arg("--unsafe-no-fsync");
    command
}

fn apiserver_command(programs: &Path, directory: &Path, etcd: u16, secure: u16) -> Command {
    let file = |name: &str| directory.join(name).display().to_string();
    // The server makes a certificate before it reads this key, so the certificate's own will do.
    let key = file("certificates/apiserver.key");
    let mut command = Command::new(programs.join("kube-apiserver"));
    command.args([
        format!("--etcd-servers=http://127.0.0.1:{etcd}"),
        format!("--secure-port={secure}"),
        "--bind-address=127.0.0.1".to_owned(),
        format!("--cert-dir={}", file("certificates")),
        format!("--service-account-key-file={key}"),
        format!("--service-account-signing-key-file={key}"),
        "--service-account-issuer=https://localhost".to_owned(),
        format!("--token-auth-file={}", file("tokens.csv")),
        "--authorization-mode=RBAC".to_owned(),
        "--service-cluster-ip-range=10.0.0.0/24".to_owned(),
        // Pods may name service accounts that nothing makes, since controllers are off.
        "--disable-admission-plugins=ServiceAccount".to_owned(),
        format!("--audit-policy-file={}", file("audit-policy.yaml")),
        format!("--audit-log-path={}", file("audit.log")),
    ]);
    command
}

/// Returns the server's certificate authority once it answers `/readyz` and has made the namespace `kube-system`.
fn wait_until_ready(processes: &mut Processes, directory: &Path, url: &str) -> Result<String> {
    let certificate = directory.join("certificates").join("apiserver.crt");
    let start = Instant::now();
    let mut pause = Duration::from_millis(20);
    loop {
        processes.all_running()?;
        if let Ok(pem) = fs::read_to_string(&certificate)
            && let Ok(client) = HttpsClient::new(url, &pem, &User::Admin.token())
            && [
                "/readyz",
                "/api/v1/namespaces/kube-system",
                "/api/v1/namespaces/default",
            ]
            .iter()
            .all(|path| {
                client
                    .send("GET", path, None, None)
                    .is_ok_and(|answer| answer.status == 200)
            })
        {
            return Ok(pem);
        }
        if start.elapsed() > READY_WITHIN {
            bail!(
                "kube-apiserver was not ready within a minute:\n{}",
                processes.log_end("kube-apiserver")
            );
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_secs(1));
    }
}
