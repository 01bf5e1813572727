//! Whoever can write the store's file still approves nothing: a row is no decision.
//!
//! Each test leaves everything else as a real approval would have left it, so that the one thing that it changes is what is found.

use bulkhead_tests::{approver::Approver, host_config::HostConfig};
use rstest::rstest;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Setup, Shop, scale_to};
use crate::session::Said;

/// A proposal that is open: five replicas in place of three.
fn proposed() -> (Shop, String) {
    let mut shop = Shop::open();
    shop.make_web();
    let id = shop.propose("k8s_patch", scale_to(5));
    (shop, id)
}

/// The same with a person's approval.
fn approved() -> (Shop, String) {
    let (shop, id) = proposed();
    shop.approve(&id);
    (shop, id)
}

/// Applying it fails, also in a host that is started anew, and nothing was sent.
fn is_refused(mut shop: Shop, id: &str) -> Said {
    let sent = shop.changes();
    let said = shop.apply(id);
    let mut shop = shop.restart(|_| ());
    let again = shop.apply(id);
    assert_eq!(again.text, said.text);
    assert_eq!(shop.changes(), sent);
    assert_eq!(shop.object("deployment web")["spec"]["replicas"], 3);
    said
}

/// What is at its end cannot be opened again: by its state, or because it is not whole any more.
fn fails_as(said: &Said, kinds: &[&str]) {
    let is = |kind: &&str| said.text.starts_with(&format!("{kind}: "));
    assert!(kinds.iter().any(is), "{}", said.text);
}

fn document(shop: &Shop, id: &str) -> String {
    shop.stored("SELECT document FROM proposals WHERE id = ?1", id)
}

fn decision(shop: &Shop, id: &str) -> Value {
    let text = shop.stored("SELECT document FROM decisions WHERE proposal = ?1", id);
    serde_json::from_str(&text).unwrap()
}

/// The proposal with nine replicas in it, everywhere.
fn more(document: &str) -> String {
    let more = document
        .replace("\"replicas\":5", "\"replicas\":9")
        .replace("\"after\":\"5\"", "\"after\":\"9\"");
    assert_ne!(more, document);
    more
}

fn digest_of(document: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(document).into();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_proposal_that_was_changed_after_its_approval_is_damaged() {
    let (shop, id) = approved();
    let other = more(&document(&shop, &id));
    shop.tamper("UPDATE proposals SET document = ?1", [other]);
    is_refused(shop, &id).fails("upstream", &["is not what its digest says"]);
}

#[test]
fn a_proposal_that_was_changed_with_its_digest_is_not_the_approved_one() {
    let (shop, id) = approved();
    let other = more(&document(&shop, &id));
    shop.tamper(
        "UPDATE proposals SET document = ?1, digest = ?2",
        [&other, &digest_of(&other)],
    );
    is_refused(shop, &id).fails("needs-approval", &["nobody has decided"]);
}

#[test]
fn a_decision_that_follows_the_changed_digest_is_not_the_signed_one() {
    let (shop, id) = approved();
    let other = more(&document(&shop, &id));
    let digest = digest_of(&other);
    shop.tamper(
        "UPDATE proposals SET document = ?1, digest = ?2",
        [&other, &digest],
    );
    let mut decision = decision(&shop, &id);
    decision["digest"] = json!(digest);
    shop.tamper("UPDATE decisions SET document = ?1", [decision.to_string()]);
    is_refused(shop, &id).fails("needs-approval", &["nobody has decided"]);
}

#[test]
fn a_state_that_says_approved_is_no_decision() {
    let (shop, id) = proposed();
    shop.tamper("UPDATE proposals SET state = 'approved'", []);
    is_refused(shop, &id).fails("needs-approval", &["nobody has decided"]);
}

/// Rows that somebody who has no approver's key can write.
#[rstest]
#[case::without_a_signature(json!({ "signature": null }))]
#[case::with_an_empty_signature(json!({ "signature": "" }))]
#[case::with_a_signature_of_zeros(json!({ "signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==" }))]
#[case::as_if_a_rule_allowed_it(json!({ "channel": "auto", "by": "a rule of the operator's", "signature": null }))]
#[case::as_if_the_client_had_asked(json!({ "channel": "elicitation", "by": "bulkhead-tests", "signature": null }))]
#[case::under_a_shorter_name(json!({ "by": "", "signature": "" }))]
fn a_row_without_a_signature_is_no_decision(#[case] forged: Value) {
    let (shop, id) = proposed();
    let document = document(&shop, &id);
    let created = serde_json::from_str::<Value>(&document).unwrap()["created"].clone();
    let mut row = json!({
        "proposal": id, "digest": digest_of(&document), "verdict": "approved", "channel": "console",
        "by": "SHA256:ada", "at": created, "why": null,
    });
    for (key, value) in forged.as_object().unwrap() {
        row[key] = value.clone();
    }
    shop.tamper(
        "INSERT INTO decisions (proposal, document) VALUES (?1, ?2)",
        [&id, &row.to_string()],
    );
    shop.tamper("UPDATE proposals SET state = 'approved'", []);
    is_refused(shop, &id).fails("needs-approval", &["nobody has decided"]);
}

#[rstest]
#[case::as_it_is(false)]
#[case::with_the_other_names_in_it(true)]
fn a_decision_on_another_proposal_is_none_on_this(#[case] rewritten: bool) {
    let (mut shop, id) = proposed();
    let other = shop.propose("k8s_patch", scale_to(4));
    shop.approve(&other);
    let mut row = decision(&shop, &other);
    if rewritten {
        row["proposal"] = json!(id);
        row["digest"] = json!(digest_of(&document(&shop, &id)));
    }
    shop.tamper(
        "INSERT INTO decisions (proposal, document) VALUES (?1, ?2)",
        [&id, &row.to_string()],
    );
    shop.tamper("UPDATE proposals SET state = 'approved'", []);
    is_refused(shop, &id).fails("needs-approval", &["nobody has decided"]);
}

#[rstest]
#[case::made_younger("at", json!(4_000_000_000_000_u64))]
#[case::said_by_another_way("channel", json!("elicitation"))]
#[case::given_words("why", json!("because"))]
fn an_approval_that_was_edited_is_none(#[case] field: &str, #[case] value: Value) {
    let (shop, id) = approved();
    let mut row = decision(&shop, &id);
    row[field] = value;
    shop.tamper("UPDATE decisions SET document = ?1", [row.to_string()]);
    is_refused(shop, &id).fails("needs-approval", &["nobody has decided"]);
}

#[test]
fn a_no_that_was_turned_into_a_yes_is_no_yes() {
    let (shop, id) = proposed();
    let shown = Approver::shared()
        .unwrap()
        .decline(&shop.config, &id, "no")
        .unwrap();
    assert_eq!(shown.code, 0, "{}", shown.text);
    let mut row = decision(&shop, &id);
    row["verdict"] = json!("approved");
    shop.tamper("UPDATE decisions SET document = ?1", [row.to_string()]);
    shop.tamper("UPDATE proposals SET state = 'approved', closed = NULL", []);
    let said = is_refused(shop, &id);
    fails_as(&said, &["needs-approval", "upstream"]);
}

#[test]
fn a_life_that_was_made_longer_is_found() {
    let (shop, id) = approved();
    shop.tamper("UPDATE proposals SET expires = expires + 86400000", []);
    is_refused(shop, &id).fails("upstream", &["contradicts"]);
}

#[test]
fn a_key_of_one_s_own_signs_nothing_that_counts() {
    let (shop, id) = proposed();
    let stranger = Approver::new().unwrap();
    // The stranger's own configuration, over the same store: their program takes the decision.
    let setup = Setup::usual();
    let table = stranger.table();
    let text = Setup {
        approval: Some(&table),
        ..setup
    }
    .text();
    let theirs = HostConfig::with_text(&text).unwrap();
    let own = std::fs::read_to_string(theirs.path()).unwrap();
    let state = |config: &HostConfig| config.state().to_str().unwrap().to_owned();
    std::fs::write(
        theirs.path(),
        own.replace(&state(&theirs), &state(&shop.config)),
    )
    .unwrap();
    let shown = stranger.approve(&theirs, &id).unwrap();
    assert_eq!(shown.code, 0, "{}", shown.text);
    is_refused(shop, &id).fails("needs-approval", &["nobody has decided"]);
}

#[test]
fn an_approval_that_was_used_is_not_used_again_because_a_row_says_so() {
    let (mut shop, id) = approved();
    shop.comes_to(&id, "applied");
    shop.kubectl("scale deployment web --replicas=3");
    shop.tamper("DELETE FROM intents", []);
    shop.tamper(
        "UPDATE proposals SET state = 'approved', host = NULL, claimed = NULL, closed = NULL, report = NULL",
        [],
    );
    let said = is_refused(shop, &id);
    fails_as(&said, &["conflict", "upstream"]);
    assert!(
        said.text.contains("`bulkhead audit verify`"),
        "{}",
        said.text
    );
}

#[test]
fn an_edit_of_the_audit_is_found() {
    let (mut shop, id) = approved();
    shop.comes_to(&id, "applied");
    shop.verified();
    let edited = shop.tamper(
        "UPDATE audit SET body = replace(body, '\"applied\"', '\"refused\"') WHERE change = ?1 AND kind = 'outcome'",
        [&id],
    );
    assert_eq!(edited, 1);
    let verified = shop.bulkhead("audit verify");
    assert_eq!(verified.code, Some(1), "{verified:?}");
    assert!(verified.stderr.contains("does not hold"), "{verified:?}");
}
