//! By writing into the store, with everything in it that a real decision has but the signature of an approver.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use bulkhead_tests::{approver::Approver, mcp_client::Era};

use super::{
    Stage, Way,
    terminal::signs_itself,
    thief::{Thief, note, with},
};

const CONSOLE: Stage = Stage::Console;
const CLIENT: Stage = Stage::Client(Era::MODERN);

pub(super) const WAYS: &[Way] = &[
    ("a state that says approved", CONSOLE, state_approved),
    (
        "states behind the decision",
        CONSOLE,
        states_behind_the_decision,
    ),
    (
        "a decision without a signature",
        CONSOLE,
        without_a_signature,
    ),
    (
        "a decision without a signature, where the client decides",
        CLIENT,
        without_a_signature,
    ),
    (
        "a decision signed by every text that it knows",
        CONSOLE,
        signed_by_what_it_knows,
    ),
    (
        "a decision signed by every text that it knows, where the client decides",
        CLIENT,
        signed_by_what_it_knows,
    ),
    (
        "a decision sealed under every text that it knows",
        CLIENT,
        sealed_under_what_it_knows,
    ),
    (
        "a decision of its own key in the approver's name",
        CONSOLE,
        in_the_name_of_the_approver,
    ),
    (
        "a decision on another proposal, as it is",
        CONSOLE,
        of_another_as_it_is,
    ),
    (
        "a decision on another proposal, made out for this one",
        CONSOLE,
        of_another_made_out,
    ),
    (
        "another proposal under the id of an approved one",
        CONSOLE,
        under_an_approved_id,
    ),
    (
        "the steps of another proposal in an approved one",
        CONSOLE,
        steps_of_another,
    ),
    ("a decline that says approved", CONSOLE, a_decline_turned),
    (
        "a proposal that was changed after its approval",
        CONSOLE,
        changed_after_its_approval,
    ),
    (
        "the same, with decision and digest made to fit",
        CONSOLE,
        changed_and_made_to_fit,
    ),
    (
        "an id and a token that were exchanged",
        CONSOLE,
        exchanged_names,
    ),
];

fn digest_of(document: &str) -> String {
    hex(&Sha256::digest(document).into())
}

fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a decision on the thief's change would say, but for its signature.
fn row(thief: &Thief, channel: &str, by: &str) -> Value {
    let document = thief.proposal(&thief.id);
    let proposal: Value = serde_json::from_str(&document).unwrap();
    json!({
        "proposal": thief.id, "digest": digest_of(&document), "verdict": "approved", "channel": channel, "by": by,
        "at": proposal["created"], "why": null, "signature": null,
    })
}

fn insert(thief: &Thief, row: &Value) {
    insert_all(thief, [row.clone()]);
}

fn insert_all(thief: &Thief, rows: impl IntoIterator<Item = Value>) {
    let mut database = thief.database();
    let transaction = database.transaction().unwrap();
    for row in rows {
        let statement = "INSERT INTO decisions (proposal, document) VALUES (?1, ?2)";
        let inserted = transaction.execute(statement, [&thief.id, &row.to_string()]);
        assert_eq!(inserted.unwrap(), 1);
    }
    let statement = "UPDATE proposals SET state = 'approved', closed = NULL WHERE id = ?1";
    assert_eq!(transaction.execute(statement, [&thief.id]).unwrap(), 1);
    transaction.commit().unwrap();
}

/// The decision that the store has on a proposal.
fn decision(thief: &Thief, id: &str) -> Value {
    let text = thief.stored(
        "SELECT document FROM decisions WHERE proposal = ?1 ORDER BY number DESC",
        id,
    );
    serde_json::from_str(&text).unwrap()
}

/// Another proposal, which the person approves and nobody applies.
fn another_approved(thief: &mut Thief) -> String {
    let other = thief.proposes(note("harmless"));
    thief.person_approves(&other);
    other
}

/// Tries what stands there, and then takes the harmless change away: the person did allow that one.
fn cashes_in_without(thief: &mut Thief, other: &str) {
    let id = thief.id.clone();
    thief.call("change_apply", json!({ "id": id }));
    thief.wants_it();
    assert_eq!(thief.stolen(), []);
    thief.tampers("DELETE FROM decisions WHERE proposal = ?1", [other]);
}

fn state_approved(thief: &mut Thief) {
    thief.tampers("UPDATE proposals SET state = 'approved'", []);
}

fn states_behind_the_decision(thief: &mut Thief) {
    let id = thief.id.clone();
    for state in [
        "applying",
        "unknown",
        "failed",
        "partial",
        "applied",
        "rolled-back",
        "proposed",
    ] {
        let statement = "UPDATE proposals SET state = ?2, host = NULL, claimed = created, closed = NULL WHERE id = ?1";
        thief.tampers(statement, [&id, state]);
        thief.cashes_in();
        thief.call("change_rollback", json!({ "id": id }));
        // A host that starts looks what became of what was under way.
        thief.restarts(|_| ());
        thief.cashes_in();
    }
}

fn without_a_signature(thief: &mut Thief) {
    let zeros = "A".repeat(86) + "==";
    for channel in ["console", "elicitation", "auto", "Console", ""] {
        for signature in [json!(null), json!(""), json!("="), json!(zeros)] {
            let mut row = row(thief, channel, "ada");
            row["signature"] = signature;
            insert(thief, &row);
            // A row that cannot be read must not hide behind one that can.
            thief.cashes_in();
            thief.tampers("DELETE FROM decisions", []);
        }
    }
}

fn signed_by_what_it_knows(thief: &mut Thief) {
    for channel in ["console", "elicitation", "auto"] {
        let row = row(thief, channel, "bulkhead-tests");
        let texts = thief.strings().into_iter();
        insert_all(
            thief,
            texts.map(|text| with(row.clone(), "signature", json!(text))),
        );
    }
}

/// As the host seals its own decisions, under every text in place of the host's key.
fn sealed_under_what_it_knows(thief: &mut Thief) {
    let row = row(thief, "elicitation", "bulkhead-tests");
    let signed = signed_bytes(&row);
    let seal = |text: &str| json!(base64(&hmac(text.as_bytes(), &signed)));
    let texts = thief.strings().into_iter();
    insert_all(
        thief,
        texts.map(|text| with(row.clone(), "signature", seal(&text))),
    );
}

/// What a decision's signature is about: each field behind its length.
fn signed_bytes(row: &Value) -> Vec<u8> {
    let text = |key: &str| row[key].as_str().unwrap().as_bytes().to_vec();
    let at = row["at"].as_u64().unwrap().to_be_bytes().to_vec();
    let [proposal, digest, verdict, channel, by] =
        ["proposal", "digest", "verdict", "channel", "by"].map(text);
    let domain = b"bulkhead-decision-v1".to_vec();
    let fields = [
        domain,
        proposal,
        digest,
        verdict,
        channel,
        by,
        at,
        vec![0],
        Vec::new(),
    ];
    let framed = fields.iter().map(|field| {
        let length = (field.len() as u64).to_be_bytes().to_vec();
        [length, field.clone()].concat()
    });
    framed.collect::<Vec<_>>().concat()
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0_u8; 64];
    if key.len() > block.len() {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = Sha256::digest([block.map(|byte| byte ^ 0x36).as_slice(), message].concat());
    Sha256::digest([block.map(|byte| byte ^ 0x5c).as_slice(), &inner].concat()).into()
}

fn base64(bytes: &[u8]) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    STANDARD.encode(bytes)
}

fn in_the_name_of_the_approver(thief: &mut Thief) {
    let other = another_approved(thief);
    let name = decision(thief, &other)["by"].clone();
    signs_itself(thief);
    let id = thief.id.clone();
    let mut row = decision(thief, &id);
    assert_ne!(row["by"], name);
    row["by"] = name;
    insert(thief, &row);
    cashes_in_without(thief, &other);
}

fn of_another_as_it_is(thief: &mut Thief) {
    let other = another_approved(thief);
    let row = decision(thief, &other);
    insert(thief, &row);
    cashes_in_without(thief, &other);
}

fn of_another_made_out(thief: &mut Thief) {
    let other = another_approved(thief);
    let mut row = decision(thief, &other);
    row["proposal"] = json!(thief.id);
    insert(thief, &row);
    row["digest"] = json!(digest_of(&thief.proposal(&thief.id)));
    insert(thief, &row);
    cashes_in_without(thief, &other);
}

/// Writes a document with its digest into the row of a proposal.
fn replace(thief: &Thief, id: &str, document: &str) {
    thief.tampers(
        "UPDATE proposals SET document = ?2, digest = ?3 WHERE id = ?1",
        [id, document, &digest_of(document)],
    );
}

fn under_an_approved_id(thief: &mut Thief) {
    let other = another_approved(thief);
    let wanted = thief.proposal(&thief.id);
    let token = thief.stored("SELECT token FROM proposals WHERE id = ?1", &other);
    let own = thief.stored("SELECT token FROM proposals WHERE id = ?1", &thief.id);
    replace(thief, &other, &wanted);
    thief.call("change_apply", json!({ "id": other }));
    replace(
        thief,
        &other,
        &wanted.replace(&thief.id, &other).replace(&own, &token),
    );
    thief.call("change_apply", json!({ "id": other }));
}

fn steps_of_another(thief: &mut Thief) {
    let other = another_approved(thief);
    let wanted: Value = serde_json::from_str(&thief.proposal(&thief.id)).unwrap();
    let mut mixed: Value = serde_json::from_str(&thief.proposal(&other)).unwrap();
    // What is sent is the thief's, what was shown is the other's.
    mixed["steps"][0]["change"] = wanted["steps"][0]["change"].clone();
    replace(thief, &other, &mixed.to_string());
    thief.call("change_apply", json!({ "id": other }));
    mixed["steps"] = wanted["steps"].clone();
    replace(thief, &other, &mixed.to_string());
    thief.call("change_apply", json!({ "id": other }));
}

fn a_decline_turned(thief: &mut Thief) {
    let shown = Approver::shared()
        .unwrap()
        .decline(&thief.config, &thief.id, "no")
        .unwrap();
    assert_eq!(shown.code, 0, "{}", shown.text);
    let id = thief.id.clone();
    let mut row = decision(thief, &id);
    row["verdict"] = json!("approved");
    thief.tampers("DELETE FROM decisions", []);
    insert(thief, &row);
    row["why"] = json!(null);
    insert(thief, &row);
}

/// The thief's change with another value in it, everywhere.
fn changed(thief: &Thief) -> String {
    let document = thief.proposal(&thief.id);
    let changed = document.replace("stolen", "all of it");
    assert_ne!(changed, document);
    changed
}

fn changed_after_its_approval(thief: &mut Thief) {
    thief.person_approves(&thief.id);
    let changed = changed(thief);
    thief.tampers(
        "UPDATE proposals SET document = ?2 WHERE id = ?1",
        [&thief.id, &changed],
    );
    thief.cashes_in();
    replace(thief, &thief.id, &changed);
}

fn changed_and_made_to_fit(thief: &mut Thief) {
    thief.person_approves(&thief.id);
    let changed = changed(thief);
    replace(thief, &thief.id, &changed);
    let id = thief.id.clone();
    let mut row = decision(thief, &id);
    row["digest"] = json!(digest_of(&changed));
    insert(thief, &row);
}

fn exchanged_names(thief: &mut Thief) {
    let other = another_approved(thief);
    let (id, spare) = (thief.id.clone(), "c-0000000000".to_owned());
    let database = thief.database();
    database.pragma_update(None, "foreign_keys", false).unwrap();
    for (from, to) in [(&id, &spare), (&other, &id), (&spare, &other)] {
        let statement = "UPDATE proposals SET id = ?2 WHERE id = ?1";
        assert_eq!(database.execute(statement, [from, to]).unwrap(), 1);
    }
    let statement = "UPDATE decisions SET proposal = ?2 WHERE proposal = ?1";
    assert_eq!(database.execute(statement, [&other, &id]).unwrap(), 1);
    for name in [&id, &other] {
        thief.call("change_apply", json!({ "id": name }));
    }
}
