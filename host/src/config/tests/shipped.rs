//! The `config.toml` that is shipped is the documentation: it must parse, name every key, and tell the true defaults.

use std::fs;

use serde_json::Value;

use super::super::{Config, GrantScope, Problem, Verb, schema};
use super::{at_home, repository};

fn text() -> String {
    fs::read_to_string(repository("config.toml")).unwrap()
}

/// Removes a mark of comments where an assignment or a table's header follows it.
fn uncomment(text: &str, mark: &str) -> String {
    let line = |line: &str| match line.strip_prefix(mark) {
        Some(rest) if is_toml(rest) => format!("{rest}\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

fn is_toml(line: &str) -> bool {
    let key = |(key, _): (&str, &str)| {
        !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let header = line.starts_with('[') && line.ends_with(']') && !line.contains(' ');
    header || line.split_once(" = ").is_some_and(key)
}

/// The same but for the text that it came from.
fn without_digest(config: Config) -> Config {
    Config {
        digest: [0; 32],
        ..config
    }
}

#[test]
fn it_enables_plugins_that_are_shipped() {
    let config = at_home(&text()).unwrap();
    assert!(config.plugins.contains_key("generic"));
    for (key, plugin) in &config.plugins {
        let component = format!("/etc/bulkhead/plugins/{key}.wasm");
        assert_eq!(plugin.source.to_str(), Some(component.as_str()));
        assert!(
            repository(&format!("plugins/{key}/Cargo.toml")).exists(),
            "{key}"
        );
    }
}

#[test]
fn the_defaults_in_its_comments_are_those_of_the_code() {
    let shipped = text();
    let spelled_out = uncomment(&shipped, "# ");
    let count = shipped
        .lines()
        .zip(spelled_out.lines())
        .filter(|(before, after)| before != after)
        .count();
    assert_eq!(
        without_digest(at_home(&spelled_out).unwrap()),
        without_digest(at_home(&shipped).unwrap())
    );
    assert_eq!(
        count,
        defaults(&schema()),
        "one line for each key that has a default"
    );
}

/// Returns how many keys of the schema have a default.
fn defaults(schema: &Value) -> usize {
    let Value::Object(object) = schema else {
        return 0;
    };
    usize::from(object.contains_key("default")) + object.values().map(defaults).sum::<usize>()
}

#[test]
fn its_examples_are_right() {
    let with_examples = uncomment(&text(), "#> ");
    let config = at_home(&with_examples).unwrap();
    assert!(
        config.plugins["generic"]
            .grants
            .iter()
            .any(|grant| grant.secret_values)
    );
    assert!(config.cluster.context.is_some() && config.plugins["generic"].sha256.is_some());
    assert!(config.plugins["generic"].impersonate.is_some());
    assert_eq!(
        (config.approval.approvers.len(), config.approval.rules.len()),
        (1, 3)
    );
}

#[test]
fn it_names_every_key() {
    let shipped = uncomment(&uncomment(&text(), "# "), "#> ");
    let table: toml::Table = shipped.parse().unwrap();
    let plugin = &table["plugins"]["generic"];
    let all_of = |tables: &toml::Value| -> toml::Table {
        let tables = tables.as_array().unwrap().iter();
        tables
            .flat_map(|table| table.as_table().unwrap().clone())
            .collect()
    };
    let grants = all_of(&plugin["grants"]);
    let approval = table["approval"].as_table().unwrap();
    let (approvers, rules) = (all_of(&approval["approvers"]), all_of(&approval["rules"]));
    let shown = [
        ("/properties", &table),
        ("/$defs/Approval/properties", approval),
        ("/$defs/Approver/properties", &approvers),
        ("/$defs/ApprovalRule/properties", &rules),
        (
            "/$defs/Changes/properties",
            table["changes"].as_table().unwrap(),
        ),
        (
            "/$defs/Impersonate/properties",
            plugin["impersonate"].as_table().unwrap(),
        ),
        (
            "/$defs/Cluster/properties",
            table["cluster"].as_table().unwrap(),
        ),
        (
            "/$defs/Prometheus/properties",
            table["prometheus"].as_table().unwrap(),
        ),
        (
            "/$defs/Runtime/properties",
            table["runtime"].as_table().unwrap(),
        ),
        (
            "/$defs/Directories/properties",
            table["directories"].as_table().unwrap(),
        ),
        ("/$defs/Plugin/properties", plugin.as_table().unwrap()),
        (
            "/$defs/Limits/properties",
            plugin["limits"].as_table().unwrap(),
        ),
        ("/$defs/Grant/properties", &grants),
    ];
    let schema = schema();
    for (properties, shown) in shown {
        for key in schema
            .pointer(properties)
            .unwrap()
            .as_object()
            .unwrap()
            .keys()
        {
            assert!(shown.contains_key(key), "{properties}: {key}");
        }
    }
}

#[test]
fn its_grants_only_read_and_give_no_secrets_no_configmaps_and_no_subresource_but_logs() {
    let config = at_home(&text()).unwrap();
    for grant in config.plugins.values().flat_map(|plugin| &plugin.grants) {
        let resources: Vec<&str> = grant.resources.iter().map(String::as_str).collect();
        assert!(
            !resources.contains(&"secrets") && !resources.contains(&"configmaps"),
            "{grant:?}"
        );
        assert!(
            resources
                .iter()
                .all(|resource| !resource.contains('/') || *resource == "pods/log"),
            "{grant:?}"
        );
        assert!(!grant.secret_values, "{grant:?}");
        let reads = |verb: &Verb| matches!(verb, Verb::Get | Verb::List | Verb::Watch);
        assert!(grant.verbs.iter().all(reads), "{grant:?}");
        let everything_of_the_cluster =
            grant.scope == GrantScope::Cluster && resources.contains(&"*");
        assert!(!everything_of_the_cluster, "{grant:?}");
    }
}

#[test]
fn the_examples_of_the_operators_page_are_right() {
    let page = fs::read_to_string(repository("docs/configuration.md")).unwrap();
    let examples: Vec<&str> = page
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert_eq!(examples.len(), 4);
    for example in examples {
        let result = at_home(example);
        assert!(result.is_ok(), "{}\n{example}", result.unwrap_err());
    }
}

#[test]
fn the_operators_page_names_every_key() {
    let page = fs::read_to_string(repository("docs/configuration.md")).unwrap();
    let schema = schema();
    let definitions = schema["$defs"].as_object().unwrap().values();
    for definition in definitions {
        for (key, property) in definition["properties"].as_object().unwrap() {
            // Tables of one page may share a key.
            let rows: Vec<&str> = page
                .lines()
                .filter(|line| line.starts_with(&format!("| `{key}` |")))
                .collect();
            assert!(!rows.is_empty(), "{key} has no row");
            if let Some(default) = property
                .get("default")
                .filter(|default| **default != Value::Bool(false))
            {
                let default = format!("`{default}`");
                let told = rows.iter().any(|row| row.contains(&default));
                assert!(told, "{key}: {default}");
            }
        }
    }
}

/// Returns key and bounds, as `1s to 5m`, of everything that has bounds.
fn bounds() -> Vec<(String, String)> {
    let read = |name: &str| {
        fs::read_to_string(repository(&format!(
            "host/tests-config/invalid/{name}.toml"
        )))
        .unwrap()
    };
    let problems = [
        "limits-out-of-bounds",
        "max-objects",
        "changes",
        "prometheus",
    ]
    .map(|name| at_home(&read(name)).unwrap_err());
    let problems = problems.iter().flat_map(|problems| problems.as_slice());
    let bound = |problem: &Problem| {
        let (_, key) = problem.key.rsplit_once('.')?;
        Some((key.to_owned(), problem.fix.strip_prefix("use ")?.to_owned()))
    };
    problems.filter_map(bound).collect()
}

#[test]
fn the_bounds_in_every_text_are_those_of_the_code() {
    let (shipped, schema) = (text(), schema());
    let page = fs::read_to_string(repository("docs/configuration.md"))
        .unwrap()
        .replace('`', "");
    let definitions = schema["$defs"].as_object().unwrap().values();
    let properties: Vec<(&String, &Value)> = definitions
        .flat_map(|definition| definition["properties"].as_object().unwrap())
        .collect();
    let bounds = bounds();
    assert!(bounds.len() > 21, "{bounds:?}");
    for (key, bound) in bounds {
        let before = shipped
            .lines()
            .zip(shipped.lines().skip(1))
            .find(|(_, line)| line.starts_with(&format!("# {key} = ")));
        let described = shipped
            .lines()
            .find(|line| line.starts_with(&format!("#   {key} ")));
        let comment = before
            .map(|(comment, _)| comment)
            .or(described)
            .unwrap_or_else(|| panic!("{key} has no comment"));
        assert!(comment.contains(&bound), "config.toml, {key}: {bound}");

        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| {key} |")))
            .unwrap();
        assert!(
            row.contains(&bound),
            "docs/configuration.md, {key}: {bound}"
        );

        let (_, property) = properties.iter().find(|(name, _)| **name == key).unwrap();
        let in_numbers = format!("{} to {}", property["minimum"], property["maximum"]);
        let in_words = property["description"].as_str().unwrap();
        assert!(
            in_numbers == bound || in_words.contains(&bound),
            "schema, {key}: {bound}"
        );
    }
}
