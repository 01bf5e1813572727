//! The command lines of a cluster's programs, and the ports that they listen on.
//!
//! All of it is on loopback and in the cluster's own directory. Nothing is started here.

use std::{
    net::TcpListener,
    path::Path,
    process::{self, Command},
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::{Result, bail};

/// Three ports that are free now, below those which the kernel gives to port 0: no other test can take one by chance.
pub(super) fn free_ports() -> Result<[u16; 3]> {
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

pub(super) fn etcd(programs: &Path, directory: &Path, clients: u16, peers: u16) -> Command {
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

pub(super) fn apiserver(programs: &Path, directory: &Path, etcd: u16, secure: u16) -> Command {
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

pub(super) fn controller_manager(programs: &Path, kubeconfig: &Path) -> Command {
    let mut command = Command::new(programs.join("kube-controller-manager"));
    command
        .arg(format!("--kubeconfig={}", kubeconfig.display()))
        .args(["--leader-elect=false", "--secure-port=0"]);
    command
}

pub(super) fn scheduler(programs: &Path, kubeconfig: &Path) -> Command {
    let mut command = Command::new(programs.join("kube-scheduler"));
    command
        .arg(format!("--kubeconfig={}", kubeconfig.display()))
        .args(["--leader-elect=false", "--secure-port=0"]);
    command
}

/// `stages` is the file that says what becomes of nodes and pods.
pub(super) fn kwok(programs: &Path, kubeconfig: &Path, stages: &Path) -> Command {
    let mut command = Command::new(programs.join("kwok"));
    command
        .arg(format!("--kubeconfig={}", kubeconfig.display()))
        .arg(format!("--config={}", stages.display()))
        .args(["--manage-all-nodes=true", "--node-ip=127.0.0.1"]);
    command
}
