//! How much may be asked of a person, and how soon again.

use std::fmt::Write as _;

use bulkhead_tests::approver::Approver;
use serde_json::json;

use super::{Setup, Shop, confirmed, id_in, scale_to};

#[test]
fn open_proposals_are_bounded() {
    let mut shop = Setup {
        tables: "[changes]\nmax_open = 2\n",
        ..Setup::usual()
    }
    .open();
    shop.make_web();
    shop.propose("k8s_patch", scale_to(4));
    let second = shop.propose("k8s_patch", scale_to(5));
    shop.call("k8s_patch", scale_to(6)).fails("limit", &["2"]);
    // The same call still finds its own.
    assert_eq!(shop.propose("k8s_patch", scale_to(5)), second);
    let shown = Approver::shared()
        .unwrap()
        .decline(&shop.config, &second, "too many")
        .unwrap();
    assert_eq!(shown.code, 0, "{}", shown.text);
    shop.propose("k8s_patch", scale_to(6));
}

#[test]
fn what_a_person_declined_is_not_asked_again_for_a_while() {
    let mut shop = Shop::open();
    shop.make_web();
    let said = shop
        .call("k8s_patch", confirmed(scale_to(4)))
        .fails("needs-approval", &[]);
    let id = id_in(&said.text);
    let shown = Approver::shared()
        .unwrap()
        .decline(&shop.config, &id, "not on a Sunday")
        .unwrap();
    assert_eq!(shown.code, 0, "{}", shown.text);
    shop.apply(&id).fails("declined", &["not on a Sunday", &id]);
    shop.call("k8s_patch", confirmed(scale_to(4)))
        .fails("declined", &["not on a Sunday"]);
    // Other words for the same are the same.
    let mut worded = confirmed(scale_to(4));
    worded["reason"] = json!("it is urgent");
    for again in [scale_to(4), worded] {
        shop.call("k8s_patch", again)
            .fails("declined", &["not on a Sunday"]);
    }
    let shown = Approver::shared()
        .unwrap()
        .approve(&shop.config, &id)
        .unwrap();
    assert_eq!(shown.code, 1, "{}", shown.text);
    // Another plan is another question.
    shop.propose("k8s_patch", scale_to(5));
    assert_eq!(shop.object("deployment web")["spec"]["replicas"], 3);
}

#[test]
fn a_plan_of_too_many_changes_is_refused_before_a_request_is_sent() {
    let mut shop = Setup {
        tables: "[changes]\nmax_plan = \"1KiB\"\n",
        ..Setup::usual()
    }
    .open();
    let mut manifest =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: large}\ndata:\n".to_owned();
    for number in 0..200 {
        writeln!(manifest, "  key-{number}: value").unwrap();
    }
    shop.call("k8s_apply", json!({ "manifest": manifest }))
        .fails("limit", &["max_plan"]);
}
