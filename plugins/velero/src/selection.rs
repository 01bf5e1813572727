//! What a backup takes in, by its `spec`; a schedule's `spec.template` is such a spec.
//!
//! Judged by what a namespace or an object is now: its labels at the time of the backup are not known. The rules are those of
//! 1.18: namespaces and types in `pkg/util/collections/includes_excludes.go`, what the server adds to a spec before it runs in
//! `pkg/controller/backup_controller.go`, labels in `pkg/backup/item_collector.go` and `item_backupper.go`.

mod labels;
mod pattern;

use crate::spec::selector;
use bulkhead_plugin_sdk::Object;
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::kubernetes::ResourceType;
use bulkhead_plugin_sdk::row::texts;
use serde_json::Value;

/// The label that keeps an object out of every backup, and on a namespace everything in it.
pub(crate) const EXCLUDE_LABEL: &str = "velero.io/exclude-from-backup";

/// A type as a spec may name it: as `plural`, `plural.group`, singular or short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) plural: &'static str,
    pub(crate) group: &'static str,
    short: &'static str,
}

impl Kind {
    pub(crate) const fn new(
        plural: &'static str,
        group: &'static str,
        short: &'static str,
    ) -> Self {
        Self {
            plural,
            group,
            short,
        }
    }

    pub(crate) fn of(self) -> ResourceType {
        ResourceType::new(self.group, self.plural)
    }
}

/// `persistentvolumeclaims`.
pub(crate) const CLAIMS: Kind = Kind::new("persistentvolumeclaims", "", "pvc");

/// What the server itself adds to the types that a backup leaves out, and what nobody restores: to leave those out is no gap.
const NO_GAP: [&str; 4] = [
    "volumesnapshots.snapshot.storage.k8s.io",
    "volumesnapshotcontents.snapshot.storage.k8s.io",
    "events",
    "events.events.k8s.io",
];

/// Whether a backup takes something in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Take {
    /// All of it.
    Whole,
    /// Some of it; the words say which, or what is missing.
    Part(String),
    /// Left out by what the words say.
    Left(String),
    /// Not meant: its namespace is not among those that are named.
    Unnamed,
}

/// A backup's spec.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Selection<'a>(Object<'a>);

impl<'a> Selection<'a> {
    pub(crate) fn of(spec: &'a Value) -> Self {
        Self(Object(spec))
    }

    /// Whether two specs take in the same, location and hooks aside.
    pub(crate) fn same(self, other: Self) -> bool {
        let fields = [
            "/includedNamespaces",
            "/excludedNamespaces",
            "/includedResources",
            "/excludedResources",
            "/includedNamespaceScopedResources",
            "/excludedNamespaceScopedResources",
            "/includeClusterResources",
            "/labelSelector",
            "/orLabelSelectors",
            "/snapshotVolumes",
            "/defaultVolumesToFsBackup",
            "/defaultVolumesToRestic",
            "/resourcePolicy",
        ];
        fields
            .iter()
            .all(|field| self.0.part(field).0 == other.0.part(field).0)
    }

    /// Whether objects of a namespace are looked at. Absent, empty and `*` mean all; what is left out wins.
    pub(crate) fn takes_namespace(self, name: &str) -> bool {
        let included = self.list("/includedNamespaces");
        !self.excludes_namespace(name) && (is_all(included) || any_fits(included, name))
    }

    /// Whether a namespace is left out by name or pattern.
    pub(crate) fn excludes_namespace(self, name: &str) -> bool {
        any_fits(self.list("/excludedNamespaces"), name)
    }

    /// Returns the namespaces where each stands there by its name; none where there are patterns, or all are meant.
    pub(crate) fn named_namespaces(self) -> Option<Vec<String>> {
        let included = self.list("/includedNamespaces");
        let names = texts(included);
        let by_name = !is_all(included) && !names.iter().any(|name| pattern::is_pattern(name));
        let kept = names.into_iter().filter(|name| !name.is_empty());
        by_name.then(|| kept.filter(|name| !self.excludes_namespace(name)).collect())
    }

    /// Whether no namespace is left out.
    pub(crate) fn takes_every_namespace(self) -> bool {
        is_all(self.list("/includedNamespaces")) && is_empty(self.list("/excludedNamespaces"))
    }

    /// Whether objects of a type with namespaces are looked at.
    pub(crate) fn takes_kind(self, kind: Kind) -> bool {
        let (included, excluded) = self.kinds();
        let stars = |name: &String| name == "*";
        let names = |list: &Value| {
            let names = texts(list);
            names
                .iter()
                .any(|name| !stars(name) && is_named(name, kind))
        };
        // In the old lists, `*` means nothing among what is left out (`generateIncludesExcludes`).
        let none = !self.old_filters() && texts(excluded).iter().any(stars);
        !none && !names(excluded) && (is_all(included) || names(included))
    }

    /// Returns the types that it names, as written.
    pub(crate) fn named_kinds(self) -> Vec<String> {
        let mut names = texts(self.kinds().0);
        if !self.old_filters() {
            names.extend(texts(self.list("/includedClusterScopedResources")));
        }
        names.retain(|name| !pattern::is_pattern(name));
        names
    }

    /// Whether an object with these labels is looked at.
    pub(crate) fn takes_labels(self, of_object: &Value) -> bool {
        let either = self.list("/orLabelSelectors");
        match either.as_array().filter(|list| !list.is_empty()) {
            Some(list) => list.iter().any(|one| labels::fits(one, of_object)),
            None => labels::fits(self.list("/labelSelector"), of_object),
        }
    }

    /// Whether an object of a type, in a namespace that is taken in, is taken in.
    pub(crate) fn takes_object(self, kind: Kind, of_object: &Value) -> bool {
        self.takes_kind(kind) && !is_kept_out(of_object) && self.takes_labels(of_object)
    }

    /// Whether the data of a claim's volume is taken where nothing else says so: by a snapshot unless that is switched off, or
    /// from the file system. A pod's annotation can still choose its volumes (`internal/volumehelper`).
    pub(crate) fn takes_data(self) -> bool {
        let on = |place| self.0.flag(place) == Some(true);
        self.0.flag("/snapshotVolumes") != Some(false)
            || on("/defaultVolumesToFsBackup")
            || on("/defaultVolumesToRestic")
            || !self.0.text("/resourcePolicy/name").is_empty()
    }

    /// Judges a namespace.
    pub(crate) fn namespace(self, name: &str) -> Take {
        if self.excludes_namespace(name) {
            return Take::Left("excludedNamespaces".to_owned());
        }
        if !self.takes_namespace(name) {
            return Take::Unnamed;
        }
        let limits = self.limits();
        if limits.is_empty() {
            Take::Whole
        } else {
            Take::Part(limits.join(", "))
        }
    }

    /// Judges a claim of a namespace, with its volume's data.
    pub(crate) fn claim(self, namespace: &str, of_claim: &Value) -> Take {
        match self.namespace(namespace) {
            Take::Whole | Take::Part(_) => {}
            other @ (Take::Left(_) | Take::Unnamed) => return other,
        }
        if !self.takes_kind(CLAIMS) {
            Take::Left("its resource lists leave out persistentvolumeclaims".to_owned())
        } else if is_kept_out(of_claim) {
            Take::Left(format!("the claim's label {EXCLUDE_LABEL}"))
        } else if !self.takes_labels(of_claim) {
            Take::Left(format!("label selector {}", self.selector()))
        } else if self.takes_data() {
            Take::Whole
        } else {
            Take::Part("the claim without its data, snapshotVolumes is false".to_owned())
        }
    }

    /// Returns what of a namespace's objects it takes, in words; none of them where that is everything.
    fn limits(self) -> Vec<String> {
        let mut limits = Vec::new();
        let selector = self.selector();
        if !selector.is_empty() {
            limits.push(format!("only label {selector}"));
        }
        let (included, excluded) = self.kinds();
        if !is_all(included) {
            limits.push(format!("only {}", listed(&texts(included))));
        }
        let mut without = texts(excluded);
        without.retain(|name| !NO_GAP.contains(&name.as_str()));
        if !without.is_empty() {
            limits.push(format!("without {}", listed(&without)));
        }
        limits
    }

    /// Returns the label selectors in kubectl's words; empty where there are none.
    pub(crate) fn selector(self) -> String {
        let either: Vec<_> = self.0.items("/orLabelSelectors").map(selector).collect();
        if either.is_empty() {
            selector(self.0.part("/labelSelector"))
        } else {
            either.join(" or ")
        }
    }

    /// Returns the types with namespaces that are meant, and those left out. One use of the old lists means them alone
    /// (`UseOldResourceFilters`).
    fn kinds(self) -> (&'a Value, &'a Value) {
        if self.old_filters() {
            (
                self.list("/includedResources"),
                self.list("/excludedResources"),
            )
        } else {
            (
                self.list("/includedNamespaceScopedResources"),
                self.list("/excludedNamespaceScopedResources"),
            )
        }
    }

    fn old_filters(self) -> bool {
        self.0.flag("/includeClusterResources").is_some()
            || !is_empty(self.list("/includedResources"))
            || !is_empty(self.list("/excludedResources"))
    }

    fn list(self, place: &str) -> &'a Value {
        self.0.part(place).0
    }
}

/// Whether the label that keeps an object out of every backup is set.
pub(crate) fn is_kept_out(of_object: &Value) -> bool {
    of_object.get(EXCLUDE_LABEL).and_then(Value::as_str) == Some("true")
}

fn is_empty(list: &Value) -> bool {
    list.as_array().is_none_or(Vec::is_empty)
}

fn is_all(list: &Value) -> bool {
    is_empty(list) || texts(list).iter().any(|name| name == "*")
}

fn any_fits(list: &Value, name: &str) -> bool {
    texts(list).iter().any(|one| pattern::fits(one, name))
}

/// The server resolves a name as kubectl does: in any case, singular, short, with a group or without one. A name that it cannot
/// resolve, such as a pattern, is held against `plural.group`.
fn is_named(name: &str, kind: Kind) -> bool {
    let (word, group) = match name.split_once('.') {
        Some((word, group)) => (word, Some(group)),
        None => (name, None),
    };
    let singular = kind.plural.strip_suffix('s').unwrap_or(kind.plural);
    let words = [kind.plural, singular, kind.short];
    if words.iter().any(|one| word.eq_ignore_ascii_case(one)) {
        return group.is_none_or(|group| group == kind.group);
    }
    if kind.group.is_empty() {
        pattern::fits(name, kind.plural)
    } else {
        pattern::fits(name, &format!("{}.{}", kind.plural, kind.group))
    }
}

#[cfg(test)]
mod tests;
