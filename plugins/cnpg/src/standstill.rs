//! Why the operator would not carry out a change of a cluster now, though the API server takes it.

use crate::cluster::Cluster;

/// Returns why the operator would do nothing of any change; none where nothing is known to stand in its way.
pub(crate) fn of_operator(cluster: &Cluster) -> Option<&'static str> {
    if cluster.is_asked_to_hibernate() {
        return Some(
            "the cluster is hibernated, or asked to be: nothing is carried out until it is woken",
        );
    }
    cluster.is_left_alone().then_some(
        "somebody has told the operator to leave this cluster alone (annotation cnpg.io/reconciliationLoop): nothing is carried out until \
         that is taken back",
    )
}

/// The same of a change of roles or databases, which an instance carries out.
pub(crate) fn note(cluster: &Cluster) -> Option<&'static str> {
    if let Some(why) = of_operator(cluster) {
        return Some(why);
    }
    if cluster.is_wholly_fenced() {
        return Some(
            "all instances of the cluster are fenced: nothing is carried out until one is not",
        );
    }
    cluster.is_replica().then_some(
        "the cluster is a replica of another one and takes no writes: make this change at the one that it follows",
    )
}
