//! Pods and claims of a cluster that the operator runs: made as a healthy cluster has them.

use serde_json::{Value, json};

use super::api::{Api, kinded};
use crate::{
    claims,
    clock::Clock,
    cluster::{Made, image},
    instances,
    meta::Place,
};

/// What a cluster's spec comes to; `None` for one without a name.
pub(super) fn made<'a>(
    cluster: &'a Value,
    image_name: String,
    clock: &'a Clock,
) -> Option<Made<'a>> {
    let metadata = &cluster["metadata"];
    let spec = &cluster["spec"];
    let at = Place {
        namespace: metadata["namespace"].as_str()?,
        name: metadata["name"].as_str()?,
    };
    let bootstrap = &spec["bootstrap"];
    let database = ["initdb", "recovery", "pg_basebackup"]
        .iter()
        .find_map(|method| bootstrap[method]["database"].as_str());
    // Any number that is the same for the same name.
    let number = at.name.bytes().fold(1_u8, u8::wrapping_add).max(13);
    Some(Made {
        at,
        clock,
        number: number.into(),
        instances: desired(cluster),
        image: image_name,
        size: spec["storage"]["size"].as_str().unwrap_or("1Gi"),
        wal: spec["walStorage"]["size"].as_str(),
        class: spec["storage"]["storageClass"]
            .as_str()
            .unwrap_or("standard"),
        database: database.unwrap_or("app"),
        memory: spec["resources"]["requests"]["memory"]
            .as_str()
            .unwrap_or("1Gi"),
        age: 0,
    })
}

/// As many instances as the spec says.
pub(super) fn desired(cluster: &Value) -> usize {
    let instances = cluster["spec"]["instances"].as_u64().unwrap_or(1);
    usize::try_from(instances).unwrap_or(usize::MAX)
}

/// The image that the spec asks for (`getRequestedImageInfo`, `cluster_image.go`).
pub(super) fn requested_image(api: &Api, cluster: &Value) -> String {
    let spec = &cluster["spec"];
    if let Some(name) = spec["imageName"].as_str() {
        return name.to_owned();
    }
    let of_catalogue = || {
        let reference = &spec["imageCatalogRef"];
        let namespace = cluster["metadata"]["namespace"].as_str()?;
        let catalogue = api.get("ImageCatalog", namespace, reference["name"].as_str()?)?;
        let images = catalogue["spec"]["images"].as_array()?;
        let image = images
            .iter()
            .find(|image| image["major"] == reference["major"])?;
        Some(image["image"].as_str()?.to_owned())
    };
    of_catalogue().unwrap_or_else(|| image("18.1"))
}

/// The instances' pods, the one of serial 1 first.
pub(super) fn pods(api: &Api, cluster: &Value) -> Vec<Value> {
    let mut pods = api.of_cluster("Pod", cluster);
    pods.retain(|pod| pod["metadata"]["labels"]["cnpg.io/podRole"] == "instance");
    pods.sort_by_key(serial);
    pods.into_iter()
        .map(|pod| kinded(pod, "v1", "Pod"))
        .collect()
}

pub(super) fn claims_of(api: &Api, cluster: &Value) -> Vec<Value> {
    let claims = api.of_cluster("PersistentVolumeClaim", cluster).into_iter();
    claims
        .map(|claim| kinded(claim, "v1", "PersistentVolumeClaim"))
        .collect()
}

/// The number in an instance's name, which pods and claims have as an annotation.
pub(super) fn serial(object: &Value) -> usize {
    let serial = object["metadata"]["annotations"]["cnpg.io/nodeSerial"].as_str();
    serial.and_then(|serial| serial.parse().ok()).unwrap_or(0)
}

pub(super) fn is_primary(pod: &Value) -> bool {
    pod["metadata"]["labels"]["cnpg.io/instanceRole"] == "primary"
}

pub(super) fn is_ready(pod: &Value) -> bool {
    pod["status"]["containerStatuses"][0]["ready"] == true
}

/// Starts an instance: its claims, unless they are there, and its pod.
pub(super) fn begin(api: &Api, cluster: &Value, made: &Made<'_>, serial: usize, primary: &str) {
    for claim in claims::of_instance(made, serial) {
        api.create(claim, cluster);
    }
    let mut pod = instances::pod(made, serial);
    let role = instances::role(made.instance(serial) == primary);
    let labels = &mut pod["metadata"]["labels"];
    labels["cnpg.io/instanceRole"] = json!(role);
    labels["role"] = json!(role);
    if let Some(at) = restarted_at(cluster) {
        pod["metadata"]["annotations"][RESTARTED_AT] = json!(at);
    }
    api.create(pod, cluster);
}

const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

/// When a restart was asked for, of a cluster, or is done, of a pod (`ClusterRestartAnnotationName`).
pub(super) fn restarted_at(object: &Value) -> Option<&str> {
    object["metadata"]["annotations"][RESTARTED_AT].as_str()
}

/// Makes a pod ready or not, by its status.
pub(super) fn set_ready(api: &Api, mut pod: Value, ready: bool, at: &str) {
    if ready {
        for condition in pod["status"]["conditions"]
            .as_array_mut()
            .into_iter()
            .flatten()
        {
            condition["status"] = json!("True");
        }
        pod["status"]["containerStatuses"][0]["ready"] = json!(true);
    } else {
        instances::not_ready(&mut pod, at);
    }
    api.write_status(&pod);
}

/// Says in its labels whether it is the primary.
pub(super) fn set_role(api: &Api, pod: &Value, primary: bool) {
    let role = instances::role(primary);
    let labels = json!({ "cnpg.io/instanceRole": role, "role": role });
    api.merge(pod, &json!({ "metadata": { "labels": labels } }));
}
