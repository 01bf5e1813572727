//! The schema is made from the `file` types, the reader is written by hand: here they are held to each other.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use super::super::schema;
use super::{at_home, compare, repository};

fn read_as_json(path: &str) -> Value {
    toml::from_str(&fs::read_to_string(repository(path)).unwrap()).unwrap()
}

#[test]
fn the_schema_that_is_checked_in_is_the_one_that_the_code_makes() {
    let text = serde_json::to_string_pretty(&schema()).unwrap();
    compare(&repository("docs/config.schema.json"), &format!("{text}\n"));
}

/// Returns the keys that the reader knows in a table, as it lists them where one is unknown.
fn keys_of_the_reader(header: &str) -> BTreeSet<String> {
    let problems = at_home(&format!("{header}\nzzz = 1\n")).unwrap_err();
    let unknown = problems
        .as_slice()
        .iter()
        .find(|problem| problem.message == "`zzz` is not a known key")
        .unwrap();
    let (_, known) = unknown.fix.split_once("use one of ").unwrap();
    known.split(", ").map(str::to_owned).collect()
}

#[test]
fn the_schema_and_the_reader_know_the_same_keys() {
    let tables = [
        ("", "/properties"),
        ("[cluster]", "/$defs/Cluster/properties"),
        ("[prometheus]", "/$defs/Prometheus/properties"),
        ("[runtime]", "/$defs/Runtime/properties"),
        ("[directories]", "/$defs/Directories/properties"),
        ("[approval]", "/$defs/Approval/properties"),
        ("[[approval.approvers]]", "/$defs/Approver/properties"),
        ("[[approval.rules]]", "/$defs/ApprovalRule/properties"),
        ("[changes]", "/$defs/Changes/properties"),
        ("[plugins.a.impersonate]", "/$defs/Impersonate/properties"),
        ("[plugins.a]", "/$defs/Plugin/properties"),
        ("[plugins.a.limits]", "/$defs/Limits/properties"),
        ("[[plugins.a.grants]]", "/$defs/Grant/properties"),
    ];
    let schema = schema();
    for (header, properties) in tables {
        let properties = schema.pointer(properties).unwrap().as_object().unwrap();
        let of_the_schema: BTreeSet<String> = properties.keys().cloned().collect();
        assert_eq!(keys_of_the_reader(header), of_the_schema, "{header}");
    }
}

#[test]
fn the_schema_accepts_what_the_reader_accepts() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let check = |path: &str| {
        let errors: Vec<String> = validator
            .iter_errors(&read_as_json(path))
            .map(|error| error.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{path}");
    };
    check("config.toml");
    for entry in fs::read_dir(repository("host/tests-config/valid")).unwrap() {
        let name = entry.unwrap().file_name();
        check(&format!(
            "host/tests-config/valid/{}",
            name.to_str().unwrap()
        ));
    }
}

#[test]
fn the_schema_refuses_the_mistakes_of_hasty_hands() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let mistakes = [
        "grant-incomplete",
        "grant-over-nothing",
        "limits-out-of-bounds",
        "plugin-key",
        "prometheus",
        "approval",
        "changes",
        "scope-and-namespaces",
        "source-missing",
        "unknown-keys-beside-wrong-values",
        "verb-unknown",
        "wrong-types",
    ];
    for name in mistakes {
        let json = read_as_json(&format!("host/tests-config/invalid/{name}.toml"));
        assert!(!validator.is_valid(&json), "{name}");
    }
}
