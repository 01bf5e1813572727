//! What a backup or a restore takes in, in words.
//!
//! A schedule's template is a backup's `spec` too. Absent, empty and `*` mean all, and are all said so (`pkg/util/collections` of
//! 1.18); of what is left to the server that is said.

use crate::selection::Selection;
use bulkhead_plugin_sdk::Object;
use bulkhead_plugin_sdk::document::{Document, listed};
use serde_json::Value;

/// The newer lists of resources. Where one of the older filters is set, these are not looked at (`UseOldResourceFilters` of
/// `pkg/util/collections`).
const NEWER_LISTS: [&str; 4] = [
    "/includedClusterScopedResources",
    "/excludedClusterScopedResources",
    "/includedNamespaceScopedResources",
    "/excludedNamespaceScopedResources",
];

/// The hooks of a backup: their lists, and when each runs.
pub(crate) const OF_BACKUP: [(&str, &str); 2] = [("/pre", "before"), ("/post", "after")];

/// The objects of the cluster that come with every namespace where no list of resources says which: of a restore all that the backup has
/// (`getOrderedResourceCollection` in `pkg/restore/restore.go` of 1.18).
pub(crate) const BY_RESTORE: &str = "all";

/// The same of a backup. Velero writes a list of its own since it leaves out snapshots that are not its own, and with any list only
/// those come that are named (`prepareBackupRequest` in `pkg/controller/backup_controller.go`, `ScopeIncludesExcludes` in
/// `pkg/util/collections` of 1.18).
pub(crate) const BY_BACKUP: &str = "all before Velero 1.17, then those that the rest refers to";

/// Adds the facts that a backup's and a restore's `spec` have in common: which objects. `of_cluster` is [`BY_RESTORE`] or
/// [`BY_BACKUP`].
pub(crate) fn takes_in(document: &mut Document, spec: Object<'_>, of_cluster: &'static str) {
    document.fact("namespaces", all_or(&spec.texts("/includedNamespaces")));
    let without = listed(&spec.texts("/excludedNamespaces"));
    document.fact("without namespaces", without);
    let older = spec.flag("/includeClusterResources").is_some()
        || !spec.texts("/includedResources").is_empty()
        || !spec.texts("/excludedResources").is_empty();
    let newer = NEWER_LISTS.iter().any(|list| !spec.texts(list).is_empty());
    if newer && !older {
        let named = spec.texts("/includedNamespaceScopedResources");
        document.fact("resources in namespaces", all_or(&named));
        let without = spec.texts("/excludedNamespaceScopedResources");
        document.fact("without resources in namespaces", listed(&without));
        let named = spec.texts("/includedClusterScopedResources");
        let named = match named.is_empty() {
            true => "those that the rest refers to".to_owned(),
            false => all_or(&named),
        };
        document.fact("resources of the cluster", named);
        let without = spec.texts("/excludedClusterScopedResources");
        document.fact("without resources of the cluster", listed(&without));
    } else {
        document.fact("resources", all_or(&spec.texts("/includedResources")));
        let without = listed(&spec.texts("/excludedResources"));
        document.fact("without resources", without);
        let is_whole = Selection::of(spec.0).takes_every_namespace();
        let of_cluster = match spec.flag("/includeClusterResources") {
            // With the older lists all come, as `GlobalIncludesExcludes` has it.
            None if is_whole && older => "all",
            None if is_whole => of_cluster,
            None => "those that the rest refers to",
            Some(true) => "all",
            Some(false) => "none",
        };
        document.fact("resources of the cluster", of_cluster);
    }
    document.fact("labels", labels(spec));
    let policy = spec.text("/resourcePolicy/name");
    if !policy.is_empty() {
        document.fact("resource policy", format!("configmap {policy}"));
    }
}

/// Adds how a backup keeps the data of volumes.
pub(crate) fn keeps(document: &mut Document, spec: Object<'_>) {
    let snapshots = match spec.flag("/snapshotVolumes") {
        None => "where Velero can",
        Some(true) => "yes",
        Some(false) => "no",
    };
    document.fact("snapshots", snapshots);
    let locations = listed(&spec.texts("/volumeSnapshotLocations"));
    document.fact("snapshot locations", locations);
    let moved = match spec.flag("/snapshotMoveData") {
        None => "as the server is set",
        Some(true) => "yes",
        Some(false) => "no",
    };
    document.fact("snapshots are moved to the storage location", moved);
    // The older name, where it is true, stands for the newer one (`pkg/controller/backup_controller.go` of 1.18).
    let older = spec.flag("/defaultVolumesToRestic").filter(|all| *all);
    let of_files = match older.or(spec.flag("/defaultVolumesToFsBackup")) {
        None => "as the server is set",
        Some(true) => "all volumes of pods, but those that an annotation excludes",
        Some(false) => "only volumes that the annotation backup.velero.io/backup-volumes names",
    };
    document.fact("file system backup", of_files);
}

/// Adds the hooks: what runs in which pods, and when. `when` names the lists and says what each of them is.
pub(crate) fn hooks(document: &mut Document, spec: Object<'_>, when: &[(&str, &str)]) {
    for hook in spec.items("/hooks/resources") {
        let mut words = Vec::new();
        for (list, when) in when {
            words.extend(hook.items(list).map(|one| format!("{when} {}", runs(one))));
        }
        words.push(format!(
            "in pods of {}",
            all_or(&hook.texts("/includedNamespaces"))
        ));
        let labels = selector(hook.part("/labelSelector"));
        if !labels.is_empty() {
            words.push(format!("with {labels}"));
        }
        document.fact(hook.text("/name"), words.join("; "));
    }
}

/// What a hook runs: a command in a container, or containers of its own before the others.
fn runs(hook: Object<'_>) -> String {
    let containers: Vec<_> = hook
        .items("/init/initContainers")
        .map(|container| container.text("/name").to_owned())
        .collect();
    if !containers.is_empty() {
        return format!("init containers {}", listed(&containers));
    }
    let exec = hook.part("/exec");
    let container = match exec.text("/container") {
        "" => "the first container",
        name => name,
    };
    let mut words = format!("`{}` in {container}", exec.texts("/command").join(" "));
    for (place, says) in [
        ("/onError", ", on error "),
        ("/timeout", ", timeout "),
        ("/execTimeout", ", timeout "),
    ] {
        let value = exec.text(place);
        if !value.is_empty() {
            words.push_str(says);
            words.push_str(value);
        }
    }
    words
}

/// Returns the texts of a list that means all where it is absent, empty or has `*`.
pub(crate) fn all_or(texts: &[String]) -> String {
    if texts.is_empty() || texts.iter().any(|text| text == "*") {
        return "all".to_owned();
    }
    listed(texts)
}

/// Returns into which namespaces a restore puts others, such as `shop into shop-copy`; empty where it does not.
pub(crate) fn mapping(map: &Value) -> String {
    let pairs = Object(map).pairs("");
    let pairs: Vec<_> = pairs
        .iter()
        .map(|pair| pair.replace('=', " into "))
        .collect();
    listed(&pairs)
}

/// Both kinds of label selectors. One forbids the other (`pkg/controller/backup_controller.go` of 1.18).
fn labels(spec: Object<'_>) -> String {
    let one = selector(spec.part("/labelSelector"));
    let mut any: Vec<_> = spec.items("/orLabelSelectors").map(selector).collect();
    if !one.is_empty() {
        any.push(one);
    }
    match any.is_empty() {
        true => "all".to_owned(),
        false => any.join(" or "),
    }
}

/// Returns a label selector as `kubectl -l` takes it; empty where it selects all.
pub(crate) fn selector(selector: Object<'_>) -> String {
    let mut terms = selector.pairs("/matchLabels");
    for term in selector.items("/matchExpressions") {
        let key = term.text("/key");
        let values = term.texts("/values").join(",");
        terms.push(match term.text("/operator") {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "DoesNotExist" => format!("!{key}"),
            _ => key.to_owned(),
        });
    }
    terms.join(",")
}

#[cfg(test)]
mod tests {
    use super::{BY_BACKUP, BY_RESTORE, all_or, labels, runs, takes_in};
    use bulkhead_plugin_sdk::{Document, Object, Place};
    use serde_json::json;

    #[test]
    fn with_every_namespace_objects_of_the_cluster_come_too() {
        let referred = "those that the rest refers to";
        for (spec, of_restore, of_backup) in [
            (json!({}), "all", BY_BACKUP),
            (json!({ "excludedResources": ["events"] }), "all", "all"),
            (
                json!({ "includedNamespaces": ["*"], "includeClusterResources": false }),
                "none",
                "none",
            ),
            (
                json!({ "excludedNamespaces": ["till"] }),
                referred,
                referred,
            ),
            (
                json!({ "includedNamespaces": ["shop"] }),
                referred,
                referred,
            ),
            // What 1.18 makes of the first one.
            (
                json!({ "includedNamespaces": ["*"], "excludedClusterScopedResources": ["volumesnapshotcontents.snapshot.storage.k8s.io"] }),
                referred,
                referred,
            ),
        ] {
            for (of_cluster, said) in [(BY_RESTORE, of_restore), (BY_BACKUP, of_backup)] {
                let place = Place {
                    namespace: "velero".to_owned(),
                    words: "in namespace velero".to_owned(),
                };
                let mut document = Document::new("backups".to_owned(), "a", &place);
                document.section("takes in");
                takes_in(&mut document, Object(&spec), of_cluster);
                let text = document.in_words().text;
                let line = format!("resources of the cluster: {said}\n");
                assert!(text.contains(&line), "{spec}: {text}");
            }
        }
    }

    #[test]
    fn absent_empty_and_a_star_are_all() {
        let texts = |texts: &[&str]| {
            let texts: Vec<_> = texts.iter().map(|text| (*text).to_owned()).collect();
            all_or(&texts)
        };
        assert_eq!(texts(&[]), "all");
        assert_eq!(texts(&["*"]), "all");
        assert_eq!(texts(&["shop", "*"]), "all");
        assert_eq!(texts(&["shop", "web"]), "shop, web");
    }

    #[test]
    fn label_selectors_read_as_kubectl_takes_them() {
        let cases = [
            (json!({}), "all"),
            (json!({ "labelSelector": {} }), "all"),
            (
                json!({ "labelSelector": { "matchLabels": { "app": "web", "tier": "gold" } } }),
                "app=web,tier=gold",
            ),
            (
                json!({ "labelSelector": { "matchExpressions": [
                    { "key": "app", "operator": "In", "values": ["a", "b"] },
                    { "key": "env", "operator": "NotIn", "values": ["dev"] },
                    { "key": "keep", "operator": "Exists" },
                    { "key": "tmp", "operator": "DoesNotExist" },
                ] } }),
                "app in (a,b),env notin (dev),keep,!tmp",
            ),
            (
                json!({ "orLabelSelectors": [{ "matchLabels": { "app": "a" } }, { "matchLabels": { "app": "b" } }] }),
                "app=a or app=b",
            ),
        ];
        for (spec, words) in cases {
            assert_eq!(labels(Object(&spec)), words, "{spec}");
        }
    }

    #[test]
    fn a_hook_says_what_it_runs_and_where() {
        let exec = json!({ "exec": { "container": "db", "command": ["pg_dump", "-f", "/tmp/d"], "onError": "Fail", "timeout": "30s" } });
        assert_eq!(
            runs(Object(&exec)),
            "`pg_dump -f /tmp/d` in db, on error Fail, timeout 30s"
        );
        let init = json!({ "init": { "initContainers": [{ "name": "fill" }] } });
        assert_eq!(runs(Object(&init)), "init containers fill");
    }
}
