use rstest::rstest;

use super::*;
use crate::approval::draw::fixtures::scaled;
use crate::config::Approver;

fn stored(state: State) -> Stored {
    Stored {
        digest: scaled().digest(),
        proposal: scaled(),
        state,
        decisions: Vec::new(),
        claimed: None,
        intents: Vec::new(),
        closed: None,
        report: None,
    }
}

fn a_key(folder: &Path) -> ApproverKey {
    let passphrase = crate::approval::Passphrase::new("correct horse".to_owned());
    ApproverKey::create(&folder.join("approver.key"), &passphrase).unwrap()
}

fn config_of(approvers: &[(&str, PublicKey)]) -> Config {
    let approvers: Vec<String> = approvers
        .iter()
        .map(|(name, key)| format!("{{ name = \"{name}\", key = \"{key}\" }}"))
        .collect();
    let environment = Environment {
        home: Some("/home/operator".into()),
        ..Environment::default()
    };
    let text = format!("[approval]\napprovers = [{}]\n", approvers.join(", "));
    crate::config::parse(&text, Path::new("/x/config.toml"), &environment).unwrap()
}

#[test]
fn a_key_decides_by_the_name_that_the_configuration_gives_it() {
    let folder = tempfile::tempdir().unwrap();
    let key = a_key(folder.path()).public();
    assert_eq!(approver(&config_of(&[("ada", key)]), key).unwrap(), "ada");
    let failure = approver(&config_of(&[]), key).unwrap_err();
    assert!(failure.fix.unwrap().contains(&key.to_string()));
}

#[test]
fn a_placeholder_in_the_configuration_is_nobodys_key() {
    let mut config = config_of(&[]);
    config.approval.approvers.push(Approver {
        name: "ada".to_owned(),
        key: [0; 32],
    });
    let folder = tempfile::tempdir().unwrap();
    assert!(approver(&config, a_key(folder.path()).public()).is_err());
}

#[rstest]
#[case(State::Proposed, true)]
#[case(State::Approved, true)]
#[case(State::Declined, false)]
#[case(State::Expired, false)]
#[case(State::Applying, false)]
#[case(State::Applied, false)]
#[case(State::Unknown, false)]
fn only_what_is_open_can_be_decided_on(#[case] state: State, #[case] open: bool) {
    let folder = tempfile::tempdir().unwrap();
    let config = config_of(&[("ada", a_key(folder.path()).public())]);
    for verdict in [Verdict::Approved, Verdict::Declined] {
        let decided = decidable(&stored(state), verdict, &config);
        assert_eq!(decided.is_ok(), open, "{state} {verdict:?}");
    }
}

#[test]
fn what_the_policy_blocks_can_be_declined_and_never_approved() {
    let folder = tempfile::tempdir().unwrap();
    let config = config_of(&[("ada", a_key(folder.path()).public())]);
    let mut blocked = stored(State::Proposed);
    blocked.proposal.steps[0]
        .reasons
        .push(crate::proposal::Reason {
            risk: Risk::Blocked,
            path: None,
            say: "the namespace is protected".to_owned(),
        });
    let failure = decidable(&blocked, Verdict::Approved, &config).unwrap_err();
    assert_eq!(failure.kind, Kind::Denied);
    assert!(decidable(&blocked, Verdict::Declined, &config).is_ok());
}

#[test]
fn the_question_names_the_cluster_and_what_is_decided() {
    assert_eq!(
        question(&stored(State::Proposed), Verdict::Approved, "ada"),
        "APPROVE c-7h2kq4m9xz on prod-eu: passphrase of ada (nothing: leave it)"
    );
    let mut hostile = stored(State::Proposed);
    hostile.proposal.binding.cluster.context = "test\u{1b}[2K\rprod".to_owned();
    let question = question(&hostile, Verdict::Declined, "ada");
    assert!(question.starts_with("DECLINE c-7h2kq4m9xz on test\\u{1b}[2K\\rprod: "));
}

#[test]
fn the_next_step_says_until_when_and_that_declined_plans_pause() {
    let folder = tempfile::tempdir().unwrap();
    let key = a_key(folder.path());
    let config = config_of(&[("ada", key.public())]);
    let stored = stored(State::Proposed);
    let at = stored.proposal.created;
    let signed = |verdict, at| Decision::signed(&stored.proposal, verdict, None, at, &key);
    let said = next(&stored, &signed(Verdict::Approved, at), "ada", &config);
    assert!(said.starts_with(&format!(
        "approved c-7h2kq4m9xz as ada (key {})\n",
        key.public().fingerprint()
    )));
    assert!(said.contains("until 2026-11-21T10:52:08Z"), "{said}");
    // An approval does not outlive its proposal.
    let late = at.plus(Duration::from_secs(29 * 60));
    let said = next(&stored, &signed(Verdict::Approved, late), "ada", &config);
    assert!(said.contains("until 2026-11-21T11:17:08Z"), "{said}");
    let said = next(&stored, &signed(Verdict::Declined, at), "ada", &config);
    assert!(
        said.ends_with("the same plan is refused for 10 min"),
        "{said}"
    );
}
