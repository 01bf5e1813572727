//! What has changed in the cluster since a backup began, as far as the cluster itself remembers.
//!
//! It remembers when an object was created, and the revisions of a workload: replica sets of a deployment, controller revisions of
//! a stateful or daemon set. It remembers no other change, and nothing of what is gone: only volumes whose data was moved name
//! what they belonged to.

use super::answer::{Judgement, Rows};
use super::cluster::{self, Standing};
use super::volumes::Volume;
use crate::selection::{CLAIMS, Kind, Selection};
use bulkhead_plugin_sdk::{Failure, Time};
use serde_json::Value;

pub(crate) const DEPLOYMENTS: Kind = Kind::new("deployments", "apps", "deploy");
pub(crate) const STATEFUL_SETS: Kind = Kind::new("statefulsets", "apps", "sts");
pub(crate) const DAEMON_SETS: Kind = Kind::new("daemonsets", "apps", "ds");
pub(crate) const CRON_JOBS: Kind = Kind::new("cronjobs", "batch", "cj");
const REPLICA_SETS: Kind = Kind::new("replicasets", "apps", "rs");
const REVISIONS: Kind = Kind::new("controllerrevisions", "apps", "");

/// What people run.
pub(crate) const WORKLOADS: [Kind; 4] = [DEPLOYMENTS, STATEFUL_SETS, DAEMON_SETS, CRON_JOBS];

pub(crate) const COLUMNS: [&str; 7] =
    ["CHANGE", "NAMESPACE", "KIND", "NAME", "FROM", "TO", "SINCE"];

/// A state of a workload's pods.
struct Revision {
    namespace: String,
    /// Empty where no owner is named.
    owner_kind: String,
    owner: String,
    number: u64,
    created: Time,
    images: String,
    /// How many replicas were wanted when it was last scaled; only of replica sets.
    replicas: Option<u64>,
}

/// A kind of change, the gravest for a restore first.
#[derive(Clone, Copy)]
enum Change {
    Gone,
    Image,
    Replicas,
    Template,
    New,
}

impl Change {
    fn words(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Image => "image",
            Self::Replicas => "replicas",
            Self::Template => "template",
            Self::New => "new",
        }
    }
}

/// Compares, and fills a judgement.
pub(crate) struct Since<'a> {
    pub(crate) spec: Selection<'a>,
    pub(crate) began: Time,
    pub(crate) now: Time,
    /// Only these namespaces; none for all that the spec takes in.
    pub(crate) within: Option<Vec<String>>,
    pub(crate) rows: Rows,
    pub(crate) judgement: Judgement,
}

impl Since<'_> {
    /// Compares workloads and claims. `volumes` are those whose data the backup moved.
    ///
    /// # Errors
    /// What cannot be passed over; the denial where nothing at all may be read.
    pub(crate) fn compare(&mut self, volumes: &[Volume]) -> Result<(), Failure> {
        let revisions = self.revisions()?;
        let mut denied = None;
        let mut workloads: Vec<Standing> = Vec::new();
        let mut all_known = true;
        for kind in WORKLOADS {
            let paths = ["spec.replicas", "spec.template.spec.containers[*].image"];
            let (found, failure) = self.read(kind, &paths)?;
            all_known &= failure.is_none();
            denied = failure.or(denied);
            for workload in found {
                self.workload(kind, &workload, &revisions);
                workloads.push(workload);
            }
        }
        let (claims, failure) = self.read(CLAIMS, &[])?;
        if let (Some(failure), Some(_), true) = (&failure, denied, workloads.is_empty()) {
            return Err(failure.clone());
        }
        for claim in &claims {
            if claim.created > self.began && self.spec.takes_object(CLAIMS, &claim.labels) {
                self.add(
                    Change::New,
                    CLAIMS.plural,
                    claim,
                    ["", ""],
                    Some(claim.created),
                );
            }
        }
        let mut said: Vec<(&str, &str)> = Vec::new();
        for volume in volumes {
            if !self.is_meant(&volume.namespace) {
                continue;
            }
            let Volume {
                namespace,
                claim,
                pod,
                ..
            } = volume;
            let lost = failure.is_none() && !claim.is_empty() && !stands(&claims, namespace, claim);
            if lost && !said.contains(&(namespace, claim)) {
                said.push((namespace, claim));
                self.row(
                    Change::Gone,
                    namespace,
                    CLAIMS.plural,
                    claim,
                    ["", ""],
                    None,
                );
            }
            let lost = all_known && !pod.is_empty() && !runs(&workloads, namespace, pod);
            if lost && !said.contains(&(namespace, pod)) {
                said.push((namespace, pod));
                let words = ["", "no workload has such pods"];
                self.row(Change::Gone, namespace, "pods", pod, words, None);
            }
        }
        Ok(())
    }

    /// Says that a namespace is not there any more, or was not there.
    pub(crate) fn namespace(&mut self, name: &str, new: Option<&Standing>) {
        match new {
            Some(namespace) => {
                self.add(
                    Change::New,
                    "namespaces",
                    namespace,
                    ["", ""],
                    Some(namespace.created),
                );
            }
            None => self.row(Change::Gone, name, "namespaces", "", ["", ""], None),
        }
    }

    /// Whether the backup looked at a namespace, and the caller asked for it.
    pub(crate) fn is_meant(&self, namespace: &str) -> bool {
        let asked = self.within.as_ref();
        asked.is_none_or(|names| names.iter().any(|name| name == namespace))
            && self.spec.takes_namespace(namespace)
    }

    /// Reads the objects of a type that are meant, and returns the denial where they may not be read.
    fn read(
        &mut self,
        kind: Kind,
        paths: &[&str],
    ) -> Result<(Vec<Standing>, Option<Failure>), Failure> {
        let mut found = Vec::new();
        let read = cluster::each(kind, self.within.as_deref(), paths, &mut |object| {
            if self.is_meant(&object.namespace) {
                found.push(object);
            }
        });
        let denied = read.clone().err();
        self.judgement.known(kind.plural, read)?;
        Ok((found, denied))
    }

    fn revisions(&mut self) -> Result<Vec<Revision>, Failure> {
        let owner = [
            "metadata.ownerReferences[*].kind",
            "metadata.ownerReferences[*].name",
        ];
        let [kind, name] = owner;
        let of_sets = [
            kind,
            name,
            "metadata.annotations['deployment.kubernetes.io/revision']",
            "spec.template.spec.containers[*].image",
            "metadata.annotations['deployment.kubernetes.io/desired-replicas']",
        ];
        let of_others = [
            kind,
            name,
            "revision",
            "data.spec.template.spec.containers[*].image",
        ];
        let (mut found, _) = self.read(REPLICA_SETS, &of_sets)?;
        found.extend(self.read(REVISIONS, &of_others)?.0);
        Ok(found.iter().map(Revision::read).collect())
    }

    fn workload(&mut self, kind: Kind, workload: &Standing, revisions: &[Revision]) {
        if !self.spec.takes_object(kind, &workload.labels) {
            return;
        }
        if workload.created > self.began {
            self.add(
                Change::New,
                kind.plural,
                workload,
                ["", ""],
                Some(workload.created),
            );
            return;
        }
        let mine = || revisions.iter().filter(|one| one.is_of(kind, workload));
        let newest = mine().max_by_key(|one| one.number);
        let before = mine().filter(|one| one.created <= self.began);
        let before = before.max_by_key(|one| one.number);
        let since = mine()
            .map(|one| one.created)
            .filter(|created| *created > self.began);
        let (Some(newest), Some(since)) = (newest, since.max()) else {
            return;
        };
        let now = images(workload.row.value(1));
        let was = before.map_or("not known", |before| before.images.as_str());
        if newest.created <= self.began {
            let words = ["", "changed and taken back"];
            self.add(Change::Template, kind.plural, workload, words, Some(since));
        } else if was == now {
            self.add(
                Change::Template,
                kind.plural,
                workload,
                ["", ""],
                Some(since),
            );
        } else {
            self.add(
                Change::Image,
                kind.plural,
                workload,
                [was, &now],
                Some(since),
            );
        }
        let replicas = workload.row.number(0);
        let was = before.and_then(|before| before.replicas);
        if let Some(was) = was.filter(|was| *was != replicas) {
            let words = [&*was.to_string(), &*replicas.to_string()];
            self.add(Change::Replicas, kind.plural, workload, words, None);
        }
    }

    fn add(
        &mut self,
        change: Change,
        kind: &str,
        object: &Standing,
        from_to: [&str; 2],
        since: Option<Time>,
    ) {
        let namespace = match object.namespace.as_str() {
            "" => &object.name,
            namespace => namespace,
        };
        let name = if object.namespace.is_empty() {
            ""
        } else {
            &object.name
        };
        self.row(change, namespace, kind, name, from_to, since);
    }

    fn row(
        &mut self,
        change: Change,
        namespace: &str,
        kind: &str,
        name: &str,
        [from, to]: [&str; 2],
        since: Option<Time>,
    ) {
        let since = since.map(|since| self.now.age(since)).unwrap_or_default();
        let rank = match change {
            Change::Gone => 0,
            Change::Image => 1,
            Change::Replicas => 2,
            Change::Template => 3,
            Change::New => 4,
        };
        let key = format!("{rank}.{namespace}.{kind}/{name}");
        let cells = [change.words(), namespace, kind, name, from, to, &since];
        self.judgement
            .count(&format!("{kind} {}", change.counted()), 1);
        self.rows.add(key, cells.map(str::to_owned).to_vec());
    }
}

impl Change {
    /// As a total says it.
    fn counted(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Image => "with another image",
            Self::Replicas => "with other replicas",
            Self::Template => "with another template",
            Self::New => "new",
        }
    }
}

impl Revision {
    fn read(object: &Standing) -> Self {
        let first = |at: usize| object.row.texts(at).into_iter().next();
        // Without an owner, by its name: it has its owner's before a digest.
        let by_name = object.name.rsplit_once('-').map(|(owner, _)| owner);
        let number = |at: usize| object.row.text(at).parse().ok();
        Self {
            namespace: object.namespace.clone(),
            owner_kind: first(0).unwrap_or_default(),
            owner: first(1).unwrap_or_else(|| by_name.unwrap_or_default().to_owned()),
            number: number(2).unwrap_or_else(|| object.row.number(2)),
            created: object.created,
            images: images(object.row.value(3)),
            replicas: number(4),
        }
    }

    fn is_of(&self, kind: Kind, workload: &Standing) -> bool {
        let singular = kind.plural.trim_end_matches('s');
        self.owner == workload.name
            && self.namespace == workload.namespace
            && (self.owner_kind.is_empty() || self.owner_kind.eq_ignore_ascii_case(singular))
    }
}

fn images(list: &Value) -> String {
    bulkhead_plugin_sdk::row::texts(list).join(",")
}

fn stands(objects: &[Standing], namespace: &str, name: &str) -> bool {
    let mut objects = objects.iter();
    objects.any(|object| object.namespace == namespace && object.name == name)
}

/// Whether a workload runs whose pods have such names: `postgres-0`, `web-6c9f7d5b8-x2k4p`, `agent-8kq2x`. A name without such an
/// end is that of a pod of its own, of which nothing is said.
fn runs(workloads: &[Standing], namespace: &str, pod: &str) -> bool {
    let Some((first, _)) = pod.rsplit_once('-') else {
        return true;
    };
    let second = first.rsplit_once('-').map_or(first, |(second, _)| second);
    stands(workloads, namespace, first) || stands(workloads, namespace, second)
}
