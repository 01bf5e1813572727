//! What the audit has of a change, field by field, and the commands that read it.

use std::time::{SystemTime, UNIX_EPOCH};

use bulkhead_tests::{built, host_config::HostConfig, mcp_client::Era};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Desk, command, config, id_in, scale_to, shop};

fn now() -> u128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    since.as_millis()
}

/// The records, the oldest first.
fn records(config: &HostConfig) -> Vec<Value> {
    let listed = command(config, &["audit", "list", "--json"]);
    assert_eq!(listed.code, Some(0), "{listed:?}");
    let lines = listed.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// SHA-256 in hex.
fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_record_says_when_who_by_what_on_which_object_and_by_which_rule() {
    let began = now();
    let sim = shop();
    let mut desk = Desk::open(config(&sim), Era::LEGACY);
    let said = desk.call("k8s_patch", scale_to(3));
    let id = id_in(&said.fails("needs-approval", &[]));
    let shown = desk.approve(&id);
    desk.call("change_apply", json!({ "id": id }))
        .succeeds(&["applied"]);
    let refused = json!({ "kind": "deployment", "namespace": "shop", "name": "web" });
    desk.call("k8s_delete", refused).fails("denied", &[]);
    let records = records(&desk.end());
    let one = |kind: &str, tool: &str| {
        let mut found = records
            .iter()
            .filter(|record| record["kind"] == kind && record["tool"] == tool);
        let first = found.next();
        let first = first.unwrap_or_else(|| panic!("no {kind} of {tool} in: {records:#?}"));
        assert!(found.next().is_none(), "two of {kind} of {tool}");
        first
    };
    let component = std::fs::read(built::plugin("generic")).unwrap();
    for (number, record) in records.iter().enumerate() {
        assert_eq!(record["seq"], number + 1, "{record}");
        let time = u128::from(record["time"].as_u64().unwrap());
        assert!((began..=now()).contains(&time), "{record}");
        assert!(
            record["caller"].as_str().unwrap().starts_with("uid "),
            "{record}"
        );
        if record["tool"] == "k8s_patch" || record["tool"] == "k8s_delete" {
            let plugin = json!({ "key": "generic", "version": env!("CARGO_PKG_VERSION"), "digest": sha256(&component) });
            assert_eq!(record["plugin"], plugin);
        }
    }
    let whole = "scale deployments.apps/web in namespace shop";

    let call = one("call", "k8s_patch");
    assert_eq!(call["arguments"], scale_to(3));
    assert_eq!(call["outcome"], "needs-approval");
    assert!(call["client"].as_str().is_some_and(|name| !name.is_empty()));
    assert!(call["rule"].as_str().unwrap().starts_with("grants "));
    assert!(call["duration_ms"].is_u64());

    let denial = one("denial", "k8s_delete");
    assert_eq!(denial["outcome"], "denied");
    assert!(denial["object"].as_str().unwrap().contains("web"));
    assert!(
        denial["missing_grant"]
            .as_str()
            .unwrap()
            .contains("\"delete\"")
    );

    let digest = records
        .iter()
        .find(|record| record["kind"] == "proposal")
        .map(|record| record["digest"].as_str().unwrap())
        .unwrap();
    assert!(shown.contains(digest), "no {digest} in:\n{shown}");
    for kind in ["proposal", "decision", "intent", "outcome"] {
        let record = one(kind, "k8s_patch");
        assert_eq!(record["change"], id.as_str(), "{record}");
        assert_eq!(record["digest"], digest, "{record}");
        assert_eq!(record["object"], whole, "{record}");
        assert_eq!(record["client"], call["client"], "{record}");
    }
    let proposal = one("proposal", "k8s_patch");
    assert_eq!(proposal["arguments"], scale_to(3));
    assert_eq!(proposal["rule"], call["rule"]);
    assert_eq!(one("intent", "k8s_patch")["audit_id"], format!("{id}-0"));
    let approver = &one("decision", "k8s_patch")["approver"];
    assert_eq!(approver["channel"], "console");
    let by = approver["by"].as_str().unwrap();
    assert!(shown.contains(&format!("(key {by})")), "{shown}");
    let outcome = one("outcome", "k8s_patch");
    assert_eq!(outcome["outcome"], "applied");
    assert_eq!(&outcome["approver"], approver);
    assert!(outcome["duration_ms"].is_u64());
}

#[test]
fn a_record_is_shown_whole_and_one_that_is_not_there_is_named() {
    let sim = shop();
    let mut desk = Desk::open(config(&sim), Era::LEGACY);
    desk.web();
    let config = desk.end();
    let record = &records(&config)[0];
    let shown = command(&config, &["audit", "show", "1"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    for part in ["record     1", "call", "k8s_get", "deployment"] {
        assert!(shown.stdout.contains(part), "no `{part}` in {shown:?}");
    }
    for field in [&record["caller"], &record["plugin"]["digest"]] {
        assert!(shown.stdout.contains(field.as_str().unwrap()), "{shown:?}");
    }
    for missing in ["0", "99"] {
        let shown = command(&config, &["audit", "show", missing]);
        assert_eq!(shown.code, Some(1), "{shown:?}");
        let said = format!("there is no record {missing}");
        assert!(shown.stderr.contains(&said), "{shown:?}");
    }
}

#[test]
fn a_head_that_was_kept_elsewhere_finds_a_chain_that_was_written_anew() {
    let sim = shop();
    let used = |config: HostConfig, times: u32| {
        let mut desk = Desk::open(config, Era::LEGACY);
        for _ in 0..times {
            desk.web();
        }
        desk.end()
    };
    let config = used(config(&sim), 2);
    let head = command(&config, &["audit", "head"]);
    let head = head.stdout.trim_end().to_owned();
    assert!(head.starts_with("2:"), "{head}");
    let verify =
        |config: &HostConfig, head: &str| command(config, &["audit", "verify", "--head", head]);
    let holds = verify(&config, &head);
    assert_eq!(holds.code, Some(0), "{holds:?}");
    for part in ["2 records, and the chain holds", &format!("head {head}")] {
        assert!(holds.stdout.contains(part), "no `{part}` in {holds:?}");
    }
    // A chain that goes on behind the head holds too.
    let config = used(config, 1);
    assert_eq!(verify(&config, &head).code, Some(0));
    // Who owns the file begins another one, which holds by itself.
    std::fs::remove_dir_all(config.state()).unwrap();
    let config = used(config, 3);
    assert_eq!(command(&config, &["audit", "verify"]).code, Some(0));
    let compared = verify(&config, &head);
    assert_eq!(compared.code, Some(1), "{compared:?}");
    assert!(compared.stderr.contains("does not hold"), "{compared:?}");
    let no_head = verify(&config, "two");
    assert_eq!(no_head.code, Some(2), "{no_head:?}");
}
