//! The configuration as a whole: what is refused and how it is told, what is shipped, and what the schema says.

mod fixtures;
mod schema;
mod shipped;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;

use super::{
    ApprovalConfig, ApprovalRule, ByteSize, ChangesConfig, Channel, ClusterConfig, Config,
    Directories, Environment, FieldPattern, Glob, GrantScope, Impersonation, Problems,
    PrometheusConfig, RiskLevel, RuntimeConfig, Verb, default_path, load, parse,
};

/// A path of the repository.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn environment(variables: &[(&str, &str)]) -> Environment {
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Environment::from_map(variables.iter().map(pair).collect())
}

fn at_home(text: &str) -> Result<Config, Problems> {
    parse(
        text,
        Path::new("/etc/bulkhead/config.toml"),
        &environment(&[("HOME", "/home/ada")]),
    )
}

/// Compares with a file that is checked in, or writes it where `BULKHEAD_BLESS` is set.
fn compare(path: &Path, actual: &str) {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test is told by the environment to rewrite what it expects"
    )]
    let bless = std::env::var_os("BULKHEAD_BLESS").is_some();
    if bless {
        fs::write(path, actual).unwrap();
        return;
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(
        actual,
        expected,
        "{} differs; `cargo xtask bless` rewrites it",
        path.display()
    );
}

#[test]
fn an_empty_file_is_the_defaults_and_no_plugin() {
    let config = at_home("").unwrap();
    assert_eq!(config.path, Path::new("/etc/bulkhead/config.toml"));
    assert_eq!(config.cluster, ClusterConfig::default());
    assert_eq!(config.prometheus, None);
    assert_eq!(config.runtime, RuntimeConfig::default());
    assert_eq!(config.approval, ApprovalConfig::default());
    assert_eq!(config.changes, ChangesConfig::default());
    assert_eq!(config.plugins, BTreeMap::new());
    let directories = Directories {
        cache: PathBuf::from("/home/ada/.cache/bulkhead"),
        state: PathBuf::from("/home/ada/.local/state/bulkhead"),
    };
    assert_eq!(config.directories, directories);
}

#[test]
fn every_key_arrives_in_the_config() {
    let text = fs::read_to_string(repository("host/tests-config/valid/every-key.toml")).unwrap();
    let variables = [
        ("HOME", "/home/ada"),
        ("SHOP_CLUSTER", "eu-1"),
        ("SHOP_NAMESPACE", "another"),
        ("NOT_NAMED", "swordfish"),
    ];
    let path = Path::new("/etc/bulkhead/config.toml");
    let config = parse(&text, path, &environment(&variables)).unwrap();
    let cluster = ClusterConfig {
        kubeconfig: Some(PathBuf::from("/home/ada/.kube/shop")),
        context: Some("shop-production".to_owned()),
        request_timeout: Duration::from_secs(10),
        retries: 0,
    };
    assert_eq!(config.cluster, cluster);
    let prometheus = PrometheusConfig {
        url: "https://prometheus.example/team".parse().unwrap(),
        bearer_token_file: Some(PathBuf::from("/etc/bulkhead/prometheus.token")),
        ca_file: Some(PathBuf::from("/home/ada/ca.pem")),
        timeout: Duration::from_secs(10),
    };
    assert_eq!(config.prometheus, Some(prometheus));
    let runtime = RuntimeConfig {
        compile_timeout: Duration::from_secs(120),
        max_calls: 8,
        arguments: ByteSize::kibibytes(64),
    };
    assert_eq!(config.runtime, runtime);
    assert_eq!(config.directories.cache, Path::new("/var/cache/bulkhead"));
    assert_eq!(config.directories.state, Path::new("/etc/bulkhead/state"));

    let plugin = &config.plugins["generic"];
    assert_eq!(plugin.key, "generic");
    assert_eq!(
        plugin.source,
        Path::new("/etc/bulkhead/plugins/generic.wasm")
    );
    let quarter = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef];
    assert_eq!(plugin.sha256.unwrap()[..], quarter.repeat(4));
    assert_eq!(plugin.prefix, "shop_");
    let tools: Vec<_> = plugin.tools.iter().map(ToString::to_string).collect();
    assert_eq!(tools, ["k8s_get", "k8s_list*"]);
    let resources: Vec<_> = plugin.resources.iter().map(ToString::to_string).collect();
    assert_eq!(resources, ["pod*", "nodes"]);
    assert_eq!(plugin.prompts, []);
    assert!(plugin.prometheus);
    let settings = json!({
        "namespace": "shop",
        "cluster-name": "eu-1",
        "since": "2026-01-02T03:04:05Z",
        "numbers": [1, 16, 2.5],
        "nested": { "deep": [true] },
    });
    assert_eq!(serde_json::Value::Object(plugin.settings.clone()), settings);
    let limits = super::Limits {
        memory: 128 << 20,
        table_elements: 20_000,
        cpu: Duration::from_millis(1500),
        wall: Duration::from_secs(60),
        host_calls: 50,
        crossing: 1 << 30,
        output: 2048,
        concurrent: 1,
    };
    assert_eq!(plugin.limits, limits);

    let impersonate = Impersonation {
        user: "system:serviceaccount:bulkhead:generic".to_owned(),
        groups: vec!["bulkhead-plugins".to_owned()],
    };
    assert_eq!(plugin.impersonate, Some(impersonate));

    let [first, second, third, fourth] = &plugin.grants[..] else {
        panic!("there are four grants");
    };
    assert_eq!(first.api_groups, ["", "apps"]);
    assert_eq!(
        first.resources,
        ["pods", "deployments", "pods/log", "*/status"]
    );
    assert_eq!(first.verbs, [Verb::Get, Verb::List, Verb::Watch]);
    assert_eq!(
        first.scope,
        GrantScope::Namespaces(vec!["shop".parse().unwrap(), "team-*".parse().unwrap()])
    );
    assert_eq!(first.names, ["web-*".parse().unwrap()]);
    assert_eq!(
        first.label_selector.as_ref().unwrap().to_string(),
        "app in (shop,web),!legacy"
    );
    assert_eq!(first.max_objects, Some(500));
    assert!(!first.secret_values);
    assert_eq!(second.scope, GrantScope::Cluster);
    assert_eq!(
        (
            second.names.len(),
            second.max_objects,
            &second.label_selector
        ),
        (0, None, &None)
    );
    assert!(third.secret_values);
    assert_eq!(
        fourth.verbs,
        [
            Verb::Get,
            Verb::Create,
            Verb::Patch,
            Verb::Delete,
            Verb::Use
        ]
    );
    let fields: Vec<&str> = fourth.fields.iter().map(FieldPattern::as_str).collect();
    assert_eq!(
        fields,
        [
            "spec.replicas",
            "spec.template.spec.containers[*].image",
            "metadata.labels['a.b/c']"
        ]
    );
}

#[test]
fn a_setting_of_the_file_goes_before_the_variable_and_an_empty_variable_is_none() {
    let text = "[plugins.a]\nsource = \"a.wasm\"\n[plugins.a.settings]\nfirst = 1\n\
                [plugins.a.settings_from_environment]\nfirst = \"A\"\nsecond = \"A\"\nthird = \"EMPTY\"\n";
    let variables = environment(&[("HOME", "/home/ada"), ("A", "set"), ("EMPTY", "")]);
    let config = parse(text, Path::new("config.toml"), &variables).unwrap();
    let settings = serde_json::Value::Object(config.plugins["a"].settings.clone());
    assert_eq!(settings, json!({ "first": 1, "second": "set" }));
}

#[test]
fn what_is_offered_beside_tools_is_everything_unless_it_is_said() {
    let offered = |more: &str| {
        let config = at_home(&format!("[plugins.a]\nsource = \"a.wasm\"\n{more}")).unwrap();
        let plugin = &config.plugins["a"];
        let count = |globs: &[Glob]| globs.iter().filter(|glob| glob.matches("tour")).count();
        (count(&plugin.resources), count(&plugin.prompts))
    };
    assert_eq!(offered(""), (1, 1));
    assert_eq!(offered("resources = []\nprompts = []\n"), (0, 0));
    assert_eq!(
        offered("resources = [\"pods\"]\nprompts = [\"to*\"]\n"),
        (0, 1)
    );
}

#[test]
fn every_key_about_changes_arrives_in_the_config() {
    let text = fs::read_to_string(repository("host/tests-config/valid/every-key.toml")).unwrap();
    let Config {
        approval, changes, ..
    } = at_home(&text).unwrap();
    assert_eq!(approval.wait, Duration::ZERO);
    let [ada, grace] = &approval.approvers[..] else {
        panic!("there are two approvers");
    };
    assert_eq!((ada.name.as_str(), grace.name.as_str()), ("ada", "grace"));
    assert_eq!(ada.key[..4], [0, 1, 2, 3]);
    assert_eq!(grace.key[..4], [32, 33, 34, 35]);
    let rules = [
        ApprovalRule {
            plugins: vec!["generic".parse().unwrap()],
            tools: vec!["k8s_*".parse().unwrap()],
            verbs: vec![Verb::Create, Verb::Patch, Verb::Delete],
            resources: ["pods", "*.apps", "deployments.apps/scale"]
                .map(|text| text.parse().unwrap())
                .to_vec(),
            namespaces: vec!["shop".parse().unwrap(), "team-*".parse().unwrap()],
            risk: vec![RiskLevel::Low, RiskLevel::Medium],
            channel: Channel::Auto,
        },
        ApprovalRule {
            plugins: vec![],
            tools: vec![],
            verbs: vec![],
            resources: vec![],
            namespaces: vec![],
            risk: vec![],
            channel: Channel::Refuse,
        },
    ];
    assert_eq!(approval.rules, rules);
    let hours = |hours: u64| Duration::from_secs(hours * 3600);
    let expected = ChangesConfig {
        proposal_lifetime: hours(24),
        approval_lifetime: Duration::from_secs(10),
        decline_pause: Duration::ZERO,
        max_changes: 500,
        max_plan: ByteSize::mebibytes(1),
        max_open: 1,
        keep_snapshots: hours(1),
        keep_proposals: hours(1),
    };
    assert_eq!(changes, expected);
}

#[test]
fn the_digest_is_that_of_the_text() {
    let empty = at_home("").unwrap().digest;
    assert_eq!(empty[..4], [0xe3, 0xb0, 0xc4, 0x42]);
    assert_ne!(at_home("# a comment").unwrap().digest, empty);
}

#[test]
fn without_any_home_the_directories_must_be_given() {
    let nowhere = environment(&[]);
    let path = Path::new("config.toml");
    let problems = parse("", path, &nowhere).unwrap_err().to_string();
    assert!(
        problems.starts_with("config.toml: directories.cache: there is no default"),
        "{problems}"
    );
    assert!(problems.contains("directories.state"), "{problems}");
    assert!(parse("[directories]\ncache = '/c'\nstate = '/s'", path, &nowhere).is_ok());
}

#[test]
fn the_xdg_directories_come_before_the_home() {
    let xdg = environment(&[
        ("HOME", "/home/ada"),
        ("XDG_CACHE_HOME", "/c"),
        ("XDG_STATE_HOME", "/s"),
    ]);
    let directories = parse("", Path::new("config.toml"), &xdg)
        .unwrap()
        .directories;
    assert_eq!(
        (directories.cache, directories.state),
        (PathBuf::from("/c/bulkhead"), PathBuf::from("/s/bulkhead"))
    );
}

#[test]
fn the_file_is_looked_for_in_the_variable_then_in_the_directory_of_configurations() {
    let path = |variables: &[(&str, &str)]| default_path(&environment(variables));
    let (named, xdg, home) = (
        ("BULKHEAD_CONFIG", "/b.toml"),
        ("XDG_CONFIG_HOME", "/x"),
        ("HOME", "/h"),
    );
    assert_eq!(path(&[named, xdg, home]), Some(PathBuf::from("/b.toml")));
    assert_eq!(
        path(&[xdg, home]),
        Some(PathBuf::from("/x/bulkhead/config.toml"))
    );
    assert_eq!(
        path(&[home]),
        Some(PathBuf::from("/h/.config/bulkhead/config.toml"))
    );
    assert_eq!(path(&[]), None);
}

#[test]
fn a_file_that_is_not_there_is_one_problem_that_says_how_to_get_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.toml");
    let problems = load(&path, &environment(&[])).unwrap_err();
    let [problem] = problems.as_slice() else {
        panic!("{problems}");
    };
    assert_eq!(problem.message, "there is no such file");
    assert!(problem.fix.contains("bulkhead init"), "{problem}");
    assert_eq!((problem.line, problem.key.as_str()), (None, ""));
}

#[test]
fn a_file_that_is_not_utf8_and_a_directory_are_told_apart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.toml");
    fs::write(&path, b"context = \"\xff\"").unwrap();
    assert!(
        load(&path, &environment(&[]))
            .unwrap_err()
            .to_string()
            .contains("is not UTF-8")
    );
    assert!(
        load(directory.path(), &environment(&[]))
            .unwrap_err()
            .to_string()
            .contains("is a directory")
    );
}

#[test]
fn a_component_that_is_not_there_is_a_problem_of_the_file_and_not_of_the_text() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.toml");
    let home = environment(&[("HOME", "/home/ada")]);
    fs::write(&path, "[plugins.generic]\nsource = \"generic.wasm\"\n").unwrap();
    assert!(parse(&fs::read_to_string(&path).unwrap(), &path, &home).is_ok());

    let problems = load(&path, &home).unwrap_err();
    let [problem] = problems.as_slice() else {
        panic!("{problems}");
    };
    let component = directory.path().join("generic.wasm");
    assert_eq!(
        (problem.line, problem.column, problem.key.as_str()),
        (Some(2), Some(10), "plugins.generic.source")
    );
    assert_eq!(
        problem.message,
        format!("there is no file `{}`", component.display())
    );
    assert!(problem.fix.contains("cargo xtask build"), "{problem}");

    fs::write(&component, b"\0asm").unwrap();
    assert_eq!(
        load(&path, &home).unwrap().plugins["generic"].source,
        component
    );
}
