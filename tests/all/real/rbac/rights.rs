//! What `rbac-user` may do: told by the server, and taken away right by right.

use bulkhead_tests::real_cluster::User;
use serde_json::{Value, json};

use super::office::Office;

/// One right of `rbac-user`.
#[derive(Debug)]
pub(super) struct Given {
    /// Of the role; none for the ClusterRole.
    namespace: Option<&'static str>,
    group: &'static str,
    resource: &'static str,
    verb: &'static str,
}

impl Given {
    pub(super) fn new(
        namespace: Option<&'static str>,
        group: &'static str,
        resource: &'static str,
        verb: &'static str,
    ) -> Self {
        Self {
            namespace,
            group,
            resource,
            verb,
        }
    }

    /// As an access review asks for it.
    pub(super) fn attributes(&self) -> Value {
        let (resource, subresource) = self.resource.split_once('/').unwrap_or((self.resource, ""));
        json!({
            "group": self.group, "resource": resource, "subresource": subresource, "verb": self.verb,
            "namespace": self.namespace.unwrap_or_default(), "name": "any",
        })
    }

    /// The role that gives it, in kubectl's words.
    fn role(&self) -> String {
        match self.namespace {
            None => "clusterrole bulkhead:generic".to_owned(),
            Some(namespace) => format!("role bulkhead:generic --namespace={namespace}"),
        }
    }
}

impl Office {
    /// `kubectl auth can-i --list`, without what every user may.
    pub(super) fn rights_in(&self, namespace: &str) -> String {
        let namespace = format!("--namespace={namespace}");
        let list = ["auth", "can-i", "--list", "--no-headers", &namespace];
        let text = self.cluster.kubectl_as(User::Rbac, &list, None).unwrap();
        let mut lines: Vec<String> = text
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .filter(|line| {
                line.starts_with(|c: char| c.is_ascii_lowercase())
                    && !line.starts_with("selfsubject")
            })
            .collect();
        lines.sort();
        lines.join("\n")
    }

    /// Takes a right out of its role, and returns that as it was.
    pub(super) fn take(&self, right: &Given) -> Value {
        let text = self
            .kubectl(&format!("get {} --output=json", right.role()))
            .concat();
        let role: Value = serde_json::from_str(&text).unwrap();
        let mut less = role.clone();
        let mut taken = 0;
        let mut rules = Vec::new();
        for rule in role["rules"].as_array().unwrap() {
            let has = |key: &str, word: &str| rule[key].as_array().unwrap().contains(&json!(word));
            if !(has("apiGroups", right.group)
                && has("resources", right.resource)
                && has("verbs", right.verb))
            {
                rules.push(rule.clone());
                continue;
            }
            taken += 1;
            let without = |key: &str, word: &str| {
                let words = rule[key].as_array().unwrap().iter();
                words
                    .filter(|one| **one != word)
                    .cloned()
                    .collect::<Vec<_>>()
            };
            let others = without("resources", right.resource);
            if !others.is_empty() {
                let mut of_others = rule.clone();
                of_others["resources"] = json!(others);
                rules.push(of_others);
            }
            let verbs = without("verbs", right.verb);
            if !verbs.is_empty() {
                let mut rest = rule.clone();
                rest["resources"] = json!([right.resource]);
                rest["verbs"] = json!(verbs);
                rules.push(rest);
            }
        }
        assert_eq!(taken, 1, "{right:?} is given by one rule: {role}");
        less["rules"] = json!(rules);
        self.replace(less);
        let attributes = right.attributes();
        self.cluster
            .wait_until_refused(User::Rbac, &attributes)
            .unwrap();
        role
    }

    /// Writes a role as it was.
    pub(super) fn give_back(&self, right: &Given, role: &Value) {
        self.replace(role.clone());
        let attributes = right.attributes();
        self.cluster
            .wait_until_allowed(User::Rbac, &attributes)
            .unwrap();
    }

    fn replace(&self, mut role: Value) {
        role["metadata"]
            .as_object_mut()
            .unwrap()
            .remove("resourceVersion");
        let text = role.to_string();
        self.cluster
            .kubectl(&["replace", "--filename=-"], Some(&text))
            .unwrap();
    }
}
