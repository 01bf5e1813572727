//! `list_postgres_clusters`.

use super::{OPERATOR, ask, fleet, granted, refused};
use bulkhead_cnpg_data::crds_minimal;
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::test_kit::Kit;
use bulkhead_plugin_sdk::{Answer, Failure};
use serde_json::{Value, json};

const TOOL: &str = "list_postgres_clusters";

/// The row of a cluster, its cells by their columns.
fn row(answer: &Answer, name: &str) -> Value {
    let value = answer.structured.as_ref().expect("it has a value");
    let columns = value["columns"].as_array().expect("they are a list");
    let rows = value["rows"].as_array().expect("they are a list");
    let row = rows.iter().find(|row| row[0] == name).expect(name);
    columns
        .iter()
        .zip(row.as_array().expect("it is a list"))
        .map(|(column, cell)| (column.as_str().unwrap_or_default().to_owned(), cell.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[test]
fn the_answer_says_which_namespace_was_searched_and_no_other_was() {
    let running = granted();
    let answer = ask(&running, TOOL, json!({ "namespace": "shop" }));
    assert!(
        answer
            .text
            .starts_with("4 clusters.postgresql.cnpg.io in namespace shop: "),
        "{}",
        answer.text
    );
    let value = answer.structured.expect("it has a value");
    assert_eq!(
        (&value["namespace"], &value["total"]),
        (&json!("shop"), &json!(4))
    );
    let asked = running.cluster().requests();
    let paths: Vec<_> = asked.iter().map(|one| one.path.as_str()).collect();
    let lists = |path: &&&str| path.ends_with("/clusters");
    let lists: Vec<_> = paths.iter().filter(lists).collect();
    assert_eq!(
        lists,
        [&"/apis/postgresql.cnpg.io/v1/namespaces/shop/clusters"],
        "{paths:?}"
    );
}

#[test]
fn without_a_namespace_it_is_that_of_the_context_and_the_answer_says_so() {
    let answer = ask(&granted(), TOOL, json!({}));
    let begins = "0 clusters.postgresql.cnpg.io in namespace default (of the context)";
    assert!(answer.text.starts_with(begins), "{}", answer.text);
    assert!(
        answer
            .text
            .contains("note: no other namespace was looked at"),
        "{}",
        answer.text
    );
}

#[test]
fn all_namespaces_are_searched_only_where_they_are_asked_for_and_granted() {
    let answer = ask(&granted(), TOOL, json!({ "all_namespaces": true }));
    assert!(
        answer
            .text
            .starts_with("12 clusters.postgresql.cnpg.io in all namespaces: "),
        "{}",
        answer.text
    );
    assert_eq!(row(&answer, "ledger")["NAMESPACE"], "till");
    let one = OPERATOR.replace(r#"namespaces = ["*"]"#, r#"namespaces = ["shop"]"#);
    let narrow = fleet().grant(&one).run(describe);
    let failure = refused(&narrow, TOOL, json!({ "all_namespaces": true }));
    assert!(matches!(failure, Failure::Denied(_)), "{failure}");
    let both = json!({ "all_namespaces": true, "namespace": "shop" });
    let failure = refused(&granted(), TOOL, both);
    assert!(matches!(failure, Failure::Invalid(_)), "{failure}");
}

#[test]
fn each_state_of_the_fleet_is_told_apart() {
    let answer = ask(&granted(), TOOL, json!({ "all_namespaces": true }));
    for (name, column, said) in [
        ("orders", "STATE", "Cluster in healthy state"),
        ("orders", "READY", "3/3"),
        ("orders", "PRIMARY", "orders-1"),
        ("orders", "VERSION", "17.7"),
        ("orders", "ATTENTION", ""),
        ("carts", "PRIMARY", "carts-1 -> carts-2"),
        ("carts", "ATTENTION", "2 of 3 instances are ready"),
        ("catalog", "ATTENTION", "WAL archiving fails for 2d11h"),
        ("media", "STATE", "Not enough disk space"),
        (
            "ledger",
            "ATTENTION",
            "the server certificate in Secret ledger-tls expires in 5d",
        ),
        ("vault", "STATE", "Hibernated"),
        ("vault", "ATTENTION", ""),
        ("payments", "STATE", "Fenced"),
        ("payments", "ATTENTION", "all instances are fenced"),
        ("pos", "STATE", "Upgrading cluster"),
        ("scratch", "ATTENTION", "no backups are set up"),
        ("reports", "ATTENTION", "no backups are set up (and 1 more)"),
        ("sandbox", "READY", "2/3"),
        ("metrics", "VERSION", "17.7"),
    ] {
        let row = row(&answer, name);
        let cell = row[column].as_str().unwrap_or_default();
        let is_said = if said.is_empty() {
            cell.is_empty()
        } else {
            cell.starts_with(said)
        };
        assert!(is_said, "{name} {column}: {cell}\n{}", answer.text);
    }
    let value = answer.structured.expect("it has a value");
    let first = value["rows"][0][0].as_str().unwrap_or_default();
    assert_eq!(
        first, "carts",
        "what needs a person comes first: {}",
        answer.text
    );
    assert!(answer.text.len() < 4096, "{} bytes", answer.text.len());
}

#[test]
fn detailed_adds_storage_backups_and_the_first_certificate_to_expire() {
    let asked = json!({ "all_namespaces": true, "detail_level": "detailed" });
    let answer = ask(&granted(), TOOL, asked);
    for (name, column, said) in [
        ("orders", "STORAGE", "20Gi and 5Gi of WAL"),
        ("orders", "BACKUPS", "barmanObjectStore"),
        ("orders", "LAST GOOD BACKUP", "10h ago"),
        ("ledger", "BACKUPS", "plugin"),
        ("ledger", "FIRST CERTIFICATE TO EXPIRE", "in 5d"),
        ("metrics", "BACKUPS", "volumeSnapshot"),
        ("catalog", "LAST GOOD BACKUP", "3d"),
    ] {
        let row = row(&answer, name);
        let cell = row[column].as_str().unwrap_or_default();
        assert!(cell.starts_with(said), "{name} {column}: {cell}");
    }
    let concise = ask(&granted(), TOOL, json!({ "all_namespaces": true }));
    assert!(!concise.text.contains("STORAGE"), "{}", concise.text);
}

#[test]
fn json_is_the_structured_answer_as_text() {
    let answer = ask(
        &granted(),
        TOOL,
        json!({ "namespace": "till", "format": "json" }),
    );
    let text: Value = serde_json::from_str(&answer.text).expect("it is JSON");
    assert_eq!(Some(text), answer.structured);
}

#[test]
fn pages_give_every_cluster_once() {
    let running = granted();
    let (mut seen, mut token) = (Vec::new(), None::<String>);
    loop {
        let asked = json!({ "all_namespaces": true, "limit": 5, "continue": token });
        let page = ask(&running, TOOL, asked)
            .structured
            .expect("it has a value");
        let rows = page["rows"].as_array().expect("they are a list");
        seen.extend(
            rows.iter()
                .filter_map(|row| row[0].as_str().map(str::to_owned)),
        );
        token = page["continue"].as_str().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    let mut names: Vec<_> = bulkhead_cnpg_data::ALL.iter().map(|one| one.name).collect();
    names.sort_unstable();
    seen.sort_unstable();
    assert_eq!(seen, names);
}

#[test]
fn a_cluster_without_the_operator_is_one_clear_sentence() {
    let running = Kit::demo().grant(OPERATOR).run(describe);
    let failure = refused(&running, TOOL, json!({})).to_string();
    let sentence = "not-found: CloudNativePG is not installed in cluster `test-kit`: it serves no `clusters.postgresql.cnpg.io`";
    assert!(failure.starts_with(sentence), "{failure}");
}

#[test]
fn a_cluster_that_the_operator_has_not_taken_up_is_new() {
    let manifests = format!(
        "{}---\napiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata: {{ name: fresh, namespace: default }}\n\
         spec: {{ instances: 3, imageName: 'ghcr.io/cloudnative-pg/postgresql:18.1', storage: {{ size: 1Gi }} }}\n",
        crds_minimal()
    );
    let running = Kit::from_manifests(&manifests)
        .grant(OPERATOR)
        .run(describe);
    let answer = ask(&running, TOOL, json!({}));
    let fresh = row(&answer, "fresh");
    assert_eq!(
        (&fresh["STATE"], &fresh["READY"], &fresh["VERSION"]),
        (&json!("New"), &json!("0/3"), &json!("18.1"))
    );
}

#[test]
fn what_is_not_granted_is_denied() {
    let failure = refused(&fleet().run(describe), TOOL, json!({}));
    assert!(matches!(failure, Failure::Denied(_)), "{failure}");
}
