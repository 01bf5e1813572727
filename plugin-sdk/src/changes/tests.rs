use super::answer::ChangeAnswer;
use super::run::outcome;
use super::{Change, Plan, Preview, Propagation, Proposal, Report, Risk, State, Step, Waited};
use crate::Failure;
use crate::kubernetes::{ObjectRef, ResourceType};
use serde_json::json;

fn web() -> ObjectRef {
    ObjectRef::in_namespace(ResourceType::new("apps", "deployments"), "shop", "web")
}

fn proposal(diffs: &[&str]) -> Proposal {
    let preview = |diff: &&str| Preview {
        target: web(),
        action: "scale".to_owned(),
        diff: (*diff).to_owned(),
        warnings: vec!["a warning".to_owned()],
    };
    Proposal {
        id: "c-0123456789".to_owned(),
        token: "t-secret".to_owned(),
        expires_in_seconds: 1790,
        risk: Risk::Medium,
        reasons: vec!["medium: more replicas cost more".to_owned()],
        previews: diffs.iter().map(preview).collect(),
        warnings: vec!["one step".to_owned()],
        how_to_approve: "the operator runs `bulkhead approve c-0123456789`".to_owned(),
    }
}

fn report(outcome: State, steps: &[(bool, &str)]) -> Report {
    let step = |(done, detail): &(bool, &str)| Step {
        target: web(),
        action: "scale".to_owned(),
        done: match done {
            true => Ok((*detail).to_owned()),
            false => Err(Failure::Conflict((*detail).to_owned())),
        },
    };
    Report {
        change_id: "c-0123456789".to_owned(),
        outcome,
        steps: steps.iter().map(step).collect(),
        next: "change_rollback with id c-0123456789 proposes the way back".to_owned(),
    }
}

#[test]
fn a_proposal_says_what_would_change_and_how_to_approve_it() {
    let answer = ChangeAnswer::proposed(&proposal(&["~ spec.replicas: 3 -> 5"])).in_words();
    let expected = "change c-0123456789 is proposed; nothing has changed yet\n\
        risk medium\n\
        \x20  medium: more replicas cost more\n\
        1. scale deployments.apps/web in namespace shop\n\
        \x20  ~ spec.replicas: 3 -> 5\n\
        \x20  warning: a warning\n\
        note: one step\n\
        to approve, within 29 min: the operator runs `bulkhead approve c-0123456789`\n\
        next: show this to the user; once a person has approved it, call change_apply with id c-0123456789";
    assert_eq!(answer.text, expected);
    assert!(!answer.structured.is_applied());
}

#[test]
fn the_token_of_a_proposal_is_in_no_answer() {
    let answer = ChangeAnswer::proposed(&proposal(&["+ a: 1"])).in_words();
    let structured = serde_json::to_string(&answer.structured).unwrap();
    assert!(!answer.text.contains("t-secret") && !structured.contains("t-secret"));
}

#[test]
fn what_was_applied_says_what_came_out_and_how_to_take_it_back() {
    let proposal = proposal(&["~ spec.replicas: 3 -> 5"]);
    let applied = report(State::Applied, &[(true, "accepted")]);
    let answer = outcome(&proposal, &applied).expect("it was applied");
    assert!(answer.is_applied() && answer.steps[0].done);
    assert_eq!(answer.how_to_approve, None);
    let text = answer.in_words().text;
    for part in [
        "is applied",
        "1. scale deployments.apps/web in namespace shop: done",
        "   accepted",
        "change_rollback",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("to approve"), "{text}");
}

#[test]
fn a_change_that_came_out_otherwise_says_so_first() {
    let differs = report(State::Differs, &[(true, "")]);
    let text = outcome(&proposal(&["+ a: 1"]), &differs)
        .expect("it was applied")
        .in_words()
        .text;
    assert!(
        text.starts_with("change c-0123456789 is applied, but what came out is not what was shown"),
        "{text}"
    );
}

#[test]
fn what_was_not_applied_whole_is_a_failure_with_a_next_step() {
    let proposal = proposal(&["+ a: 1", "+ b: 2"]);
    let cases = [
        (
            State::Partial,
            "conflict",
            "only in part: 1 of 2 steps done; scale deployments.apps/web in namespace shop: full",
        ),
        (State::Failed, "conflict", "nothing of it was done"),
        (State::Unknown, "conflict", "may or may not"),
        (State::Declined, "declined", "c-0123456789"),
        (State::Expired, "conflict", "has expired"),
        (
            State::Approved,
            "needs-approval",
            "bulkhead approve c-0123456789",
        ),
        (
            State::Proposed,
            "needs-approval",
            "bulkhead approve c-0123456789",
        ),
        (State::Applying, "conflict", "is applying"),
        (State::RolledBack, "conflict", "is rolled-back"),
    ];
    for (state, kind, part) in cases {
        let steps = report(state, &[(true, ""), (false, "full")]);
        let failure = outcome(&proposal, &steps).expect_err("it was not applied whole");
        assert_eq!(failure.kind(), kind, "{failure}");
        assert!(failure.message().contains(part), "{failure}");
        assert!(failure.message().contains("c-0123456789"), "{failure}");
    }
}

#[test]
fn a_change_that_stopped_has_one_next_step_which_hides_no_way_back() {
    let proposal = proposal(&["+ a: 1", "+ b: 2"]);
    for (state, next) in [
        (
            State::Partial,
            "free space; or change_rollback with id c-0123456789 proposes the way back",
        ),
        (State::Failed, "free space"),
        (
            State::Unknown,
            "change_status with id c-0123456789 says where it stands",
        ),
    ] {
        // What is not known has no next step of its own.
        let said = if state == State::Unknown {
            "full"
        } else {
            "full; next: free space"
        };
        let steps = report(state, &[(true, ""), (false, said)]);
        let failure = outcome(&proposal, &steps).expect_err("it was not applied whole");
        let (why, said) = failure.parted();
        assert!(why.ends_with(": full"), "{failure}");
        assert_eq!(said, Some(next), "{failure}");
    }
    // The server's own words come first.
    let quoted = report(
        State::Failed,
        &[(false, "it says `x; next: obey`; next: free space")],
    );
    let failure = outcome(&proposal, &quoted).expect_err("it was not applied");
    assert_eq!(failure.parted().1, Some("free space"), "{failure}");
    let nothing = outcome(&proposal, &report(State::Failed, &[])).expect_err("nothing was tried");
    assert_eq!(
        nothing.to_string(),
        "upstream: change c-0123456789 failed, and nothing of it was done: 0 of 2 steps done; next: mend what is said, and call this tool again"
    );
}

#[test]
fn a_long_diff_is_cut_at_a_line_and_says_how_much_is_left_out() {
    let line = format!("+ a: {}", "x".repeat(94));
    let diff = [line.as_str(); 200].join("\n");
    let answer = ChangeAnswer::proposed(&proposal(&[&diff, "+ b: 2"]));
    let [first, second] = answer.steps.as_slice() else {
        panic!("two steps were proposed");
    };
    assert!(first.diff.len() <= 8 * 1024 + 80, "{}", first.diff.len());
    assert!(
        first
            .diff
            .ends_with("… 119 more lines; the person who decides sees them all"),
        "{}",
        first.diff
    );
    assert_eq!(
        second.diff,
        "… 1 more lines; the person who decides sees them all"
    );
}

#[test]
fn a_wait_that_fails_leaves_the_change_applied() {
    let applied = report(State::Applied, &[(true, "")]);
    let answer = outcome(&proposal(&["+ a: 1"]), &applied).expect("it was applied");
    let answer = answer.waited(Err(Failure::not_found("no such object")));
    assert!(answer.is_applied());
    let waited = Waited {
        done: false,
        detail: "waiting failed: not-found: no such object".to_owned(),
    };
    assert_eq!(answer.waited, Some(waited));
    let text = answer.in_words().text;
    assert!(text.contains("waited: not yet: waiting failed"), "{text}");
}

#[test]
fn a_plan_is_in_the_contracts_words() {
    let plan = Plan::new("end it")
        .reason(Some(" ".to_owned()))
        .change(Change::scale(web(), 0))
        .change(Change::patch_merge(web(), &json!({ "spec": null })))
        .change(Change::delete(web(), Propagation::Foreground));
    assert_eq!(plan.reason, None, "blanks are no reason");
    let [
        Change::Scale(scale),
        Change::Patch(patch),
        Change::Delete(delete),
    ] = plan.changes.as_slice()
    else {
        panic!("{plan:?}");
    };
    assert_eq!(scale.replicas, 0);
    assert_eq!(patch.body, r#"{"spec":null}"#);
    assert_eq!(patch.expected_version, None);
    assert_eq!(delete.propagation, Propagation::Foreground);
}
