//! By what the cluster is backed up, the last good backup, and how far back a restore can go.

use super::View;
use crate::backup::Method;
use crate::concern::Weight;
use crate::window::{Window, store_of};
use bulkhead_plugin_sdk::{Failure, when};

/// Reads how far back a restore can go. For the backups of a plugin the status says nothing: then the Backup objects and the
/// plugin's ObjectStore are asked.
pub(super) fn read(view: &mut View<'_>) -> Result<Window, Failure> {
    let cluster = view.cluster;
    if !cluster.has_backup_plugin() {
        return Ok(Window::of_status(cluster));
    }
    // What the status holds may be of an object store that the plugin has taken the place of: nothing takes it out.
    let mut window = match cluster.backup_ways().as_slice() {
        [_] => Window::default(),
        _ => Window::of_status(cluster),
    };
    let mut known = true;
    let read = Window::of_backups(cluster).map(|of_backups| {
        window.last_good = window.last_good.max(of_backups.last_good);
        window.last_failed = window.last_failed.max(of_backups.last_failed);
    });
    known &= view.document.known("the Backup objects", read)?;
    if let Some(store) = store_of(cluster) {
        let read = Window::of_store(cluster.namespace(), &store).map(|of_store| {
            window.first = of_store.first.or(window.first);
            window.last_good = window.last_good.max(of_store.last_good);
            window.last_failed = window.last_failed.max(of_store.last_failed);
        });
        if let Err(Failure::NotFound(_)) = read {
            // Either its type or the object: with neither the plugin can take a backup.
            view.concerns.add(
                Weight::Soon,
                format!(
                    "there is no ObjectStore {}, which the plugin is to use",
                    store.name
                ),
                "have a person make it, or name the one that is meant in spec.plugins",
            );
            return Ok(window);
        }
        let what = format!(
            "how far back a restore can go, in ObjectStore {}",
            store.name
        );
        let is_known = view.document.known(&what, read)?;
        known &= is_known || window.last_good.is_some();
    }
    // What a list cannot know of a plugin's backups.
    if known && !cluster.is_hibernated() {
        view.concerns.last_good_backup(window.last_good, view.now);
    }
    Ok(window)
}

pub(super) fn say(view: &mut View<'_>, window: Window) {
    let (cluster, now, document) = (view.cluster, view.now, &mut view.document);
    let ways = cluster.backup_ways();
    document.section("backups");
    if ways.is_empty() {
        document.fact("by", "nothing: no backups are set up");
    }
    for way in &ways {
        let object = cluster.object();
        let whereto = match way {
            Method::ObjectStore => object
                .text("/spec/backup/barmanObjectStore/destinationPath")
                .to_owned(),
            Method::Snapshot => object
                .text("/spec/backup/volumeSnapshot/className")
                .to_owned(),
            Method::Plugin(_) => store_of(cluster)
                .map(|store| store.name)
                .unwrap_or_default(),
        };
        let deprecated = match way {
            Method::ObjectStore => {
                "; deprecated since CloudNativePG 1.26: the barman-cloud plugin takes its place"
            }
            Method::Snapshot | Method::Plugin(_) => "",
        };
        let whereto = if whereto.is_empty() {
            String::new()
        } else {
            format!(" ({whereto})")
        };
        document.fact("by", format!("{}{whereto}{deprecated}", way.words()));
    }
    document.fact("last good", when::at(now, window.last_good));
    let first = match window.first {
        None if cluster.has_backup_plugin() => "only the plugin knows it".to_owned(),
        first => when::at(now, first),
    };
    document.fact("first recoverability point", first);
    // What failed before the last good one is over.
    if window.last_failed > window.last_good {
        document.fact("last failed", when::at(now, window.last_failed));
    }
    document.fact(
        "kept for",
        cluster.object().text("/spec/backup/retentionPolicy"),
    );
    if let Some(archiving) = cluster.condition("ContinuousArchiving") {
        document.fact(
            "WAL archiving",
            match archiving.status {
                "True" => "works",
                "False" => archiving.message,
                other => other,
            },
        );
    }
}
