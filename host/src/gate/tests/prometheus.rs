//! Who may ask Prometheus.

use super::{call, gate};
use crate::failure::{Failure, Kind};
use crate::gate::Reason;

#[test]
fn prometheus_is_asked_where_the_operator_and_the_manifest_both_say_so() {
    for (granted, wanted, reason) in [
        (false, false, Some(Reason::Prometheus)),
        (false, true, Some(Reason::Prometheus)),
        (true, false, Some(Reason::NotWanted)),
        (true, true, None),
    ] {
        // No grant over the cluster is one over metrics, and none is needed.
        for grants in ["", super::SHOP] {
            let gate = gate(grants).with_prometheus(granted, wanted);
            let call = call();
            let denied = gate.check_prometheus(&call).err();
            assert_eq!(denied.map(|denied| denied.reason), reason);
            assert_eq!(gate.asks_prometheus(), reason.is_none());
            let noted = call.covered.text();
            assert_eq!(noted.as_deref(), reason.is_none().then_some("prometheus"));
        }
    }
}

#[test]
fn a_gate_that_was_told_nothing_of_prometheus_lets_nobody_ask() {
    assert!(gate(super::SHOP).check_prometheus(&call()).is_err());
}

#[test]
fn a_denial_gives_the_operator_the_line_to_paste_and_the_model_none() {
    let call = call();
    let denied = gate("").with_prometheus(false, true);
    let denied = denied.check_prometheus(&call).unwrap_err();
    let kept = call.denials.take();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].said, denied.to_string());
    assert_eq!(
        kept[0].grant.as_deref(),
        Some("# in the table [plugins.p]:\nprometheus = true")
    );
    assert_eq!(kept[0].object, None);
    let failure = Failure::from(denied);
    assert_eq!(failure.kind, Kind::Denied);
    insta::assert_snapshot!(failure.text(), @"plugin `p` may not ask Prometheus: the operator's configuration does not allow it; next: do not try other ways; tell the person what you wanted to see and why. The operator finds the missing grant in Bulkhead's log");
}

#[test]
fn what_the_manifest_does_not_ask_for_no_line_would_allow() {
    let call = call();
    let gate = gate("").with_prometheus(true, false);
    assert_eq!(gate.check_prometheus(&call).unwrap_err().grant(), None);
    assert_eq!(gate.beyond_wants(), ["`prometheus`"]);
}
