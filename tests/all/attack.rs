//! A client that keeps every byte that it ever received tries to approve its own change.
//!
//! Each way has a cluster, a host and a state folder of its own. Whatever the host answered, the thief then tries to apply the
//! change, also at a host that is started anew. After that the cluster has got no request that changes something but those that a
//! person really allowed, and the object stands as they left it.

mod answers;
mod elsewhere;
mod rows;
mod terminal;
mod thief;
mod words;

use std::collections::BTreeSet;

use bulkhead_tests::mcp_client::Era;
use rstest::rstest;

use self::thief::{Stage, Thief};

/// One way to approve oneself: what it is, where it is tried, and how.
type Way = (&'static str, Stage, fn(&mut Thief));

/// Every way, by what it goes by.
const ALL: [&[Way]; 5] = [
    words::WAYS,
    terminal::WAYS,
    rows::WAYS,
    elsewhere::WAYS,
    answers::WAYS,
];

#[rstest]
#[case::words(words::WAYS)]
#[case::the_commands_of_a_person(terminal::WAYS)]
#[case::rows_of_the_store(rows::WAYS)]
#[case::a_decision_for_something_else(elsewhere::WAYS)]
#[case::answers_of_the_client(answers::WAYS)]
fn a_client_that_keeps_every_byte_never_approves_itself_by(#[case] ways: &[Way]) {
    let mut changes = 0;
    for (way, stage, goes) in ways {
        println!("{stage:?}: {way}");
        let mut thief = Thief::on(*stage);
        goes(&mut thief);
        thief.cashes_in();
        thief.restarts(|_| ());
        thief.cashes_in();
        let stolen = thief.stolen();
        changes += stolen.len();
        assert_eq!(stolen, [], "{stage:?}: {way}");
        assert_eq!(thief.object(), thief.left(), "{stage:?}: {way}");
    }
    println!("{} ways, {changes} changes", ways.len());
}

#[test]
fn there_are_enough_ways_and_each_is_another() {
    let ways: Vec<_> = ALL.concat();
    let names: BTreeSet<_> = ways
        .iter()
        .map(|(way, stage, _)| format!("{stage:?}: {way}"))
        .collect();
    assert_eq!(names.len(), ways.len());
    assert!(names.len() >= 25, "{} ways", names.len());
}

/// Else the thief would fail for another reason.
#[rstest]
fn what_the_thief_tries_works_with_a_person_s_yes(
    #[values(Stage::Console, Stage::Client(Era::MODERN), Stage::Client(Era::LEGACY))] stage: Stage,
) {
    let mut thief = Thief::on(stage);
    let before = thief.object();
    thief.person_allows();
    assert_eq!(thief.sim.changes().len(), 1, "{:?}", thief.sim.changes());
    assert_ne!(thief.object(), before);
    assert_eq!(thief.stolen(), []);
}
