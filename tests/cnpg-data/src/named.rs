//! Where each cluster stands, and what is odd about it.

/// A namespace and a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// Of the object.
    pub namespace: &'static str,
    /// Of the object.
    pub name: &'static str,
}

impl Named {
    const fn new(namespace: &'static str, name: &'static str) -> Self {
        Self { namespace, name }
    }
}

/// The namespaces that have clusters.
pub const NAMESPACES: [&str; 3] = ["shop", "till", "lab"];

/// Healthy: three instances with a volume for WAL each, PostgreSQL 17.7, in-tree backups each night (`orders-daily`), managed roles
/// `orders_app`, `reporting` and `old_etl` (absent), the database object `orders-audit`, the pooler `orders-pooler-rw`.
pub const ORDERS: Named = Named::new("shop", "orders");
/// Failing over from `carts-1` to `carts-2`.
pub const CARTS: Named = Named::new("shop", "carts");
/// No good backup for three days: the nightly ones have failed since, and WAL archiving fails.
pub const CATALOG: Named = Named::new("shop", "catalog");
/// No disk space left on the primary's volume of 10Gi, of a storage class that can expand.
pub const MEDIA: Named = Named::new("shop", "media");
/// The server's certificate, which somebody else provides, expires in five days. Backups by the barman-cloud plugin.
pub const LEDGER: Named = Named::new("till", "ledger");
/// Hibernated: no pods; the phase still says healthy.
pub const VAULT: Named = Named::new("till", "vault");
/// Fenced, all instances of it: the pods run and are not ready; the phase still says healthy.
pub const PAYMENTS: Named = Named::new("till", "payments");
/// Upgrading from 17.6 to 17.7: the first replica is on the new image and not ready yet.
pub const POS: Named = Named::new("till", "pos");
/// One instance, no backups, PostgreSQL 16.
pub const SCRATCH: Named = Named::new("lab", "scratch");
/// Claims without a pod: two that dangle, and one that cannot be used since its WAL volume is gone.
pub const SANDBOX: Named = Named::new("lab", "sandbox");
/// The database object `reports-quarterly` names an owner that no role is; the managed role `auditor` cannot be reconciled.
pub const REPORTS: Named = Named::new("lab", "reports");
/// Healthy, its image from the ImageCatalog `postgresql` of its namespace, backups by volume snapshots.
pub const METRICS: Named = Named::new("lab", "metrics");

/// Every cluster, by namespace and then name, as the API lists them.
pub const ALL: [Named; 12] = [
    METRICS, REPORTS, SANDBOX, SCRATCH, CARTS, CATALOG, MEDIA, ORDERS, LEDGER, PAYMENTS, POS, VAULT,
];

/// The pooler of [`ORDERS`].
pub const ORDERS_POOLER: Named = Named::new("shop", "orders-pooler-rw");
/// A pooler whose cluster, `legacy`, is gone.
pub const LEGACY_POOLER: Named = Named::new("lab", "legacy-pooler-ro");
/// A Secret of the name of a role's of [`SCRATCH`], which belongs to something else: it has none of the labels.
pub const LEGACY_ROLE_SECRET: Named = Named::new("lab", "cnpg-scratch-user-importer");

/// The storage class that cannot expand; the one of the other clusters is `fast`, which can.
pub const NOT_EXPANDABLE: &str = "slow";
