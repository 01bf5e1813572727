//! Roles as manifests for `kubectl apply`.
//!
//! Every text that comes from the configuration is quoted, or stands in a comment that it cannot end.

use std::fmt::Write as _;

use super::roles::{Role, Rule, Subject};

const GROUP: &str = "rbac.authorization.k8s.io";

/// Writes the manifests: `about` as comments above all, then the service account where there is one to make, then the roles.
pub(super) fn text(about: &[String], account: Option<&Subject>, roles: &[Role]) -> String {
    let mut text = String::new();
    for line in about {
        comment(&mut text, line);
    }
    if let Some(Subject::ServiceAccount { namespace, name }) = account {
        text.push_str("---\napiVersion: v1\nkind: ServiceAccount\n");
        metadata(&mut text, name, Some(namespace));
    }
    for role in roles {
        write_role(&mut text, role);
        write_binding(&mut text, role);
    }
    text
}

fn write_role(text: &mut String, role: &Role) {
    text.push_str("---\n");
    if !role.notes.is_empty() {
        comment(
            text,
            "Wider than the grants, which RBAC has no words for. Bulkhead holds them all the same:",
        );
    }
    for note in &role.notes {
        comment(text, &format!("  {note}"));
    }
    let _ = write!(text, "apiVersion: {GROUP}/v1\nkind: {}\n", kind(role));
    metadata(text, &role.name, role.namespace.as_deref());
    text.push_str("rules:\n");
    for Rule {
        group,
        resources,
        verbs,
        names,
    } in &role.rules
    {
        let _ = writeln!(text, "  - apiGroups: {}", list(&[group]));
        let _ = writeln!(text, "    resources: {}", list(resources));
        let _ = writeln!(text, "    verbs: {}", list(verbs));
        if !names.is_empty() {
            let _ = writeln!(text, "    resourceNames: {}", list(names));
        }
    }
}

fn write_binding(text: &mut String, role: &Role) {
    let _ = write!(
        text,
        "---\napiVersion: {GROUP}/v1\nkind: {}Binding\n",
        kind(role)
    );
    metadata(text, &role.name, role.namespace.as_deref());
    let _ = writeln!(
        text,
        "roleRef:\n  apiGroup: {GROUP}\n  kind: {}\n  name: {}\nsubjects:",
        kind(role),
        quoted(&role.name)
    );
    let _ = match &role.subject {
        Subject::User(name) => writeln!(
            text,
            "  - apiGroup: {GROUP}\n    kind: User\n    name: {}",
            quoted(name)
        ),
        Subject::Group(name) => writeln!(
            text,
            "  - apiGroup: {GROUP}\n    kind: Group\n    name: {}",
            quoted(name)
        ),
        Subject::ServiceAccount { namespace, name } => writeln!(
            text,
            "  - kind: ServiceAccount\n    name: {}\n    namespace: {}",
            quoted(name),
            quoted(namespace)
        ),
    };
}

fn kind(role: &Role) -> &'static str {
    match role.namespace {
        Some(_) => "Role",
        None => "ClusterRole",
    }
}

fn metadata(text: &mut String, name: &str, namespace: Option<&str>) {
    let _ = writeln!(text, "metadata:\n  name: {}", quoted(name));
    if let Some(namespace) = namespace {
        let _ = writeln!(text, "  namespace: {}", quoted(namespace));
    }
}

fn comment(text: &mut String, line: &str) {
    let line: String = line
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let _ = writeln!(text, "# {line}");
}

/// JSON is YAML.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn list(items: &[impl AsRef<str>]) -> String {
    let items: Vec<String> = items.iter().map(|item| quoted(item.as_ref())).collect();
    format!("[{}]", items.join(", "))
}
