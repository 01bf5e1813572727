//! From grants to roles: the requests that each verb makes, and the rules that let these through.
//!
//! Pure. Nothing here is wider than the grants but where RBAC has no words for them, and then a note says so.

use std::collections::{BTreeMap, BTreeSet};

use super::requests::requests;
use crate::backend::cluster::dependents::may_own_of_its_group;
use crate::config::{Grant, GrantScope, Impersonation, Verb};
use crate::gate::{Resource, Want, spelled_out};

/// Who is bound to a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    User(String),
    Group(String),
    ServiceAccount { namespace: String, name: String },
}

impl Subject {
    /// Returns who a plugin acts as by impersonation.
    pub(super) fn of(impersonation: &Impersonation) -> Self {
        let user = &impersonation.user;
        let account = user
            .strip_prefix("system:serviceaccount:")
            .and_then(|rest| rest.split_once(':'));
        match account {
            Some((namespace, name)) => Self::ServiceAccount {
                namespace: namespace.to_owned(),
                name: name.to_owned(),
            },
            None => Self::User(user.clone()),
        }
    }
}

/// A role and its binding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Role {
    pub(super) name: String,
    /// `None` is a ClusterRole.
    pub(super) namespace: Option<String>,
    /// Never empty.
    pub(super) rules: Vec<Rule>,
    pub(super) subject: Subject,
    /// In which ways it is wider than the grants.
    pub(super) notes: Vec<String>,
}

/// One rule of a role, its lists sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) group: String,
    pub(super) resources: Vec<String>,
    pub(super) verbs: Vec<&'static str>,
    /// Empty is every name.
    pub(super) names: Vec<String>,
}

/// The resources that a cluster serves, with the verbs that it knows for each.
#[derive(Debug, Default)]
pub(super) struct Served {
    pub(super) namespaced: Vec<(Resource, Vec<String>)>,
    pub(super) of_cluster: Vec<(Resource, Vec<String>)>,
}

impl Served {
    /// Returns what has a namespace and can be listed.
    fn listed(&self) -> Vec<Resource> {
        let can_be_listed = |verbs: &[String]| verbs.iter().any(|verb| verb == "list");
        let types = self.namespaced.iter();
        types
            .filter(|(_, verbs)| can_be_listed(verbs))
            .map(|(resource, _)| resource.clone())
            .collect()
    }

    /// Whether a resource that is named can be where a grant is over, and takes the verb. Of what is not served nothing is known,
    /// unless it is of a group that only the server itself has types in: `["", "apps"]` by `["services"]` is one type, not two.
    fn may_give(&self, scope: &GrantScope, named: &Resource, verb: Verb) -> bool {
        let mut all = self.namespaced.iter().chain(&self.of_cluster);
        let takes = all
            .find(|(found, _)| found == named)
            .is_none_or(|(_, verbs)| verbs.iter().any(|word| word == verb.as_str()));
        let plural = named.plural.split('/').next().unwrap_or_default();
        let is_in = |types: &[(Resource, Vec<String>)]| {
            types
                .iter()
                .any(|(found, _)| found.group == named.group && found.plural == plural)
        };
        let of_group = |types: &[(Resource, Vec<String>)]| {
            types.iter().any(|(found, _)| found.group == named.group)
        };
        // A custom resource's group has a dot.
        let is_built_in = !named.group.contains('.')
            && (of_group(&self.namespaced) || of_group(&self.of_cluster));
        if is_built_in && plural != "*" && !is_in(&self.namespaced) && !is_in(&self.of_cluster) {
            return false;
        }
        let is_here = match scope {
            GrantScope::Cluster => is_in(&self.of_cluster) || !is_in(&self.namespaced),
            GrantScope::Namespaces(_) => is_in(&self.namespaced) || !is_in(&self.of_cluster),
        };
        is_here && (takes || verb == Verb::Use)
    }
}

/// What one plugin needs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Needs {
    pub(super) roles: Vec<Role>,
    /// Whether something is left out that takes knowing what the cluster serves: a `*`, or the types of an operator that may hold
    /// what goes with a deleted object of it.
    pub(super) is_partial: bool,
    /// Whether it may propose changes.
    pub(super) changes: bool,
}

/// What is allowed in one place, by resource and names; no names are every name.
type Allowed = BTreeMap<(Resource, Vec<String>), BTreeSet<&'static str>>;

/// Works out what the grants of a plugin need, as far as its wants ask.
pub(super) fn of_plugin(
    key: &str,
    grants: &[Grant],
    wants: &[Want],
    served: Option<&Served>,
    subject: &Subject,
) -> Needs {
    let mut places: BTreeMap<Option<String>, Allowed> = BTreeMap::new();
    let mut notes: BTreeMap<Option<String>, BTreeSet<String>> = BTreeMap::new();
    let (mut is_partial, mut changes) = (false, false);
    let listed = served.map(Served::listed).unwrap_or_default();
    for grant in grants {
        let types = served.map(|served| match grant.scope {
            GrantScope::Cluster => served.of_cluster.as_slice(),
            GrantScope::Namespaces(_) => served.namespaced.as_slice(),
        });
        let mut spelled = spelled_out(grant, wants, types);
        if let Some(served) = served {
            spelled
                .pairs
                .retain(|(resource, verb)| served.may_give(&grant.scope, resource, *verb));
        }
        let verbs = spelled.pairs.iter().map(|(_, verb)| *verb).collect();
        is_partial |= spelled.is_partial;
        is_partial |= served.is_none() && depends_on_served(grant, &spelled.pairs);
        let exact = exact_names(grant);
        for place in places_of(grant) {
            let mut is_any = false;
            for (resource, verb) in &spelled.pairs {
                changes |= verb.changes();
                for request in requests(grant, resource, *verb, &listed) {
                    is_any = true;
                    let names = if request.by_name {
                        exact.clone()
                    } else {
                        Vec::new()
                    };
                    let allowed = places.entry(place.clone()).or_default();
                    allowed
                        .entry((request.resource, names))
                        .or_default()
                        .insert(request.verb);
                }
            }
            if is_any {
                notes
                    .entry(place)
                    .or_default()
                    .extend(unsayable(grant, &verbs));
            }
        }
    }
    let everywhere = places.get(&None).cloned().unwrap_or_default();
    let roles = places
        .into_iter()
        .filter_map(|(namespace, allowed)| {
            let here = allowed.clone();
            let by_name = |names: &[String]| !names.is_empty();
            let mut allowed = without_held(allowed, &here, by_name);
            if namespace.is_some() {
                allowed = without_held(allowed, &everywhere, |_| true);
            }
            let rules = rules(allowed);
            (!rules.is_empty()).then(|| Role {
                name: format!("bulkhead:{key}"),
                rules,
                subject: subject.clone(),
                notes: notes
                    .remove(&namespace)
                    .unwrap_or_default()
                    .into_iter()
                    .collect(),
                namespace,
            })
        })
        .collect();
    Needs {
        roles,
        is_partial,
        changes,
    }
}

/// What the host needs under its own name: to tell the cluster from others, and to act as the plugins that have a name of theirs.
pub(super) fn of_host(changes: bool, acts_as: &[&Impersonation], subject: &Subject) -> Vec<Role> {
    let role = |name: &str, namespace: Option<&str>, rules| Role {
        name: name.to_owned(),
        namespace: namespace.map(str::to_owned),
        rules,
        subject: subject.clone(),
        notes: Vec::new(),
    };
    let rule = |resource: &str, verb, names: BTreeSet<String>| Rule {
        group: String::new(),
        resources: vec![resource.to_owned()],
        verbs: vec![verb],
        names: names.into_iter().collect(),
    };
    let mut roles = Vec::new();
    if changes {
        let names = BTreeSet::from(["kube-system".to_owned()]);
        roles.push(role(
            "bulkhead:host",
            None,
            vec![rule("namespaces", "get", names)],
        ));
    }
    let mut users = BTreeSet::new();
    let mut groups = BTreeSet::new();
    let mut accounts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for one in acts_as {
        match Subject::of(one) {
            Subject::User(name) => {
                users.insert(name);
            }
            Subject::ServiceAccount { namespace, name } => {
                accounts.entry(namespace).or_default().insert(name);
            }
            Subject::Group(_) => {}
        }
        groups.extend(one.groups.iter().cloned());
    }
    let rules: Vec<Rule> = [("users", users), ("groups", groups)]
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(resource, names)| rule(resource, "impersonate", names))
        .collect();
    if !rules.is_empty() {
        roles.push(role("bulkhead:impersonate", None, rules));
    }
    roles.extend(accounts.into_iter().map(|(namespace, names)| {
        let rules = vec![rule("serviceaccounts", "impersonate", names)];
        role("bulkhead:impersonate", Some(&namespace), rules)
    }));
    roles
}

/// Whether it takes knowing what the cluster serves to say what is listed before a deletion.
fn depends_on_served(grant: &Grant, pairs: &BTreeSet<(Resource, Verb)>) -> bool {
    let is_namespaced = matches!(grant.scope, GrantScope::Namespaces(_));
    let mut deleted = pairs.iter().filter(|(_, verb)| *verb == Verb::Delete);
    is_namespaced && deleted.any(|(resource, _)| may_own_of_its_group(resource))
}

/// Where a grant's role stands. RBAC has no patterns over namespaces, so one with a `*` takes the whole cluster.
fn places_of(grant: &Grant) -> Vec<Option<String>> {
    let GrantScope::Namespaces(globs) = &grant.scope else {
        return vec![None];
    };
    if globs.iter().any(|glob| glob.as_str().contains('*')) {
        return vec![None];
    }
    globs
        .iter()
        .map(|glob| Some(glob.as_str().to_owned()))
        .collect()
}

/// Returns the names that a rule can list: all of the grant's, or none where one is a pattern.
fn exact_names(grant: &Grant) -> Vec<String> {
    let names = grant.names.iter().map(|glob| glob.as_str());
    if names.clone().any(|name| name.contains('*')) {
        return Vec::new();
    }
    let names: BTreeSet<String> = names.map(str::to_owned).collect();
    names.into_iter().collect()
}

/// Says what of a grant RBAC has no words for, where these of its verbs count.
fn unsayable(grant: &Grant, verbs: &BTreeSet<Verb>) -> Option<String> {
    let mut bounds = Vec::new();
    if let GrantScope::Namespaces(globs) = &grant.scope {
        let globs: Vec<&str> = globs.iter().map(|glob| glob.as_str()).collect();
        let every = globs.contains(&"*");
        if !every && globs.iter().any(|glob| glob.contains('*')) {
            bounds.push(format!("only in namespaces {}", globs.join(", ")));
        }
    }
    let by_path = |verb: &Verb| matches!(verb, Verb::Get | Verb::Patch | Verb::Delete | Verb::Use);
    let is_said = !exact_names(grant).is_empty() && verbs.iter().all(by_path);
    if !grant.names.is_empty() && !is_said {
        let names: Vec<&str> = grant.names.iter().map(|glob| glob.as_str()).collect();
        bounds.push(format!("only names {}", names.join(", ")));
    }
    if let Some(labels) = &grant.label_selector {
        bounds.push(format!("only with labels {labels}"));
    }
    let sets = verbs.contains(&Verb::Create) || verbs.contains(&Verb::Patch);
    if sets && !grant.fields.is_empty() {
        let fields: Vec<&str> = grant.fields.iter().map(|field| field.as_str()).collect();
        bounds.push(format!("setting only {}", fields.join(", ")));
    }
    let resources = grant.resources.join(", ");
    (!bounds.is_empty()).then(|| format!("{resources}: {}", bounds.join("; ")))
}

/// Leaves out what `held` allows for every name, of the entries whose names are `of_these`.
fn without_held(
    mut allowed: Allowed,
    held: &Allowed,
    of_these: impl Fn(&[String]) -> bool,
) -> Allowed {
    for ((resource, names), verbs) in &mut allowed {
        let every_name = held.get(&(resource.clone(), Vec::new()));
        if let Some(held) = every_name.filter(|_| of_these(names)) {
            verbs.retain(|verb| !held.contains(verb));
        }
    }
    allowed
}

/// Puts what is allowed in the same way into one rule.
fn rules(allowed: Allowed) -> Vec<Rule> {
    /// Group, names and verbs.
    type Way = (String, Vec<String>, Vec<&'static str>);
    let mut alike: BTreeMap<Way, Vec<String>> = BTreeMap::new();
    for ((resource, names), verbs) in allowed {
        if verbs.is_empty() {
            continue;
        }
        alike
            .entry((resource.group, names, in_order(&verbs)))
            .or_default()
            .push(resource.plural);
    }
    alike
        .into_iter()
        .map(|((group, names, verbs), resources)| Rule {
            group,
            resources,
            verbs,
            names,
        })
        .collect()
}

/// Sorts verbs as they are shown everywhere.
fn in_order(verbs: &BTreeSet<&'static str>) -> Vec<&'static str> {
    Verb::ALL
        .into_iter()
        .map(Verb::as_str)
        .filter(|verb| verbs.contains(verb))
        .collect()
}
