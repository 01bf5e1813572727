//! `bulkhead policy test`: what the policy says of a plan, without a cluster.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::Stop;
use crate::config::{self, Environment, Place, Problems, Report};
use crate::escape;
use crate::policy::{Policy, Reference, Subject, Verb};
use crate::proposal::{Risk, Target};

/// Try the policy.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Say how risky each change of a plan is, and why. Ends with 1 where one is blocked.
    Test(Test),
}

#[derive(Debug, clap::Args)]
pub(super) struct Test {
    /// {"changes": [{"verb", "group", "resource", "namespace", "name", "before": {…}, "after": {…}}]}
    #[arg(value_name = "PLAN.json")]
    plan: PathBuf,
    /// The configuration that policy.toml stands beside [default: $BULKHEAD_CONFIG, else bulkhead/config.toml in the user's
    /// configuration folder].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// The file's content.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    changes: Vec<Change>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    verb: Verb,
    /// The core group where it is left out.
    #[serde(default)]
    group: String,
    resource: String,
    namespace: Option<String>,
    name: String,
    before: Option<Value>,
    after: Option<Value>,
}

pub(super) fn run(command: &Command, environment: &Environment) -> Result<(), Stop> {
    let Command::Test(test) = command;
    let config = test.config.clone();
    let policy = match config.or_else(|| config::default_path(environment)) {
        Some(beside) => Policy::load(&beside)?,
        None => Policy::shipped(),
    };
    let plan = read(&test.plan)?;
    let (risk, text) = report(&policy, &plan);
    print!("{text}");
    if risk == Risk::Blocked {
        Err(Stop::Said)
    } else {
        Ok(())
    }
}

fn read(path: &Path) -> Result<Plan, Problems> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let message = format!("the file cannot be read: {error}");
        Problems::of_file(path, message, "name a file that you can read")
    })?;
    parse(&text, path)
}

fn parse(text: &str, path: &Path) -> Result<Plan, Problems> {
    let mut report = Report::new(path, text);
    let plan: Plan = match serde_json::from_str(text) {
        Ok(plan) => plan,
        Err(error) => {
            let told = error.to_string();
            let message = told.split(" at line ").next().unwrap_or(&told);
            let lines = text
                .split_inclusive('\n')
                .take(error.line().saturating_sub(1));
            let at = lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
            let place = Place {
                key: String::new(),
                span: Some(at..at),
            };
            report.add(&place, escape::line(message), "docs/policy.md shows a plan");
            return Err(report.into_problems());
        }
    };
    for (index, change) in plan.changes.iter().enumerate() {
        let (before, after) = match change.verb {
            Verb::Create => (false, true),
            Verb::Update => (true, true),
            Verb::Delete | Verb::Evict => (false, false),
        };
        for (needed, key, object) in [
            (before, "before", &change.before),
            (after, "after", &change.after),
        ] {
            if needed && object.is_none() {
                let place = Place {
                    key: format!("changes[{index}].{key}"),
                    span: None,
                };
                let message = format!("a change with the verb `{}` needs `{key}`", change.verb);
                report.add(
                    &place,
                    message,
                    "add the whole object, as `kubectl get -o json` shows it",
                );
            }
        }
    }
    if plan.changes.is_empty() {
        let place = Place {
            key: "changes".to_owned(),
            span: None,
        };
        report.add(&place, "the plan has no change", "add one");
    }
    if report.is_empty() {
        Ok(plan)
    } else {
        Err(report.into_problems())
    }
}

/// The answer, and the gravest risk of the plan.
fn report(policy: &Policy, plan: &Plan) -> (Risk, String) {
    let source = match policy.source() {
        Some(path) => path.display().to_string(),
        None => "the shipped one".to_owned(),
    };
    let mut lines = vec![format!("policy: {source} (sha256 {})", policy.digest())];
    let mut gravest = Risk::Low;
    for (number, change) in (1..).zip(&plan.changes) {
        let subject = change.subject();
        let reasons = policy.judge(&subject);
        let risk = reasons.first().map_or(Risk::Low, |reason| reason.risk);
        gravest = gravest.max(risk);
        lines.push(format!(
            "{number}. {} {}: {risk}",
            change.verb,
            change.target()
        ));
        if reasons.is_empty() {
            lines.push("   low      nothing in the policy speaks against it".to_owned());
        }
        for reason in reasons {
            let place = reason
                .path
                .map(|path| format!("{path}: "))
                .unwrap_or_default();
            lines.push(format!(
                "   {:8} {place}{}",
                reason.risk.to_string(),
                reason.say
            ));
        }
        for reference in policy.references(&subject) {
            let Reference {
                group,
                resource,
                namespace,
                name,
            } = reference;
            let dot = if group.is_empty() { "" } else { "." };
            let within = namespace.map(|namespace| format!(" in namespace `{namespace}`"));
            lines.push(format!(
                "   needs    the verb `use` on {resource}{dot}{group} `{name}`{}",
                within.unwrap_or_default()
            ));
        }
    }
    lines.push(format!("plan: {gravest}"));
    lines.push(format!("approval: {}", approval(gravest)));
    let text = lines
        .iter()
        .flat_map(|line| [escape::line(line), "\n".to_owned()])
        .collect();
    (gravest, text)
}

fn approval(risk: Risk) -> &'static str {
    match risk {
        Risk::Low | Risk::Medium => "by the first rule of [[approval.rules]] that matches",
        Risk::High => "by a person at the console, with `bulkhead approve`; no rule can lower that",
        Risk::Blocked => "impossible while the policy is what it is",
    }
}

impl Change {
    fn subject(&self) -> Subject<'_> {
        Subject {
            verb: self.verb,
            group: &self.group,
            resource: &self.resource,
            namespace: self.namespace.as_deref(),
            name: &self.name,
            before: self.before.as_ref(),
            after: self.after.as_ref(),
            dependents: None,
        }
    }

    fn target(&self) -> Target {
        Target {
            group: self.group.clone(),
            version: None,
            plural: self.resource.clone(),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &str = r#"{"changes": [
        {"verb": "update", "group": "apps", "resource": "deployments", "namespace": "shop", "name": "web",
         "before": {"spec": {"replicas": 1}}, "after": {"spec": {"replicas": 2}}},
        {"verb": "create", "resource": "pods", "namespace": "shop", "name": "x\u001b[2J",
         "after": {"spec": {"containers": [{"image": "x", "envFrom": [{"secretRef": {"name": "db"}}]}]}}},
        {"verb": "delete", "resource": "namespaces", "name": "shop"}
    ]}"#;

    fn problems(text: &str) -> String {
        parse(text, Path::new("plan.json")).unwrap_err().to_string()
    }

    #[test]
    fn a_plan_is_as_risky_as_its_gravest_change() {
        let plan = parse(PLAN, Path::new("plan.json")).unwrap();
        let (risk, text) = report(&Policy::shipped(), &plan);
        assert_eq!(risk, Risk::Blocked);
        let (first, rest) = text.split_once('\n').unwrap();
        assert!(
            first.starts_with("policy: the shipped one (sha256 "),
            "{first}"
        );
        insta::assert_snapshot!(rest);
    }

    #[test]
    fn a_bad_plan_says_where() {
        assert!(
            problems("{\"changes\":\n [{\"vreb\": 1}]}")
                .starts_with("plan.json:2:9: unknown field `vreb`")
        );
        assert!(problems("{").starts_with("plan.json:1:1: EOF"));
        assert!(problems(r#"{"changes": []}"#).contains("no change"));
        let told = problems(
            r#"{"changes": [{"verb": "update", "resource": "pods", "name": "x", "after": {}}]}"#,
        );
        assert!(
            told.contains("changes[0].before: a change with the verb `update` needs `before`"),
            "{told}"
        );
    }
}
