//! A state folder that cannot be used: the cluster is read as before, changes are refused with the way out, and nothing has to
//! be started anew once it can be used again.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use bulkhead_tests::{
    built,
    host_config::{HostConfig, cluster_table},
    mcp_client::{Era, McpClient},
};
use rusqlite::{Connection, TransactionBehavior};
use serde_json::{Value, json};

use crate::{
    session::{Said, bulkhead, generic},
    sim::Sim,
};

/// The longest wait for a change that can be made again. A deadline, not a measure.
const DEADLINE: Duration = Duration::from_secs(60);

/// Notes at the pods of `shop`, without asking anybody.
const UNASKED: &str = r#"
[[plugins.generic.grants]]
api_groups = [""]
resources = ["pods"]
verbs = ["patch"]
namespaces = ["shop"]

[[approval.rules]]
plugins = ["generic"]
verbs = ["patch"]
resources = ["pods"]
namespaces = ["shop"]
channel = "auto"
"#;

/// A host that may write notes, whose state folder something happens to.
struct Noting {
    sim: Sim,
    config: HostConfig,
}

impl Noting {
    fn new() -> Self {
        let sim = Sim::small().may_change();
        let cluster = cluster_table(&sim.kubeconfig()).unwrap();
        let config = HostConfig::with_text(&format!("{cluster}\n{}{UNASKED}", generic())).unwrap();
        Self { sim, config }
    }

    /// One whose store has held a change, and is closed.
    fn used() -> Self {
        let noting = Self::new();
        let mut client = noting.serve(&mut noting.command());
        noting.notes(&mut client, "before");
        assert!(client.close_stdin_and_wait().unwrap().success());
        noting
    }

    fn command(&self) -> Command {
        bulkhead(self.config.folder())
    }

    fn serve(&self, command: &mut Command) -> McpClient {
        command.arg("serve").arg("--config").arg(self.config.path());
        McpClient::connect(command, Era::LEGACY).unwrap()
    }

    fn database(&self) -> PathBuf {
        self.config.state().join("bulkhead.db")
    }

    /// The change is made.
    fn notes(&self, client: &mut McpClient, value: &str) {
        let before = self.sim.changes().len();
        note(client, value).succeeds(&["applied"]);
        assert_eq!(self.sim.changes().len(), before + 1);
    }

    /// The change is made once the host has seen that it can be: what the audit could not write is tried again after a while.
    fn heals(&self, client: &mut McpClient) {
        let before = self.sim.changes().len();
        let deadline = Instant::now() + DEADLINE;
        loop {
            let said = note(client, "after");
            if said.text.contains("applied") {
                break;
            }
            let said = said.fails("upstream", &["the audit cannot be written"]);
            assert!(Instant::now() < deadline, "{}", said.text);
            thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(self.sim.changes().len(), before + 1);
    }

    /// The change is refused, and reading goes on. Returns what is said of it, without the folder's name.
    fn refuses(&self, client: &mut McpClient) -> String {
        let before = self.sim.changes().len();
        let said = note(client, "meanwhile").fails("upstream", &["changes are refused", "next: "]);
        assert_eq!(self.sim.changes().len(), before);
        let list = json!({ "kind": "pods", "namespace": "shop" });
        call(client, "k8s_list", list).succeeds(&["till", "oven"]);
        let folder = self.config.folder().to_str().unwrap();
        said.text.replace(folder, "FOLDER")
    }
}

fn note(client: &mut McpClient, value: &str) -> Said {
    let note = json!({
        "kind": "pods", "namespace": "shop", "name": "till", "operation": "patch",
        "patch": { "metadata": { "annotations": { "shop.example/shift": value } } }, "confirm": true,
    });
    call(client, "k8s_patch", note)
}

fn call(client: &mut McpClient, tool: &str, arguments: Value) -> Said {
    let answer = client.call_tool(tool, arguments).unwrap();
    Said::of(answer.unwrap_or_else(|error| panic!("{tool}: {error:?}")))
}

fn may(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// The program as somebody whom permissions bind: root's right to pass over them is taken from it.
fn bound(noting: &Noting) -> Command {
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    if !is_root {
        return noting.command();
    }
    let mut command = Command::new("setpriv");
    command
        .env_clear()
        .env("HOME", noting.config.folder())
        .args(["--bounding-set=-dac_override,-dac_read_search"])
        .arg(built::host());
    command
}

#[test]
fn while_another_process_keeps_it_locked() {
    let noting = Noting::used();
    let mut client = noting.serve(&mut noting.command());
    // What every start looks after is over by then.
    noting.notes(&mut client, "first");
    let mut other = Connection::open(noting.database()).unwrap();
    let lock = other
        .transaction_with_behavior(TransactionBehavior::Exclusive)
        .unwrap();
    insta::assert_snapshot!("locked", noting.refuses(&mut client));
    lock.rollback().unwrap();
    noting.heals(&mut client);
}

#[test]
fn while_it_is_damaged() {
    let noting = Noting::used();
    fs::write(
        noting.database(),
        "this is no database, and longer than its header".repeat(99),
    )
    .unwrap();
    let mut client = noting.serve(&mut noting.command());
    insta::assert_snapshot!("damaged", noting.refuses(&mut client));
    // As it says.
    for file in ["bulkhead.db", "bulkhead.db-wal", "bulkhead.db-shm"] {
        let file = noting.config.state().join(file);
        if file.exists() {
            fs::rename(
                &file,
                noting.config.folder().join(file.file_name().unwrap()),
            )
            .unwrap();
        }
    }
    noting.heals(&mut client);
}

#[test]
fn while_it_cannot_be_written() {
    let noting = Noting::used();
    may(&noting.database(), 0o400);
    may(&noting.config.state(), 0o500);
    let mut client = noting.serve(&mut bound(&noting));
    insta::assert_snapshot!("read_only", noting.refuses(&mut client));
    may(&noting.config.state(), 0o700);
    may(&noting.database(), 0o600);
    noting.heals(&mut client);
}

#[test]
fn while_it_cannot_be_made() {
    let noting = Noting::new();
    may(noting.config.folder(), 0o500);
    let mut client = noting.serve(&mut bound(&noting));
    insta::assert_snapshot!("not_made", noting.refuses(&mut client));
    may(noting.config.folder(), 0o700);
    noting.heals(&mut client);
}

#[test]
fn while_others_may_read_it() {
    let noting = Noting::used();
    may(&noting.config.state(), 0o755);
    let mut client = noting.serve(&mut noting.command());
    insta::assert_snapshot!("exposed", noting.refuses(&mut client));
    may(&noting.config.state(), 0o700);
    noting.heals(&mut client);
}

/// No file may grow beyond what the database has: as much as a full disk that needs no disk.
#[test]
fn while_there_is_no_room() {
    let noting = Noting::used();
    let mut limited = Command::new("sh");
    limited
        .env_clear()
        .env("HOME", noting.config.folder())
        // Half a KiB each: less than the log of one change needs. Without the signal, writing fails as on a full disk.
        .args(["-c", "trap '' XFSZ; ulimit -f 40; exec \"$0\" \"$@\""])
        .arg(built::host());
    let mut client = noting.serve(&mut limited);
    insta::assert_snapshot!("no_room", noting.refuses(&mut client));
}
