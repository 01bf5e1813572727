//! `list_postgres_certificates`.

use super::{OPERATOR, ask, fleet, granted, refused};
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::test_kit::Kit;
use serde_json::{Value, json};

const TOOL: &str = "list_postgres_certificates";

#[test]
fn the_first_to_expire_comes_first_with_who_renews_it() {
    let asked = json!({ "cluster_name": "ledger", "namespace": "till" });
    let answer = ask(&granted(), TOOL, asked);
    let begins = "4 certificates in namespace till: 3 Valid, 1 Expiring\n";
    assert!(answer.text.starts_with(begins), "{}", answer.text);
    let value = answer.structured.expect("it has a value");
    let cells = |row: usize, column: &str| {
        let columns = value["columns"].as_array().expect("they are a list");
        let at = columns.iter().position(|one| one == column);
        value["rows"][row][at.expect(column)]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let secrets: Vec<_> = (0..4).map(|row| cells(row, "SECRET")).collect();
    assert_eq!(
        secrets,
        [
            "ledger-tls",
            "ledger-ca",
            "ledger-replication",
            "ledger-tls-ca"
        ]
    );
    assert_eq!(
        (cells(0, "STATE"), cells(0, "RENEWED BY")),
        ("Expiring".to_owned(), "a person".to_owned())
    );
    assert_eq!(
        (cells(1, "FOR"), cells(1, "RENEWED BY")),
        ("client CA".to_owned(), "the operator".to_owned())
    );
    assert_eq!(cells(3, "FOR"), "server CA");
    let note = "note: ledger-tls of ledger: a person has to renew";
    assert!(answer.text.contains(note), "{}", answer.text);
}

#[test]
fn those_of_all_clusters_come_page_by_page_and_each_once() {
    let running = granted();
    let (mut seen, mut token) = (Vec::new(), None::<String>);
    loop {
        let asked = json!({ "all_namespaces": true, "limit": 15, "continue": token });
        let page = ask(&running, TOOL, asked)
            .structured
            .expect("it has a value");
        assert_eq!(page["total"], 37);
        let rows = page["rows"].as_array().expect("they are a list");
        seen.extend(rows.iter().map(|row| format!("{}/{}", row[1], row[2])));
        token = page["continue"].as_str().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    assert!(
        seen.first()
            .is_some_and(|first| first.contains("ledger-tls")),
        "{seen:?}"
    );
    seen.sort_unstable();
    let all = seen.len();
    seen.dedup();
    assert_eq!((seen.len(), all), (37, 37));
}

#[test]
fn no_secret_is_read_and_json_is_the_structured_answer() {
    let running = fleet().grant(OPERATOR).run(describe);
    let asked = json!({ "namespace": "shop", "format": "json" });
    let answer = ask(&running, TOOL, asked);
    let text: Value = serde_json::from_str(&answer.text).expect("it is JSON");
    assert_eq!(Some(text), answer.structured);
    let asked = running.cluster().requests();
    assert!(asked.iter().all(|one| !one.path.contains("secrets")));
}

#[test]
fn what_is_not_there_not_granted_not_served_or_contradicts_itself_is_refused() {
    let running = granted();
    let unknown = json!({ "cluster_name": "leger", "namespace": "till" });
    let failure = refused(&running, TOOL, unknown).to_string();
    assert!(
        failure.starts_with("not-found: there is no cluster `leger`"),
        "{failure}"
    );
    let both = json!({ "cluster_name": "ledger", "all_namespaces": true });
    let failure = refused(&running, TOOL, both);
    assert!(matches!(failure, Failure::Invalid(_)), "{failure}");
    let failure = refused(&fleet().run(describe), TOOL, json!({}));
    assert!(matches!(failure, Failure::Denied(_)), "{failure}");
    let none = Kit::demo().grant(OPERATOR).run(describe);
    let failure = refused(&none, TOOL, json!({})).to_string();
    assert!(
        failure.contains("CloudNativePG is not installed"),
        "{failure}"
    );
}
