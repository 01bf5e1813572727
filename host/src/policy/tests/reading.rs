//! What a file may say, and how its problems are told.

use super::super::*;

const EMPTY: &str = "protected_namespaces = []\nknown_groups = []\nmax_change_percent = 500\namounts = []\nmax_cascade = 50\nreferences = []\n";

fn problems(text: &str) -> String {
    Policy::parse(text, Path::new("policy.toml"))
        .unwrap_err()
        .to_string()
}

fn of_row(row: &str) -> String {
    problems(&format!("{EMPTY}rules = [\n{row}\n]\n"))
}

#[test]
fn the_shipped_text_is_a_policy() {
    let policy = Policy::shipped();
    assert_eq!(policy.source(), None);
    assert_eq!(policy.digest().len(), 64);
    assert_eq!(
        policy,
        Policy {
            source: None,
            ..Policy::parse(SHIPPED, Path::new("x")).unwrap()
        }
    );
}

#[test]
fn another_text_has_another_digest() {
    let digest = |text: &str| {
        Policy::parse(text, Path::new("x"))
            .unwrap()
            .digest()
            .to_owned()
    };
    let text = format!("{EMPTY}rules = []\n");
    assert_ne!(digest(&text), digest(&format!("{text}# a comment\n")));
}

#[test]
fn a_file_beside_the_configuration_counts_and_otherwise_the_shipped_one() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.toml");
    assert_eq!(Policy::load(&config).unwrap(), Policy::shipped());
    let file = folder.path().join("policy.toml");
    fs::write(&file, format!("{EMPTY}rules = []\n")).unwrap();
    let policy = Policy::load(&config).unwrap();
    assert_eq!(policy.source(), Some(file.as_path()));
    assert!(policy.rules.is_empty());
    fs::write(&file, [0xff]).unwrap();
    assert!(
        Policy::load(&config)
            .unwrap_err()
            .to_string()
            .contains("cannot be read")
    );
}

#[test]
fn all_problems_of_a_file_are_told_with_their_lines() {
    let text = "protected_namespaces = [\"kube system\"]
max_change_percent = \"much\"
amounts = [\"a..b\"]
max_cascades = 50
references = [
  { path = \"a[\", group = \"\", resource = \"secrets\" },
]
rules = [
  { verb = \"udpate\", path = \"spec.\", risk = \"hihg\", say = \"ends.\" },
  { pth = \"spec\", risk = \"high\", say = \"x\" },
  { risk = \"high\" },
]
";
    insta::assert_snapshot!("problems", problems(text));
}

#[test]
fn a_condition_that_cannot_hold_is_a_problem() {
    for (row, expected) in [
        (
            r#"{ when = "added", risk = "high", say = "x" }"#,
            "`when` speaks of a path",
        ),
        (
            r#"{ path = "a", when = "set-to", risk = "high", say = "x" }"#,
            "without `value`",
        ),
        (
            r#"{ path = "a", value = 1, risk = "high", say = "x" }"#,
            "only for `when = \"set-to\"`",
        ),
        (
            r#"{ path = "a", when = "absent", value = 1, risk = "high", say = "x" }"#,
            "only for `when = \"set-to\"`",
        ),
        (
            r#"{ when = "absent", risk = "high", say = "x" }"#,
            "`when` speaks of a path",
        ),
        (
            r#"{ path = "a", when = "set-to", value = [1], risk = "high", say = "x" }"#,
            "no single value",
        ),
        (
            r#"{ verb = "delete", path = "a", risk = "high", say = "x" }"#,
            "never matches",
        ),
        (r#"{ risk = "high", say = "" }"#, "the sentence is empty"),
        (r#"{ risk = "high", say = "a\nb" }"#, "a line break"),
        (
            r#"{ group = "a/b", risk = "high", say = "x" }"#,
            "which no name has",
        ),
    ] {
        let told = of_row(row);
        assert!(
            told.contains(expected) && told.starts_with("policy.toml:8:"),
            "{told}"
        );
    }
}

#[test]
fn what_is_no_toml_says_where() {
    assert!(problems("rules = [\n  {").starts_with("policy.toml:2:"));
    assert!(problems("rules = 3").contains("expected a list of rows"));
}

#[test]
fn a_row_speaks_of_the_core_group_by_the_empty_text() {
    let text = format!("{EMPTY}rules = [ {{ group = \"\", risk = \"low\", say = \"x\" }} ]");
    let policy = Policy::parse(&text, Path::new("x")).unwrap();
    assert!(policy.rules[0].group.matches(""));
    assert!(!policy.rules[0].group.matches("apps"));
}
