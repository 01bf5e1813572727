//! What is backed up by Velero, what is not, and whether it could be restored: the tools of the `velero` plugin.
//!
//! Each tool is one file in `tools`; what several share stands in a file per noun. A tool reads or it changes, never both, and
//! what changes only proposes: a person decides. Objects are read field by field, as `row` has them, so that thousands of
//! backups take no more memory than one page of them. The facts are those of Velero's own types, version 1.18.

mod backup;
mod change;
mod cron;
mod duration;
mod generated;
mod judging;
mod kinds;
mod location;
mod manifest;
mod named;
mod obstacle;
mod pausing;
mod phase;
mod place;
mod prompt;
mod resources;
mod row;
mod run;
mod schedule;
mod selection;
mod settings;
mod source;
mod spec;
mod stuck;
mod telling;
mod tools;
mod volumes;
mod waiting;
mod yaml;

use bulkhead_plugin_sdk::{Plugin, Want, plugin};

/// Describes the plugin. Makes no host call.
pub fn describe() -> Plugin {
    Plugin::new(
        "velero",
        env!("CARGO_PKG_VERSION"),
        "Says what Velero has backed up and what it has not, and proposes backups, restores and schedules.",
    )
    .schemas(include_str!("../schemas.tsv"))
    .wants(Want::cluster(
        &["velero.io"],
        &["*"],
        &["get", "list", "watch"],
        "To look at backups, schedules, restores, locations and what moves the data of volumes.",
    ))
    .wants(Want::cluster(
        &[""],
        &["namespaces", "persistentvolumeclaims", "services"],
        &["get", "list"],
        "To find what no backup has, and what a restore would meet.",
    ))
    .wants(Want::cluster(
        &["apps", "batch"],
        &[
            "deployments",
            "statefulsets",
            "daemonsets",
            "replicasets",
            "controllerrevisions",
            "cronjobs",
        ],
        &["get", "list"],
        "To compare workloads with what a backup took in.",
    ))
    .wants(Want::cluster(
        &["storage.k8s.io"],
        &["storageclasses"],
        &["get", "list"],
        "To say whether restored claims would get volumes.",
    ))
    .wants(Want::cluster(
        &["velero.io"],
        &["backups", "restores", "schedules"],
        &["create"],
        "To propose backups, restores and schedules. Velero then acts with its own power, so each is shown to a person, who decides.",
    ))
    .wants(Want::cluster(
        &["velero.io"],
        &["schedules"],
        &["patch"],
        "To propose that a schedule is paused, or runs again.",
    ))
    .wants(Want::cluster(
        &["velero.io"],
        &["deletebackuprequests"],
        &["create"],
        "To propose that Velero deletes a backup with its data. Backups themselves are never deleted.",
    ))
    .wants(Want::cluster(
        &[""],
        &["configmaps"],
        &["use"],
        "To propose a backup by the template of a schedule that names resource policies. They are not read.",
    ))
    .tool(tools::get_status::tool())
    .tool(tools::list_backups::tool())
    .tool(tools::get_backup::tool())
    .tool(tools::list_schedules::tool())
    .tool(tools::list_restores::tool())
    .tool(tools::get_restore::tool())
    .tool(tools::list_volume_backups::tool())
    .tool(tools::list_locations::tool())
    .resource(resources::backups())
    .resource(resources::schedules())
    .template(resources::backup())
    .template(resources::schedule())
    .tool(tools::coverage::tool())
    .tool(tools::drift::tool())
    .tool(tools::assess_restore::tool())
    .tool(tools::generate_backup::tool())
    .tool(tools::generate_restore::tool())
    .tool(tools::generate_schedule::tool())
    .tool(tools::create_backup::tool())
    .tool(tools::create_restore::tool())
    .tool(tools::create_schedule::tool())
    .tool(tools::pause_schedule::tool())
    .tool(tools::unpause_schedule::tool())
    .tool(tools::delete_backup::tool())
    .prompt(prompt::prompt())
}

plugin!(describe);
