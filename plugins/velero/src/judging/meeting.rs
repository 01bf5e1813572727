//! What a restore would meet: namespaces that are there or not, objects that would stay as they are or be overwritten, storage
//! classes, types and node ports.
//!
//! By `restoreItem` in `pkg/restore/restore.go` of 1.18: what is not there is created. What is there stays as it is, and with
//! `update` it is patched to what the backup has; service accounts are merged either way.

use super::answer::{Judgement, Rows};
use super::cluster::{self, Namespace, Standing};
use super::since::WORKLOADS;
use super::verdict::Verdict;
use super::volumes::Volume;
use crate::phase::Meaning;
use crate::selection::{CLAIMS, Kind, Selection};
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::{Failure, Time, kubernetes};

const SERVICES: Kind = Kind::new("services", "", "svc");
const CLASSES: Kind = Kind::new("storageclasses", "storage.k8s.io", "sc");

pub(crate) const COLUMNS: [&str; 6] = ["FROM", "INTO", "TARGET", "EXISTS", "NEWER", "VOLUMES"];

/// A namespace of the backup, and where it goes.
pub(crate) struct Move {
    pub(crate) from: String,
    pub(crate) into: String,
}

/// A restore, set against the cluster.
pub(crate) struct Meeting<'a> {
    pub(crate) backup: Selection<'a>,
    pub(crate) restore: Selection<'a>,
    pub(crate) began: Time,
    pub(crate) moves: Vec<Move>,
    pub(crate) moved: Vec<Volume>,
    /// Whether the backup may have the data of other volumes too.
    pub(crate) may_hold_more: bool,
    /// Whether what exists is overwritten.
    pub(crate) update: bool,
    /// Whether volumes come back from their snapshots, those that were moved included.
    pub(crate) restores_volumes: bool,
    pub(crate) verdict: Verdict,
    pub(crate) judgement: Judgement,
}

/// How many objects of each kind.
#[derive(Default)]
struct Counts(Vec<(&'static str, usize)>);

impl Counts {
    fn add(&mut self, kind: Kind, number: usize) {
        match self.0.iter_mut().find(|(other, _)| *other == kind.plural) {
            Some((_, sum)) => *sum += number,
            None if number > 0 => self.0.push((kind.plural, number)),
            None => {}
        }
    }

    fn words(&self) -> String {
        let words = self.0.iter().map(|(kind, number)| match number {
            1 => format!("1 {}", kind.strip_suffix('s').unwrap_or(kind)),
            number => format!("{number} {kind}"),
        });
        words.collect::<Vec<_>>().join(", ")
    }
}

impl Meeting<'_> {
    /// Compares, and returns a row for each namespace.
    ///
    /// # Errors
    /// What cannot be passed over.
    pub(crate) fn hold(
        &mut self,
        standing: Option<&[Namespace]>,
        keeps_ports: bool,
        mut rows: Rows,
    ) -> Result<Rows, Failure> {
        let mut within: Vec<String> = Vec::new();
        for one in &self.moves {
            for name in [&one.from, &one.into] {
                if !within.contains(name) {
                    within.push(name.clone());
                }
            }
        }
        let mut objects: Vec<(Kind, Standing)> = Vec::new();
        // Whatever the restore takes: they are in its way.
        let mut claims: Vec<String> = Vec::new();
        let mut unseen = Vec::new();
        for kind in WORKLOADS.into_iter().chain([SERVICES, CLAIMS]) {
            let paths: &[&str] = match kind {
                CLAIMS => &["spec.storageClassName"],
                SERVICES => &["spec.ports[*].nodePort"],
                _ => &[],
            };
            let read = cluster::each(kind, Some(&within), paths, &mut |object| {
                if kind == CLAIMS {
                    claims.push(format!("{}/{}", object.namespace, object.name));
                }
                let by_backup = self.backup.takes_object(kind, &object.labels);
                if by_backup && self.restore.takes_object(kind, &object.labels) {
                    objects.push((kind, object));
                }
            });
            if !self.judgement.known(kind.plural, read)? {
                unseen.push(kind.plural.to_owned());
            }
        }
        if !unseen.is_empty() {
            self.verdict.loss(format!(
                "of {} it could not be seen what exists, so what would stay as it is or be overwritten is not known",
                listed(&unseen)
            ));
        }
        let (mut exist, mut may_exist) = (Counts::default(), Counts::default());
        for one in &self.moves {
            let (mut same, mut newer) = (Counts::default(), Counts::default());
            for (kind, object) in objects
                .iter()
                .filter(|(_, object)| object.namespace == one.into)
            {
                let old = object.created <= self.began;
                let counts = if old { &mut same } else { &mut newer };
                counts.add(*kind, 1);
                let all = if old && one.from == one.into {
                    &mut exist
                } else {
                    &mut may_exist
                };
                all.add(*kind, 1);
            }
            let target = target(standing, &one.into, &mut self.verdict);
            let volumes = self
                .moved
                .iter()
                .filter(|volume| volume.namespace == one.from);
            let (good, bad): (Vec<_>, Vec<_>) =
                volumes.partition(|volume| volume.meaning == Meaning::Completed);
            let volumes = match (good.len(), bad.len()) {
                (0, 0) => String::new(),
                (good, 0) => format!("{good} with data"),
                (good, bad) => format!("{good} with data, {bad} without"),
            };
            let cells = [
                &one.from,
                &one.into,
                target,
                &same.words(),
                &newer.words(),
                &volumes,
            ];
            rows.add(one.from.clone(), cells.map(|cell| cell.to_owned()).to_vec());
            self.judgement.count("namespaces", 1);
        }
        self.existing(&exist, &may_exist);
        if !unseen.iter().any(|kind| kind == CLAIMS.plural) {
            self.data(&objects, &claims);
        }
        self.without_data(&objects, &claims);
        self.classes(&objects, &claims)?;
        self.ports(&objects, keeps_ports);
        Ok(rows)
    }

    fn existing(&mut self, exist: &Counts, may_exist: &Counts) {
        let what = exist.words();
        if !what.is_empty() && self.update {
            self.verdict.loss(format!(
                "what exists since before the backup would be patched to what it was then: {what}; later changes are lost"
            ));
        } else if !what.is_empty() {
            self.verdict.loss(format!(
                "what exists since before the backup would stay as it is: {what}; existing_resource_policy is none"
            ));
        }
        let what = may_exist.words();
        if !what.is_empty() {
            let becomes = if self.update {
                "be overwritten"
            } else {
                "stay as it is"
            };
            self.verdict.loss(format!(
                "the namespaces to restore into hold {what}: what has a name from the backup would {becomes}"
            ));
        }
    }

    /// Looks for the storage classes of the claims that would be made.
    fn classes(&mut self, objects: &[(Kind, Standing)], claims: &[String]) -> Result<(), Failure> {
        if !self.restore.takes_kind(CLAIMS) {
            return Ok(());
        }
        let mut standing: Vec<String> = Vec::new();
        let read = cluster::each_of_cluster(CLASSES, &[], &mut |class| standing.push(class.name));
        if !self.judgement.known("storage classes", read)? {
            return Ok(());
        }
        let mut wanted: Vec<(String, String)> = Vec::new();
        for one in &self.moves {
            let by_volume = self
                .moved
                .iter()
                .filter(|volume| volume.namespace == one.from);
            let by_volume = by_volume.map(|volume| (volume.class.as_str(), volume.claim.as_str()));
            let by_claim = objects.iter().filter(|(kind, claim)| {
                *kind == CLAIMS && claim.namespace == one.from && claim.created <= self.began
            });
            let by_claim = by_claim.map(|(_, claim)| (claim.row.text(0), claim.name.as_str()));
            for (class, claim) in by_volume.chain(by_claim) {
                let gone = !class.is_empty() && standing.iter().all(|other| other != class);
                let claim_words = format!("{}/{claim}", one.from);
                let known = wanted.iter().any(|(_, other)| *other == claim_words);
                let stands = claims.contains(&format!("{}/{claim}", one.into));
                if gone && !known && !stands {
                    wanted.push((class.to_owned(), claim_words));
                }
            }
        }
        while let Some((class, _)) = wanted.first().cloned() {
            let claims = wanted.extract_if(.., |(other, _)| *other == class);
            let claims: Vec<_> = claims.map(|(_, claim)| claim).collect();
            self.verdict.loss(format!(
                "storage class `{class}` is gone: {} would stay Pending, unless a change-storage-class configmap of Velero maps it",
                listed(&claims)
            ));
        }
        Ok(())
    }

    /// Looks for node ports that would be taken: services keep theirs where that is asked for, and where they were applied with them
    /// (`pkg/restore/actions/service_action.go` of 1.18).
    fn ports(&mut self, objects: &[(Kind, Standing)], keeps_ports: bool) {
        let mut taken = Vec::new();
        for one in self.moves.iter().filter(|one| one.from != one.into) {
            let services = objects.iter().filter(|(kind, service)| {
                *kind == SERVICES && service.namespace == one.from && service.created <= self.began
            });
            for (_, service) in services {
                let ports = service.row.value(0).as_array();
                let ports = ports
                    .into_iter()
                    .flatten()
                    .filter_map(serde_json::Value::as_u64);
                taken.extend(ports.map(|port| format!("{port} of {}/{}", one.from, service.name)));
            }
        }
        if taken.is_empty() {
            if keeps_ports {
                self.judgement.not_known(
                    "which node ports the backup's services have, and whether they are free",
                );
            }
            return;
        }
        let taken = listed(&taken);
        if keeps_ports {
            self.verdict.loss(format!(
                "node ports are taken, so these services would not be made: {taken}"
            ));
        } else {
            self.verdict.fact(format!(
                "services get other node ports; those that were applied with a port keep it and would not be made: {taken}"
            ));
        }
    }

    /// Looks for the types that the backup names.
    ///
    /// # Errors
    /// What cannot be passed over.
    pub(crate) fn kinds(&mut self, of_cluster: Option<bool>) -> Result<(), Failure> {
        let mut missing = Vec::new();
        for name in self.backup.named_kinds() {
            match kubernetes::resolve(&name) {
                Ok(_) => {}
                Err(Failure::NotFound(_)) => missing.push(name),
                Err(failure) => return Err(failure),
            }
        }
        if !missing.is_empty() {
            let missing = listed(&missing);
            let crds = match of_cluster {
                Some(false) => "include_cluster_resources is false, so neither come their CRDs",
                Some(true) | None => {
                    "they come back only with their CRDs, where the backup has them"
                }
            };
            self.verdict
                .loss(format!("the cluster does not serve {missing}: {crds}"));
        }
        Ok(())
    }
}

/// Says how a namespace stands that is restored into.
fn target(standing: Option<&[Namespace]>, name: &str, verdict: &mut Verdict) -> &'static str {
    let Some(standing) = standing else {
        return "not known";
    };
    match standing.iter().find(|one| one.object.name == name) {
        None => "is made",
        Some(namespace) if namespace.terminating => {
            // `EnsureNamespaceExistsAndIsReady` in `pkg/util/kube` of 1.18; ten minutes unless the server was told otherwise.
            verdict.loss(format!(
                "namespace `{name}` is being deleted: Velero waits 10 minutes for its end, then leaves its objects out"
            ));
            "being deleted"
        }
        Some(_) => "exists",
    }
}
