//! What instances have said: JSON lines of the instance manager (`pkg/management/postgres/logpipe`, `docs/src/logging.md`).
//!
//! Each line of a [`Log`] begins with the kubelet's time, as a simcluster wants it.

mod record;

use crate::{
    backups::refused_in_log,
    clock::Clock,
    meta::SECRET_MARK,
    named::{CARTS, CATALOG, MEDIA, Named, ORDERS, REPORTS},
};
use record::Lines;
use serde_json::json;

/// The log of a container.
#[derive(Clone, Debug)]
pub struct Log {
    /// Of the pod.
    pub namespace: &'static str,
    /// The pod's name.
    pub pod: String,
    /// `postgres`.
    pub container: &'static str,
    /// Whether it is the one of the run before.
    pub previous: bool,
    /// Each line with the kubelet's time in front, the oldest first.
    pub text: String,
}

pub(crate) fn all(clock: &Clock) -> Vec<Log> {
    vec![
        of(ORDERS, 1, false, orders(clock)),
        of(ORDERS, 2, false, standby(clock)),
        of(CARTS, 1, true, carts(clock)),
        of(CATALOG, 1, false, catalog(clock)),
        of(MEDIA, 1, true, media(clock)),
        of(REPORTS, 1, false, reports(clock)),
    ]
}

fn of(cluster: Named, serial: usize, previous: bool, lines: Lines<'_>) -> Log {
    Log {
        namespace: cluster.namespace,
        pod: format!("{}-{serial}", cluster.name),
        container: "postgres",
        previous,
        text: lines.into_text(),
    }
}

/// A primary at work: slow queries, a few errors, a client that fails to log in, an audited statement, a checkpoint.
fn orders(clock: &Clock) -> Lines<'_> {
    let mut lines = Lines::new(clock, "orders-1");
    lines.manager(9000, "info", "instance-manager", "Reconciling cluster");
    lines.wal(
        8700,
        "info",
        "Archived WAL file",
        "00000001000000000000016C",
    );
    for (seconds, milliseconds) in [(7300, 1843), (5200, 2210), (1900, 12_907)] {
        let statement = "SELECT * FROM orders WHERE customer_id = $1 ORDER BY placed_at";
        lines.slow(seconds, "orders_app", "orders", milliseconds, statement);
    }
    let insert = "INSERT INTO invoices (order_id, total) VALUES ($1, $2)";
    lines.slow(4100, "orders_app", "orders", 1102, insert);
    for seconds in [3900, 3100, 600] {
        let message = "duplicate key value violates unique constraint \"invoices_order_id_key\"";
        let record = lines.said("ERROR", "23505", message);
        lines.by_client(seconds, record, "orders_app", "orders", insert);
    }
    let message = "deadlock detected";
    let mut record = lines.said("ERROR", "40P01", message);
    record["detail"] = json!(
        "Process 2041 waits for ShareLock on transaction 812; blocked by process 2055.\n\
         Process 2055 waits for ShareLock on transaction 811; blocked by process 2041.\n\
         Process 2041: UPDATE stock SET count = count - 1 WHERE sku = 'blue-kettle'\n\
         Process 2055: UPDATE stock SET note = 'for jane@example.com' WHERE sku = 'red-kettle'"
    );
    let update = "UPDATE stock SET count = count - 1 WHERE sku = $1";
    lines.by_client(2700, record, "orders_app", "orders", update);
    // A person who types a password into SQL: the log has it.
    let record = lines.said("ERROR", "42501", "permission denied to alter role");
    let alter = format!("ALTER ROLE reporting PASSWORD '{SECRET_MARK}'");
    lines.by_client(2400, record, "reporting", "orders", &alter);
    let message = "password authentication failed for user \"reporting\"";
    let record = lines.said("FATAL", "28P01", message);
    lines.by_client(2000, record, "reporting", "orders", "");
    lines.audit(
        1500,
        "orders_app",
        "orders",
        "WRITE",
        "DELETE FROM stock WHERE count = 0",
    );
    lines.server(
        900,
        "LOG",
        "checkpoint complete: wrote 1284 buffers (2.0%); 0 WAL file(s) added, 0 removed, 3 recycled",
        "checkpointer",
    );
    lines.wal(300, "info", "Archived WAL file", "00000001000000000000016D");
    lines
}

fn standby(clock: &Clock) -> Lines<'_> {
    let mut lines = Lines::new(clock, "orders-2");
    lines.server(
        9000,
        "LOG",
        "started streaming WAL from primary at 1/6C000000 on timeline 1",
        "walreceiver",
    );
    lines.server(
        1300,
        "LOG",
        "restartpoint complete: wrote 402 buffers (0.6%)",
        "checkpointer",
    );
    lines
}

/// The run that ended: the kernel killed a backend.
fn carts(clock: &Clock) -> Lines<'_> {
    let mut lines = Lines::new(clock, "carts-1");
    let message = "server process (PID 4711) was terminated by signal 9: Killed";
    lines.server(260, "LOG", message, "postmaster");
    let message = "terminating any other active server processes";
    lines.server(259, "LOG", message, "postmaster");
    lines.manager(
        250,
        "error",
        "instance-manager",
        "PostgreSQL process exited with errors",
    );
    lines
}

fn catalog(clock: &Clock) -> Lines<'_> {
    let mut lines = Lines::new(clock, "catalog-1");
    for seconds in [3600, 2400, 1200, 60] {
        lines.manager(
            seconds + 1,
            "error",
            "barman-cloud-wal-archive",
            &refused_in_log(),
        );
        let message = "Error while calling ArchiveWAL, failing";
        lines.wal(seconds, "error", message, "0000000100000000000000A4");
        let message = "archive command failed with exit code 1";
        lines.server(seconds - 1, "LOG", message, "archiver");
    }
    lines
}

fn media(clock: &Clock) -> Lines<'_> {
    let mut lines = Lines::new(clock, "media-1");
    let message = "could not write to file \"pg_wal/xlogtemp.32\": No space left on device";
    lines.server(5710, "PANIC", message, "walwriter");
    let message = "Checking for free disk space for WALs before starting PostgreSQL";
    lines.manager(5700, "info", "instance-manager", message);
    let message = "Detected low-disk space condition, avoid starting the instance";
    lines.manager(5699, "info", "instance-manager", message);
    lines
}

fn reports(clock: &Clock) -> Lines<'_> {
    let mut lines = Lines::new(clock, "reports-1");
    let create = "CREATE DATABASE \"quarterly\" OWNER \"analyst\"";
    for seconds in [90, 60, 30] {
        let record = lines.said("ERROR", "42704", "role \"analyst\" does not exist");
        lines.by_client(seconds, record, "postgres", "postgres", create);
    }
    lines
}
