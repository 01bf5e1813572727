//! What redaction covers does not come out: not by having the server copy or compare, and not by a guess.

use bulkhead_simcluster::Cluster;
use serde_json::{Value, json};

use super::{EVERYTHING, all_refused, call, config};
use crate::{
    session::Session,
    sim::{SECRET, Sim},
};

/// A guess that is as long.
const MISS: [&str; 2] = ["correct-mouse-battery", "Y29ycmVjdC1tb3VzZS1iYXR0ZXJ5"];

/// A Secret, and a pod with the same secret in its environment.
fn vault() -> Sim {
    let mut cluster = Cluster::new();
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": { "namespace": "vault", "name": "pin" }, "type": "Opaque",
        "data": { "password": SECRET[1] },
    });
    let mut guard = crate::sim::pod("vault", "guard", "guard");
    guard["spec"]["containers"][0]["env"] = json!([{ "name": "PASSWORD", "value": SECRET[0] }]);
    for object in [
        secret,
        guard,
        crate::sim::pod("shop", "till", "till"),
        crate::sim::pod("shop", "oven", "oven"),
    ] {
        cluster.insert(object).unwrap();
    }
    Sim::start(cluster).may_change()
}

/// None of the secret's forms is in any byte that the client got.
fn shows_nothing(session: &Session, guessed: &[&str]) {
    for value in SECRET {
        let shown = session.received().contains(value);
        assert!(!shown || guessed.contains(&value), "{value}");
    }
}

#[test]
pub(super) fn reads_a_secret_by_a_json_patch() {
    let sim = vault();
    let guess = json!({ "guess": SECRET[1] });
    let (said, session) = call("reads_a_secret_by_a_json_patch", &sim, EVERYTHING, guess);
    let said = said.succeeds(&["would read what redaction covers"]);
    assert_eq!(said.text.lines().count(), 16, "{}", said.text);
    all_refused(&said.text, &["Denied", "Invalid"]);
    shows_nothing(&session, &[]);
    // None of them was even run dry.
    let patched = sim.server.requests();
    assert!(
        patched.iter().all(|request| request.method != "PATCH"),
        "{patched:?}"
    );
}

#[test]
pub(super) fn asks_whether_it_guessed_a_secret() {
    let guest = "asks_whether_it_guessed_a_secret";
    let sim = vault();
    let mut session = Session::start(config(guest, &sim, EVERYTHING));
    for [hit, miss] in [[SECRET[0], MISS[0]], [SECRET[1], MISS[1]]] {
        let told = [hit, miss].map(|guess| {
            let said = session.call(guest, json!({ "guess": guess })).succeeds(&[]);
            said.text.replace(guess, "GUESS")
        });
        assert_eq!(told[0], told[1]);
        assert!(
            told[0].contains("field selector may not look at"),
            "{}",
            told[0]
        );
    }
    shows_nothing(&session, &[]);
    let asked = sim.server.requests();
    assert!(
        asked
            .iter()
            .all(|request| !request.query.contains("fieldSelector=data")
                && !request.query.contains("Table")),
        "{asked:?}"
    );
}

#[test]
pub(super) fn guesses_a_secret_by_a_patch() {
    let told = [SECRET, MISS].map(|[plain, encoded]| told_of(plain, encoded, EVERYTHING));
    compare(&told);
}

/// A grant that may set notes alone: to touch the secret would be refused, so that a refusal could tell that it was touched.
#[test]
fn a_guess_is_not_told_by_the_fields_of_a_grant() {
    let grants = r#"
[[plugins.guest.grants]]
api_groups = [""]
resources = ["pods", "secrets"]
verbs = ["get"]
namespaces = ["vault"]

[[plugins.guest.grants]]
api_groups = [""]
resources = ["pods", "secrets"]
verbs = ["patch"]
namespaces = ["vault"]
fields = ["metadata.annotations"]
"#;
    let told = [SECRET, MISS].map(|[plain, encoded]| told_of(plain, encoded, grants));
    compare(&told);
    assert!(
        told[0]
            .iter()
            .any(|told| told.contains("metadata.annotations.note")),
        "{told:?}"
    );
}

/// What a guest is told of each of its guesses, with the guess taken out.
fn told_of(plain: &str, encoded: &str, grants: &str) -> Vec<String> {
    let sim = vault();
    let guess = json!({ "plain": plain, "encoded": encoded });
    let (said, session) = call("guesses_a_secret_by_a_patch", &sim, grants, guess);
    let said = said.succeeds(&[]);
    // Its own guess may come back to it, the other form of it not.
    let mut messages = session
        .received()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    assert!(messages.all(
        |message| !message.to_string().contains("Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5")
            || encoded == SECRET[1]
    ));
    let text = said
        .text
        .replace(plain, "PLAIN")
        .replace(encoded, "ENCODED");
    text.split("\n---\n").map(str::to_owned).collect()
}

fn compare([hit, miss]: &[Vec<String>; 2]) {
    assert_eq!(hit.len(), 12, "{hit:?}");
    for (number, (hit, miss)) in hit.iter().zip(miss).enumerate() {
        assert_eq!(hit, miss, "guess {number}");
    }
}
