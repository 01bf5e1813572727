//! What a component is and says, drawn for a person. Its words are a stranger's: each stays on its line.

use crate::escape;
use crate::gate::Want;
use crate::plugin::{Component, Manifest, Prompt};

/// The contract's interfaces in an import.
const CONTRACT: &str = "bulkhead:plugin/";

/// The sandbox's own imports.
const WASI: &str = "wasi:";

/// Returns which file it is.
pub(super) fn file(component: &Component) -> String {
    let path = component.path.display().to_string();
    format!(
        "file      {}\nsha256    {}\nbytes     {}\n",
        escape::line(&path),
        component.digest,
        component.bytes.len()
    )
}

/// Returns what it imports: the contract's interfaces by their names, WASI as a number, since nothing is granted there, and
/// what is foreign a line each.
pub(super) fn imports(names: &[String]) -> String {
    let (contract, others): (Vec<_>, Vec<_>) =
        names.iter().partition(|name| name.starts_with(CONTRACT));
    let (wasi, foreign): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|name| name.starts_with(WASI));
    let interfaces: Vec<&str> = contract
        .iter()
        .filter_map(|name| name.strip_prefix(CONTRACT)?.split('@').next())
        .collect();
    let mut text = format!(
        "imports   {}; {} of WASI, which reach nothing\n          (an upper bound of what it can try)\n",
        escape::line(&interfaces.join(", ")),
        wasi.len()
    );
    if !foreign.is_empty() {
        text.push_str("foreign\n");
        text.extend(
            foreign
                .iter()
                .map(|name| format!("  {}\n", escape::line(name))),
        );
    }
    text
}

/// Returns what it says of itself.
pub(super) fn manifest(manifest: &Manifest) -> String {
    let Manifest {
        name,
        version,
        description,
        wants,
        prometheus,
        tools,
        resources,
        templates,
        prompts,
    } = manifest;
    let mut text = format!(
        "\n{}\n",
        escape::line(&format!("{name} {version}: {description}"))
    );
    text.push_str(&heading("wants", wants.len() + prometheus.len()));
    for want in wants {
        let effect = if is_change(want) { "change" } else { "read" };
        text.push_str(&indented(&format!("{effect:<8}{}", wanted(want))));
        text.push_str(&indented(&format!("        {}", want.reason)));
    }
    for reason in prometheus {
        text.push_str("  read    every metric of Prometheus\n");
        text.push_str(&indented(&format!("        {reason}")));
    }
    let tools = tools.iter().map(|tool| {
        let effect = if tool.changes { "change" } else { "read" };
        [effect.to_owned(), tool.name.clone(), tool.title.clone()]
    });
    let resources = resources.iter().map(|entry| {
        [
            entry.uri.clone(),
            entry.name.clone(),
            first_line(&entry.description),
        ]
    });
    let templates = templates.iter().map(|entry| {
        let uri_template = entry.uri_template.as_str().to_owned();
        [
            uri_template,
            entry.name.clone(),
            first_line(&entry.description),
        ]
    });
    let prompts = prompts.iter().map(|prompt| {
        [
            prompt.name.clone(),
            arguments(prompt),
            first_line(&prompt.description),
        ]
    });
    text.push_str(&columns("tools", tools.collect()));
    for (what, rows) in [
        ("resources", resources.collect::<Vec<_>>()),
        ("templates", templates.collect()),
        ("prompts", prompts.collect()),
    ] {
        // Most plugins have tools alone.
        if !rows.is_empty() {
            text.push_str(&columns(what, rows));
        }
    }
    text
}

/// Whether a want is for more than reading.
pub(super) fn is_change(want: &Want) -> bool {
    want.verbs
        .iter()
        .any(|verb| !["get", "list", "watch"].contains(&verb.as_str()))
}

fn wanted(want: &Want) -> String {
    let groups = want.api_groups.iter().map(|group| match group.as_str() {
        "" => "core",
        "*" => "every group",
        group => group,
    });
    let groups: Vec<_> = groups.collect();
    let values = if want.secret_values {
        ", with the values of Secrets"
    } else {
        ""
    };
    format!(
        "{} of {} in {}{values}",
        want.verbs.join(", "),
        want.resources.join(", "),
        groups.join(", ")
    )
}

/// `(pod, about?)`: a `?` is one that may be left out.
fn arguments(prompt: &Prompt) -> String {
    let arguments = prompt.arguments.iter().map(|argument| {
        let may_lack = if argument.required { "" } else { "?" };
        format!("{}{may_lack}", argument.name)
    });
    format!("({})", arguments.collect::<Vec<_>>().join(", "))
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

fn heading(what: &str, count: usize) -> String {
    let count = if count == 0 {
        "none".to_owned()
    } else {
        count.to_string()
    };
    format!("\n{what:<10}{count}\n")
}

/// Rows under a heading; each column as wide as its widest cell, but for the last.
fn columns(what: &str, rows: Vec<[String; 3]>) -> String {
    let rows: Vec<[String; 3]> = rows
        .into_iter()
        .map(|row| row.map(|cell| escape::line(&cell)))
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let (first, second) = (width(0), width(1));
    let mut text = heading(what, rows.len());
    for [a, b, c] in &rows {
        let row = format!("  {a:<first$}  {b:<second$}  {c}");
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}

fn indented(line: &str) -> String {
    format!("  {}\n", escape::line(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_told_by_what_they_reach() {
        let names = [
            "bulkhead:plugin/context@0.1.0",
            "bulkhead:plugin/kubernetes@0.1.0",
            "foreign:thing/cel\u{1b}lar",
            "wasi:cli/exit@0.2.6",
            "wasi:io/poll@0.2.6",
        ]
        .map(str::to_owned);
        assert_eq!(
            imports(&names),
            "imports   context, kubernetes; 2 of WASI, which reach nothing\n          (an upper bound of what it can try)\nforeign\n  foreign:thing/cel\\u{1b}lar\n"
        );
    }

    #[test]
    fn a_strangers_words_stay_on_their_line() {
        let want = Want {
            api_groups: vec!["\n".into()],
            resources: vec!["pods\u{1b}[2J".into()],
            verbs: vec!["get\nforged".into()],
            secret_values: true,
            reason: "\u{202e}because".into(),
        };
        let told = manifest(&Manifest {
            name: "odd".into(),
            version: "1\u{7}".into(),
            description: "a\rb".into(),
            wants: vec![want],
            prometheus: vec!["so\nforged".into()],
            tools: vec![],
            resources: vec![],
            templates: vec![],
            prompts: vec![],
        });
        let hidden = |c: char| c != '\n' && escape::hides(c);
        assert!(!told.contains(hidden), "{told:?}");
        assert!(
            !told.lines().any(|line| line.starts_with("forged")),
            "{told}"
        );
    }
}
