//! Discovery in both forms: a document per group version, and the aggregated one.
//!
//! It tells what this server serves, no more: verbs and subresources are `types`', and `create` for the reviews.

use serde_json::{Map, Value, json};

use crate::builtin::REVIEWS;
use crate::types::{ResourceType, Subresource, TypeTable};

/// `/version`. The number is the real server's that this one is compared with.
pub(crate) fn version() -> Value {
    json!({
        "major": "1", "minor": "36", "gitVersion": "v1.36.3+simcluster", "gitCommit": "", "gitTreeState": "",
        "buildDate": "1970-01-01T00:00:00Z", "goVersion": "none", "compiler": "rustc", "platform": "simcluster",
    })
}

/// `/api`.
pub(crate) fn core_versions() -> Value {
    json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []})
}

/// `/apis`.
pub(crate) fn groups(types: &TypeTable) -> Value {
    let groups: Vec<Value> = all_groups(types)
        .iter()
        .map(|(name, versions)| group_value(name, versions))
        .collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

/// `/apis/GROUP`; none if there is no such group.
pub(crate) fn group(types: &TypeTable, name: &str) -> Option<Value> {
    let (name, versions) = all_groups(types)
        .into_iter()
        .find(|(group, _)| group == name)?;
    let mut group = group_value(&name, &versions);
    group["kind"] = "APIGroup".into();
    group["apiVersion"] = "v1".into();
    Some(group)
}

/// `/api/v1` and `/apis/GROUP/VERSION`; none if nothing is served there.
pub(crate) fn resources(types: &TypeTable, group: &str, version: &str) -> Option<Value> {
    let mut resources = Vec::new();
    for of in in_version(types, group, version) {
        let mut resource = json!({
            "name": of.plural, "singularName": of.singular, "namespaced": of.namespaced, "kind": of.kind,
            "verbs": of.verbs(),
        });
        add_words(&mut resource, of);
        resources.push(resource);
        resources.extend(
            of.subresources()
                .iter()
                .map(|subresource| subresource_value(of, subresource)),
        );
    }
    resources.extend(reviews(group, version).map(|(plural, kind)| {
        json!({"name": plural, "singularName": kind.to_lowercase(), "namespaced": false, "kind": kind, "verbs": ["create"]})
    }));
    let group_version = if group.is_empty() {
        version.to_owned()
    } else {
        format!("{group}/{version}")
    };
    (!resources.is_empty()).then(|| {
        json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": resources})
    })
}

/// `/api` in the aggregated form.
pub(crate) fn aggregated_core(types: &TypeTable) -> Value {
    aggregated_list(&[aggregated_group(types, "", &["v1".to_owned()])])
}

/// `/apis` in the aggregated form.
pub(crate) fn aggregated_groups(types: &TypeTable) -> Value {
    let groups = all_groups(types);
    let items: Vec<Value> = groups
        .iter()
        .map(|(name, versions)| aggregated_group(types, name, versions))
        .collect();
    aggregated_list(&items)
}

fn aggregated_list(items: &[Value]) -> Value {
    json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items})
}

fn aggregated_group(types: &TypeTable, group: &str, versions: &[String]) -> Value {
    let versions: Vec<Value> = versions
        .iter()
        .map(|version| {
            let resources = in_version(types, group, version).map(aggregated_resource);
            let reviews = reviews(group, version).map(|(plural, kind)| {
                json!({
                    "resource": plural, "responseKind": response_kind("", "", kind), "scope": "Cluster",
                    "singularResource": kind.to_lowercase(), "verbs": ["create"],
                })
            });
            let resources: Vec<Value> = resources.chain(reviews).collect();
            json!({"version": version, "resources": resources, "freshness": "Current"})
        })
        .collect();
    let metadata = if group.is_empty() {
        json!({})
    } else {
        json!({"name": group})
    };
    json!({"metadata": metadata, "versions": versions})
}

fn aggregated_resource(of: &ResourceType) -> Value {
    let kind = if of.custom {
        response_kind(&of.group, &of.version, &of.kind)
    } else {
        response_kind("", "", &of.kind)
    };
    let mut resource = json!({
        "resource": of.plural, "responseKind": kind, "scope": if of.namespaced { "Namespaced" } else { "Cluster" },
        "singularResource": of.singular, "verbs": of.verbs(),
    });
    add_words(&mut resource, of);
    let subresources: Vec<Value> = of
        .subresources()
        .into_iter()
        .map(
            |Subresource {
                 name,
                 verbs,
                 kind: exchanged,
             }| {
                let kind = exchanged.map_or_else(
                    || kind.clone(),
                    |(group, version, kind)| response_kind(group, version, kind),
                );
                json!({"subresource": name, "responseKind": kind, "verbs": verbs})
            },
        )
        .collect();
    if !subresources.is_empty() {
        resource["subresources"] = subresources.into();
    }
    resource
}

/// The real server leaves group and version empty for its own types: a client takes them from where the type stands.
fn response_kind(group: &str, version: &str, kind: &str) -> Value {
    json!({"group": group, "version": version, "kind": kind})
}

fn subresource_value(of: &ResourceType, subresource: &Subresource) -> Value {
    let mut value = json!({
        "name": format!("{}/{}", of.plural, subresource.name), "singularName": "", "namespaced": of.namespaced,
        "kind": of.kind, "verbs": subresource.verbs,
    });
    if let Some((group, version, kind)) = subresource.kind {
        value["group"] = group.into();
        value["version"] = version.into();
        value["kind"] = kind.into();
    }
    value
}

fn add_words(resource: &mut Value, of: &ResourceType) {
    for (name, words) in [
        ("shortNames", &of.short_names),
        ("categories", &of.categories),
    ] {
        if !words.is_empty() {
            resource[name] = words.as_slice().into();
        }
    }
}

fn group_value(name: &str, versions: &[String]) -> Value {
    let versions: Vec<Value> = versions
        .iter()
        .map(|version| json!({"groupVersion": format!("{name}/{version}"), "version": version}))
        .collect();
    let mut group = Map::new();
    group.insert("name".into(), name.into());
    group.insert(
        "preferredVersion".into(),
        versions.first().cloned().unwrap_or_default(),
    );
    group.insert("versions".into(), versions.into());
    Value::Object(group)
}

/// The groups with objects, and those of the reviews.
fn all_groups(types: &TypeTable) -> Vec<(String, Vec<String>)> {
    let mut groups = types.groups();
    for (group, version, ..) in REVIEWS {
        groups.push(((*group).to_owned(), vec![(*version).to_owned()]));
    }
    groups
}

fn in_version<'a>(
    types: &'a TypeTable,
    group: &str,
    version: &str,
) -> impl Iterator<Item = &'a ResourceType> {
    types
        .all()
        .iter()
        .filter(move |of| of.group == group && of.version == version)
}

fn reviews<'a>(
    group: &'a str,
    version: &'a str,
) -> impl Iterator<Item = (&'static str, &'static str)> + use<'a> {
    REVIEWS
        .iter()
        .filter(move |review| review.0 == group && review.1 == version)
        .map(|review| (review.2, review.3))
}
