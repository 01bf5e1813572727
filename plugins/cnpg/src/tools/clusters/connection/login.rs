//! As whom to connect: the owner of the application's database, or a managed role.
//!
//! The names are those of the bootstrap (`GetApplicationDatabaseName`, `GetApplicationDatabaseOwner` and `GetApplicationSecretName`
//! of `api/v1/cluster_funcs.go`), with the defaults of the operator's webhook where nothing else stands there.

use crate::cluster::Cluster;
use bulkhead_plugin_sdk::names::Alike;
use bulkhead_plugin_sdk::{Failure, Object};

/// As in `cluster_defaults.go`.
const DEFAULT: &str = "app";

/// As whom to connect, and to which database. What is not known is empty.
pub(super) struct Login {
    pub(super) database: String,
    pub(super) user: String,
    /// With the password.
    pub(super) secret: String,
    pub(super) can_log_in: bool,
}

impl Login {
    /// Chooses what the caller named, else the application's.
    ///
    /// # Errors
    /// `NotFound` for a role that is not managed, `Conflict` for one that is to be absent.
    pub(super) fn choose(
        cluster: &Cluster,
        role: Option<&str>,
        database: Option<&str>,
    ) -> Result<Self, Failure> {
        let mut login = Self::of_application(cluster);
        if let Some(role) = role.filter(|role| *role != login.user) {
            login = Self {
                database: login.database,
                ..Self::of_role(cluster, role)?
            };
        }
        if let Some(database) = database {
            database.clone_into(&mut login.database);
        }
        Ok(login)
    }

    fn of_application(cluster: &Cluster) -> Self {
        let bootstrap = cluster.object().part("/spec/bootstrap");
        let by = ["/recovery", "/pg_basebackup", "/initdb"];
        let by = by
            .iter()
            .map(|by| bootstrap.part(by))
            .find(|by| !by.0.is_null());
        let field = |field: &str| by.map_or("", |by: Object<'_>| by.text(field));
        let database = match field("/database") {
            "" => DEFAULT,
            database => database,
        };
        let user = match field("/owner") {
            "" => database,
            user => user,
        };
        let secret = match field("/secret/name") {
            "" => format!("{}-app", cluster.name()),
            secret => secret.to_owned(),
        };
        Self {
            database: database.to_owned(),
            user: user.to_owned(),
            secret,
            can_log_in: true,
        }
    }

    fn of_role(cluster: &Cluster, name: &str) -> Result<Self, Failure> {
        let mut roles = cluster.object().items("/spec/managed/roles");
        let Some(role) = roles.find(|role| role.text("/name") == name) else {
            let mut alike = Alike::to(name);
            for role in cluster.object().items("/spec/managed/roles") {
                alike.add(role.text("/name"));
            }
            let alike = match alike.names() {
                names if names.is_empty() => String::new(),
                names => format!("; there is {}", names.join(", ")),
            };
            let what = format!(
                "cluster `{}` manages no role `{name}`{alike}",
                cluster.name()
            );
            return Err(Failure::not_found(what).next_step("list_postgres_roles shows them"));
        };
        if role.text("/ensure") == "absent" {
            let what = format!(
                "role `{name}` of cluster `{}` is to be absent",
                cluster.name()
            );
            return Err(Failure::Conflict(what).next_step("list_postgres_roles shows the others"));
        }
        Ok(Self {
            database: String::new(),
            user: name.to_owned(),
            secret: role.text("/passwordSecret/name").to_owned(),
            can_log_in: role.flag("/login") == Some(true),
        })
    }
}
