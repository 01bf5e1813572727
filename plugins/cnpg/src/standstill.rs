//! Why a change would not be carried out now, though the API server takes it.
//!
//! The operator carries out what is changed of a cluster, but for what the instances read themselves: parameters each, roles and
//! databases the primary. They do not look at what the operator alone is told.

use crate::cluster::{Cluster, Hibernation};
use crate::phase::{self, HEALTHY, NO_SPACE};

const GOING: &str = "the cluster is being deleted: nothing is carried out any more";

/// Returns why the operator would do nothing of a change, or only for a while; none where nothing is known to stand in its way.
pub(crate) fn of_operator(cluster: &Cluster) -> Option<&'static str> {
    if cluster.is_going() {
        return Some(GOING);
    }
    left_alone(cluster)
        .or_else(|| hibernated(cluster))
        .or_else(|| asked(cluster))
}

/// Returns why the operator does nothing at all, whatever the cluster is asked.
pub(crate) fn left_alone(cluster: &Cluster) -> Option<&'static str> {
    cluster.is_left_alone().then_some(
        "somebody has told the operator to leave this cluster alone (annotation cnpg.io/reconciliationLoop): nothing is carried out until \
         that is taken back",
    )
}

/// Says where the operator, whose work a change is, will not do it at once.
pub(crate) fn later(cluster: &Cluster) -> Option<String> {
    let phase = phase::shown(cluster.phase());
    match (of_operator(cluster), phase) {
        (_, NO_SPACE) => Some(format!(
            "the cluster's phase is `{NO_SPACE}`, in which the operator carries out nothing: a person first sets a larger request in each \
             claim that is full"
        )),
        (Some(why), _) => Some(why.to_owned()),
        (None, HEALTHY) => None,
        (None, _) => Some(format!(
            "the cluster's phase is `{phase}`: the operator does it when it gets to it"
        )),
    }
}

/// Says where new parameters, which each instance takes from the spec, do not count at once, or not all of them
/// (`internal/management/controller/instance_controller.go`). Only a rolling restart is the operator's.
pub(crate) fn of_parameters(cluster: &Cluster) -> Option<String> {
    let why = "all instances of the cluster are fenced: nothing is carried out until one is not";
    let fenced = || cluster.is_wholly_fenced().then_some(why);
    let stopped = stopped(cluster).or_else(fenced).or_else(|| asked(cluster));
    match (stopped, phase::shown(cluster.phase())) {
        (Some(why), _) => Some(why.to_owned()),
        (None, NO_SPACE) => later(cluster),
        (None, HEALTHY) if !cluster.is_left_alone() => None,
        _ => Some(
            "the operator may not act now: instances that run reload all the same, restarts may wait"
                .to_owned(),
        ),
    }
}

/// Returns why the primary would do nothing of a change of roles or databases.
pub(crate) fn of_primary(cluster: &Cluster) -> Option<&'static str> {
    let fenced = || {
        let why = "its primary is fenced: nothing is carried out until it is not";
        cluster.is_fenced(cluster.primary()).then_some(why)
    };
    let replica = || {
        cluster.is_replica().then_some(
            "the cluster is a replica of another one and takes no writes: make this change at the one that it follows",
        )
    };
    stopped(cluster).or_else(fenced).or_else(replica)
}

/// What is to be said of a change of roles or databases.
pub(crate) fn note(cluster: &Cluster) -> Option<&'static str> {
    of_primary(cluster).or_else(|| asked(cluster))
}

/// What is to be said of a new password. The operator tells the instances of it, and lets them read the Secrets that roles name
/// (`managedRolesSecrets`, `pkg/specs/roles.go`); without that they carry out no change of roles.
pub(crate) fn of_password(cluster: &Cluster) -> Option<&'static str> {
    cluster.is_left_alone().then_some(
        "the operator is told to leave this cluster alone: a new password may not reach PostgreSQL \
         until that is taken back, and may hold up all roles",
    )
}

fn stopped(cluster: &Cluster) -> Option<&'static str> {
    let going = cluster.is_going().then_some(GOING);
    going.or_else(|| hibernated(cluster))
}

fn hibernated(cluster: &Cluster) -> Option<&'static str> {
    let why = "the cluster is hibernated: nothing is carried out until it is woken";
    cluster.is_hibernated().then_some(why)
}

/// The loop goes on while the cluster has no condition of hibernation, and it gets one in the healthy phase
/// (`pkg/reconciler/hibernation/reconciler.go`, `status.go`).
fn asked(cluster: &Cluster) -> Option<&'static str> {
    (cluster.hibernation() == Hibernation::Asked).then_some(
        "the cluster is asked to hibernate: still carried out until the phase is healthy, after that only when it is woken",
    )
}
