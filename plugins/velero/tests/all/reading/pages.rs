//! Lists that are long.

use super::{READ, ask};
use bulkhead_plugin_sdk::test_kit::{Kit, Running};
use bulkhead_plugin_velero::describe;
use bulkhead_velero_data::{backups, crds_minimal};
use serde_json::{Value, json};
use std::time::SystemTime;

fn hourly(count: u32) -> Running {
    let velero = Kit::from_manifests(&crds_minimal())
        .grant(READ)
        .run(describe);
    velero.cluster().change(|cluster| {
        for backup in backups(count, 7, SystemTime::now()) {
            cluster.insert(backup).expect("its type is served");
        }
    });
    velero
}

#[test]
fn the_first_page_of_five_thousand_backups_is_at_most_six_kilobytes() {
    let velero = hourly(5000);
    let answer = ask(&velero, "list_velero_backups", json!({}));
    assert!(answer.text.len() <= 6 * 1024, "{} bytes", answer.text.len());
    let page = answer.structured.expect("it has a value");
    assert_eq!(page["total"], 5000);
    let rows = page["rows"].as_array().map_or(0, Vec::len);
    assert_eq!(page["remaining"], 5000 - rows);
}

#[test]
fn the_widest_page_that_can_be_asked_for_fits_into_an_answer() {
    let velero = hourly(300);
    let answer = ask(&velero, "list_velero_backups", json!({ "limit": 200 }));
    let value = answer.structured.expect("it has a value");
    let bytes = answer.text.len() + value.to_string().len();
    assert!(bytes <= 26 * 1024, "{bytes} bytes");
}

#[test]
fn pages_give_every_backup_once() {
    let velero = hourly(95);
    let (mut seen, mut token) = (Vec::new(), Value::Null);
    loop {
        let asked = json!({ "limit": 40, "continue": token });
        let page = ask(&velero, "list_velero_backups", asked).structured;
        let page = page.expect("it has a value");
        let rows = page["rows"].as_array().expect("it is a list");
        seen.extend(rows.iter().map(|row| row[0].to_string()));
        token = page["continue"].clone();
        if token.is_null() {
            break;
        }
    }
    let mut names = seen.clone();
    names.sort_unstable_by(|a, b| b.cmp(a));
    names.dedup();
    assert_eq!(seen, names, "newest first, each once");
    assert_eq!(seen.len(), 95);
}

#[test]
fn pages_give_every_location_once_and_each_but_the_last_has_a_token() {
    let location = |name: &str| {
        format!(
            "---\napiVersion: velero.io/v1\nkind: BackupStorageLocation\nmetadata: {{ name: {name}, namespace: velero }}\n\
             spec: {{ provider: aws, objectStorage: {{ bucket: b }} }}\nstatus: {{ phase: Available }}\n"
        )
    };
    let manifests = crds_minimal() + &["a", "b", "c", "d", "e"].map(location).concat();
    let velero = Kit::from_manifests(&manifests).grant(READ).run(describe);
    let (mut seen, mut token) = (Vec::new(), Value::Null);
    loop {
        let asked = json!({ "limit": 2, "continue": token });
        let page = ask(&velero, "list_velero_locations", asked).structured;
        let page = page.expect("it has a value");
        let rows = page["rows"].as_array().expect("it is a list");
        seen.extend(rows.iter().map(|row| row[1].clone()));
        token = page["continue"].clone();
        if token.is_null() {
            break;
        }
        assert_ne!(token, "");
    }
    assert_eq!(seen, ["a", "b", "c", "d", "e"]);
}
