//! Who decides on changes, and over what: how two configurations differ in it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::config::{ApprovalRule, Approver, Config};

/// Returns what differs of approvers and rules, a line each. The order of rules counts, so where any differs all are told.
pub(super) fn difference(older: &Config, newer: &Config) -> Vec<String> {
    let (older, newer) = (&older.approval, &newer.approval);
    let mut lines = Vec::new();
    for (mark, here, there) in [("+", newer, older), ("-", older, newer)] {
        let only = here
            .approvers
            .iter()
            .filter(|approver| !there.approvers.contains(approver));
        lines.extend(only.map(|approver| format!("{mark} approver {}", shown(approver))));
    }
    if older.rules != newer.rules {
        for (mark, rules) in [("-", &older.rules), ("+", &newer.rules)] {
            let numbered = rules.iter().enumerate();
            lines.extend(
                numbered.map(|(index, rule)| format!("{mark} rule {}: {}", index + 1, said(rule))),
            );
        }
    }
    lines
}

fn shown(approver: &Approver) -> String {
    format!(
        "{} ed25519:{}",
        approver.name,
        STANDARD.encode(approver.key)
    )
}

/// A rule in a line.
fn said(rule: &ApprovalRule) -> String {
    fn part<T: ToString>(what: &str, items: &[T]) -> Option<String> {
        let items: Vec<String> = items.iter().map(ToString::to_string).collect();
        (!items.is_empty()).then(|| format!("{what} {}", items.join(", ")))
    }
    let parts = [
        part("plugins", &rule.plugins),
        part("tools", &rule.tools),
        part("verbs", &rule.verbs),
        part("resources", &rule.resources),
        part("namespaces", &rule.namespaces),
        part("risk", &rule.risk),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let what = if parts.is_empty() {
        "everything".to_owned()
    } else {
        parts.join("; ")
    };
    format!("{} for {what}", rule.channel)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::difference;
    use crate::config::{self, Config, Environment};

    fn config(text: &str) -> Config {
        let environment = Environment {
            home: Some("/home/operator".into()),
            ..Environment::default()
        };
        config::parse(text, Path::new("/config.toml"), &environment).unwrap()
    }

    const ADA: &str = r#"approvers = [{ name = "ada", key = "ed25519:bulkhead+approver+init+prints+your+own+keys=" }]"#;

    #[test]
    fn approvers_and_rules_that_changed_are_told_and_the_time_to_wait_is_not() {
        let none = config("[approval]\nwait = \"1s\"");
        let one = config(&format!(
            "[approval]\n{ADA}\n[[approval.rules]]\nnamespaces = [\"bank\"]\nchannel = \"refuse\"\n[[approval.rules]]\nchannel = \"console\""
        ));
        assert_eq!(difference(&one, &one), Vec::<String>::new());
        assert_eq!(difference(&none, &config("")), Vec::<String>::new());
        insta::assert_snapshot!(difference(&none, &one).join("\n"), @r#"
        + approver ada ed25519:bulkhead+approver+init+prints+your+own+keys=
        + rule 1: refuse for namespaces bank
        + rule 2: console for everything
        "#);
        insta::assert_snapshot!(difference(&one, &none).join("\n"), @r#"
        - approver ada ed25519:bulkhead+approver+init+prints+your+own+keys=
        - rule 1: refuse for namespaces bank
        - rule 2: console for everything
        "#);
    }

    #[test]
    fn another_order_of_rules_is_a_difference() {
        let rules = [
            "namespaces = [\"bank\"]\nchannel = \"refuse\"",
            "channel = \"console\"",
        ]
        .map(|rule| format!("[[approval.rules]]\n{rule}\n"));
        let [first, second] = &rules;
        let older = config(&format!("{first}{second}"));
        let newer = config(&format!("{second}{first}"));
        assert_eq!(difference(&older, &newer).len(), 4);
    }
}
