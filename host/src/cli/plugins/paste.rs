//! The table to paste into config.toml: what reads stands ready, what reaches further is commented out, so that nobody grants it
//! by not looking.

use super::look::is_change;
use crate::escape;
use crate::gate::Want;
use crate::plugin::{Component, Manifest};

/// What a plugin never gets by pasting alone.
const SENSITIVE: [&str; 2] = ["secrets", "configmaps"];

/// Returns the table, with the component's digest.
pub(super) fn table(manifest: &Manifest, component: &Component) -> String {
    let key = &manifest.name;
    let source = quoted(&component.path.to_string_lossy());
    let mut lines = vec![
        String::new(),
        "to enable it, add to config.toml what it should have; `namespaces` is yours to choose, and `scope = \"cluster\"` in its place".to_owned(),
        "is for objects that have none:".to_owned(),
        String::new(),
        format!("[plugins.{key}]"),
        format!("source = {source}"),
        format!("sha256 = \"{}\"", component.digest),
    ];
    for reason in &manifest.prometheus {
        lines.push(format!(
            "# {reason} It is asked for every metric; needs `url` under [prometheus]."
        ));
        lines.push("# prometheus = true".to_owned());
    }
    for want in &manifest.wants {
        lines.push(String::new());
        lines.push(format!("# {}", want.reason));
        let mark = if reaches_further(want) { "# " } else { "" };
        lines.extend(
            grant(key, want)
                .into_iter()
                .map(|line| format!("{mark}{line}")),
        );
    }
    lines.iter().map(|line| escape::line(line) + "\n").collect()
}

fn reaches_further(want: &Want) -> bool {
    let is_sensitive = |resource: &String| SENSITIVE.contains(&resource.as_str());
    is_change(want) || want.secret_values || want.resources.iter().any(is_sensitive)
}

fn grant(key: &str, want: &Want) -> Vec<String> {
    let mut lines = vec![
        format!("[[plugins.{key}.grants]]"),
        format!("api_groups = {}", list(&want.api_groups)),
        format!("resources = {}", list(&want.resources)),
        format!("verbs = {}", list(&want.verbs)),
        "namespaces = [\"default\"]".to_owned(),
    ];
    if want.secret_values {
        lines.push("secret_values = true".to_owned());
    }
    lines
}

fn list(texts: &[String]) -> String {
    let texts: Vec<_> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", texts.join(", "))
}

/// JSON strings are TOML strings too, and always on one line.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{self, Environment};

    fn want(resources: &[&str], verbs: &[&str], secret_values: bool) -> Want {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Want {
            api_groups: vec![String::new()],
            resources: texts(resources),
            verbs: texts(verbs),
            secret_values,
            reason: "To look.".to_owned(),
        }
    }

    fn pasted(wants: Vec<Want>) -> String {
        let manifest = Manifest {
            name: "shop-keeper".into(),
            version: "1.0.0".into(),
            description: String::new(),
            wants,
            prometheus: vec!["To measure.".into()],
            tools: vec![],
            resources: vec![],
            templates: vec![],
            prompts: vec![],
        };
        let component = Component {
            path: "/plugins/shop \"keeper\".wasm".into(),
            bytes: vec![],
            digest: "0".repeat(64),
        };
        table(&manifest, &component)
    }

    /// Reads what stands below the words.
    fn read(text: &str) -> config::Config {
        let (_, toml) = text.split_once("none:\n").unwrap();
        let environment = Environment {
            home: Some("/home/ada".into()),
            ..Environment::default()
        };
        config::parse(toml, Path::new("/etc/config.toml"), &environment)
            .unwrap_or_else(|problems| panic!("{problems}\n{toml}"))
    }

    #[test]
    fn what_only_reads_is_granted_by_pasting_and_nothing_else_is() {
        let text = pasted(vec![
            want(&["pods"], &["get", "list"], false),
            want(&["pods"], &["patch"], false),
            want(&["secrets"], &["get"], false),
            want(&["configmaps"], &["get"], false),
            want(&["secrets"], &["get"], true),
        ]);
        let plugin = &read(&text).plugins["shop-keeper"];
        assert_eq!(plugin.grants.len(), 1, "{text}");
        assert_eq!(plugin.grants[0].resources, ["pods"]);
        assert!(!plugin.prometheus);
        assert_eq!(plugin.sha256, Some([0; 32]));
        assert_eq!(plugin.source, Path::new("/plugins/shop \"keeper\".wasm"));
        let uncommented: String = text
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest) if rest.starts_with("[[") || rest.contains(" = ") => format!("{rest}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        let with_prometheus = uncommented + "[prometheus]\nurl = \"http://prometheus\"\n";
        let plugin = &read(&with_prometheus).plugins["shop-keeper"];
        assert_eq!(plugin.grants.len(), 5);
        assert!(plugin.prometheus);
    }

    #[test]
    fn a_want_cannot_write_a_grant_of_its_own() {
        let mut odd = want(&["pods"], &["get"], false);
        odd.reason = "x\n[[plugins.shop-keeper.grants]]\napi_groups = [\"*\"]".into();
        odd.resources = vec!["pods\"]\nverbs = [\"delete".into()];
        let text = pasted(vec![odd]);
        assert_eq!(text.matches("\n[[plugins").count(), 1, "{text}");
        assert_eq!(text.matches("\nverbs").count(), 1, "{text}");
    }
}
