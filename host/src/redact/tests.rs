mod hostile;

use std::borrow::Cow;
use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{SecretValues, covers_path, object, text};

const SECRETS: &str = include_str!("corpus/secrets.json");
const HARMLESS: &str = include_str!("corpus/harmless.json");

fn cases(corpus: &str) -> Vec<Value> {
    let Value::Array(cases) = serde_json::from_str(corpus).unwrap() else {
        panic!("a corpus is an array")
    };
    cases
}

/// Cleans a string as a text and anything else as an object; both as they would be printed.
fn cleaned(input: &Value) -> String {
    match input {
        Value::String(input) => text(input).into_owned(),
        other => {
            let mut value = other.clone();
            object(&mut value, SecretValues::Hidden);
            value.to_string()
        }
    }
}

fn original(input: &Value) -> String {
    input
        .as_str()
        .map_or_else(|| input.to_string(), str::to_owned)
}

fn strings(case: &Value, key: &str) -> Vec<String> {
    case[key]
        .as_array()
        .unwrap()
        .iter()
        .map(|text| text.as_str().unwrap().to_owned())
        .collect()
}

/// The same keys, lengths, numbers and switches; strings may differ.
fn same_shape(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::String(_), Value::String(_)) => true,
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| same_shape(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, value)| {
                    other.get(key).is_some_and(|other| same_shape(value, other))
                })
        }
        (one, other) => one == other,
    }
}

#[test]
fn the_corpus_of_secrets_is_masked_and_the_corpus_of_harmless_values_is_kept() {
    let mut failures = String::new();
    let secrets = cases(SECRETS);
    let mut masked = 0;
    for case in &secrets {
        let result = cleaned(&case["input"]);
        let before = original(&case["input"]);
        // JSON escapes within JSON, so what must be gone is looked for in the printed form of either.
        let gone = strings(case, "gone");
        let absurd = gone
            .iter()
            .any(|gone| !before.contains(gone.as_str()) && case["input"].is_string());
        let survived: Vec<_> = gone
            .iter()
            .filter(|gone| result.contains(gone.as_str()))
            .collect();
        let lost: Vec<_> = strings(case, "kept")
            .into_iter()
            .filter(|kept| !result.contains(kept.as_str()))
            .collect();
        if survived.is_empty() && lost.is_empty() && !absurd {
            masked += 1;
        } else {
            writeln!(
                failures,
                "{}: survived {survived:?}, lost {lost:?}\n  {result}",
                case["name"]
            )
            .unwrap();
        }
    }
    let harmless = cases(HARMLESS);
    let mut kept = 0;
    for case in &harmless {
        let result = cleaned(&case["input"]);
        if result == original(&case["input"]) {
            kept += 1;
        } else {
            writeln!(
                failures,
                "{}: changed\n  {}\n  {result}",
                case["name"],
                original(&case["input"])
            )
            .unwrap();
        }
    }
    println!(
        "{masked} of {} secrets masked, {kept} of {} harmless kept",
        secrets.len(),
        harmless.len()
    );
    assert!(
        secrets.len() >= 90 && harmless.len() >= 90,
        "the corpus has shrunk"
    );
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn cleaning_the_corpus_twice_is_cleaning_it_once_and_keeps_the_shape() {
    for case in cases(SECRETS).iter().chain(&cases(HARMLESS)) {
        let once = cleaned(&case["input"]);
        if case["input"].is_string() {
            assert_eq!(text(&once), once, "{}", case["name"]);
            if let Ok(before) = serde_json::from_str::<Value>(case["input"].as_str().unwrap()) {
                let after: Value = serde_json::from_str(&once).unwrap();
                assert!(same_shape(&before, &after), "{}", case["name"]);
            }
        } else {
            let once: Value = serde_json::from_str(&once).unwrap();
            assert!(same_shape(&case["input"], &once), "{}", case["name"]);
            assert_eq!(cleaned(&once), once.to_string(), "{}", case["name"]);
            assert_eq!(
                text(&once.to_string()),
                once.to_string(),
                "{} as text",
                case["name"]
            );
        }
    }
}

#[test]
fn a_text_without_a_secret_is_borrowed() {
    assert!(matches!(
        text("Started container app in 3 ms"),
        Cow::Borrowed(_)
    ));
    assert!(matches!(
        text("the secret \"db\" was not found"),
        Cow::Borrowed(_)
    ));
}

#[test]
fn a_grant_shows_the_data_of_a_secret_and_nothing_else_of_it() {
    let secret = json!({
        "kind": "Secret",
        "metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{\"data\":1}"}},
        "data": {"password": "c3dvcmRmaXNo"},
        "template": {"kind": "Secret", "data": {"password": "bWFybGlu"}},
    });
    let mut list = json!({"kind": "SecretList", "items": [secret]});
    object(&mut list, SecretValues::Shown);
    let shown = list.to_string();
    assert!(shown.contains("c3dvcmRmaXNo"), "{shown}");
    assert!(
        !shown.contains("bWFybGlu") && shown.contains("<redacted 10 bytes>"),
        "{shown}"
    );
}

#[test]
fn a_grant_for_secrets_shows_no_value_of_another_object() {
    let mut pod = json!({"kind": "Pod", "data": {"password": "swordfish"}, "stringData": "marlin"});
    object(&mut pod, SecretValues::Shown);
    assert!(
        !pod.to_string().contains("swordfish") && !pod.to_string().contains("marlin"),
        "{pod}"
    );
}

#[test]
fn a_selector_may_not_name_a_redacted_path() {
    for (group, plural, path) in [
        ("", "secrets", "data.password"),
        ("", "secrets", ".stringData.x"),
        ("", "secrets", "/data/x"),
        ("", "configmaps", "data['db.host']"),
        ("apps", "controllerrevisions", "data.spec"),
        ("", "pods", "spec.containers[0].env[0].value"),
        ("", "pods", "metadata.annotations['a/b']"),
        ("", "pods", "spec.containers[0].args[1]"),
        ("example.com", "things", "spec.adminPassword"),
        ("example.com", "things", "/spec/clientSecret"),
        ("example.com", "things", "spec['api-key']"),
        ("", "pods", ""),
    ] {
        assert!(covers_path(group, plural, path), "{group}/{plural} {path}");
    }
    for (group, plural, path) in [
        ("", "pods", "spec.nodeName"),
        ("", "pods", "status.phase"),
        ("", "pods", "metadata.name"),
        ("", "secrets", "type"),
        ("", "secrets", "metadata.namespace"),
        ("", "events", "involvedObject.name"),
        ("", "pods", "metadata.labels['app.kubernetes.io/name']"),
        ("", "pods", "spec.serviceAccountName"),
        ("cert-manager.io", "certificates", "spec.secretName"),
    ] {
        assert!(!covers_path(group, plural, path), "{group}/{plural} {path}");
    }
}

#[test]
fn a_value_deeper_than_any_parser_reads_is_hidden_and_does_not_overflow() {
    let mut value = json!({"password": "swordfish"});
    for _ in 0..2_000 {
        value = Value::Array(vec![value]);
    }
    object(&mut value, SecretValues::Hidden);
    assert!(!value.to_string().contains("swordfish"));
}

#[test]
fn deep_json_within_strings_within_deep_json_does_not_overflow() {
    let mut inner = "swordfish".to_owned();
    for _ in 0..3 {
        let value = json!({"password": inner}).to_string();
        inner = format!("{}{value}{}", "[".repeat(120), "]".repeat(120));
    }
    assert!(!text(&inner).contains("swordfish"));
}

#[test]
fn a_line_that_repeats_what_the_patterns_look_for_takes_no_square_of_its_length() {
    // Half a megabyte on one line: with the square of the length this test would not end.
    for piece in [
        "password=\"",
        "Password:x ",
        "{\"a\":",
        "kind: Secret\ndata:\n a: b\n",
        "-----BEGIN PRIVATE KEY-----",
        "ZXlK/",
    ] {
        let long = piece.repeat(500_000 / piece.len());
        assert!(text(&long).len() >= long.len() / 8, "{piece}");
    }
}

/// Pieces that the rules look for, so that random texts come near them.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("password".to_owned()),
        Just("token".to_owned()),
        Just("kind: Secret\ndata:\n  ".to_owned()),
        Just("--api-key".to_owned()),
        Just("https://".to_owned()),
        Just("Bearer ".to_owned()),
        Just("-----BEGIN PRIVATE KEY-----".to_owned()),
        Just("-----END PRIVATE KEY-----".to_owned()),
        Just("q83vEjRWeJCrze8SNFZ4\n".to_owned()),
        Just("H4sIAAAAAAAAA63Kuw2A".to_owned()),
        Just("SDRzSUFBQUFBQUFB".to_owned()),
        Just("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig".to_owned()),
        Just("<redacted>".to_owned()),
        Just("<redacted 5 bytes>".to_owned()),
        "[=:\"'\\\\@/ \\n,;&|{}\\[\\]-]{1,3}",
        "[a-zA-Z0-9+/]{1,24}",
        "\\PC{0,4}",
    ]
}

proptest! {
    #[test]
    fn cleaning_any_text_twice_is_cleaning_it_once(pieces in prop::collection::vec(piece(), 0..12)) {
        let once = text(&pieces.concat()).into_owned();
        prop_assert_eq!(text(&once), once.as_str());
    }

    #[test]
    fn json_stays_json_of_the_same_shape(keys in prop::collection::vec(piece(), 1..5), values in prop::collection::vec(piece(), 1..5)) {
        let fields: serde_json::Map<_, _> = keys.into_iter().zip(values.into_iter().map(Value::String)).collect();
        let value = Value::Object(fields);
        let line = value.to_string();
        let after: Value = serde_json::from_str(&text(&line)).unwrap();
        prop_assert!(same_shape(&value, &after), "{} became {}", value, after);
    }

    #[test]
    fn a_password_of_any_characters_is_masked_in_json(password in "[!-~]{8,24}") {
        prop_assume!(!super::values::is_harmless(&password, super::names::Secrecy::Sure));
        let line = json!({"user": "bob", "password": password, "note": format!("n={{\"password\":{}}}", json!(password))}).to_string();
        let after = text(&line).into_owned();
        prop_assert!(!after.contains(&password), "{}", after);
        prop_assert!(after.contains("bob"));
    }
}
