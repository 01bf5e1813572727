//! Why the operator would not carry out a change of a cluster now, though the API server takes it.

use crate::cluster::Cluster;

/// The annotation by which a person takes a cluster from the operator (`pkg/utils/labels_annotations.go`).
const RECONCILIATION: &str = "/metadata/annotations/cnpg.io~1reconciliationLoop";

/// Returns why nothing would come of a change of roles or databases now; none where nothing is known to stand in its way.
pub(crate) fn note(cluster: &Cluster) -> Option<&'static str> {
    if cluster.is_hibernated() {
        return Some("the cluster is hibernated: nothing is carried out until it is woken");
    }
    if cluster.is_wholly_fenced() {
        return Some(
            "all instances of the cluster are fenced: nothing is carried out until one is not",
        );
    }
    if cluster.object().text(RECONCILIATION) == "disabled" {
        return Some(
            "somebody has told the operator to leave this cluster alone (annotation cnpg.io/reconciliationLoop): nothing is carried \
             out until that is taken back",
        );
    }
    cluster.is_replica().then_some(
        "the cluster is a replica of another one and takes no writes: make this change at the one that it follows",
    )
}
