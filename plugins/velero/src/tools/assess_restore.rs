//! `assess_velero_restore`: what a restore would create, leave as it is or overwrite, and what would be missing.

use crate::judging::answer::{Judgement, Rows};
use crate::judging::cluster::{self, Namespace};
use crate::judging::meeting::{COLUMNS, Meeting, Move};
use crate::judging::source;
use crate::judging::verdict::Verdict;
use crate::judging::volumes::Volume;
use crate::kinds::backups;
use crate::manifest::{self, RESTORE};
use crate::named::find;
use crate::place::{self, NAMESPACE};
use crate::selection::Selection;
use bulkhead_plugin_sdk::arguments::{Argument, Given, PAGE, Takes, Values};
use bulkhead_plugin_sdk::{Failure, Object, Output, Time, Tool, context};
use serde_json::{Map, Value, json};

/// The same as create_velero_restore takes, and which page.
enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] = &[NAMESPACE, RESTORE, PAGE];
}

pub(crate) fn tool() -> Tool {
    Tool::read_stored(
        "assess_velero_restore",
        "Judges a restore before it is proposed: yes, yes with losses, or no, with the reasons. What it would make, leave as it is or \
         overwrite, by namespace; missing storage classes and types, node ports that are taken, a backup that is not good or cannot \
         be had. Takes what create_velero_restore takes. Says what cannot be known without the backup's content.",
        assess,
    )
    .title("Assess a restore")
}

fn assess(given: Given<Arguments>) -> Result<Output<Judgement>, Failure> {
    let values = given.values;
    let place = place::choose(values.text("namespace"))?;
    let mut verdict = Verdict::default();
    manifest::one_source(&values)?;
    let name = match values.text("backup") {
        Some(name) => name.to_owned(),
        None => {
            let source = crate::source::find(&values, &place)?;
            source.notes.into_iter().for_each(|note| verdict.fact(note));
            source.backup
        }
    };
    let found = find(backups(), &place, &name)?;
    let backup = Object(&found);
    let spec = restore(&values);
    let now = context::now()?;
    let mut judgement = Judgement::new(format!("restore of backup {name}"), &place);
    source::state(backup, now, &mut verdict);
    source::reach(backup, &place, &mut verdict, &mut judgement)?;
    let moved = source::data(backup, &place, &mut verdict, &mut judgement)?;
    let mut namespaces = Vec::new();
    let read = cluster::namespaces().map(|read| namespaces = read);
    let known = judgement.known("which namespaces exist", read)?;
    let standing = known.then_some(namespaces.as_slice());
    let (backup_spec, restore_spec) = (Selection::of(backup.part("/spec").0), Selection::of(&spec));
    let began = backup.time("/status/startTimestamp").unwrap_or(now);
    let scope = Scope {
        values: &values,
        backup: backup_spec,
        restore: restore_spec,
        began,
    };
    let moves = scope.moves(standing, &moved, &mut verdict, &mut judgement);
    scope.whole_cluster(backup, &mut verdict);
    let mut meeting = Meeting {
        backup: backup_spec,
        restore: restore_spec,
        began,
        moves,
        moved,
        may_hold_more: source::may_hold_more(backup),
        update: scope.update(),
        restores_volumes: scope.restores_volumes(),
        verdict,
        judgement,
    };
    meeting.kinds(scope.of_cluster())?;
    let rows = Rows::of(&values);
    let keeps_ports = values.is_on("preserve_node_ports");
    let rows = meeting.hold(standing, keeps_ports, rows)?;
    let Meeting {
        verdict,
        mut judgement,
        ..
    } = meeting;
    verdict.put_into(&mut judgement);
    judgement.rows(&COLUMNS, rows);
    judgement.not_known(
        "what is in the backup: what is counted stands in the cluster now, and was there before it",
    );
    judgement
        .not_known("quotas and admission webhooks that would refuse objects, and custom resources");
    Ok(judgement.in_words())
}

/// What is asked for, as the `spec` of a restore.
fn restore(values: &Values) -> Value {
    let mut spec = Map::new();
    values.put_into(&mut spec, RESTORE);
    if let Some(text) = values.text("label_selector") {
        let mut labels = Map::new();
        for (key, value) in text.split(',').filter_map(|pair| pair.split_once('=')) {
            labels.insert(key.trim().to_owned(), value.trim().into());
        }
        spec.insert("labelSelector".to_owned(), json!({ "matchLabels": labels }));
    }
    Value::Object(spec)
}

/// What of the backup is restored.
struct Scope<'a> {
    values: &'a Values,
    backup: Selection<'a>,
    restore: Selection<'a>,
    began: Time,
}

impl Scope<'_> {
    /// Returns the namespaces that come back, as far as they are known, and where each goes.
    fn moves(
        &self,
        standing: Option<&[Namespace]>,
        moved: &[Volume],
        verdict: &mut Verdict,
        judgement: &mut Judgement,
    ) -> Vec<Move> {
        let mut names = self.restore.named_namespaces().unwrap_or_default();
        for name in names.extract_if(.., |name| !self.backup.takes_namespace(name)) {
            verdict.loss(format!("the backup does not have namespace `{name}`"));
        }
        match self.backup.named_namespaces() {
            Some(named) => names.extend(named),
            None => {
                let old = standing.into_iter().flatten();
                let old = old.filter(|namespace| namespace.object.created <= self.began);
                names.extend(old.map(|namespace| namespace.object.name.clone()));
                if self.restore.named_namespaces().is_none() {
                    judgement.not_known("which namespaces the backup has that are gone or were made anew, but for those whose data it moved");
                }
            }
        }
        names.extend(moved.iter().map(|volume| volume.namespace.clone()));
        let mapping = self.values.pairs("namespace_mapping");
        let mut moves: Vec<Move> = Vec::new();
        for from in names {
            let taken = self.backup.takes_namespace(&from) && self.restore.takes_namespace(&from);
            if !taken || moves.iter().any(|one| one.from == from) {
                continue;
            }
            let into = mapping.iter().find(|(key, _)| *key == from);
            let into = into.map_or(from.as_str(), |(_, into)| into).to_owned();
            if let Some(other) = moves.iter().find(|one| one.into == into) {
                let other = &other.from;
                verdict.loss(format!(
                    "`{other}` and `{from}` would both be restored into `{into}`"
                ));
            }
            moves.push(Move { from, into });
        }
        for (from, _) in mapping
            .iter()
            .filter(|(key, _)| moves.iter().all(|one| one.from != *key))
        {
            verdict.fact(format!(
                "namespace_mapping names `{from}`, which is not restored"
            ));
        }
        // Velero takes the namespaces from the backup's content: where neither side names them, none known is not none.
        let is_named =
            self.backup.named_namespaces().is_some() || self.restore.named_namespaces().is_some();
        if moves.is_empty() && is_named {
            verdict.stop("there is no namespace that the backup has and the restore takes");
        } else if moves.is_empty() {
            verdict.loss("which namespaces come back is not known, so what would stay as it is or be overwritten is not either");
        }
        moves
    }

    /// Says what becomes of objects without a namespace. Left out, they come with a restore of every namespace
    /// (`getOrderedResourceCollection` in `pkg/restore/restore.go` of 1.18).
    fn whole_cluster(&self, backup: Object<'_>, verdict: &mut Verdict) {
        let comes = match self.of_cluster() {
            Some(comes) => comes,
            None => self.restore.takes_every_namespace(),
        };
        if comes && self.update() {
            verdict.loss("objects of the cluster that exist would be overwritten too: roles, webhooks, CRDs that the backup has");
        } else if comes {
            verdict
                .fact("objects of the cluster that are in the backup and not there come back too");
        }
        // CSI needs a VolumeSnapshotContent, which 1.18.3 takes all the same (`volumesnapshot_action.go`), and no volume.
        let of_volumes = backup.number("/status/volumeSnapshotsCompleted");
        let snapshots = source::snapshots(backup);
        if !self.restores_volumes() && snapshots > 0 {
            verdict.loss(format!(
                "restore_pvs is false: the data of {snapshots} snapshots does not come back"
            ));
        } else if self.of_cluster() == Some(false) && of_volumes > 0 {
            verdict.loss(format!(
                "include_cluster_resources is false: no persistent volumes come back, nor the data of {of_volumes} snapshots"
            ));
        } else if self.of_cluster() == Some(false) && snapshots > 0 {
            verdict.fact("include_cluster_resources is false: CSI snapshots come back by Velero 1.18.3, not by every older one");
        }
    }

    fn update(&self) -> bool {
        self.values.text("existing_resource_policy") == Some("update")
    }

    /// Left out, they are restored.
    fn restores_volumes(&self) -> bool {
        self.values.flag("restore_pvs") != Some(false)
    }

    fn of_cluster(&self) -> Option<bool> {
        self.values.flag("include_cluster_resources")
    }
}
