//! Verbs that change and `use`: what grants of them cover, as a table, beyond another gate, and spelled out.

use std::path::Path;

use super::{call, environment, gate, grants, matrices, matrix, wants_all};
use crate::config::{self, Verb};
use crate::failure::Failure;
use crate::gate::{Demand, Gate, Operation, Reach, Reason, Resource, Want, spelled_out};

fn change(verb: Verb, group: &str, plural: &str, namespace: &str, name: &str) -> Operation {
    Operation::Change {
        verb,
        resource: Resource::new(group, plural),
        reach: Reach::Namespace(namespace.to_owned()),
        name: name.to_owned(),
    }
}

fn refused(gate: &Gate, operation: Operation) -> Option<Reason> {
    gate.check(&call(), operation)
        .err()
        .map(|denied| denied.reason)
}

fn grant(groups: &str, resources: &str, verbs: &str, more: &str) -> String {
    format!(
        "[[plugins.p.grants]]\napi_groups = {groups}\nresources = {resources}\nverbs = {verbs}\n{more}\n"
    )
}

const SHOP: &str = "namespaces = [\"shop\"]";

#[test]
fn a_verb_that_changes_is_granted_by_its_name_and_a_subresource_by_its_own() {
    let toml = grant(r#"["apps"]"#, r#"["*"]"#, r#"["get", "patch"]"#, SHOP);
    let gate = gate(&toml);
    let on = |verb, plural| refused(&gate, change(verb, "apps", plural, "shop", "web"));
    assert_eq!(on(Verb::Patch, "deployments"), None);
    assert_eq!(on(Verb::Delete, "deployments"), Some(Reason::Verb));
    assert_eq!(on(Verb::Patch, "deployments/scale"), Some(Reason::Resource));
    assert_eq!(
        refused(
            &gate,
            change(Verb::Patch, "apps", "deployments", "bank", "web")
        ),
        Some(Reason::Reach)
    );
}

#[test]
fn a_subresource_is_reached_by_few_verbs_whatever_the_grant_lists() {
    let toml = grant(
        r#"["", "apps"]"#,
        r#"["pods", "pods/log", "pods/eviction", "deployments/scale"]"#,
        r#"["get", "list", "create", "patch", "delete"]"#,
        SHOP,
    );
    let gate = gate(&toml);
    let reached = |group: &str, plural: &str| {
        let verbs = Verb::ALL.into_iter().filter(|verb| {
            gate.allows(&Demand {
                verb: *verb,
                resource: Resource::new(group, plural),
                reach: Reach::Namespace("shop".to_owned()),
                name: None,
            })
        });
        verbs.map(Verb::as_str).collect::<Vec<_>>()
    };
    assert_eq!(
        reached("", "pods"),
        ["get", "list", "create", "patch", "delete"]
    );
    assert_eq!(reached("", "pods/log"), ["get"]);
    assert_eq!(reached("", "pods/eviction"), ["create"]);
    assert_eq!(reached("apps", "deployments/scale"), ["get", "patch"]);
}

#[test]
fn a_denied_change_says_what_to_tell_and_its_grant_would_have_passed() {
    for (operation, wanted) in [
        (
            change(Verb::Patch, "apps", "deployments/scale", "shop", "web"),
            "what you wanted to change",
        ),
        (
            change(Verb::Create, "", "pods/eviction", "shop", "web-0"),
            "what you wanted to change",
        ),
        (
            change(Verb::Use, "", "secrets", "shop", "web-tls"),
            "what you wanted to refer to",
        ),
    ] {
        let denied = gate("").check(&call(), operation.clone()).unwrap_err();
        let pasted = gate(&denied.grant().unwrap());
        assert!(pasted.check(&call(), operation).is_ok(), "{denied}");
        let text = Failure::from(denied).text();
        assert!(text.contains(wanted), "{text}");
    }
}

/// The golden matrix of what the operator can uncomment.
#[test]
fn the_examples_of_the_shipped_configuration_give_exactly_this() {
    let shipped = include_str!("../../../../config.toml").replace("\n#> ", "\n");
    // The grants for reading in every namespace would hide what each example gives.
    let (head, _) = shipped
        .split_once("\n# Reading in every namespace.")
        .unwrap();
    let (_, examples) = shipped
        .split_once("\n# In place of the first grant")
        .unwrap();
    let text = format!("{head}\n#{examples}");
    let config = config::parse(&text, Path::new("/config.toml"), &environment()).unwrap();
    insta::assert_snapshot!(matrices(&config, &[]));
}

#[test]
fn a_patch_without_get_is_no_power() {
    let table = |verbs: &str| {
        let toml = grant(r#"["apps"]"#, r#"["deployments"]"#, verbs, SHOP);
        matrix::table(&gate(&toml), &[Resource::new("apps", "deployments")])
    };
    assert!(table(r#"["get", "patch"]"#).contains("plan shop"));
    assert!(!table(r#"["patch"]"#).contains("plan shop"));
}

/// What the second grants give beyond the first.
fn beyond(old: &str, new: &str) -> Vec<String> {
    let mut rows = grants(old);
    rows.extend(grants(new));
    let rows = matrix::resources(&rows, &[]);
    let lines = matrix::beyond(&gate(new), Some(&gate(old)), &rows);
    lines
        .iter()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn what_is_newly_allowed_is_told_and_what_another_rule_gave_is_not() {
    let scale = |namespaces: &str| {
        grant(
            r#"["apps"]"#,
            r#"["deployments/scale"]"#,
            r#"["patch"]"#,
            &format!("namespaces = {namespaces}"),
        )
    };
    let (shop, all) = (scale(r#"["shop"]"#), scale(r#"["*"]"#));
    assert_eq!(
        beyond("", &shop),
        ["deployments/scale.apps patch plan shop"]
    );
    assert_eq!(
        beyond(&shop, &all),
        ["deployments/scale.apps patch plan all"]
    );
    assert_eq!(beyond(&all, &shop), Vec::<String>::new());
    assert_eq!(beyond(&all, &all), Vec::<String>::new());
    assert_eq!(
        beyond(&shop, &scale(r#"["shop", "team-*"]"#)),
        ["deployments/scale.apps patch plan team-*"]
    );
}

#[test]
fn a_wider_bound_is_newly_allowed_though_the_place_is_the_same() {
    let images = |bounds: &str| {
        grant(
            r#"["apps"]"#,
            r#"["deployments"]"#,
            r#"["get", "patch"]"#,
            &format!("{SHOP}\n{bounds}"),
        )
    };
    let image = images(r#"fields = ["spec.template.spec.containers[*].image"]"#);
    assert_eq!(
        beyond(&image, &images(r#"fields = ["spec.template"]"#)),
        ["deployments.apps patch plan shop fields spec.template"]
    );
    assert_eq!(
        beyond(&image, &images("")),
        ["deployments.apps patch plan shop"]
    );
    assert_eq!(beyond(&images(""), &image), Vec::<String>::new());
    let secrets = |more: &str| {
        grant(
            r#"[""]"#,
            r#"["secrets"]"#,
            r#"["get"]"#,
            &format!("{SHOP}\n{more}"),
        )
    };
    assert_eq!(
        beyond(&secrets(""), &secrets("secret_values = true")),
        ["secrets get shop (values)"]
    );
    // Of a narrow and a wide grant, the wide one says it all.
    let narrow = secrets("names = [\"web-tls\"]");
    assert_eq!(beyond("", &(narrow + &secrets(""))), ["secrets get shop"]);
}

#[test]
fn a_star_newly_allowed_is_a_row_of_its_own() {
    let every = grant(r#"["batch"]"#, r#"["*"]"#, r#"["delete"]"#, SHOP);
    assert_eq!(
        beyond("", &every),
        ["*.batch delete plan shop", "jobs.batch delete plan shop"]
    );
}

#[test]
fn a_grant_is_spelled_out_as_far_as_it_is_wanted_and_served() {
    let toml = grant(
        r#"["", "apps"]"#,
        r#"["*", "pods/log", "*/scale"]"#,
        r#"["get", "patch", "use"]"#,
        SHOP,
    );
    let [grant] = &grants(&toml)[..] else {
        panic!("there is one grant");
    };
    let verbs = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
    let served = [
        (Resource::new("", "pods"), verbs(&["get", "patch"])),
        (Resource::new("", "secrets"), verbs(&["get", "patch"])),
        (Resource::new("", "bindings"), verbs(&["create"])),
        (Resource::new("batch", "jobs"), verbs(&["get"])),
    ];
    let pairs = |wants: &[Want], served: Option<&[(Resource, Vec<String>)]>| {
        let spelled = spelled_out(grant, wants, served);
        let pairs = spelled
            .pairs
            .iter()
            .map(|(resource, verb)| format!("{verb} {resource}"));
        (pairs.collect::<Vec<_>>().join(", "), spelled.is_partial)
    };
    assert_eq!(
        pairs(&wants_all(), Some(&served)),
        (
            "get */scale, patch */scale, use bindings, get pods, patch pods, use pods, get pods/log, get */scale.apps, patch */scale.apps".to_owned(),
            false
        )
    );
    assert!(pairs(&wants_all(), None).1);
    // A want by name needs no cluster to be spelled out.
    let want = Want {
        api_groups: vec![String::new(), "batch".to_owned()],
        resources: vec!["pods".to_owned(), "secrets".to_owned()],
        verbs: vec!["get".to_owned()],
        secret_values: false,
        reason: String::new(),
    };
    assert_eq!(pairs(&[want], None), ("get pods".to_owned(), false));
}
