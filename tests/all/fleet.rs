//! The plugin `velero` as a component in a real host, on the data of a Velero that somebody runs: as shipped, in the simcluster.

mod answers;
mod bounds;
mod denied;
mod offers;
mod places;
mod proposals;

use std::{fs, time::SystemTime};

use bulkhead_simcluster::Cluster;
use bulkhead_tests::{
    built,
    host_config::{HostConfig, cluster_table},
};
use bulkhead_velero_data::Fleet;
use serde_json::json;

pub(crate) use self::answers::calls;
use crate::{session::Session, sim::Sim};

/// Any one: the data set is the same for it.
pub(crate) const SEED: u64 = 7;

/// The data set as it stands now: the host's clock is the real one.
pub(crate) fn fleet() -> Fleet {
    Fleet::new(SEED, SystemTime::now())
}

/// `[plugins.velero]` as it is shipped, with the built component.
pub(crate) fn shipped() -> String {
    let text = fs::read_to_string(built::workspace().join("config.toml")).unwrap();
    let (_, rest) = text.split_once("\n[plugins.velero]\n").unwrap();
    let component = json!(built::plugin("velero")).to_string();
    let section = rest.replace("\"plugins/velero.wasm\"", &component);
    assert_ne!(rest, section);
    format!("[plugins.velero]\n{section}\n")
}

/// The same with all that is a comment there: every grant of changes, and the settings that are examples.
pub(crate) fn shipped_with_examples() -> String {
    shipped().replace("\n#> ", "\n")
}

/// The data set in a simcluster.
fn sim() -> Sim {
    sim_of(&fleet())
}

fn sim_of(fleet: &Fleet) -> Sim {
    Sim::start(Cluster::from_manifests(&fleet.manifests()).unwrap())
}

/// The plugin as it is shipped, on a cluster.
fn config(sim: &Sim) -> HostConfig {
    let cluster = cluster_table(&sim.kubeconfig()).unwrap();
    HostConfig::with_text(&format!("{cluster}{}", shipped())).unwrap()
}

fn session(sim: &Sim) -> Session {
    Session::start(config(sim))
}
