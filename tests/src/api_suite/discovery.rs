//! What is served: names and kinds, in both forms of discovery, and schemas.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Api, Outcome, equal, get, get_as, holds};

const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// Path of the group version, plural, singular, kind, whether namespaced, short names, categories.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    bool,
    &'static str,
    &'static str,
);

#[rustfmt::skip]
const TYPES: &[Row] = &[
    ("/api/v1", "configmaps", "configmap", "ConfigMap", true, "cm", ""),
    ("/api/v1", "endpoints", "endpoints", "Endpoints", true, "ep", ""),
    ("/api/v1", "events", "event", "Event", true, "ev", ""),
    ("/api/v1", "limitranges", "limitrange", "LimitRange", true, "limits", ""),
    ("/api/v1", "namespaces", "namespace", "Namespace", false, "ns", ""),
    ("/api/v1", "nodes", "node", "Node", false, "no", ""),
    ("/api/v1", "persistentvolumeclaims", "persistentvolumeclaim", "PersistentVolumeClaim", true, "pvc", ""),
    ("/api/v1", "persistentvolumes", "persistentvolume", "PersistentVolume", false, "pv", ""),
    ("/api/v1", "pods", "pod", "Pod", true, "po", "all"),
    ("/api/v1", "replicationcontrollers", "replicationcontroller", "ReplicationController", true, "rc", "all"),
    ("/api/v1", "resourcequotas", "resourcequota", "ResourceQuota", true, "quota", ""),
    ("/api/v1", "secrets", "secret", "Secret", true, "", ""),
    ("/api/v1", "serviceaccounts", "serviceaccount", "ServiceAccount", true, "sa", ""),
    ("/api/v1", "services", "service", "Service", true, "svc", "all"),
    ("/apis/apps/v1", "controllerrevisions", "controllerrevision", "ControllerRevision", true, "", ""),
    ("/apis/apps/v1", "daemonsets", "daemonset", "DaemonSet", true, "ds", "all"),
    ("/apis/apps/v1", "deployments", "deployment", "Deployment", true, "deploy", "all"),
    ("/apis/apps/v1", "replicasets", "replicaset", "ReplicaSet", true, "rs", "all"),
    ("/apis/apps/v1", "statefulsets", "statefulset", "StatefulSet", true, "sts", "all"),
    ("/apis/events.k8s.io/v1", "events", "event", "Event", true, "ev", ""),
    ("/apis/autoscaling/v2", "horizontalpodautoscalers", "horizontalpodautoscaler", "HorizontalPodAutoscaler", true, "hpa", "all"),
    ("/apis/batch/v1", "cronjobs", "cronjob", "CronJob", true, "cj", "all"),
    ("/apis/batch/v1", "jobs", "job", "Job", true, "", "all"),
    ("/apis/networking.k8s.io/v1", "ingressclasses", "ingressclass", "IngressClass", false, "", ""),
    ("/apis/networking.k8s.io/v1", "ingresses", "ingress", "Ingress", true, "ing", ""),
    ("/apis/networking.k8s.io/v1", "networkpolicies", "networkpolicy", "NetworkPolicy", true, "netpol", ""),
    ("/apis/policy/v1", "poddisruptionbudgets", "poddisruptionbudget", "PodDisruptionBudget", true, "pdb", ""),
    ("/apis/rbac.authorization.k8s.io/v1", "clusterrolebindings", "clusterrolebinding", "ClusterRoleBinding", false, "", ""),
    ("/apis/rbac.authorization.k8s.io/v1", "clusterroles", "clusterrole", "ClusterRole", false, "", ""),
    ("/apis/rbac.authorization.k8s.io/v1", "rolebindings", "rolebinding", "RoleBinding", true, "", ""),
    ("/apis/rbac.authorization.k8s.io/v1", "roles", "role", "Role", true, "", ""),
    ("/apis/storage.k8s.io/v1", "storageclasses", "storageclass", "StorageClass", false, "sc", ""),
    ("/apis/apiextensions.k8s.io/v1", "customresourcedefinitions", "customresourcedefinition", "CustomResourceDefinition", false, "crd,crds", "api-extensions"),
    ("/apis/coordination.k8s.io/v1", "leases", "lease", "Lease", true, "", ""),
    ("/apis/discovery.k8s.io/v1", "endpointslices", "endpointslice", "EndpointSlice", true, "", ""),
    ("/apis/suite.example.com/v1", "widgets", "widget", "Widget", true, "wd", "suite"),
    ("/apis/suite.example.com/v1", "frames", "frame", "Frame", false, "", ""),
    ("/apis/suite.example.com/v1beta1", "widgets", "widget", "Widget", true, "wd", "suite"),
];

/// Subresources that can be read: path of the group version, name, kind.
const SUBRESOURCES: &[(&str, &str, &str)] = &[
    ("/api/v1", "pods/log", "Pod"),
    ("/api/v1", "pods/status", "Pod"),
    ("/api/v1", "namespaces/status", "Namespace"),
    ("/apis/apps/v1", "deployments/status", "Deployment"),
    ("/apis/batch/v1", "jobs/status", "Job"),
    ("/apis/suite.example.com/v1", "frames/status", "Frame"),
];

pub(super) fn health_and_version_answer(api: &dyn Api) -> Outcome {
    for path in ["/healthz", "/livez", "/readyz"] {
        let response = api.send("GET", path, None, None);
        equal(
            path,
            &(response.status, response.body.as_str()),
            &(200, "ok"),
        )?;
    }
    let version = get(api, "/version")?;
    equal("the major version", &version["major"], &"1".into())?;
    holds(
        "the version begins with v1.",
        version["gitVersion"]
            .as_str()
            .is_some_and(|text| text.starts_with("v1.")),
    )
}

pub(super) fn every_served_type_has_the_real_names(api: &dyn Api) -> Outcome {
    let mut documents: BTreeMap<&str, Value> = BTreeMap::new();
    for path in TYPES.iter().map(|row| row.0) {
        if !documents.contains_key(path) {
            documents.insert(path, get(api, path)?);
        }
    }
    for &(path, plural, singular, kind, namespaced, short_names, categories) in TYPES {
        let document = &documents[path];
        equal(
            "the kind of a group version",
            &document["kind"],
            &"APIResourceList".into(),
        )?;
        let of = resource(document, plural)?;
        let words = |name: &str| words(&of[name]).join(",");
        let actual = (
            of["singularName"].as_str().unwrap_or_default(),
            of["kind"].as_str().unwrap_or_default(),
            of["namespaced"] == true,
            words("shortNames"),
            words("categories"),
        );
        let expected = (
            singular,
            kind,
            namespaced,
            short_names.to_owned(),
            categories.to_owned(),
        );
        equal(&format!("{path} {plural}"), &actual, &expected)?;
        let verbs = self::words(&of["verbs"]);
        for verb in ["get", "list", "watch"] {
            holds(
                &format!("{plural} can {verb}"),
                verbs.iter().any(|one| one == verb),
            )?;
        }
    }
    for &(path, name, kind) in SUBRESOURCES {
        let of = resource(&documents[path], name)?;
        equal(name, &of["kind"], &kind.into())?;
        equal(name, &of["singularName"], &"".into())?;
        holds(
            &format!("{name} can get"),
            words(&of["verbs"]).iter().any(|verb| verb == "get"),
        )?;
    }
    Ok(())
}

pub(super) fn groups_name_their_versions(api: &dyn Api) -> Outcome {
    let core = get(api, "/api")?;
    equal(
        "the core versions",
        &(&core["kind"], &core["versions"][0]),
        &(&"APIVersions".into(), &"v1".into()),
    )?;
    let groups = get(api, "/apis")?;
    equal("the kind of /apis", &groups["kind"], &"APIGroupList".into())?;
    let all = groups["groups"].as_array().into_iter().flatten();
    let listed = all
        .clone()
        .find(|group| group["name"] == "suite.example.com")
        .ok_or("the CRD's group is not listed")?;
    let apps = all
        .clone()
        .find(|group| group["name"] == "apps")
        .ok_or("apps is not listed")?;
    equal(
        "the preferred version of apps",
        &apps["preferredVersion"]["groupVersion"],
        &"apps/v1".into(),
    )?;
    let group = get(api, "/apis/suite.example.com")?;
    equal("the kind of a group", &group["kind"], &"APIGroup".into())?;
    for group in [listed, &group] {
        let versions = group["versions"].as_array().into_iter().flatten();
        let versions: Vec<_> = versions
            .map(|version| version["version"].as_str().unwrap_or_default())
            .collect();
        equal(
            "the served versions of the CRD",
            &versions,
            &vec!["v1", "v1beta1"],
        )?;
        equal(
            "the preferred version of the CRD",
            &group["preferredVersion"]["version"],
            &"v1".into(),
        )?;
    }
    Ok(())
}

pub(super) fn aggregated_discovery_says_the_same(api: &dyn Api) -> Outcome {
    for path in ["/api", "/apis"] {
        let content_type = api.send("GET", path, Some(AGGREGATED), None).content_type;
        equal(
            "the content type",
            &content_type.replace(' ', ""),
            &AGGREGATED.to_owned(),
        )?;
    }
    let (core, groups) = (
        get_as(api, "/api", AGGREGATED)?,
        get_as(api, "/apis", AGGREGATED)?,
    );
    for &(path, plural, singular, kind, namespaced, short_names, _) in TYPES {
        let (list, group, version) = match path.split('/').skip(2).collect::<Vec<_>>().as_slice() {
            [version] => (&core, "", *version),
            [group, version] => (&groups, *group, *version),
            _ => return Err(format!("{path} is no group version")),
        };
        let find = |items: &Value, matches: &dyn Fn(&Value) -> bool| {
            items
                .as_array()
                .into_iter()
                .flatten()
                .find(|item| matches(item))
                .cloned()
        };
        let of = find(&list["items"], &|item| {
            item["metadata"]["name"].as_str().unwrap_or_default() == group
        })
        .and_then(|item| find(&item["versions"], &|item| item["version"] == version))
        .and_then(|item| find(&item["resources"], &|item| item["resource"] == plural))
        .ok_or_else(|| format!("{plural} of {path} is missing"))?;
        let scope = if namespaced { "Namespaced" } else { "Cluster" };
        let actual = (
            of["responseKind"]["kind"].as_str().unwrap_or_default(),
            of["singularResource"].as_str().unwrap_or_default(),
            of["scope"].as_str().unwrap_or_default(),
            words(&of["shortNames"]).join(","),
        );
        equal(
            &format!("{path} {plural}"),
            &actual,
            &(kind, singular, scope, short_names.to_owned()),
        )?;
        // Filled in for custom types only.
        let expected = if group == "suite.example.com" {
            (group, version)
        } else {
            ("", "")
        };
        let response_kind = &of["responseKind"];
        let text = |name: &str| response_kind[name].as_str().unwrap_or("missing");
        equal(
            &format!("the response kind of {plural}"),
            &(text("group"), text("version")),
            &expected,
        )?;
    }
    Ok(())
}

pub(super) fn openapi_explains_a_field(api: &dyn Api) -> Outcome {
    let index = get(api, "/openapi/v3")?;
    let url = index["paths"]["apis/apps/v1"]["serverRelativeURL"]
        .as_str()
        .ok_or("the index leaves apps/v1 out")?;
    let document = get(api, url)?;
    let schemas = &document["components"]["schemas"];
    let deployment = &schemas["io.k8s.api.apps.v1.Deployment"];
    let kinds = &deployment["x-kubernetes-group-version-kind"][0];
    equal(
        "the kind of the schema",
        &(&kinds["group"], &kinds["version"], &kinds["kind"]),
        &(&"apps".into(), &"v1".into(), &"Deployment".into()),
    )?;
    let spec = &deployment["properties"]["spec"]["allOf"][0]["$ref"];
    equal(
        "the reference to the spec",
        spec,
        &"#/components/schemas/io.k8s.api.apps.v1.DeploymentSpec".into(),
    )?;
    let replicas = &schemas["io.k8s.api.apps.v1.DeploymentSpec"]["properties"]["replicas"];
    equal("the type of replicas", &replicas["type"], &"integer".into())?;
    holds(
        "replicas is described",
        replicas["description"]
            .as_str()
            .is_some_and(|text| text.len() > 20),
    )?;
    let template = &schemas["io.k8s.api.core.v1.PodSpec"]["properties"]["containers"]["items"]["allOf"]
        [0]["$ref"];
    equal(
        "the reference to a container",
        template,
        &"#/components/schemas/io.k8s.api.core.v1.Container".into(),
    )?;
    let operation = &document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments"]["get"];
    equal(
        "the action of the path",
        &operation["x-kubernetes-action"],
        &"list".into(),
    )?;
    equal(
        "the kind of the path",
        &operation["x-kubernetes-group-version-kind"]["kind"],
        &"Deployment".into(),
    )?;
    equal(
        "an unknown group",
        &api.send("GET", "/openapi/v3/apis/nope/v1", None, None)
            .status,
        &404,
    )
}

pub(super) fn openapi_holds_the_schema_of_a_crd(api: &dyn Api) -> Outcome {
    let document = get(api, "/openapi/v3/apis/suite.example.com/v1")?;
    let widget = &document["components"]["schemas"]["com.example.suite.v1.Widget"];
    equal(
        "the description",
        &widget["description"],
        &"A widget of the suite.".into(),
    )?;
    let size = &widget["properties"]["spec"]["properties"]["size"];
    equal(
        "the size",
        &(&size["type"], &size["description"]),
        &(&"integer".into(), &"In millimetres.".into()),
    )?;
    let metadata = &widget["properties"]["metadata"]["allOf"][0]["$ref"];
    equal(
        "the metadata",
        metadata,
        &"#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta".into(),
    )
}

fn resource<'a>(document: &'a Value, name: &str) -> Result<&'a Value, String> {
    let resources = document["resources"].as_array().into_iter().flatten();
    resources
        .into_iter()
        .find(|of| of["name"] == name)
        .ok_or_else(|| format!("{name} is missing"))
}

fn words(value: &Value) -> Vec<String> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}
