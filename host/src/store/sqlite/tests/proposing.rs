use super::*;
use crate::proposal::{Expected, State};
use crate::store::{DecideError, ProposeError};

#[tokio::test]
async fn the_same_call_finds_its_open_proposal_again() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let store = store(folder.path(), &hands);
    let stored = new(&store, &proposal("c-1", 3, 1_000)).await;
    assert_eq!(stored.digest, proposal("c-1", 3, 1_000).digest());
    let mut again = proposal("c-2", 3, 2_000);
    again.steps[0].resource_version = Some("99".to_owned());
    again.binding.client = Some("another name".to_owned());
    let Proposed::Again(found) = store.propose(&again, &LIMITS, &note()).await.unwrap() else {
        panic!("stored twice")
    };
    assert_eq!(found.proposal, proposal("c-1", 3, 1_000));
    assert!(store.proposal("c-2").await.unwrap().is_none());
    let by_token = store.by_token("token-c-1").await.unwrap().unwrap();
    assert_eq!(by_token.proposal.id, "c-1");
}

#[tokio::test]
async fn another_plan_or_effect_of_the_same_call_replaces_the_open_one() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let store = store(folder.path(), &hands);
    approved(&store, &proposal("c-1", 3, 1_000)).await;
    new(&store, &proposal("c-2", 4, 1_000)).await;
    let old = store.proposal("c-1").await.unwrap().unwrap();
    assert_eq!(old.state, State::Expired);
    assert!(store.claim("c-1", &old.digest).await.is_err());
    let mut moved = proposal("c-3", 4, 1_000);
    moved.steps[0].diff[0].before = Some("2".to_owned());
    new(&store, &moved).await;
    let mut recreated = proposal("c-4", 4, 1_000);
    recreated.steps[0].uid = Some("another".to_owned());
    new(&store, &recreated).await;
    let open = store.open_proposals().await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].proposal.id, "c-4");
    let recent = store.recent(2, None).await.unwrap();
    let ids: Vec<_> = recent.iter().map(|one| one.proposal.id.as_str()).collect();
    assert_eq!(ids, ["c-4", "c-3"]);
}

#[tokio::test]
async fn a_plan_that_would_meet_another_item_or_take_more_with_it_is_shown_anew() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let store = store(folder.path(), &hands);
    let with = |id: &str, item: &str, dependents: &[&str]| {
        let mut proposal = proposal(id, 3, 1_000);
        proposal.steps[0].items = vec![format!("spec.containers[0] is {item}")];
        proposal.steps[0].dependents = dependents.iter().map(ToString::to_string).collect();
        proposal
    };
    new(&store, &with("c-1", "web", &["pods/a", "pods/b"])).await;
    let fewer = with("c-2", "web", &["pods/c"]);
    let found = store.propose(&fewer, &LIMITS, &note()).await.unwrap();
    assert!(matches!(found, Proposed::Again(_)), "it was seen in c-1");
    new(&store, &with("c-3", "spy", &["pods/a", "pods/b"])).await;
    new(&store, &with("c-4", "spy", &["pods/a", "jobs/b"])).await;
    let open = store.open_proposals().await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].proposal.id, "c-4");
}

#[tokio::test]
async fn the_changes_of_a_plugin_are_found_behind_those_of_others() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let store = store(folder.path(), &hands);
    let mut rare = other_call("c-1", 1_000);
    rare.binding.plugin.key = "rare".to_owned();
    new(&store, &rare).await;
    new(&store, &other_call("c-2", 1_000)).await;
    new(&store, &other_call("c-3", 1_000)).await;
    let ids = async |plugin| {
        let found = store.recent(2, plugin).await.unwrap();
        found
            .into_iter()
            .map(|one| one.proposal.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(Some("rare")).await, ["c-1"]);
    assert_eq!(ids(None).await, ["c-3", "c-2"]);
    assert!(ids(Some("unknown")).await.is_empty());
}

#[tokio::test]
async fn a_declined_plan_is_refused_for_a_while_and_another_is_not() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let store = store(folder.path(), &hands);
    let first = proposal("c-1", 3, 1_000);
    new(&store, &first).await;
    let no = decision(&first, Verdict::Declined);
    store.decide(&no, &note()).await.unwrap();
    let again = store
        .propose(&proposal("c-2", 3, 1_000), &LIMITS, &note())
        .await;
    let Err(ProposeError::Declined {
        until,
        seconds,
        why,
    }) = again
    else {
        panic!("{again:?}")
    };
    assert_eq!((until, seconds), (Moment(601_000), 600));
    assert_eq!(why.as_deref(), Some("because"));
    // Other words for the same are the same, but on another cluster it is another matter.
    let mut worded = proposal("c-5", 3, 1_000);
    worded.binding.arguments_digest = "of other words".to_owned();
    let again = store.propose(&worded, &LIMITS, &note()).await;
    assert!(
        matches!(again, Err(ProposeError::Declined { .. })),
        "{again:?}"
    );
    worded.binding.cluster.uid = "another".to_owned();
    new(&store, &worded).await;
    new(&store, &proposal("c-3", 4, 1_000)).await;
    hands.set(601_000);
    new(&store, &proposal("c-4", 3, 601_000)).await;
}

#[tokio::test]
async fn a_declined_plan_is_not_another_one_by_what_it_expects_to_stand() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let store = store(folder.path(), &hands);
    let expecting = |id: &str, value: u64| {
        let mut proposal = other_call(id, 1_000);
        proposal.steps[0].change = Change::PatchStatus {
            body: json!({"targetPrimary": "orders-2"}),
            expected: vec![Expected {
                at: "metadata.generation".to_owned(),
                value: json!(value),
            }],
        };
        proposal
    };
    let first = expecting("c-1", 1);
    new(&store, &first).await;
    let no = decision(&first, Verdict::Declined);
    store.decide(&no, &note()).await.unwrap();
    let again = store.propose(&expecting("c-2", 2), &LIMITS, &note()).await;
    assert!(
        matches!(again, Err(ProposeError::Declined { .. })),
        "{again:?}"
    );
}

#[tokio::test]
async fn a_caller_has_so_many_open_and_another_caller_has_its_own() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let store = store(folder.path(), &hands);
    for n in 0..10 {
        new(&store, &other_call(&format!("c-{n}"), 1_000)).await;
    }
    let refused = store
        .propose(&other_call("c-10", 1_000), &LIMITS, &note())
        .await;
    assert!(matches!(
        refused,
        Err(ProposeError::TooMany { open: 10, most: 10 })
    ));
    let mut foreign = other_call("c-11", 1_000);
    foreign.binding.caller = "uid 1001".to_owned();
    new(&store, &foreign).await;
    hands.set(1_000 + 30 * MINUTE);
    new(&store, &other_call("c-12", 1_000 + 30 * MINUTE)).await;
}

#[tokio::test]
async fn a_decision_is_about_the_digest_of_an_open_proposal() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let store = store(folder.path(), &hands);
    let first = proposal("c-1", 3, 1_000);
    let yes = decision(&first, Verdict::Approved);
    let unknown = store.decide(&yes, &note()).await;
    assert!(matches!(unknown, Err(DecideError::Unknown(_))));
    new(&store, &first).await;
    let mut other = yes.clone();
    other.digest = proposal("c-1", 4, 1_000).digest();
    let digest = store.decide(&other, &note()).await;
    assert!(matches!(digest, Err(DecideError::Digest(_))));
    store.decide(&yes, &note()).await.unwrap();
    store.decide(&yes, &note()).await.unwrap();
    let no = decision(&first, Verdict::Declined);
    store.decide(&no, &note()).await.unwrap();
    let late = store.decide(&yes, &note()).await;
    assert!(matches!(
        late,
        Err(DecideError::Closed {
            state: State::Declined,
            ..
        })
    ));
    let stored = store.proposal("c-1").await.unwrap().unwrap();
    assert_eq!(stored.decisions, [yes.clone(), yes, no]);
    let second = proposal("c-2", 4, 1_000);
    new(&store, &second).await;
    hands.set(1_000 + 30 * MINUTE);
    let expired = store
        .decide(&decision(&second, Verdict::Approved), &note())
        .await;
    assert!(matches!(expired, Err(DecideError::Expired(_))));
}

#[tokio::test]
async fn a_clock_that_is_set_back_prolongs_nothing() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(100 * MINUTE));
    let one = store(folder.path(), &hands);
    approved(&one, &proposal("c-1", 3, 100 * MINUTE)).await;
    hands.set(129 * MINUTE);
    new(&one, &other_call("c-2", 129 * MINUTE)).await;
    // Set back by an hour; in this process two minutes pass, and another process starts afresh.
    hands.set(69 * MINUTE);
    hands.steady.store(2 * MINUTE, Ordering::SeqCst);
    let digest = proposal("c-1", 3, 100 * MINUTE).digest();
    assert_eq!(one.now().await.unwrap(), Moment(131 * MINUTE));
    assert!(one.claim("c-1", &digest).await.is_err());
    let other = store(folder.path(), &hands);
    assert!(other.now().await.unwrap() >= Moment(129 * MINUTE));
    let stored = other.proposal("c-1").await.unwrap().unwrap();
    assert!(stored.state == State::Expired || other.now().await.unwrap() < stored.proposal.expires);
}

#[tokio::test]
async fn a_nonce_is_taken_once_until_it_expires_and_never_after() {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(1_000));
    let one = store(folder.path(), &hands);
    let other = store(folder.path(), &hands);
    assert!(one.take_once("state", "n", Moment(2_000)).await.unwrap());
    assert!(!other.take_once("state", "n", Moment(2_000)).await.unwrap());
    assert!(one.take_once("page", "n", Moment(2_000)).await.unwrap());
    hands.set(2_000);
    let keep = crate::store::Keep {
        proposals: Duration::ZERO,
        snapshots: Duration::ZERO,
    };
    one.prune(&keep).await.unwrap();
    assert!(!one.take_once("state", "n", Moment(2_000)).await.unwrap());
}
