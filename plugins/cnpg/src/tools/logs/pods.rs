//! Which pods' logs are read: one by its name, or the instances of a cluster.

use crate::backup::checked_name;
use crate::cluster::Cluster;
use crate::kinds::{CLUSTER_LABEL, core};
use crate::row;
use bulkhead_plugin_sdk::arguments::Values;
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::{Failure, Place};

/// Of a label, in which it is asked for.
const LONGEST_NAME: usize = 63;

/// A pod to read.
pub(super) struct Pod {
    pub(super) name: String,
    /// Such as `primary, Running, 2 restarts`; empty where it was named and not looked at.
    pub(super) state: String,
    is_primary: bool,
}

/// Where a row has what is shown of a pod (labels: `labels_annotations.go`).
const PATHS: [&str; 4] = [
    "metadata.name",
    "metadata.labels['cnpg.io/instanceRole']",
    "status.phase",
    "status.containerStatuses[*].restartCount",
];

/// Chooses them by the arguments `cluster_name`, `instance` and `pod`.
///
/// # Errors
/// `Invalid` where they do not say which, `NotFound` where there are none, and as [`row::all`].
pub(super) fn choose(values: &Values, place: &Place) -> Result<Vec<Pod>, Failure> {
    let named = ["cluster_name", "pod", "instance"].map(|name| values.text(name));
    let (cluster, instance) = match named {
        [None, Some(pod), None] => {
            return Ok(vec![Pod {
                name: pod.to_owned(),
                state: String::new(),
                is_primary: false,
            }]);
        }
        [Some(cluster), None, instance] => (cluster, instance),
        [None, None, _] | [_, Some(_), _] => {
            return Err(Failure::invalid(
                "either `cluster_name`, with `instance` or without, or `pod` says whose logs to read",
            )
            .next_step("list_postgres_clusters shows the clusters"));
        }
    };
    checked_name("cluster_name", cluster, LONGEST_NAME)?;
    let pods = instances(place, cluster)?;
    if pods.is_empty() {
        return Err(none_there(place, cluster));
    }
    let Some(instance) = instance else {
        return Ok(pods);
    };
    let numbered = format!("{cluster}-{instance}");
    let names: Vec<_> = pods.iter().map(|pod| pod.name.clone()).collect();
    let is_it = |pod: &Pod| {
        pod.name == instance || pod.name == numbered || (instance == "primary" && pod.is_primary)
    };
    let chosen: Vec<_> = pods.into_iter().filter(is_it).collect();
    if chosen.is_empty() {
        let sentence = format!(
            "cluster `{cluster}` has no instance `{instance}` now; it has {}",
            listed(&names)
        );
        return Err(
            Failure::not_found(sentence).next_step("name one of them, its number, or `primary`")
        );
    }
    Ok(chosen)
}

fn instances(place: &Place, cluster: &str) -> Result<Vec<Pod>, Failure> {
    let query = place.query(core("pods")).label_selector(format!(
        "{CLUSTER_LABEL}={cluster},cnpg.io/podRole=instance"
    ));
    let rows = row::all(&query, &PATHS)?;
    let pods = rows.into_iter().map(|row| {
        let role = row.text(1);
        let counts = row.value(3).as_array().into_iter().flatten();
        let restarts: u64 = counts.filter_map(serde_json::Value::as_u64).sum();
        let restarts = match restarts {
            0 => String::new(),
            1 => "1 restart".to_owned(),
            several => format!("{several} restarts"),
        };
        let state = [role, row.text(2), &restarts];
        let state: Vec<_> = state.into_iter().filter(|word| !word.is_empty()).collect();
        Pod {
            name: row.text(0).to_owned(),
            state: state.join(", "),
            is_primary: role == "primary",
        }
    });
    Ok(pods.collect())
}

/// Why a cluster has no pods: there is none of that name, or it has none now.
fn none_there(place: &Place, cluster: &str) -> Failure {
    match Cluster::find(place, cluster) {
        Ok(found) if found.is_asked_to_hibernate() => Failure::not_found(format!(
            "cluster `{cluster}` {} hibernates: it has no pods, so no logs",
            place.words
        ))
        .next_step("tell the user"),
        Ok(_) => Failure::not_found(format!(
            "cluster `{cluster}` {} has no pod of an instance now",
            place.words
        ))
        .next_step("get_cluster_status says why"),
        Err(missing @ Failure::NotFound(_)) => missing,
        // Whether there is such a cluster cannot be told then.
        Err(_) => Failure::not_found(format!(
            "there is no pod of an instance of cluster `{cluster}` {}",
            place.words
        ))
        .next_step("list_postgres_clusters shows the clusters"),
    }
}
