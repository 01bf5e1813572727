//! How fast the audit writes: rows of the table that `cargo xtask bench` prints.
#![expect(clippy::print_stdout, reason = "its answer is a part of a table")]

use std::sync::Arc;
use std::time::Instant;

use bulkhead::audit::{Audit, Kind, Record};
use bulkhead::store::{Clock, SqliteStore, Store};
use serde_json::json;

/// What waits at most; as many as the queue has room for.
const AT_ONCE: u32 = 1_000;

const BATCHED: u32 = 50_000;

const DURABLE: u32 = 2_000;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("there is a runtime");
    runtime.block_on(async {
        // Not in memory, as a temporary folder may be.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("there is a folder");
        let store: Arc<dyn Store> = Arc::new(SqliteStore::new(
            &folder.path().join("state"),
            Clock::system(),
        ));
        let audit = Audit::start(Arc::clone(&store), Clock::system());
        durable(&audit, &*store, 0).await;

        let began = Instant::now();
        for round in 0..BATCHED / AT_ONCE {
            for nth in 0..AT_ONCE {
                audit.note(call(round * AT_ONCE + nth));
            }
            assert!(audit.flush().await, "they are written");
        }
        audit.changes_allowed().expect("none was lost");
        row("batched", BATCHED, began);

        let began = Instant::now();
        for nth in 0..DURABLE {
            durable(&audit, &*store, nth).await;
        }
        row("each on the disk before the next", DURABLE, began);
    });
}

/// As what a change depends on is written, with nothing beside it.
async fn durable(audit: &Audit, store: &dyn Store, nth: u32) {
    let record = audit.draft(call(nth)).await.expect("it is made");
    store.append(vec![record]).await.expect("it is written");
}

fn row(how: &str, records: u32, began: Instant) {
    let rate = f64::from(records) / began.elapsed().as_secs_f64();
    println!("| audit records, {how}, {records} | {rate:.0} a second | |");
}

/// As a call of `k8s_get` leaves one.
fn call(nth: u32) -> Record {
    Record {
        caller: "uid 1000".to_owned(),
        client: Some("a client 1.0.0".to_owned()),
        tool: Some("k8s_get".to_owned()),
        arguments: Some(json!({"kind": "pods", "namespace": "shop", "name": format!("web-{nth}")})),
        duration_ms: Some(7),
        outcome: Some("ok".to_owned()),
        ..Record::new(Kind::Call)
    }
}
