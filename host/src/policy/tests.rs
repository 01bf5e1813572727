mod cases;
mod reading;

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::json;

use self::cases::{Case, cases, deployment};
use super::*;

fn judged(policy: &Policy, case: &Case) -> Vec<Reason> {
    policy.judge(&case.subject())
}

fn risk(reasons: &[Reason]) -> Risk {
    reasons.first().map_or(Risk::Low, |reason| reason.risk)
}

/// The golden matrix: what the shipped policy says of the changes that matter.
#[test]
fn the_shipped_policy_judges_the_known_changes_as_the_table_says() {
    let policy = Policy::shipped();
    let mut table = String::new();
    for case in cases() {
        let reasons = judged(&policy, &case);
        writeln!(table, "{:8}{}", risk(&reasons).to_string(), case.title).unwrap();
        for reason in &reasons {
            let path = reason.path.as_deref().unwrap_or("-");
            writeln!(
                table,
                "          {:8}{path}: {}",
                reason.risk.to_string(),
                reason.say
            )
            .unwrap();
        }
        for Reference {
            group,
            resource,
            namespace,
            name,
        } in policy.references(&case.subject())
        {
            let dot = if group.is_empty() { "" } else { "." };
            let within = namespace.map(|namespace| format!(" in {namespace}"));
            let within = within.unwrap_or_default();
            writeln!(
                table,
                "          use     {resource}{dot}{group} {name}{within}"
            )
            .unwrap();
        }
    }
    insta::assert_snapshot!("matrix", table);
}

/// A row that no case needs could be removed without a test that fails.
#[test]
fn each_resource_that_a_row_of_the_policy_names_by_itself_is_in_a_case() {
    let policy = Policy::shipped();
    let cases = cases();
    for rule in &policy.rules {
        let named = !rule.resource.is_all() && !rule.resource.as_str().contains('*');
        let shown = cases
            .iter()
            .any(|case| rule.group.matches(case.group) && rule.resource.matches(case.resource));
        assert!(
            !named || shown,
            "{} of {}: no case",
            rule.resource,
            rule.group
        );
    }
}

#[test]
fn a_case_stands_in_the_table_once() {
    let mut titles: Vec<&str> = cases().iter().map(|case| case.title).collect();
    let all = titles.len();
    titles.sort_unstable();
    titles.dedup();
    assert_eq!(titles.len(), all);
    assert!(all >= 60, "{all}");
}

#[test]
fn the_gravest_reason_stands_first() {
    let policy = Policy::shipped();
    for case in cases() {
        let risks: Vec<Risk> = judged(&policy, &case)
            .iter()
            .map(|reason| reason.risk)
            .collect();
        assert!(
            risks.is_sorted_by(|a, b| a >= b),
            "{}: {risks:?}",
            case.title
        );
    }
}

#[test]
fn status_is_seen_only_by_rules_that_name_it() {
    let mut after = deployment();
    after["status"] = json!({"image": "x", "replicas": 0});
    let before = deployment();
    let subject = Subject {
        verb: Verb::Update,
        group: "apps",
        resource: "deployments",
        namespace: Some("shop"),
        name: "web",
        before: Some(&before),
        after: Some(&after),
        dependents: None,
    };
    assert_eq!(Policy::shipped().judge(&subject), []);
    let backup = Subject {
        group: "velero.io",
        resource: "backups",
        ..subject
    };
    let reasons = Policy::shipped().judge(&backup);
    assert_eq!(reasons[0].path.as_deref(), Some("status.image"));
}

#[test]
fn a_reference_that_was_there_is_not_new() {
    let before = json!({"spec": {"containers": [{"envFrom": [{"secretRef": {"name": "db"}}]}]}});
    let after = json!({"spec": {"containers": [{"envFrom": [
        {"secretRef": {"name": "db"}}, {"secretRef": {"name": "mail"}}, {"configMapRef": {"name": "c"}}
    ]}]}});
    let subject = |verb| Subject {
        verb,
        group: "",
        resource: "pods",
        namespace: Some("shop"),
        name: "web",
        before: Some(&before),
        after: Some(&after),
        dependents: None,
    };
    let policy = Policy::shipped();
    let names = |verb| {
        let references = policy.references(&subject(verb));
        let named = |reference: Reference| format!("{} {}", reference.resource, reference.name);
        references.into_iter().map(named).collect::<Vec<_>>()
    };
    assert_eq!(names(Verb::Update), ["configmaps c", "secrets mail"]);
    assert_eq!(
        names(Verb::Create),
        ["configmaps c", "secrets db", "secrets mail"]
    );
    assert_eq!(names(Verb::Delete), Vec::<String>::new());
}

/// What an update of a kind that everybody knows by now needs the verb `use` on.
fn used(namespace: Option<&str>, before: &Value, after: &Value) -> Vec<String> {
    let subject = Subject {
        verb: Verb::Update,
        group: "apps",
        resource: "deployments",
        namespace,
        name: "web",
        before: Some(before),
        after: Some(after),
        dependents: None,
    };
    let references = Policy::shipped().references(&subject).into_iter();
    let within = |namespace: Option<String>| namespace.unwrap_or_else(|| "its own".to_owned());
    references
        .map(|reference| format!("{} in {}", reference.name, within(reference.namespace)))
        .collect()
}

#[test]
fn a_name_that_comes_to_stand_elsewhere_in_the_object_is_a_new_reference() {
    let fetches = json!({"imagePullSecrets": [{"name": "registry"}]});
    let shows = json!({
        "imagePullSecrets": [{"name": "registry"}],
        "containers": [{"env": [{"name": "X", "valueFrom": {"secretKeyRef": {"name": "registry"}}}]}],
    });
    assert_eq!(
        used(Some("shop"), &fetches, &shows),
        ["registry in its own"]
    );
    assert_eq!(used(Some("shop"), &shows, &fetches), Vec::<String>::new());
    let twice = json!({"containers": [
        {"env": [{"name": "X", "valueFrom": {"secretKeyRef": {"name": "registry"}}}]},
        {"env": [{"name": "Y", "valueFrom": {"secretKeyRef": {"name": "registry"}}}]},
    ]});
    let shown = json!({"imagePullSecrets": [], "containers": shows["containers"]});
    assert_eq!(used(Some("shop"), &shown, &twice), Vec::<String>::new());
}

#[test]
fn a_namespace_beside_a_name_counts_and_does_not_stand_in_for_the_own_one() {
    let of =
        |namespace: &str| json!({"auth": {"secretRef": {"name": "db", "namespace": namespace}}});
    let own = json!({"auth": {"secretRef": {"name": "db"}}});
    let nothing = json!({});
    assert_eq!(
        used(Some("shop"), &nothing, &of("vault")),
        ["db in its own", "db in vault"]
    );
    assert_eq!(used(Some("shop"), &nothing, &of("shop")), ["db in its own"]);
    assert_eq!(used(Some("shop"), &nothing, &of("")), ["db in its own"]);
    // An object of the cluster has no namespace of its own.
    assert_eq!(used(None, &nothing, &of("vault")), ["db in vault"]);
    assert_eq!(used(None, &nothing, &own), ["db in its own"]);
    assert_eq!(
        used(Some("shop"), &of("vault"), &of("bank")),
        ["db in its own", "db in bank"]
    );
}

#[test]
fn a_row_about_a_kind_sees_what_changes_through_a_subresource() {
    let scale = |replicas: u32| json!({"kind": "Scale", "spec": {"replicas": replicas}});
    let (before, after) = (scale(2), scale(3));
    let text = "protected_namespaces = []\nknown_groups = []\nmax_change_percent = 500\namounts = []\nmax_cascade = 50\n\
        references = []\nrules = [{ group = \"apps\", resource = \"statefulsets\", risk = \"high\", say = \"x\" }]\n";
    let policy = Policy::parse(text, Path::new("policy.toml")).unwrap();
    let risk_of = |resource| {
        risk(&policy.judge(&Subject {
            verb: Verb::Update,
            group: "apps",
            resource,
            namespace: Some("shop"),
            name: "web",
            before: Some(&before),
            after: Some(&after),
            dependents: None,
        }))
    };
    assert_eq!(risk_of("statefulsets/scale"), Risk::High);
    assert_eq!(risk_of("statefulsets"), Risk::High);
    // Nothing is known of the group here.
    assert_eq!(risk_of("deployments/scale"), Risk::Medium);
}

#[test]
fn a_cascade_is_said_with_its_number_and_the_bound_that_it_is_over() {
    let of = |count: usize| {
        let subject = Subject {
            verb: Verb::Delete,
            group: "apps",
            resource: "deployments",
            namespace: Some("shop"),
            name: "web",
            before: None,
            after: None,
            dependents: Some(count),
        };
        Policy::shipped().judge(&subject).remove(0)
    };
    assert_eq!(of(2).say, "2 dependents go with it");
    assert_eq!(of(50).risk, Risk::Medium);
    assert_eq!(of(51).risk, Risk::High);
    assert_eq!(
        of(51).say,
        "51 dependents go with it, more than 50 (`max_cascade` of the policy)"
    );
    assert_eq!(of(0).say, "deletes the object");
}

/// Values of which many are what the policy speaks of.
fn object() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec![
        "metadata",
        "spec",
        "status",
        "template",
        "containers",
        "image",
        "env",
        "replicas",
        "volumes",
        "annotations",
        "labels",
        "cnpg.io/x",
        "resources",
        "limits",
        "cpu",
        "name",
        "secretRef",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[0-9.]{0,4}[kMGiem]{0,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key.clone(), inner, 0..5).prop_map(|fields| fields
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_further_rule_never_lowers_a_risk(
        before in object(),
        after in object(),
        verb in prop::sample::select(Verb::ALL.to_vec()),
        group in prop::sample::select(vec!["", "apps", "velero.io", "rbac.authorization.k8s.io", "example.org"]),
        resource in prop::sample::select(vec!["pods", "deployments", "namespaces", "restores", "secrets"]),
        namespace in prop::option::of(prop::sample::select(vec!["shop", "kube-system", "prod"])),
        kept in prop::collection::vec(any::<bool>(), 400),
    ) {
        let subject = Subject {
            verb, group, resource, namespace, name: "web",
            before: Some(&before), after: Some(&after), dependents: None,
        };
        let all = Policy::shipped();
        let mut some = all.clone();
        let mut kept = kept.into_iter();
        some.rules.retain(|_| kept.next().unwrap_or(true));
        let (fewer, more) = (some.judge(&subject), all.judge(&subject));
        prop_assert!(risk(&fewer) <= risk(&more), "{fewer:?} {more:?}");
        prop_assert!(fewer.iter().all(|reason| risk(&more) >= reason.risk));
        prop_assert_eq!(all.judge(&subject), more);
        drop(all.references(&subject));
    }
}
