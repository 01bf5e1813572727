//! As whom to connect: the owner of the application's database, or a managed role.

use crate::cluster::Cluster;
use crate::role;
use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::names::Alike;

/// As whom to connect, and to which database. Empty is what was not named, where no application's database was made with the cluster.
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
        let other = role.filter(|role| *role != login.user);
        let owner = role::find(cluster, &login.user);
        if other.is_some() || owner.is_some() {
            let managed = Self::of_role(cluster, other.unwrap_or(&login.user))?;
            // In the list the owner has the password of its entry, where that has one.
            let is_kept = managed.secret.is_empty()
                && other.is_none()
                && owner.is_some_and(|owner| owner.entry.flag("/disablePassword") != Some(true));
            login = Self {
                database: login.database,
                secret: if is_kept {
                    login.secret
                } else {
                    managed.secret
                },
                ..managed
            };
        }
        if let Some(database) = database {
            database.clone_into(&mut login.database);
        }
        Ok(login)
    }

    fn of_application(cluster: &Cluster) -> Self {
        let user = role::application_owner(cluster);
        Self {
            database: role::application_database(cluster).to_owned(),
            user: user.to_owned(),
            secret: match user {
                "" => String::new(),
                _ => role::application_secret(cluster),
            },
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
