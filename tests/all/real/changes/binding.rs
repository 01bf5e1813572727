//! A decision is about one proposal of one plugin on one cluster, under one configuration, for a while, once.

use std::{fs, path::Path, time::Duration};

use bulkhead_tests::{
    approver::Approver,
    built,
    host_config::{HostConfig, cluster_table, plugin_table},
    mcp_client::Era,
    real_cluster::{RealCluster, User},
};
use rstest::rstest;
use serde_json::Value;

use super::{EVERYTHING, Setup, Shop, WEB, scale_to};

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn an_approved_proposal_outlives_its_host_and_is_applied_once() {
    let mut shop = Shop::open();
    shop.make_web();
    let id = shop.propose("k8s_patch", scale_to(5));
    shop.approve(&id);
    let mut shop = shop.restart(|_| ());
    let prepared = shop.changes().len();
    shop.comes_to(&id, "applied");
    assert_eq!(shop.changes().len(), prepared + 1);
    shop.apply(&id).fails("conflict", &["is applied already"]);
    let mut shop = shop.restart(|_| ());
    shop.apply(&id).fails("conflict", &["is applied already"]);
    shop.kubectl("scale deployment web --replicas=3");
    shop.apply(&id).fails("conflict", &["is applied already"]);
    assert_eq!(shop.object("deployment web")["spec"]["replicas"], 3);
    let shown = Approver::shared()
        .unwrap()
        .approve(&shop.config, &id)
        .unwrap();
    assert_eq!(shown.code, 1, "{}", shown.text);
    shop.verified();
}

#[test]
fn a_proposal_that_was_not_decided_on_in_time_is_over() {
    let mut shop = Shop::open();
    shop.make_web();
    let id = shop.propose("k8s_patch", scale_to(5));
    shop.passes(31 * MINUTE);
    let shown = Approver::shared()
        .unwrap()
        .approve(&shop.config, &id)
        .unwrap();
    assert_eq!(shown.code, 1, "{}", shown.text);
    assert!(shown.text.contains("has expired"), "{}", shown.text);
    shop.apply(&id)
        .fails("conflict", &["has expired", "propose it again"]);
    assert_ne!(shop.propose("k8s_patch", scale_to(5)), id);
}

#[test]
fn an_approval_that_was_not_used_in_time_must_be_given_again() {
    let mut shop = Shop::open();
    shop.make_web();
    let id = shop.propose("k8s_patch", scale_to(5));
    shop.approve(&id);
    shop.passes(6 * MINUTE);
    shop.apply(&id).fails("needs-approval", &["too old"]);
    assert_eq!(shop.object("deployment web")["spec"]["replicas"], 3);
    shop.approve(&id);
    shop.comes_to(&id, "applied");
}

#[test]
fn an_approval_is_over_with_its_proposal() {
    let mut shop = Shop::open();
    shop.make_web();
    let id = shop.propose("k8s_patch", scale_to(5));
    shop.passes(28 * MINUTE);
    shop.approve(&id);
    shop.passes(3 * MINUTE);
    shop.apply(&id).fails("conflict", &["has expired"]);
}

#[test]
fn a_clock_that_was_set_back_brings_nothing_back() {
    let mut shop = Shop::open();
    shop.make_web();
    let id = shop.propose("k8s_patch", scale_to(5));
    shop.approve(&id);
    // The wall clock is 31 minutes behind what the host has seen from here on.
    shop.passes(31 * MINUTE);
    shop.apply(&id).fails("conflict", &["has expired"]);
    let mut shop = shop.restart(|_| ());
    shop.apply(&id).fails("conflict", &["has expired"]);
}

/// Starts the host again with something else, and has what was approved before refused.
fn bound_to(what: &str, between: impl FnOnce(&HostConfig)) {
    let mut shop = Shop::open();
    shop.make_web();
    let id = shop.propose("k8s_patch", scale_to(5));
    shop.approve(&id);
    let mut shop = shop.restart(between);
    let sent = shop.changes();
    shop.apply(&id).fails(
        "conflict",
        &["was proposed for another", what, "propose it again"],
    );
    assert_eq!(shop.changes(), sent);
    assert_eq!(shop.object("deployment web")["spec"]["replicas"], 3);
}

#[test]
fn another_configuration_is_another_matter() {
    bound_to("configuration", |config| {
        let text = fs::read_to_string(config.path()).unwrap();
        fs::write(config.path(), text + "\n[runtime]\nmax_calls = 63\n").unwrap();
    });
}

#[test]
fn another_policy_is_another_matter() {
    bound_to("policy", |config| {
        let policy = fs::read_to_string(built::workspace().join("policy.toml")).unwrap();
        fs::write(config.folder().join("policy.toml"), policy + "\n# more\n").unwrap();
    });
}

/// A host on a kubeconfig and a component beside its configuration, where they can be exchanged.
fn movable() -> Shop {
    let setup = Setup::usual();
    let text = [
        cluster_table(Path::new("kubeconfig")).unwrap(),
        Approver::shared().unwrap().table(),
        plugin_table("generic", Path::new("generic.wasm")).unwrap(),
        EVERYTHING.to_owned(),
    ];
    let config = HostConfig::with_text(&text.join("\n")).unwrap();
    let beside = |name: &str| config.folder().join(name);
    fs::copy(
        setup.cluster.kubeconfig_for(User::Admin),
        beside("kubeconfig"),
    )
    .unwrap();
    fs::copy(built::plugin("generic"), beside("generic.wasm")).unwrap();
    Shop::of(setup.cluster, config, Era::LEGACY)
}

#[test]
fn another_cluster_of_the_same_name_is_another_cluster() {
    let mut shop = movable();
    shop.make_web();
    let id = shop.propose("k8s_patch", scale_to(5));
    shop.approve(&id);
    let other = RealCluster::with_nodes().unwrap();
    // It has an object of that name in a namespace of that name.
    let namespace = shop.namespace.clone();
    let web = WEB.replacen(
        "{name: web,",
        &format!("{{name: web, namespace: {namespace},"),
        1,
    );
    other
        .apply(&format!(
            "{{apiVersion: v1, kind: Namespace, metadata: {{name: {namespace}}}}}\n---{web}"
        ))
        .unwrap();
    let mut shop = shop.restart(|config| {
        fs::copy(
            other.kubeconfig_for(User::Admin),
            config.folder().join("kubeconfig"),
        )
        .unwrap();
    });
    let sent = other.changes_in(&namespace).unwrap();
    shop.apply(&id)
        .fails("conflict", &["was proposed for another cluster"]);
    assert_eq!(other.changes_in(&namespace).unwrap(), sent);
}

#[test]
fn another_user_of_the_cluster_is_another_caller_of_it() {
    let mut shop = movable();
    shop.make_web();
    let id = shop.propose("k8s_patch", scale_to(5));
    shop.approve(&id);
    let mut shop = shop.restart(|config| {
        let kubeconfig = RealCluster::shared()
            .unwrap()
            .kubeconfig_for(User::Scheduler);
        fs::copy(kubeconfig, config.folder().join("kubeconfig")).unwrap();
    });
    shop.apply(&id)
        .fails("conflict", &["another cluster, or as another user"]);
}

#[test]
fn another_version_of_the_plugin_applies_nothing_of_the_old_one() {
    let mut shop = movable();
    shop.make_web();
    let id = shop.propose("k8s_patch", scale_to(5));
    shop.approve(&id);
    let mut shop = shop.restart(|config| {
        let file = config.folder().join("generic.wasm");
        let mut bytes = fs::read(&file).unwrap();
        // A custom section that is called `x` and is empty: it does the same and is another file.
        bytes.extend([0, 2, 1, b'x']);
        fs::write(&file, bytes).unwrap();
    });
    shop.apply(&id)
        .fails("conflict", &["another plugin, or another version of it"]);
    assert_eq!(shop.object("deployment web")["spec"]["replicas"], 3);
}

#[rstest]
#[case::the_last_replica(scale_to(0))]
#[case::more_than_was_shown(scale_to(9))]
fn other_arguments_are_another_proposal(#[case] other: Value) {
    let mut shop = Shop::open();
    shop.make_web();
    let id = shop.propose("k8s_patch", scale_to(5));
    shop.approve(&id);
    let said = shop
        .call("k8s_patch", super::confirmed(other))
        .fails("needs-approval", &[]);
    assert!(!said.text.contains(&id), "{}", said.text);
    assert_eq!(shop.object("deployment web")["spec"]["replicas"], 3);
}
