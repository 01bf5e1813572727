//! The gate's own table of cases, and the golden matrix of the shipped configuration.

mod changes;
mod prometheus;

use std::path::Path;
use std::time::Duration;

use rstest::rstest;
use tokio_util::sync::CancellationToken;

use super::{Gate, Operation, Reach, Reason, Resource, Verdict, Want, matrix};
use crate::call::{Budget, Call, Deadline, Effect};
use crate::config::{self, Config, Environment, Grant, PluginConfig};

fn call() -> Call {
    Call {
        id: 1,
        plugin: "p".into(),
        tool: "t".into(),
        effect: Effect::Read,
        deadline: Deadline::within(Duration::from_secs(60)),
        cancelled: CancellationToken::new(),
        budget: Budget::new(1, 1),
        progress: None,
        ask: None,
        origin: crate::call::Origin::default(),
        actor: crate::call::Actor::default(),
        denials: crate::call::Denials::default(),
        covered: crate::call::Covered::default(),
        begun: crate::call::Begun::default(),
    }
}

fn environment() -> Environment {
    Environment {
        home: Some("/home/operator".into()),
        ..Environment::default()
    }
}

fn grants(toml: &str) -> Vec<Grant> {
    let text = format!("[plugins.p]\nsource = \"p.wasm\"\n{toml}");
    let config = config::parse(&text, Path::new("/config.toml"), &environment());
    config
        .unwrap_or_else(|problems| panic!("{problems}"))
        .plugins["p"]
        .grants
        .clone()
}

fn wants_all() -> Vec<Want> {
    let want = |groups: &[&str], resources: &[&str]| Want {
        api_groups: groups.iter().map(ToString::to_string).collect(),
        resources: resources.iter().map(ToString::to_string).collect(),
        verbs: vec!["*".into()],
        secret_values: true,
        reason: String::new(),
    };
    vec![
        want(&["*"], &["*", "*/status", "*/scale"]),
        want(
            &[""],
            &["secrets", "configmaps", "pods/log", "pods/eviction"],
        ),
    ]
}

fn gate(toml: &str) -> Gate {
    Gate::new("p", grants(toml), wants_all())
}

fn get(plural: &str, namespace: Option<&str>, name: &str) -> Operation {
    let reach = namespace.map_or(Reach::Cluster, |namespace| {
        Reach::Namespace(namespace.into())
    });
    Operation::Get {
        resource: Resource::new("", plural),
        reach,
        name: name.into(),
    }
}

fn list(plural: &str, reach: Reach) -> Operation {
    Operation::List {
        resource: Resource::new("", plural),
        reach,
        name: None,
    }
}

const SHOP: &str = r#"
[[plugins.p.grants]]
api_groups = [""]
resources = ["*"]
verbs = ["get", "list"]
namespaces = ["shop", "team-*"]
"#;

#[rstest]
#[case::a_granted_get(get("pods", Some("shop"), "web"), None)]
#[case::a_namespace_by_glob(get("pods", Some("team-a"), "web"), None)]
#[case::another_namespace(get("pods", Some("shop2"), "web"), Some(Reason::Reach))]
#[case::all_namespaces(list("pods", Reach::AllNamespaces), Some(Reason::Reach))]
#[case::an_object_of_the_cluster(get("nodes", None, "n"), Some(Reason::Reach))]
#[case::a_wildcard_is_no_secret(get("secrets", Some("shop"), "db"), Some(Reason::Resource))]
#[case::a_wildcard_is_no_configmap(list("configmaps", Reach::Namespace("shop".into())), Some(Reason::Resource))]
#[case::a_wildcard_is_no_subresource(Operation::Logs { namespace: "shop".into(), pod: "web".into() }, Some(Reason::Resource))]
#[case::another_group(Operation::Get { resource: Resource::new("apps", "deployments"), reach: Reach::Namespace("shop".into()), name: "x".into() }, Some(Reason::Resource))]
#[case::another_verb(Operation::Watch { resource: Resource::new("", "pods"), reach: Reach::Namespace("shop".into()), name: "x".into() }, Some(Reason::Verb))]
#[case::discovery_needs_some_grant(Operation::Discover, None)]
fn a_grant_covers_what_it_names_and_nothing_else(
    #[case] operation: Operation,
    #[case] refused: Option<Reason>,
) {
    let outcome = gate(SHOP).check(&call(), operation);
    assert_eq!(outcome.err().map(|denied| denied.reason), refused);
}

#[test]
fn without_grants_everything_is_refused_even_discovery() {
    let gate = gate("");
    for operation in [
        Operation::Discover,
        Operation::Review,
        get("pods", Some("shop"), "x"),
    ] {
        assert_eq!(
            gate.check(&call(), operation).unwrap_err().reason,
            Reason::NoGrants
        );
    }
}

#[test]
fn a_grant_gives_no_more_than_a_want_asks() {
    let want = Want {
        api_groups: vec![String::new()],
        resources: vec!["pods".into()],
        verbs: vec!["get".into()],
        secret_values: false,
        reason: String::new(),
    };
    let gate = Gate::new("p", grants(SHOP), vec![want]);
    assert!(gate.check(&call(), get("pods", Some("shop"), "x")).is_ok());
    assert_eq!(
        gate.check(&call(), get("services", Some("shop"), "x"))
            .unwrap_err()
            .reason,
        Reason::NotWanted
    );
    assert_eq!(
        gate.check(&call(), list("pods", Reach::Namespace("shop".into())))
            .unwrap_err()
            .reason,
        Reason::NotWanted
    );
}

#[test]
fn names_and_labels_are_judged_with_the_object() {
    let gate = gate(
        r#"
[[plugins.p.grants]]
api_groups = [""]
resources = ["pods"]
verbs = ["get", "list"]
namespaces = ["shop"]
names = ["web-*"]
label_selector = "team=a"
"#,
    );
    assert_eq!(
        gate.check(&call(), get("pods", Some("shop"), "db-0"))
            .unwrap_err()
            .reason,
        Reason::Name
    );
    let permit = gate
        .check(&call(), list("pods", Reach::Namespace("shop".into())))
        .unwrap();
    assert!(!permit.is_unconditional());
    assert_eq!(permit.label_selector().as_deref(), Some("team=a"));
    let judge = |name: &str, team: Option<&'static str>| {
        permit.judge(name, move |key| team.filter(|_| key == "team"))
    };
    assert_eq!(judge("web-0", Some("a")), Verdict::Covered);
    assert_eq!(judge("web-0", Some("b")), Verdict::Outside);
    assert_eq!(judge("web-0", None), Verdict::Outside);
    assert_eq!(judge("db-0", Some("a")), Verdict::Outside);
}

#[test]
fn secret_values_need_the_grant_and_the_want() {
    let toml = |values: &str| {
        format!(
            "[[plugins.p.grants]]\napi_groups = [\"\"]\nresources = [\"secrets\"]\nverbs = [\"get\"]\nnamespaces = [\"shop\"]\n{values}"
        )
    };
    let verdict = |gate: &Gate| {
        gate.check(&call(), get("secrets", Some("shop"), "db"))
            .unwrap()
            .judge("db", |_| None)
    };
    assert_eq!(verdict(&gate(&toml(""))), Verdict::Covered);
    assert_eq!(
        verdict(&gate(&toml("secret_values = true"))),
        Verdict::CoveredWithSecrets
    );
    let mut wants = wants_all();
    for want in &mut wants {
        want.secret_values = false;
    }
    assert_eq!(
        verdict(&Gate::new(
            "p",
            grants(&toml("secret_values = true")),
            wants
        )),
        Verdict::Covered
    );
}

#[test]
fn a_bound_on_objects_holds_unless_another_grant_has_none() {
    let bounded = SHOP.replace(
        "namespaces = [\"shop\", \"team-*\"]",
        "namespaces = [\"shop\"]\nmax_objects = 7",
    );
    let permit = gate(&bounded)
        .check(&call(), list("pods", Reach::Namespace("shop".into())))
        .unwrap();
    assert_eq!(permit.max_objects(), Some((0, 7)));
    let permit = gate(&format!("{bounded}{SHOP}"))
        .check(&call(), list("pods", Reach::Namespace("shop".into())))
        .unwrap();
    assert_eq!(permit.max_objects(), None);
}

#[test]
fn a_denial_gives_the_operator_a_grant_that_would_have_passed() {
    for operation in [
        get("secrets", Some("shop"), "db"),
        list("pods", Reach::AllNamespaces),
        get("nodes", None, "n"),
        Operation::Logs {
            namespace: "shop".into(),
            pod: "web".into(),
        },
    ] {
        let denied = gate(SHOP).check(&call(), operation.clone()).unwrap_err();
        let mended = gate(&format!("{SHOP}\n{}\n", denied.grant().unwrap()));
        assert!(mended.check(&call(), operation).is_ok(), "{denied}");
    }
}

#[test]
fn the_model_reads_the_sentence_and_not_the_grant() {
    let denied = gate(SHOP)
        .check(&call(), get("secrets", Some("shop"), "db"))
        .unwrap_err();
    let failure = crate::failure::Failure::from(denied);
    insta::assert_snapshot!(failure.text(), @"plugin `p` may not get `secrets` named `db` in namespace `shop`: no grant names this resource; next: do not try other ways; tell the person what you wanted to see and why. The operator finds the missing grant in Bulkhead's log");
}

#[test]
fn text_from_a_guest_cannot_break_out_of_the_grant_to_paste() {
    let denied = gate(SHOP)
        .check(&call(), get("pods", Some("x\"]\nverbs = [\"*\"]\n#"), "n"))
        .unwrap_err();
    let table: toml::Table = denied.grant().unwrap().parse().unwrap();
    let grant = &table["plugins"]["p"]["grants"][0];
    assert_eq!(grant["verbs"], toml::Value::from(vec!["get"]));
}

/// The golden matrix: what the shipped configuration gives a plugin that asks for everything. A change of policy is a change
/// of this table.
#[test]
fn the_shipped_configuration_gives_exactly_this() {
    let shipped = include_str!("../../../config.toml");
    let config = config::parse(shipped, Path::new("/config.toml"), &environment()).unwrap();
    insta::assert_snapshot!(matrices(&config, &wants_all()));
}

/// The table of each plugin, under its key; `rows` are shown besides those that its grants name.
fn matrices(config: &Config, rows: &[Want]) -> String {
    let table = |(key, plugin): (&String, &PluginConfig)| {
        let gate = Gate::new(key, plugin.grants.clone(), wants_all());
        let rows = matrix::resources(&plugin.grants, rows);
        format!("{key}\n{}", matrix::table(&gate, &rows))
    };
    let tables: Vec<_> = config.plugins.iter().map(table).collect();
    tables.join("\n")
}
