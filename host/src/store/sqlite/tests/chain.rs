use super::*;
use crate::store::{Columns, Filter, GENESIS, StoreError, link};

fn record(tool: &str, outcome: &str, time: u64) -> Map<String, Value> {
    let Value::Object(record) = json!({
        "kind": "call", "time": time, "plugin": { "key": "generic" }, "tool": tool, "outcome": outcome,
    }) else {
        unreachable!()
    };
    record
}

#[tokio::test]
async fn two_hosts_append_to_one_chain() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let one = store(folder.path(), &hands);
    let other = store(folder.path(), &hands);
    one.append(vec![record("a", "ok", 1), record("b", "ok", 2)])
        .await
        .unwrap();
    let head = other.append(vec![record("c", "denied", 3)]).await.unwrap();
    assert_eq!(one.head().await.unwrap(), head);
    let entries = one.entries(0, 100).await.unwrap();
    let mut previous = GENESIS.to_owned();
    for (entry, seq) in entries.iter().zip(1..) {
        let body: Map<String, Value> = serde_json::from_str(&entry.body).unwrap();
        assert_eq!((entry.seq, &body["seq"]), (seq, &json!(seq)));
        assert_eq!(entry.columns, Columns::of(&body));
        assert_eq!(entry.hash, link(&previous, &entry.body));
        previous.clone_from(&entry.hash);
    }
    assert_eq!((previous, entries.len()), (head.hash, 3));
    let page = one.entries(1, 1).await.unwrap();
    assert_eq!(page, entries[1..2]);
}

#[tokio::test]
async fn records_are_found_by_what_they_are_about_the_newest_first() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let store = store(folder.path(), &hands);
    let mut change = record("a", "applied", 3);
    change.insert("change".to_owned(), "c-1".into());
    let all = vec![record("a", "ok", 1), record("b", "denied", 2), change];
    store.append(all).await.unwrap();
    let find = async |filter: Filter| {
        let found = store
            .find(&Filter {
                limit: 10,
                ..filter
            })
            .await
            .unwrap();
        found.iter().map(|entry| entry.seq).collect::<Vec<_>>()
    };
    let some = |text: &str| Some(text.to_owned());
    let any = Filter::default;
    assert_eq!(find(any()).await, [3, 2, 1]);
    assert_eq!(
        find(Filter {
            tool: some("a"),
            ..any()
        })
        .await,
        [3, 1]
    );
    assert_eq!(
        find(Filter {
            outcome: some("denied"),
            ..any()
        })
        .await,
        [2]
    );
    assert_eq!(
        find(Filter {
            change: some("c-1"),
            ..any()
        })
        .await,
        [3]
    );
    assert_eq!(
        find(Filter {
            plugin: some("other"),
            ..any()
        })
        .await,
        [0_u64; 0]
    );
    assert_eq!(
        find(Filter {
            plugin: some("generic"),
            since: Some(Moment(2)),
            ..any()
        })
        .await,
        [3, 2]
    );
    let one = Filter { limit: 1, ..any() };
    assert_eq!(store.find(&one).await.unwrap().len(), 1);
}

#[tokio::test]
async fn nothing_is_appended_to_a_chain_whose_end_was_cut() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let store = store(folder.path(), &hands);
    store
        .append(vec![record("a", "ok", 1), record("b", "ok", 2)])
        .await
        .unwrap();
    let editor = rusqlite::Connection::open(folder.path().join("state/bulkhead.db")).unwrap();
    editor
        .execute("DELETE FROM audit WHERE seq = 2", [])
        .unwrap();
    let error = store.append(vec![record("c", "ok", 3)]).await.unwrap_err();
    let StoreError::Corrupt { what, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(
        what,
        "the audit ends with record 1, and record 2 is known to be its last"
    );
}
