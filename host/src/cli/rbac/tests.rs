//! Roles of small configurations, as manifests.

use std::path::Path;

use super::manifests;
use super::roles::{Needs, Served, Subject, of_host, of_plugin};
use crate::config::{self, Environment, Impersonation, PluginConfig};
use crate::gate::{Resource, Want};

fn plugin(toml: &str) -> PluginConfig {
    let environment = Environment {
        home: Some("/home/operator".into()),
        ..Environment::default()
    };
    let text = format!("[plugins.p]\nsource = \"p.wasm\"\n{toml}");
    let config = config::parse(&text, Path::new("/config.toml"), &environment);
    let config = config.unwrap_or_else(|problems| panic!("{problems}"));
    config.plugins["p"].clone()
}

fn wants(groups: &[&str], resources: &[&str]) -> Vec<Want> {
    let texts = |words: &[&str]| words.iter().map(ToString::to_string).collect();
    vec![Want {
        api_groups: texts(groups),
        resources: texts(resources),
        verbs: vec!["*".to_owned()],
        secret_values: true,
        reason: String::new(),
    }]
}

fn wants_all() -> Vec<Want> {
    let mut all = wants(&["*"], &["*", "*/status", "*/scale"]);
    all.extend(wants(
        &[""],
        &["secrets", "configmaps", "pods/log", "pods/eviction"],
    ));
    all
}

fn account() -> Subject {
    Subject::ServiceAccount {
        namespace: "bulkhead".to_owned(),
        name: "bulkhead".to_owned(),
    }
}

fn needs(toml: &str, served: Option<&Served>) -> Needs {
    of_plugin("p", &plugin(toml).grants, &wants_all(), served, &account())
}

/// The rules alone, a line each: place, group, resources, verbs, names.
fn rules(needs: &Needs) -> String {
    let mut lines = Vec::new();
    for role in &needs.roles {
        let place = role.namespace.as_deref().unwrap_or("cluster");
        for note in &role.notes {
            lines.push(format!("{place}: # {note}"));
        }
        for rule in &role.rules {
            let names = match rule.names.as_slice() {
                [] => String::new(),
                names => format!(" named {}", names.join(",")),
            };
            lines.push(format!(
                "{place}: {:?} {}: {}{names}",
                rule.group,
                rule.resources.join(","),
                rule.verbs.join(",")
            ));
        }
    }
    lines.join("\n")
}

#[test]
fn each_verb_needs_the_requests_that_the_host_makes_for_it() {
    let of = |group: &str, resources: &str, verb: &str| {
        let toml = format!(
            "[[plugins.p.grants]]\napi_groups = [{group:?}]\nresources = [{resources:?}]\nverbs = [{verb:?}]\nnamespaces = [\"shop\"]"
        );
        format!("{verb} {resources}:\n{}", rules(&needs(&toml, None)))
    };
    let all = [
        of("apps", "deployments", "get"),
        of("apps", "deployments", "list"),
        of("apps", "deployments", "watch"),
        of("apps", "deployments", "create"),
        of("apps", "deployments", "patch"),
        of("apps", "deployments", "delete"),
        of("example.com", "databases", "delete"),
        of("", "secrets", "use"),
        of("apps", "deployments/scale", "patch"),
        of("", "pods/eviction", "create"),
        of("", "pods/log", "get"),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn names_are_said_where_they_are_exact_and_stand_in_the_path() {
    let toml = |names: &str| {
        format!(
            "[[plugins.p.grants]]\napi_groups = [\"\"]\nresources = [\"pods\", \"pods/log\", \"pods/eviction\"]\nverbs = [\"get\", \"list\", \"create\", \"delete\"]\nnamespaces = [\"shop\"]\nnames = {names}"
        )
    };
    insta::assert_snapshot!(rules(&needs(&toml(r#"["web-1", "web-0"]"#), None)), @r#"
    shop: # pods, pods/log, pods/eviction: only names web-1, web-0
    shop: "" pods: list,create
    shop: "" pods/eviction: create named web-0,web-1
    shop: "" pods/log: get named web-0,web-1
    shop: "" pods: get,delete named web-0,web-1
    "#);
    insta::assert_snapshot!(rules(&needs(&toml(r#"["web-*", "db"]"#), None)), @r#"
    shop: # pods, pods/log, pods/eviction: only names web-*, db
    shop: "" pods/eviction: create
    shop: "" pods/log: get
    shop: "" pods: get,list,create,delete
    "#);
}

#[test]
fn what_rbac_cannot_say_is_noted() {
    let toml = r#"
[[plugins.p.grants]]
api_groups = ["apps"]
resources = ["deployments"]
verbs = ["get", "patch"]
namespaces = ["shop", "team-*"]
label_selector = "app=web"
fields = ["spec.replicas", "metadata.labels['a.b/c']"]
"#;
    insta::assert_snapshot!(rules(&needs(toml, None)), @r#"
    cluster: # deployments: only in namespaces shop, team-*; only with labels app=web; setting only spec.replicas, metadata.labels['a.b/c']
    cluster: "apps" deployments: get,patch
    "#);
}

#[test]
fn a_star_is_spelled_out_from_what_is_served_and_never_has_secrets() {
    let toml = r#"
[[plugins.p.grants]]
api_groups = ["*"]
resources = ["*"]
verbs = ["get", "list", "delete"]
namespaces = ["*"]

[[plugins.p.grants]]
api_groups = [""]
resources = ["*"]
verbs = ["get"]
scope = "cluster"

[[plugins.p.grants]]
api_groups = ["*"]
resources = ["*/scale"]
verbs = ["patch"]
namespaces = ["shop"]

# A node has no namespace, so this gives nothing where that is known.
[[plugins.p.grants]]
api_groups = [""]
resources = ["nodes"]
verbs = ["get"]
namespaces = ["shop"]

# What the server does not know for a type is not given, though it is named.
[[plugins.p.grants]]
api_groups = ["metrics.k8s.io"]
resources = ["pods"]
verbs = ["get", "watch"]
namespaces = ["shop"]
"#;
    let served = |types: &[(&str, &str, &[&str])]| {
        types
            .iter()
            .map(|(group, plural, verbs)| {
                let verbs = verbs.iter().map(ToString::to_string).collect();
                (Resource::new(*group, *plural), verbs)
            })
            .collect()
    };
    let all: &[&str] = &["get", "list", "watch", "create", "patch", "delete"];
    let served = Served {
        namespaced: served(&[
            ("", "pods", all),
            ("", "secrets", all),
            ("", "configmaps", all),
            ("", "bindings", &["create"]),
            ("batch", "cronjobs", all),
            ("metrics.k8s.io", "pods", &["get", "list"]),
        ]),
        of_cluster: served(&[
            ("", "nodes", all),
            ("storage.k8s.io", "storageclasses", all),
        ]),
    };
    let known = needs(toml, Some(&served));
    assert!(!known.is_partial);
    insta::assert_snapshot!(rules(&known), @r#"
    cluster: "" nodes: get
    cluster: "" pods: get,list,delete
    cluster: "batch" cronjobs: get,list,delete
    cluster: "batch" jobs: list
    cluster: "metrics.k8s.io" pods: get,list
    shop: "*" */scale: get,patch
    "#);
    let unknown = needs(toml, None);
    assert!(unknown.is_partial);
    insta::assert_snapshot!(rules(&unknown), @r#"
    shop: "" nodes: get
    shop: "*" */scale: get,patch
    shop: "metrics.k8s.io" pods: get,watch
    "#);
}

#[test]
fn what_a_built_in_group_does_not_have_is_not_given() {
    let toml = r#"
[[plugins.p.grants]]
api_groups = ["", "apps", "example.com"]
resources = ["deployments", "services", "deployments/scale"]
verbs = ["patch"]
namespaces = ["shop"]
"#;
    let types = [
        ("", "services"),
        ("apps", "deployments"),
        ("example.com", "databases"),
    ];
    let served = Served {
        namespaced: types
            .map(|(group, plural)| (Resource::new(group, plural), vec!["patch".to_owned()]))
            .into(),
        of_cluster: Vec::new(),
    };
    insta::assert_snapshot!(rules(&needs(toml, Some(&served))), @r#"
    shop: "" services: get,patch
    shop: "apps" deployments,deployments/scale: get,patch
    shop: "example.com" deployments,deployments/scale,services: get,patch
    "#);
}

#[test]
fn what_may_go_with_an_operators_object_is_spelled_out_of_its_group() {
    let grant = |group: &str, resource: &str| {
        format!(
            "[[plugins.p.grants]]\napi_groups = [{group:?}]\nresources = [{resource:?}]\nverbs = [\"delete\"]\nnamespaces = [\"shop\"]"
        )
    };
    let types = [
        ("example.com", "databases", "list"),
        ("example.com", "backups", "list"),
        ("example.com", "restores", "create"),
        ("example.org", "queues", "list"),
        ("", "secrets", "list"),
    ];
    let types = types.map(|(group, plural, verb)| {
        let verbs = vec!["delete".to_owned(), verb.to_owned()];
        (Resource::new(group, plural), verbs)
    });
    let served = Served {
        namespaced: types.into(),
        of_cluster: Vec::new(),
    };
    let of_operator = grant("example.com", "databases");
    assert!(needs(&of_operator, None).is_partial);
    let known = needs(&of_operator, Some(&served));
    assert!(!known.is_partial);
    insta::assert_snapshot!(rules(&known), @r#"
    shop: "" persistentvolumeclaims,pods,services: list
    shop: "apps" deployments,replicasets,statefulsets: list
    shop: "batch" cronjobs,jobs: list
    shop: "example.com" databases: get,list,delete
    shop: "example.com" backups: list
    "#);
    // What controllers make of these is known.
    assert!(!needs(&grant("apps", "deployments"), None).is_partial);
    let known = needs(&grant("", "replicationcontrollers"), None);
    assert!(!known.is_partial);
    insta::assert_snapshot!(rules(&known), @r#"
    shop: "" replicationcontrollers: get,delete
    shop: "" pods: list
    "#);
}

#[test]
fn what_no_want_asks_for_is_not_asked_of_the_cluster() {
    let grants = plugin(
        r#"
[[plugins.p.grants]]
api_groups = ["*"]
resources = ["*", "secrets"]
verbs = ["get", "delete"]
namespaces = ["shop"]
"#,
    )
    .grants;
    let mut wants = wants(&["apps"], &["deployments"]);
    wants[0].verbs = vec!["get".to_owned()];
    let needs = of_plugin("p", &grants, &wants, None, &account());
    assert!(!needs.is_partial && !needs.changes);
    insta::assert_snapshot!(rules(&needs), @r#"shop: "apps" deployments: get"#);
}

#[test]
fn what_is_allowed_everywhere_is_not_said_again() {
    let grant = |verbs: &str, place: &str| {
        format!(
            "[[plugins.p.grants]]\napi_groups = [\"\"]\nresources = [\"pods\"]\nverbs = {verbs}\nnamespaces = {place}\n"
        )
    };
    let toml = grant(r#"["get"]"#, r#"["*"]"#) + &grant(r#"["get", "list"]"#, r#"["shop"]"#);
    insta::assert_snapshot!(rules(&needs(&toml, None)), @r#"
    cluster: "" pods: get
    shop: "" pods: list
    "#);
}

#[test]
fn the_host_needs_to_know_the_cluster_and_to_act_as_plugins_with_a_name_of_their_own() {
    let acts_as = |user: &str, groups: &[&str]| Impersonation {
        user: user.to_owned(),
        groups: groups.iter().map(ToString::to_string).collect(),
    };
    let user = acts_as("generic@example.com", &["plugins"]);
    let account_of_plugin = acts_as("system:serviceaccount:bulkhead:generic", &[]);
    assert_eq!(of_host(false, &[], &account()), []);
    let toml = r#"
[[plugins.p.grants]]
api_groups = [""]
resources = ["pods"]
verbs = ["get", "delete"]
namespaces = ["shop"]
names = ["web"]
"#;
    let plugin = plugin(toml);
    let mut roles = of_host(true, &[&user, &account_of_plugin], &account());
    let own = Subject::of(&account_of_plugin);
    roles.extend(of_plugin("p", &plugin.grants, &wants_all(), None, &own).roles);
    roles.extend(of_plugin("q", &plugin.grants, &wants_all(), None, &Subject::of(&user)).roles);
    let text = manifests::text(&["about\nit".to_owned()], Some(&account()), &roles);
    insta::assert_snapshot!(text);
}
