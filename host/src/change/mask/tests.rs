use serde_json::json;

use super::*;
use crate::proposal::PatchKind;

fn masks(observed: &Value) -> Masks {
    Masks::of(Some(observed), &hmac::Key::new(hmac::HMAC_SHA256, b"key"))
}

fn secret(value: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "data": {"password": value}})
}

#[test]
fn an_observed_secret_is_masked_the_same_way_each_time() {
    let object = secret("c3dvcmRmaXNo");
    let masks = masks(&object);
    let seen = masks.observed(&object);
    let mask = seen["data"]["password"].as_str().unwrap();
    assert!(mask.starts_with("(masked: 12 characters, #"), "{mask}");
    assert_eq!(masks.observed(&object), seen);
    assert_ne!(masks.observed(&secret("c3dvcmRmaXNi")), seen);
}

fn merge(body: Value) -> Change {
    Change::Patch {
        how: PatchKind::Merge,
        body,
        expected_version: None,
    }
}

#[test]
fn what_is_sent_stands_verbatim_where_it_is_sent_to() {
    let masks = masks(&secret("c3dvcmRmaXNo"));
    let sent = merge(json!({"data": {"password": "bmV3LXZhbHVl"}}));
    let after = masks.proposed(&secret("bmV3LXZhbHVl"), &sent);
    assert_eq!(after["data"]["password"], "bmV3LXZhbHVl");
    // A guess that is sent elsewhere says nothing about what stands there.
    let guess = merge(json!({"metadata": {"annotations": {"note": "c3dvcmRmaXNo"}}}));
    let mut object = secret("c3dvcmRmaXNo");
    object["metadata"]["annotations"] = json!({"note": "c3dvcmRmaXNo"});
    let after = masks.proposed(&object, &guess);
    assert_eq!(after["metadata"]["annotations"]["note"], "c3dvcmRmaXNo");
    assert_eq!(after["data"], masks.observed(&object)["data"]);
}

#[test]
fn a_secret_that_was_copied_elsewhere_is_masked_there_too() {
    let masks = masks(&secret("c3dvcmRmaXNo"));
    let copied =
        json!({"metadata": {"annotations": {"note": "it is swordfish", "raw": "c3dvcmRmaXNo"}}});
    let seen = masks.proposed(&copied, &merge(json!({}))).to_string();
    assert!(
        !seen.contains("swordfish") && !seen.contains("c3dv"),
        "{seen}"
    );
    assert_eq!(masks.scrub("no: \"swordfish\""), "no: \"(masked)\"");
}

#[test]
fn a_guest_reads_the_same_whether_it_guessed_or_not() {
    let object = secret("c3dvcmRmaXNo");
    let masks = masks(&object);
    let shown = |value: &str| {
        let after = masks.proposed(&secret(value), &merge(json!({})));
        masks.for_guest(
            &diff::lines(Some(&masks.observed(&object)), Some(&after)),
            Some(&object),
        )
    };
    assert_eq!(shown("c3dvcmRmaXNo"), shown("Z3Vlc3Nlcw=="));
    assert_eq!(shown("x"), "= data.password: (masked), not compared");
}

#[test]
fn a_pointer_to_a_secret_into_it_or_around_it_is_covered() {
    let masks = masks(&secret("c3dvcmRmaXNo"));
    for pointer in ["/data/password", "/data", "", "/data/password/x"] {
        assert!(masks.covers(pointer), "{pointer}");
    }
    assert!(!masks.covers("/metadata/name"));
    let pod = json!({"kind": "Pod", "spec": {"containers": [{"env": [{"name": "PASSWORD", "value": "swordfish9"}]}]}});
    let masks = self::masks(&pod);
    for index in ["0", "-1", "+0", "00", "7"] {
        assert!(
            masks.covers(&format!("/spec/containers/{index}/env/-1/value")),
            "{index}"
        );
    }
}

#[test]
fn a_secret_is_taken_out_of_what_the_server_quotes_in_every_form() {
    let masks = masks(&secret("c3cmPHJkPiJmaXNo"));
    let said = r#"Secret "db": {"note":"sw\u0026\u003crd\u003e\"fish", "b": "sw&<rd>\"fish", "raw": "c3cmPHJkPiJmaXNo"}"#;
    let scrubbed = masks.scrub(said);
    assert!(
        !scrubbed.contains("fish") && !scrubbed.contains("c3cm"),
        "{scrubbed}"
    );
    assert!(
        !self::masks(&secret("YWI="))
            .scrub("it is \"ab\"")
            .contains("ab")
    );
}
