use super::*;
use crate::proposal::State;
use crate::store::{ClaimError, Claimed, Pruned, Snapshot, StoreError};

fn snapshot() -> Snapshot {
    Snapshot {
        step: 0,
        target: target(),
        before: Some(json!({ "spec": { "replicas": 1 } })),
        after: Some(json!({ "spec": { "replicas": 3 } })),
        left_out: vec!["data".to_owned()],
    }
}

/// What is kept with the intent.
fn before() -> Snapshot {
    Snapshot {
        after: None,
        ..snapshot()
    }
}

#[tokio::test]
async fn a_claim_goes_its_way_to_an_outcome_once() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let one = store(folder.path(), &hands);
    let other = store(folder.path(), &hands);
    let first = proposal("c-1", 3, 1_000);
    new(&one, &first).await;
    let undecided = one.claim("c-1", &first.digest()).await;
    assert!(matches!(undecided, Err(ClaimError::Undecided(_))));
    one.decide(&decision(&first, Verdict::Approved), &note())
        .await
        .unwrap();
    let digest = one.claim("c-1", "00").await;
    assert!(matches!(digest, Err(ClaimError::Digest(_))));
    let claimed = one.claim("c-1", &first.digest()).await.unwrap();
    assert_eq!(claimed.proposal(), &first);
    let again = other.claim("c-1", &first.digest()).await;
    assert!(matches!(
        again,
        Err(ClaimError::Taken {
            state: State::Applying,
            ..
        })
    ));
    one.intent(&claimed, "audit-1", &before(), &note())
        .await
        .unwrap();
    one.intent(&claimed, "audit-2", &before(), &note())
        .await
        .unwrap();
    let report = json!({ "steps": [] });
    let wrong = one
        .finish(claimed, State::Proposed, &report, &[], &note())
        .await;
    let unfinished = wrong.unwrap_err();
    assert!(matches!(unfinished.error, StoreError::Misuse(_)));
    one.finish(
        *unfinished.claimed,
        State::Applied,
        &report,
        &[snapshot()],
        &note(),
    )
    .await
    .unwrap();
    let stored = other.proposal("c-1").await.unwrap().unwrap();
    assert_eq!(stored.state, State::Applied);
    assert_eq!(stored.report, Some(report));
    assert_eq!(stored.intents.len(), 1);
    assert_eq!(stored.intents[0].audit_id, "audit-2");
    assert_eq!(other.snapshots("c-1").await.unwrap(), [snapshot()]);
    let late = one.claim("c-1", &first.digest()).await;
    assert!(matches!(
        late,
        Err(ClaimError::Taken {
            state: State::Applied,
            ..
        })
    ));
}

#[tokio::test]
async fn what_takes_a_change_back_marks_it_with_its_own_outcome() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let store_of_one_host = || store(folder.path(), &hands);
    let store = store_of_one_host();
    for (outcome, expected) in [
        (State::Applied, State::RolledBack),
        (State::Differs, State::RolledBack),
        (State::Partial, State::Applied),
        (State::Failed, State::Applied),
        (State::Unknown, State::Applied),
    ] {
        let first = other_call(&format!("one-{outcome}"), 1_000);
        end(&store, &first, State::Applied).await;
        end(&store, &taking_back(&first), outcome).await;
        assert_eq!(state(&store, &first).await, expected, "{outcome}");
        // The same where the host that does it ends before it has said so.
        let second = other_call(&format!("two-{outcome}"), 1_000);
        end(&store, &second, State::Applied).await;
        let back = taking_back(&second);
        let dying = store_of_one_host();
        let claimed = claimed(&dying, &back).await;
        drop((dying, claimed));
        let closed = store
            .close_interrupted(&back.id, outcome, &json!({}), &[], &note())
            .await;
        assert!(closed.unwrap());
        assert_eq!(state(&store, &second).await, expected, "{outcome}");
    }
}

fn taking_back(original: &Proposal) -> Proposal {
    Proposal {
        rollback_of: Some(original.id.clone()),
        ..other_call(&format!("back-{}", original.id), 1_000)
    }
}

async fn claimed(store: &SqliteStore, proposal: &Proposal) -> Claimed {
    approved(store, proposal).await;
    store.claim(&proposal.id, &proposal.digest()).await.unwrap()
}

async fn end(store: &SqliteStore, proposal: &Proposal, outcome: State) {
    let claimed = claimed(store, proposal).await;
    store
        .finish(claimed, outcome, &json!({}), &[], &note())
        .await
        .unwrap();
}

async fn state(store: &SqliteStore, proposal: &Proposal) -> State {
    store.state(&proposal.id).await.unwrap().unwrap().0
}

#[tokio::test]
async fn what_a_dead_host_left_is_found_and_closed_once() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let dying = store(folder.path(), &hands);
    let other = store(folder.path(), &hands);
    let first = proposal("c-1", 3, 1_000);
    approved(&dying, &first).await;
    let claimed = dying.claim("c-1", &first.digest()).await.unwrap();
    dying
        .intent(&claimed, "audit-1", &before(), &note())
        .await
        .unwrap();
    assert!(other.interrupted().await.unwrap().is_empty());
    let alive = other
        .close_interrupted("c-1", State::Unknown, &json!({}), &[], &note())
        .await;
    assert!(matches!(alive, Err(StoreError::Misuse(_))));
    drop(dying);
    let found = other.interrupted().await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].intents.len(), 1);
    let report = json!({ "outcome": "looked up" });
    assert!(
        other
            .close_interrupted("c-1", State::Applied, &report, &[], &note())
            .await
            .unwrap()
    );
    assert!(
        !other
            .close_interrupted("c-1", State::Failed, &report, &[], &note())
            .await
            .unwrap()
    );
    assert!(other.interrupted().await.unwrap().is_empty());
    let late = other
        .finish(claimed, State::Failed, &json!({}), &[], &note())
        .await;
    assert!(late.is_err(), "the claim is over");
    let stored = other.proposal("c-1").await.unwrap().unwrap();
    assert_eq!(stored.state, State::Applied);
}

/// Where a child process of the next test finds the store.
const FOLDER: &str = "BULKHEAD_TEST_CLAIMS";

/// So many proposals for four processes.
const MANY: usize = 1_000;

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "real processes race for the file"
)]
fn each_of_many_proposals_is_claimed_by_one_of_four_processes() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = store(folder.path(), &Hands::at(1_000));
        for n in 0..MANY {
            approved(&store, &numbered(n)).await;
        }
    });
    let child = || {
        std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--ignored"])
            .arg(
                concat!(module_path!(), "::one_process_claims_what_it_can")
                    .split_once("::")
                    .unwrap()
                    .1,
            )
            .env(FOLDER, folder.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap()
    };
    let children: Vec<_> = (0..4).map(|_| child()).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let mut won = Vec::new();
    let mut winners = 0;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "won") {
            let text = std::fs::read_to_string(path).unwrap();
            won.extend(text.lines().map(str::to_owned));
            winners += 1;
        }
    }
    won.sort();
    let mut expected: Vec<_> = (0..MANY).map(|n| numbered(n).id).collect();
    expected.sort();
    assert_eq!(winners, 4);
    assert_eq!(won, expected);
}

#[test]
#[ignore = "a child process of the test before it"]
#[expect(clippy::disallowed_methods, reason = "told by its parent")]
fn one_process_claims_what_it_can() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let folder = Path::new(&folder);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let won = runtime.block_on(async {
        let store = store(folder, &Hands::at(1_000));
        let mut won = Vec::new();
        for n in 0..MANY {
            let proposal = numbered(n);
            match store.claim(&proposal.id, &proposal.digest()).await {
                Ok(claimed) => won.push(claimed.proposal().id.clone()),
                Err(ClaimError::Taken { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
        won
    });
    let name = format!("{}.won", std::process::id());
    std::fs::write(folder.join(name), won.join("\n")).unwrap();
}

/// One of its own caller and call.
fn numbered(n: usize) -> Proposal {
    let mut proposal = other_call(&format!("c-{n}"), 1_000);
    proposal.binding.caller = format!("uid {n}");
    proposal
}

#[tokio::test]
async fn what_is_old_is_forgotten_and_what_is_under_way_is_not() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let store = store(folder.path(), &hands);
    let done = proposal("c-1", 3, 1_000);
    approved(&store, &done).await;
    let claimed = store.claim("c-1", &done.digest()).await.unwrap();
    store
        .finish(claimed, State::Applied, &json!({}), &[snapshot()], &note())
        .await
        .unwrap();
    let applying = other_call("c-2", 1_000);
    approved(&store, &applying).await;
    let _claimed = store.claim("c-2", &applying.digest()).await.unwrap();
    new(&store, &other_call("c-3", 1_000)).await;
    let keep = Keep {
        proposals: Duration::from_secs(7_200),
        snapshots: Duration::from_secs(3_600),
    };
    assert_eq!(store.prune(&keep).await.unwrap(), Pruned::default());
    hands.set(1_000 + 3_600_000);
    let hour = Pruned {
        proposals: 0,
        snapshots: 1,
    };
    assert_eq!(store.prune(&keep).await.unwrap(), hour);
    assert!(store.snapshots("c-1").await.unwrap().is_empty());
    hands.set(1_000 + 3 * 7_200_000);
    let late = Pruned {
        proposals: 2,
        snapshots: 0,
    };
    assert_eq!(store.prune(&keep).await.unwrap(), late);
    let left = store.recent(10, None).await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].proposal.id, "c-2");
}
