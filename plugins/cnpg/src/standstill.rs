//! Why the operator would not carry out a change of a cluster now, though the API server takes it.

use crate::cluster::Cluster;
use bulkhead_plugin_sdk::Object;

/// Returns why nothing would come of a change of roles or databases now; none where nothing is known to stand in its way.
pub(crate) fn note(cluster: &Cluster) -> Option<&'static str> {
    let object = cluster.object();
    let annotation = |name: &str| {
        let annotations = object.part("/metadata/annotations");
        Object(annotations.0.get(name)?).0.as_str()
    };
    // `pkg/utils/labels_annotations.go` and `pkg/utils/reconciliation.go`.
    if annotation("cnpg.io/hibernation") == Some("on") {
        return Some("the cluster is hibernated: nothing is carried out until it is woken");
    }
    if annotation("cnpg.io/reconciliationLoop") == Some("disabled") {
        return Some(
            "somebody has told the operator to leave this cluster alone (annotation cnpg.io/reconciliationLoop): nothing is carried out until that is taken back",
        );
    }
    // `IsReplica`, `api/v1/cluster_funcs.go`: without a word in `enabled` the cluster that `primary` names is the one that writes.
    let replica = object.part("/spec/replica");
    let is_replica = replica.flag("/enabled").unwrap_or_else(|| {
        let own = match replica.text("/self") {
            "" => object.text("/metadata/name"),
            own => own,
        };
        !replica.text("/primary").is_empty() && replica.text("/primary") != own
    });
    is_replica.then_some(
        "the cluster is a replica of another one, which does not write: change the one that it follows",
    )
}
