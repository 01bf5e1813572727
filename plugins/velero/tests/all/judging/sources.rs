//! Which backup a restore is judged by, and which namespaces, on a few objects with times long ago.

use super::claims::{TOOL, velero, verdict};
use super::corners::{backup, location, namespace, object};
use super::ask;
use serde_json::json;

#[test]
fn a_backup_that_names_no_namespace_is_not_a_no_where_none_is_as_old() {
    for pattern in ["*", "sh*"] {
        for sees_namespaces in [true, false] {
            let all = [
                object("Namespace", "", "velero", "2020-03-01", json!({})),
                object("Namespace", "", "shop", "2020-03-01", json!({})),
                location(),
                backup(
                    "one",
                    "2020-02-01",
                    json!({ "includedNamespaces": [pattern] }),
                    json!({}),
                ),
            ];
            let text = ask(
                &velero(&all, sees_namespaces),
                TOOL,
                json!({ "backup": "one" }),
            )
            .text;
            assert_eq!(verdict(&text), "yes, with losses", "{text}");
            assert!(
                text.contains("loss: which namespaces come back is not known"),
                "{text}"
            );
        }
    }
}
