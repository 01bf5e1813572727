//! What stays of a proposal, and what is written together.

use rusqlite::Connection;

use super::*;
use crate::proposal::State;
use crate::store::{DecideError, ProposeError, Snapshot, StoreError};

/// What nobody must find in the file.
const SECRET: &str = "c3dvcmRmaXNo";

/// Makes a Secret, in a call of its own.
fn with_secret(id: &str, created: u64) -> Proposal {
    let mut proposal = other_call(id, created);
    let step = &mut proposal.steps[0];
    step.target.group = String::new();
    step.target.plural = "secrets".to_owned();
    step.change = Change::Create {
        object: json!({"kind": "Secret", "metadata": {"name": "web"}, "data": {"key": SECRET}}),
    };
    step.diff = vec![Line {
        path: "data.key".to_owned(),
        before: None,
        after: Some(format!("\"{SECRET}\"")),
    }];
    proposal
}

fn document(folder: &Path, id: &str) -> String {
    let reader = Connection::open(folder.join("state/bulkhead.db")).unwrap();
    let query = "SELECT document FROM proposals WHERE id = ?1";
    reader.query_row(query, [id], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn what_nobody_decided_on_leaves_its_name_and_no_body() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let store = store(folder.path(), &hands);
    let mut replaced = proposal("c-1", 3, 1_000);
    replaced.warnings = vec!["x".repeat(50_000)];
    new(&store, &replaced).await;
    new(&store, &proposal("c-2", 4, 1_000)).await;
    assert!(document(folder.path(), "c-1").len() < 1_000);
    let left = store.proposal("c-1").await.unwrap().unwrap();
    assert_eq!(
        (left.state, left.digest),
        (State::Expired, replaced.digest())
    );
    assert_eq!(left.proposal.binding.tool, "scale");
    assert!(left.proposal.steps.is_empty());
    // And what expires by itself.
    hands.set(1_000 + 30 * MINUTE);
    new(&store, &other_call("c-3", 1_000 + 30 * MINUTE)).await;
    let left = store.proposal("c-2").await.unwrap().unwrap();
    assert!(left.proposal.steps.is_empty());
    assert_eq!(left.closed, Some(Moment(1_000 + 30 * MINUTE)));
}

#[tokio::test]
async fn no_secret_outlives_the_end_of_its_change() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let store = store(folder.path(), &hands);
    let (applied, declined, expired) = (
        with_secret("c-1", 1_000),
        with_secret("c-2", 1_000),
        with_secret("c-3", 1_000),
    );
    approved(&store, &applied).await;
    assert!(document(folder.path(), "c-1").contains(SECRET));
    let claimed = store.claim("c-1", &applied.digest()).await.unwrap();
    assert_eq!(claimed.proposal(), &applied);
    store
        .finish(claimed, State::Applied, &json!({}), &[], &note())
        .await
        .unwrap();
    // The same plan of three calls: only after the first is over.
    new(&store, &declined).await;
    let no = decision(&declined, Verdict::Declined);
    store.decide(&no, &note()).await.unwrap();
    hands.set(1_000 + 11 * MINUTE);
    approved(&store, &expired).await;
    hands.set(1_000 + 60 * MINUTE);
    store.prune(&LIMITS.keep).await.unwrap();
    for (id, state, digest) in [
        ("c-1", State::Applied, applied.digest()),
        ("c-2", State::Declined, declined.digest()),
        ("c-3", State::Expired, expired.digest()),
    ] {
        let left = store.proposal(id).await.unwrap().unwrap();
        assert_eq!((left.state, left.digest), (state, digest));
        assert_eq!(left.proposal.steps[0].target.plural, "secrets");
        assert_eq!(left.proposal.steps[0].diff[0].path, "data.key");
    }
    for name in ["bulkhead.db", "bulkhead.db-wal"] {
        let bytes = std::fs::read(folder.path().join("state").join(name)).unwrap();
        let found = bytes
            .windows(SECRET.len())
            .any(|at| at == SECRET.as_bytes());
        assert!(!found, "in {name}");
    }
}

#[tokio::test]
async fn a_body_that_was_cut_down_cannot_be_sent() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let store = store(folder.path(), &hands);
    let first = proposal("c-1", 3, 1_000);
    approved(&store, &first).await;
    // Whoever writes to the file puts another plan there, with its digest as that of what is left.
    let mut other = first.clone();
    other.steps[0].change = Change::Scale { replicas: 99 };
    let text = serde_json::to_value(&other).unwrap().to_string();
    let editor = Connection::open(folder.path().join("state/bulkhead.db")).unwrap();
    let edit = "UPDATE proposals SET document = ?1, redacted = ?2";
    editor.execute(edit, [text, other.digest()]).unwrap();
    assert!(store.claim("c-1", &first.digest()).await.is_err());
    let error = store.proposal("c-1").await.unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("is not whole, and not at its end either"),
        "{error}"
    );
}

#[tokio::test]
async fn a_document_that_was_edited_is_not_made_good_by_its_end() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let store = store(folder.path(), &hands);
    new(&store, &proposal("c-1", 3, 1_000)).await;
    let editor = Connection::open(folder.path().join("state/bulkhead.db")).unwrap();
    let edit =
        "UPDATE proposals SET document = replace(document, '\"replicas\":3', '\"replicas\":9')";
    editor.execute(edit, []).unwrap();
    hands.set(1_000 + 30 * MINUTE);
    store.prune(&LIMITS.keep).await.unwrap();
    let error = store.proposal("c-1").await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    // It stands in nobody else's way.
    new(&store, &other_call("c-2", 1_000 + 30 * MINUTE)).await;
}

#[tokio::test]
async fn one_plugin_does_not_take_the_places_of_another() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let store = store(folder.path(), &hands);
    for n in 0..10 {
        new(&store, &other_call(&format!("c-{n}"), 1_000)).await;
    }
    let mut other = other_call("c-10", 1_000);
    let refused = store.propose(&other, &LIMITS, &note()).await;
    assert!(matches!(refused, Err(ProposeError::TooMany { .. })));
    other.binding.plugin.key = "other".to_owned();
    new(&store, &other).await;
}

#[tokio::test]
async fn a_host_that_proposes_forgets_what_is_too_old_once_an_hour() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let store = store(folder.path(), &hands);
    let limits = Limits {
        keep: Keep {
            proposals: Duration::from_secs(60),
            snapshots: Duration::from_secs(60),
        },
        ..LIMITS
    };
    store.prune(&limits.keep).await.unwrap();
    let first = proposal("c-1", 3, 1_000);
    store.propose(&first, &limits, &note()).await.unwrap();
    hands.set(1_000 + 59 * MINUTE);
    let second = other_call("c-2", 1_000 + 59 * MINUTE);
    store.propose(&second, &limits, &note()).await.unwrap();
    assert!(store.proposal("c-1").await.unwrap().is_some());
    hands.set(1_000 + 61 * MINUTE);
    let third = other_call("c-3", 1_000 + 61 * MINUTE);
    store.propose(&third, &limits, &note()).await.unwrap();
    assert!(store.proposal("c-1").await.unwrap().is_none());
    assert!(store.proposal("c-2").await.unwrap().is_some());
}

#[tokio::test]
async fn a_record_is_written_with_what_it_is_about_or_neither_is() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let dying = store(folder.path(), &hands);
    let first = proposal("c-1", 3, 1_000);
    let records = async |store: &SqliteStore| store.head().await.unwrap().seq;
    new(&dying, &first).await;
    assert_eq!(records(&dying).await, 1);
    dying.propose(&first, &LIMITS, &note()).await.unwrap();
    assert_eq!(records(&dying).await, 1, "it was there");
    let yes = decision(&first, Verdict::Approved);
    assert_eq!(dying.decide(&yes, &note()).await.unwrap().seq, 2);
    let claimed = dying.claim("c-1", &first.digest()).await.unwrap();
    let before = Snapshot {
        step: 0,
        target: target(),
        before: Some(json!({ "spec": { "replicas": 1 } })),
        after: None,
        left_out: Vec::new(),
    };
    for _ in 0..2 {
        dying
            .intent(&claimed, "audit-1", &before, &note())
            .await
            .unwrap();
    }
    assert_eq!(records(&dying).await, 4);
    assert_eq!(
        dying.snapshots("c-1").await.unwrap(),
        std::slice::from_ref(&before)
    );
    let late = dying.decide(&yes, &note()).await;
    assert!(matches!(late, Err(DecideError::Closed { .. })));
    assert_eq!(records(&dying).await, 4, "nothing was decided");
    drop(dying);
    // Two hosts find it at once, and say different things about it.
    let (one, other) = (store(folder.path(), &hands), store(folder.path(), &hands));
    let after = Snapshot {
        after: Some(json!({ "spec": { "replicas": 3 } })),
        ..before
    };
    let closed = one
        .close_interrupted(
            "c-1",
            State::Applied,
            &json!({}),
            std::slice::from_ref(&after),
            &note(),
        )
        .await;
    assert!(closed.unwrap());
    let closed = other
        .close_interrupted("c-1", State::Unknown, &json!({}), &[], &note())
        .await;
    assert!(!closed.unwrap());
    assert_eq!(records(&one).await, 5, "one outcome");
    assert_eq!(one.snapshots("c-1").await.unwrap(), [after]);
}

#[tokio::test]
async fn nothing_is_decided_where_the_chain_is_broken() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let store = store(folder.path(), &hands);
    let first = proposal("c-1", 3, 1_000);
    new(&store, &first).await;
    let editor = Connection::open(folder.path().join("state/bulkhead.db")).unwrap();
    editor.execute("DELETE FROM audit", []).unwrap();
    let yes = decision(&first, Verdict::Approved);
    assert!(store.decide(&yes, &note()).await.is_err());
    let other = other_call("c-2", 1_000);
    assert!(store.propose(&other, &LIMITS, &note()).await.is_err());
    assert_eq!(
        store.state("c-1").await.unwrap(),
        Some((State::Proposed, 0))
    );
    assert_eq!(store.state("c-2").await.unwrap(), None);
}

#[tokio::test]
async fn a_state_is_told_with_the_number_of_its_decisions() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let store = store(folder.path(), &hands);
    let first = proposal("c-1", 3, 1_000);
    approved(&store, &first).await;
    assert_eq!(
        store.state("c-1").await.unwrap(),
        Some((State::Approved, 1))
    );
    hands.set(1_000 + 30 * MINUTE);
    assert_eq!(store.state("c-1").await.unwrap(), Some((State::Expired, 1)));
}
