//! Poolers: PgBouncer in front of a cluster, with a Service of the pooler's own name (`api/v1/pooler_types.go`).

mod names;
mod parameters;

pub(crate) use names::check as check_name;
pub(crate) use parameters::check as check_parameters;

use crate::cluster::Cluster;
use crate::kinds::cnpg;
use crate::{named, row};
use bulkhead_plugin_sdk::kubernetes::ObjectRef;
use bulkhead_plugin_sdk::{Failure, Object, Place, Row};
use serde_json::Value;

/// How many connections PgBouncer opens per database and role, where the pooler says nothing.
const POOL_SIZE: u64 = 20;

/// How many connections PostgreSQL takes where the cluster says nothing.
const MAX_CONNECTIONS: u64 = 100;

const PATHS: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "spec.cluster.name",
    "spec.type",
    "spec.instances",
    "status.instances",
    "spec.pgbouncer",
    "metadata.deletionTimestamp",
    "spec.template.spec",
];

/// One Pooler.
pub(crate) struct Pooler(Row);

impl Pooler {
    /// Reads the poolers there, and shows each to `visit`.
    ///
    /// # Errors
    /// As [`row::each`], and what `visit` fails with.
    pub(crate) fn each(
        place: &Place,
        visit: &mut dyn FnMut(Self) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let query = place.query(cnpg("poolers"));
        row::each(&query, &PATHS, &mut |row| visit(Self(row)))
    }

    /// Reads one by its name.
    ///
    /// # Errors
    /// As [`named::find`].
    pub(crate) fn find(place: &Place, name: &str) -> Result<Self, Failure> {
        let found = named::find(cnpg("poolers"), place, name, "list_postgres_poolers")?;
        let pointers = PATHS.map(|path| format!("/{}", path.replace('.', "/")));
        let values = pointers.map(|pointer| Object(&found).part(&pointer).0.clone());
        Ok(Self(Row(values.into())))
    }

    pub(crate) fn name(&self) -> &str {
        self.0.text(0)
    }

    pub(crate) fn namespace(&self) -> &str {
        self.0.text(1)
    }

    pub(crate) fn cluster(&self) -> &str {
        self.0.text(2)
    }

    /// Which service it leads to; the CRD's default where nothing is said.
    pub(crate) fn kind(&self) -> &str {
        or(self.0.text(3), "rw")
    }

    /// How many are to be; one where nothing is said.
    pub(crate) fn wanted(&self) -> u64 {
        self.0.value(4).as_u64().unwrap_or(1)
    }

    /// How many pods there are, ready or not.
    pub(crate) fn pods(&self) -> u64 {
        self.0.number(5)
    }

    pub(crate) fn mode(&self) -> &str {
        or(self.pgbouncer().text("/poolMode"), "session")
    }

    /// Whether clients wait and nothing reaches PostgreSQL.
    pub(crate) fn is_paused(&self) -> bool {
        self.pgbouncer().flag("/paused") == Some(true)
    }

    pub(crate) fn is_deleting(&self) -> bool {
        !self.0.value(7).is_null()
    }

    /// What was set by hand and not by a tool: how it logs in, and its pods.
    pub(crate) fn by_hand(&self) -> Vec<&'static str> {
        let mut by_hand = Vec::new();
        let secrets = [
            "/authQuerySecret/name",
            "/serverTLSSecret/name",
            "/authQuery",
        ];
        if secrets
            .iter()
            .any(|at| !self.pgbouncer().text(at).is_empty())
        {
            by_hand.push("its own login (the operator sets up none)");
        }
        if !self.pgbouncer().texts("/pg_hba").is_empty() {
            by_hand.push("its own pg_hba");
        }
        if !self.0.value(8).is_null() {
            by_hand.push("its own pods");
        }
        by_hand
    }

    pub(crate) fn parameters(&self) -> Vec<String> {
        self.pgbouncer().pairs("/parameters")
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let parameters = self.pgbouncer().part("/parameters");
        parameters.0.get(name).and_then(Value::as_str)
    }

    fn pgbouncer(&self) -> Object<'_> {
        Object(self.0.value(6))
    }
}

/// Names a Pooler to the host.
pub(crate) fn target(place: &Place, name: &str) -> ObjectRef {
    ObjectRef::in_namespace(cnpg("poolers"), &place.namespace, name)
}

/// Says where so many instances may open more connections than PostgreSQL takes; none where they may not.
pub(crate) fn too_many(
    cluster: &Cluster,
    instances: u64,
    pool_size: Option<&str>,
) -> Option<String> {
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let each = pool_size.and_then(number).unwrap_or(POOL_SIZE);
    let max = cluster
        .object()
        .text("/spec/postgresql/parameters/max_connections");
    let max = number(max).unwrap_or(MAX_CONNECTIONS);
    let all = instances.saturating_mul(each);
    (all > max).then(|| {
        format!(
            "{instances} instances with {each} connections each per database and role are {all}, more than the {max} that PostgreSQL \
             takes (max_connections): clients may wait or fail"
        )
    })
}

fn or<'a>(text: &'a str, default: &'a str) -> &'a str {
    if text.is_empty() { default } else { text }
}
