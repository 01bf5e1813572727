//! PostgreSQL on CloudNativePG: what clusters, roles, databases, backups and poolers are and do, and changes of them that a person
//! decides on. The tools of the `cnpg` plugin.
//!
//! What belongs together is a file in `tools`, with a file per tool below it; what several share stands in a file per noun. A tool
//! reads or it changes, never both, and what changes only proposes. No tool takes or gives a password: the host makes them, and they
//! stay in Secrets. The facts are those of the operator's own types and webhooks, version 1.28.

mod backup;
mod certificate;
mod claims;
mod cluster;
mod concern;
mod cron;
mod database;
mod format;
mod identifier;
mod image;
mod instances;
mod kinds;
mod named;
mod new_name;
mod parameters;
mod phase;
mod place;
mod pooler;
mod prompt;
mod quantity;
mod recovery;
mod resources;
mod role;
mod row;
mod schedule;
mod standstill;
mod storage_class;
mod telling;
mod tools;
mod waiting;
mod window;

use bulkhead_plugin_sdk::{Plugin, Want, plugin};

/// Describes the plugin. Makes no host call.
pub fn describe() -> Plugin {
    let plugin = Plugin::new(
        "cnpg",
        env!("CARGO_PKG_VERSION"),
        "Shows PostgreSQL clusters of CloudNativePG, and proposes changes of them.",
    )
    .schemas(include_str!("../schemas.tsv"))
    .wants(Want::cluster(
        &["postgresql.cnpg.io"],
        &["*"],
        &["get", "list", "watch"],
        "To look at clusters, databases, backups and poolers.",
    ))
    .wants(Want::cluster(
        &["barmancloud.cnpg.io"],
        &["objectstores"],
        &["get"],
        "To say how far back the backups of the barman-cloud plugin go.",
    ))
    .wants(Want::cluster(
        &[""],
        &["pods", "persistentvolumeclaims", "services"],
        &["get", "list"],
        "To say how the instances of a cluster are, and what storage they have.",
    ))
    .wants(Want::cluster(
        &[""],
        &["secrets"],
        &["get", "list"],
        "To say which Secrets of roles there are and which keys they have. Their values are not asked for.",
    ))
    .wants(Want::cluster(
        &[""],
        &["pods/log"],
        &["get"],
        "To sum up what PostgreSQL logs.",
    ))
    .wants(Want::cluster(
        &["storage.k8s.io"],
        &["storageclasses"],
        &["get", "list"],
        "To say whether volumes can grow.",
    ))
    .wants(Want::prometheus(
        "To say how the instances of a cluster fare: the operator's own metrics of them, and the kubelet's of their volumes.",
    ))
    .wants(Want::cluster(
        &["postgresql.cnpg.io"],
        &["clusters", "databases", "backups", "scheduledbackups", "poolers"],
        &["create", "patch", "delete"],
        "To propose clusters, databases, backups and poolers, and changes of them. Each is shown to a person, who decides.",
    ))
    .wants(Want::cluster(
        &["postgresql.cnpg.io"],
        &["clusters/status"],
        &["patch"],
        "To propose that another instance becomes the primary: the operator takes such a request in the status.",
    ))
    .wants(Want::cluster(
        &[""],
        &["secrets"],
        &["create", "patch", "delete", "use"],
        "To propose Secrets with passwords that the host makes, new values for them, their end with their role, and roles that name them.",
    ));
    let plugin = plugin
        .resource(resources::all())
        .template(resources::one())
        .prompt(prompt::review())
        .prompt(prompt::restore());
    tools::all().into_iter().fold(plugin, Plugin::tool)
}

plugin!(describe);
