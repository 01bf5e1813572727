//! The states of a proposal against a model that has nothing but the rules.

use proptest::prelude::*;

use super::*;
use crate::proposal::State;
use crate::store::{ClaimError, Claimed, DecideError};

#[derive(Debug, Clone)]
enum Act {
    Approve,
    Decline,
    Claim,
    Finish(State),
    /// Another change takes it back, and ends so.
    RollBack(State),
    /// Minutes.
    Pass(u64),
    /// Somebody sets the clock back by so many minutes; the steady clock of a process runs on.
    SetBack(u64),
    /// The host that claimed is gone, and another closes what it left.
    Crash(State),
}

fn act() -> impl Strategy<Value = Act> {
    let outcome = prop_oneof![
        Just(State::Applied),
        Just(State::Differs),
        Just(State::Partial),
        Just(State::Failed),
        Just(State::Unknown),
    ];
    prop_oneof![
        3 => Just(Act::Approve),
        1 => Just(Act::Decline),
        3 => Just(Act::Claim),
        2 => outcome.clone().prop_map(Act::Finish),
        1 => outcome.clone().prop_map(Act::RollBack),
        2 => (1_u64..20).prop_map(Act::Pass),
        1 => (1_u64..60).prop_map(Act::SetBack),
        1 => outcome.prop_map(Act::Crash),
    ]
}

/// What the rules say comes next; none where they refuse.
fn rule(state: State, act: &Act) -> Option<State> {
    match (state, act) {
        (State::Proposed | State::Approved, Act::Approve) => Some(State::Approved),
        (State::Proposed | State::Approved, Act::Decline) => Some(State::Declined),
        (State::Approved, Act::Claim) => Some(State::Applying),
        (State::Applying, Act::Finish(outcome) | Act::Crash(outcome)) => Some(*outcome),
        (
            State::Applied | State::Differs | State::Partial | State::Unknown,
            Act::RollBack(State::Applied | State::Differs),
        ) => Some(State::RolledBack),
        _ => None,
    }
}

async fn run(acts: Vec<Act>) {
    let (folder, hands) = (tempfile::tempdir().unwrap(), Hands::at(MINUTE));
    let mut host = store(folder.path(), &hands);
    let first = proposal("c-1", 3, MINUTE);
    new(&host, &first).await;
    // What the store has seen, and what the clock shows.
    let (mut state, mut time, mut shown) = (State::Proposed, MINUTE, MINUTE);
    let mut claimed: Option<Claimed> = None;
    for (nth, act) in acts.into_iter().enumerate() {
        let expected = rule(state, &act);
        let done = match &act {
            Act::Approve | Act::Decline => {
                let verdict = if matches!(act, Act::Approve) {
                    Verdict::Approved
                } else {
                    Verdict::Declined
                };
                match host.decide(&decision(&first, verdict), &note()).await {
                    Ok(_) => true,
                    Err(DecideError::Expired(_) | DecideError::Closed { .. }) => false,
                    Err(error) => panic!("{error}"),
                }
            }
            Act::Claim => match host.claim("c-1", &first.digest()).await {
                Ok(got) => {
                    assert!(claimed.replace(got).is_none(), "claimed twice");
                    true
                }
                Err(ClaimError::Store(error)) => panic!("{error}"),
                Err(_) => false,
            },
            Act::Finish(outcome) => match claimed.take() {
                Some(claim) => {
                    let finished = host.finish(claim, *outcome, &json!({}), &[], &note()).await;
                    claimed = None;
                    finished.is_ok()
                }
                None => false,
            },
            Act::RollBack(outcome) => {
                let mut back = other_call(&format!("back-{nth}"), time);
                back.steps[0].change = Change::Scale { replicas: 1 };
                back.rollback_of = Some(first.id.clone());
                approved(&host, &back).await;
                let claimed = host.claim(&back.id, &back.digest()).await.unwrap();
                host.finish(claimed, *outcome, &json!({}), &[], &note())
                    .await
                    .unwrap();
                let now = host.state("c-1").await.unwrap().unwrap().0;
                state != State::RolledBack && now == State::RolledBack
            }
            Act::Pass(minutes) => {
                shown += minutes * MINUTE;
                hands.set(shown);
                false
            }
            Act::SetBack(minutes) => {
                // Every call leaves a record, and with it the time.
                host.append(Vec::new()).await.unwrap();
                shown = shown.saturating_sub(minutes * MINUTE);
                hands.set(shown);
                false
            }
            Act::Crash(outcome) => {
                let other = store(folder.path(), &hands);
                drop(host);
                claimed = None;
                let closed = other
                    .close_interrupted("c-1", *outcome, &json!({}), &[], &note())
                    .await;
                host = other;
                closed.unwrap()
            }
        };
        assert_eq!(done, expected.is_some(), "{act:?} in {state}");
        time = time.max(shown);
        state = expected.unwrap_or(state);
        if matches!(state, State::Proposed | State::Approved) && first.expires <= Moment(time) {
            state = State::Expired;
        }
        let stored = host.proposal("c-1").await.unwrap().unwrap();
        assert_eq!(stored.state, state, "after {act:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn every_sequence_of_acts_follows_the_rules(acts in proptest::collection::vec(act(), 1..12)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(acts));
    }
}
