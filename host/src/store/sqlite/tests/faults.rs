use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use rusqlite::Connection;

use super::*;
use crate::failure::Failure;
use crate::store::StoreError;
use crate::store::sqlite::schema;

fn database(folder: &Path) -> PathBuf {
    folder.join("state").join("bulkhead.db")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn nothing_is_touched_before_it_is_needed_and_then_it_is_private() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let store = store(folder.path(), &hands);
    assert!(!folder.path().join("state").exists());
    new(&store, &proposal("c-1", 3, 1_000)).await;
    assert_eq!(mode(&folder.path().join("state")), 0o700);
    assert_eq!(mode(&database(folder.path())), 0o600);
    assert_eq!(mode(&folder.path().join("state/bulkhead.db-wal")), 0o600);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn hosts_that_start_at_once_make_one_file() {
    for _ in 0..4 {
        let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
        let hosts: Vec<_> = (0..8).map(|_| store(folder.path(), &hands)).collect();
        let proposals: Vec<_> = (0..8)
            .map(|n| other_call(&format!("c-{n}"), 1_000))
            .collect();
        let all = hosts.iter().zip(&proposals);
        let note = note();
        let all: Vec<_> = all
            .map(|(host, proposal)| host.propose(proposal, &LIMITS, &note))
            .collect();
        for made in futures::future::join_all(all).await {
            made.unwrap();
        }
        assert_eq!(hosts[0].open_proposals().await.unwrap().len(), 8);
    }
}

#[tokio::test]
async fn a_folder_that_is_open_to_others_is_refused_with_the_way_out() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    fs::create_dir(folder.path().join("state")).unwrap();
    fs::set_permissions(
        folder.path().join("state"),
        fs::Permissions::from_mode(0o755),
    )
    .unwrap();
    let store = store(folder.path(), &hands);
    let error = store.recent(1, None).await.unwrap_err();
    assert!(matches!(error, StoreError::Exposed { mode: 0o755, .. }));
    assert!(error.fix().starts_with("run `chmod go= "));
    fs::set_permissions(
        folder.path().join("state"),
        fs::Permissions::from_mode(0o700),
    )
    .unwrap();
    assert!(
        store.recent(1, None).await.unwrap().is_empty(),
        "the same store, without a restart"
    );
}

#[tokio::test]
async fn a_link_in_place_of_the_file_is_not_followed() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    new(&store(folder.path(), &hands), &proposal("c-1", 3, 1_000)).await;
    let elsewhere = folder.path().join("elsewhere.db");
    fs::rename(database(folder.path()), &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, database(folder.path())).unwrap();
    assert!(store(folder.path(), &hands).recent(1, None).await.is_err());
}

#[tokio::test]
async fn a_file_that_is_no_database_is_damaged() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    new(&store(folder.path(), &hands), &proposal("c-1", 3, 1_000)).await;
    for name in ["bulkhead.db-wal", "bulkhead.db-shm"] {
        drop(fs::remove_file(folder.path().join("state").join(name)));
    }
    fs::write(
        database(folder.path()),
        "not a database, and longer than its header".repeat(99),
    )
    .unwrap();
    let error = store(folder.path(), &hands)
        .recent(1, None)
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    let failure = Failure::from(error);
    assert!(
        failure.text().contains("changes are refused"),
        "{}",
        failure.text()
    );
}

#[tokio::test]
async fn a_document_that_was_edited_is_named() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let store = store(folder.path(), &hands);
    approved(&store, &proposal("c-1", 3, 1_000)).await;
    let edits = [
        (
            "document = replace(document, '\"replicas\":3', '\"replicas\":9')",
            "is not what its digest says",
        ),
        (
            "expires = expires + 60000",
            "has columns that its document contradicts",
        ),
        ("state = 'blessed'", "is in no known state"),
    ];
    let editor = Connection::open(database(folder.path())).unwrap();
    for (edit, says) in edits {
        editor.execute("BEGIN", []).unwrap();
        editor
            .execute(&format!("UPDATE proposals SET {edit}"), [])
            .unwrap();
        editor.execute("COMMIT", []).unwrap();
        let digest = proposal("c-1", 3, 1_000).digest();
        assert!(store.claim("c-1", &digest).await.is_err());
        let Err(StoreError::Corrupt { what, .. }) = store.proposal("c-1").await else {
            panic!("{edit} went unseen")
        };
        assert_eq!(what, format!("the proposal `c-1` {says}"));
        let undo = match edit.split_once(' ').unwrap().0 {
            "document" => "document = replace(document, '\"replicas\":9', '\"replicas\":3')",
            "expires" => "expires = expires - 60000",
            _ => "state = 'approved'",
        };
        editor
            .execute(&format!("UPDATE proposals SET {undo}"), [])
            .unwrap();
        assert!(store.proposal("c-1").await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_full_disk_refuses_changes_until_there_is_room() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let store = store(folder.path(), &hands);
    new(&store, &proposal("c-1", 3, 1_000)).await;
    let limit = |pages: u32| {
        let slot = store.0.connection.lock().unwrap();
        let connection = slot.as_ref().unwrap();
        connection
            .pragma_update(None, "max_page_count", pages)
            .unwrap();
    };
    limit(1);
    let mut large = other_call("c-2", 1_000);
    large.summary = "x".repeat(100_000);
    let error = store.propose(&large, &LIMITS, &note()).await.unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("there is no room to write to"),
        "{error}"
    );
    assert_eq!(
        store.open_proposals().await.unwrap().len(),
        1,
        "reading goes on"
    );
    limit(1_000_000);
    new(&store, &large).await;
}

#[tokio::test]
async fn a_file_that_cannot_be_written_refuses_changes() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    // Below a file there is no folder, for root neither.
    let store = SqliteStore::new(&file.join("state"), hands.clock());
    let error = store
        .propose(&proposal("c-1", 3, 1_000), &LIMITS, &note())
        .await;
    assert!(error.unwrap_err().to_string().contains("failed to use"));
    let reading = super::store(folder.path(), &hands);
    new(&reading, &proposal("c-1", 3, 1_000)).await;
    {
        let slot = reading.0.connection.lock().unwrap();
        slot.as_ref()
            .unwrap()
            .pragma_update(None, "query_only", true)
            .unwrap();
    }
    let error = reading
        .propose(&other_call("c-2", 1_000), &LIMITS, &note())
        .await
        .unwrap_err();
    assert!(error.to_string().ends_with("cannot be written"), "{error}");
    assert_eq!(reading.open_proposals().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_lock_that_is_held_too_long_is_said() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let store = store(folder.path(), &hands);
    new(&store, &proposal("c-1", 3, 1_000)).await;
    {
        let slot = store.0.connection.lock().unwrap();
        slot.as_ref()
            .unwrap()
            .busy_timeout(Duration::from_millis(1))
            .unwrap();
    }
    let mut holder = Connection::open(database(folder.path())).unwrap();
    let held = holder
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .unwrap();
    let error = store
        .propose(&other_call("c-2", 1_000), &LIMITS, &note())
        .await
        .unwrap_err();
    assert!(
        error.to_string().starts_with("another process keeps"),
        "{error}"
    );
    assert_eq!(store.open_proposals().await.unwrap().len(), 1);
    held.rollback().unwrap();
    new(&store, &other_call("c-2", 1_000)).await;
}

#[tokio::test]
async fn a_file_of_a_later_release_is_left_alone() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    new(&store(folder.path(), &hands), &proposal("c-1", 3, 1_000)).await;
    let editor = Connection::open(database(folder.path())).unwrap();
    editor.pragma_update(None, "user_version", 99).unwrap();
    let error = store(folder.path(), &hands)
        .recent(1, None)
        .await
        .unwrap_err();
    assert!(matches!(
        error,
        StoreError::Newer {
            schema: 99,
            known: 2,
            ..
        }
    ));
}

/// What the first schema wrote, byte for byte: every later one must go on from it.
#[tokio::test]
async fn a_file_of_the_first_schema_is_read() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(2_000));
    fs::create_dir(folder.path().join("state")).unwrap();
    fs::set_permissions(
        folder.path().join("state"),
        fs::Permissions::from_mode(0o700),
    )
    .unwrap();
    let writer = Connection::open(database(folder.path())).unwrap();
    writer
        .execute_batch(include_str!("../../fixtures/v1.sql"))
        .unwrap();
    drop(writer);
    fs::set_permissions(database(folder.path()), fs::Permissions::from_mode(0o600)).unwrap();
    let store = store(folder.path(), &hands);
    let old = store.proposal("c-1").await.unwrap().unwrap();
    assert_eq!(old.proposal, proposal("c-1", 3, 1_000));
    assert_eq!(old.decisions.len(), 1);
    assert_eq!(store.head().await.unwrap().seq, 1);
    new(&store, &other_call("c-2", 2_000)).await;
}

#[test]
fn steps_are_taken_once_in_their_order_and_all_or_none() {
    let mut connection = Connection::open_in_memory().unwrap();
    let path = Path::new("x");
    let one = ["CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);"];
    let two = [
        one[0],
        "ALTER TABLE a ADD COLUMN y INTEGER; UPDATE a SET y = x + 1;",
    ];
    let broken = [
        two[0],
        two[1],
        "CREATE TABLE b (x INTEGER) STRICT; nonsense;",
    ];
    schema::migrate(&mut connection, path, &one).unwrap();
    schema::migrate(&mut connection, path, &two).unwrap();
    schema::migrate(&mut connection, path, &two).unwrap();
    schema::migrate(&mut connection, path, &broken).unwrap_err();
    let row: (i64, i64) = connection
        .query_row("SELECT x, y FROM a", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!(row, (1, 2));
    assert!(connection.prepare("SELECT * FROM b").is_err());
    let older = schema::migrate(&mut connection, path, &one);
    assert!(matches!(
        older,
        Err(StoreError::Newer {
            schema: 2,
            known: 1,
            ..
        })
    ));
}
