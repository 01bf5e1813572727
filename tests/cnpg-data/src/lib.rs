//! PostgreSQL clusters that CloudNativePG runs, as the objects of a Kubernetes cluster: what the tests of the `cnpg` plugin look at.
//!
//! Objects are those that the operator 1.28 writes, field for field: `spec` after its defaulting webhook (`api/v1/cluster_defaults.go`)
//! and the defaults of the CRDs, `status` as `internal/controller` and the instance manager leave it. The same time gives the same
//! objects. Times stand relative to it. Nothing here knows the plugin.
//!
//! For the plugins' test kit, or a simcluster:
//!
//! ```
//! let fleet = bulkhead_cnpg_data::Fleet::new(std::time::SystemTime::now());
//! let manifests = fleet.manifests(); // Kit::from_manifests(&manifests), or simcluster::Cluster::from_manifests(&manifests)
//! for log in fleet.logs() {
//!     // cluster.set_log(log.namespace, &log.pod, log.container, log.previous, &log.text)
//! }
//! # assert!(manifests.contains("kind: CustomResourceDefinition"));
//! ```
//!
//! For a real API server: apply [`Fleet::creations`] in their order, and then [`Fleet::statuses`] by the status subresource; both take
//! what gives the uid of an object that is there, since the server refuses an owner without one.
//!
//! Nothing runs by itself. [`Operator`] plays the operator where a test wants clusters, backups, databases and poolers to come to what
//! their specs say; see there for what it does.
//!
//! Secrets hold text with [`SECRET_MARK`] in it wherever the operator would put a password or a key, so that a test can look for it.

mod backups;
mod claims;
mod clock;
mod cluster;
mod crds;
mod databases;
mod fleet;
mod installation;
mod instances;
mod logs;
mod meta;
mod named;
mod operator;
mod poolers;
mod secrets;
mod services;
mod spec;
mod states;
mod status;

pub use crds::crds_minimal;
pub use fleet::{Fleet, Uids};
pub use logs::Log;
pub use meta::SECRET_MARK;
pub use named::{
    ALL, CARTS, CATALOG, LEDGER, LEGACY_POOLER, LEGACY_ROLE_SECRET, MEDIA, METRICS, NAMESPACES,
    NOT_EXPANDABLE, Named, ORDERS, ORDERS_POOLER, PAYMENTS, POS, REPORTS, SANDBOX, SCRATCH, VAULT,
};
pub use operator::{AGENT, Operator};

#[cfg(test)]
mod tests;
