//! Routes and standings: what no rule can lower, and what is no decision.

use super::draw::fixtures::{of, scaled, step, target};
use super::*;
use crate::config::{ApprovalRule, Approver};
use crate::proposal::{Change, PatchKind, Reason, State};

fn key(seed: u8) -> ApproverKey {
    ApproverKey::from_seed(&[seed; 32]).unwrap()
}

fn approver(seed: u8) -> Approver {
    let text = key(seed).public().to_string();
    let bytes = STANDARD
        .decode(text.trim_start_matches("ed25519:"))
        .unwrap();
    Approver {
        name: format!("approver {seed}"),
        key: bytes.try_into().unwrap(),
    }
}

fn rule(channel: Configured) -> ApprovalRule {
    ApprovalRule {
        plugins: Vec::new(),
        tools: Vec::new(),
        verbs: Vec::new(),
        resources: Vec::new(),
        namespaces: Vec::new(),
        risk: Vec::new(),
        channel,
    }
}

fn config(rules: Vec<ApprovalRule>) -> ApprovalConfig {
    ApprovalConfig {
        approvers: vec![approver(1)],
        rules,
        ..ApprovalConfig::default()
    }
}

fn seal() -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, b"of this host")
}

fn stored(proposal: Proposal, decisions: Vec<Decision>) -> Stored {
    Stored {
        digest: proposal.digest(),
        proposal,
        state: State::Approved,
        decisions,
        claimed: None,
        intents: Vec::new(),
        closed: None,
        report: None,
    }
}

/// A minute after the proposal was made.
fn soon() -> Moment {
    Moment(scaled().created.0 + 60_000)
}

fn signed(seed: u8, verdict: Verdict) -> Decision {
    Decision::signed(&scaled(), verdict, None, soon(), &key(seed))
}

fn standing_of(config: &ApprovalConfig, decisions: Vec<Decision>, now: Moment) -> Standing {
    let stored = stored(scaled(), decisions);
    standing(config, &ChangesConfig::default(), &seal(), &stored, now)
}

fn with_risk(risk: Risk) -> Proposal {
    let mut proposal = scaled();
    proposal.steps[0].reasons.push(Reason {
        risk,
        path: None,
        say: "for a test".to_owned(),
    });
    proposal
}

#[test]
fn without_a_rule_it_is_the_console_and_without_an_approver_nobody() {
    assert_eq!(route(&config(Vec::new()), &scaled()), Route::Console);
    let nobody = ApprovalConfig::default();
    assert!(matches!(route(&nobody, &scaled()), Route::Refused(_)));
}

#[test]
fn no_rule_lowers_what_is_of_high_risk_or_blocked() {
    for channel in [Configured::Auto, Configured::Elicitation] {
        let lax = config(vec![rule(channel)]);
        assert_eq!(route(&lax, &with_risk(Risk::High)), Route::Console);
        assert!(matches!(
            route(&lax, &with_risk(Risk::Blocked)),
            Route::Refused(_)
        ));
        assert_ne!(route(&lax, &with_risk(Risk::Medium)), Route::Console);
    }
}

#[test]
fn of_a_plan_the_strictest_change_counts() {
    let mut auto = rule(Configured::Auto);
    auto.resources = vec!["deployments/scale".parse().unwrap()];
    let rules = config(vec![auto]);
    assert_eq!(route(&rules, &scaled()), Route::Auto);
    let patch = Change::Patch {
        how: PatchKind::Merge,
        body: serde_json::json!({}),
        expected_version: None,
    };
    let web = target("apps", "deployments", Some("shop"), "other");
    let mut steps = scaled().steps;
    steps.push(step(patch, web, "patch"));
    assert_eq!(route(&rules, &of(steps)), Route::Console);
}

#[test]
fn a_signature_of_an_approver_counts_and_nothing_else_does() {
    let config = config(Vec::new());
    let of_key = |seed| standing_of(&config, vec![signed(seed, Verdict::Approved)], soon());
    assert!(matches!(of_key(1), Standing::Approved(_)));
    assert_eq!(of_key(2), Standing::Undecided);

    let unsigned = Decision {
        signature: None,
        ..signed(1, Verdict::Approved)
    };
    let of_another_proposal = Decision {
        proposal: "c-0000000000".to_owned(),
        ..signed(1, Verdict::Approved)
    };
    let of_another_digest = Decision {
        digest: "00".repeat(32),
        ..signed(1, Verdict::Approved)
    };
    for row in [unsigned, of_another_proposal, of_another_digest] {
        assert_eq!(standing_of(&config, vec![row], soon()), Standing::Undecided);
    }
}

#[test]
fn a_seal_of_the_host_counts_only_where_the_rules_send_the_proposal() {
    let decision = |channel| {
        let stored = stored(scaled(), Vec::new());
        let what = (channel, Verdict::Approved);
        sealed(&seal(), &stored, what, "a client".to_owned(), soon())
    };
    let rules = [
        (None, Route::Console),
        (Some(Configured::Elicitation), Route::Elicitation),
        (Some(Configured::Auto), Route::Auto),
    ];
    for (channel, expected) in rules {
        let config = config(channel.map(rule).into_iter().collect());
        assert_eq!(route(&config, &scaled()), expected);
        for (made, fits) in [
            (Channel::Elicitation, Route::Elicitation),
            (Channel::Auto, Route::Auto),
        ] {
            let counted = standing_of(&config, vec![decision(made)], soon());
            let counts = matches!(counted, Standing::Approved(_));
            assert_eq!(counts, fits == expected, "{made:?} under {expected:?}");
        }
        // Whoever says that it came from the console needs the key for it.
        let claimed = standing_of(&config, vec![decision(Channel::Console)], soon());
        assert_eq!(claimed, Standing::Undecided);
    }
}

#[test]
fn an_approval_ages_and_a_no_does_not() {
    let config = config(Vec::new());
    let later = Moment(soon().0 + 5 * 60_000 + 1);
    let yes = signed(1, Verdict::Approved);
    assert_eq!(
        standing_of(&config, vec![yes.clone()], later),
        Standing::TooOld
    );
    let no = signed(1, Verdict::Declined);
    for decisions in [vec![no.clone(), yes.clone()], vec![yes, no]] {
        assert!(matches!(
            standing_of(&config, decisions, soon()),
            Standing::Declined(_)
        ));
    }
    // Before the proposal was made nobody can have looked at it.
    let early = Decision::signed(&scaled(), Verdict::Approved, None, Moment(1), &key(1));
    assert_eq!(
        standing_of(&config, vec![early], soon()),
        Standing::Undecided
    );
}
