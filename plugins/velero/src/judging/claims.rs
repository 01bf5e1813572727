//! What becomes of the data of claims: it comes back, or not, or is written over what is there.
//!
//! By 1.18.3: a snapshot, moved or not, only comes back with a claim that is made (`pkg/restore/actions/csi/pvc_action.go`). The
//! files of a pod's volume come with the pod where that is made, into the claim of that name, old or new, over the files that are
//! in it (`pkg/podvolume/restorer.go`, `pkg/uploader/kopia/snapshot.go`).

use super::cluster::Standing;
use super::meeting::Meeting;
use super::volumes;
use crate::phase::Meaning;
use crate::selection::{CLAIMS, Kind};
use bulkhead_plugin_sdk::document::listed;

const PODS: Kind = Kind::new("pods", "", "po");

impl Meeting<'_> {
    /// Says what becomes of the data. `standing` are all claims that exist, as `namespace/name`.
    pub(super) fn data(&mut self, objects: &[(Kind, Standing)], standing: &[String]) {
        let with_claims = self.restore.takes_kind(CLAIMS);
        let with_pods = self.restore.takes_kind(PODS);
        let (mut over, mut kept): (Vec<String>, Vec<String>) = Default::default();
        let (mut back, mut empty): (Vec<String>, Vec<String>) = Default::default();
        for one in &self.moves {
            let volumes = self.moved.iter().filter(|volume| {
                volume.namespace == one.from
                    && volume.meaning == Meaning::Completed
                    && !volume.claim.is_empty()
            });
            for volume in volumes {
                let claim = format!("{}/{}", one.into, volume.claim);
                let of_pod = !volume.pod.is_empty();
                let with_data = if of_pod {
                    with_pods
                } else {
                    self.restores_volumes
                };
                let (list, words) = match (standing.contains(&claim), with_data) {
                    (true, true) if of_pod => (&mut over, format!("{claim} (pod {})", volume.pod)),
                    (true, true) if with_claims => (&mut kept, claim),
                    (false, true) if with_claims => (&mut back, claim),
                    (false, false) if with_claims => (&mut empty, claim),
                    (true | false, _) => continue,
                };
                if !list.contains(&words) {
                    list.push(words);
                }
            }
            // Of which there may be a snapshot.
            let in_place = objects.iter().filter(|(kind, claim)| {
                *kind == CLAIMS
                    && self.may_hold_more
                    && claim.namespace == one.from
                    && one.from == one.into
                    && claim.created <= self.began
            });
            for (_, claim) in in_place {
                let words = format!("{}/{}", one.into, claim.name);
                let is_over = |other: &String| other.split(' ').next() == Some(words.as_str());
                if !kept.contains(&words) && !over.iter().any(is_over) {
                    kept.push(words);
                }
            }
        }
        if !over.is_empty() {
            let over = listed(&over);
            self.verdict.loss(format!(
                "the backup's files are written over those in claims that exist, where the pod is not there: {over}; \
                 namespace_mapping restores them beside"
            ));
        }
        if !kept.is_empty() {
            let kept = listed(&kept);
            self.verdict.loss(format!(
                "no data comes back into these claims that exist, whatever the policy: {kept}; restore into another namespace \
                 by namespace_mapping, or have a person first remove those that the backup has data of"
            ));
        }
        if !empty.is_empty() {
            let empty = listed(&empty);
            self.verdict.loss(format!(
                "claims that come back empty, since restore_pvs is false or no pods are restored: {empty}"
            ));
        }
        if !back.is_empty() {
            let where_labels = if self.restore.selector().is_empty() {
                ""
            } else {
                ", where the labels fit"
            };
            let back = listed(&back);
            self.verdict.fact(format!(
                "claims that come back with their data{where_labels}: {back}"
            ));
        }
    }

    /// Names the claims that would be made without their data.
    pub(super) fn without_data(&mut self, objects: &[(Kind, Standing)], standing: &[String]) {
        if self.may_hold_more || !self.restore.takes_kind(CLAIMS) {
            return;
        }
        let mut empty = Vec::new();
        for (_, claim) in objects.iter().filter(|(kind, _)| *kind == CLAIMS) {
            let Some(one) = self.moves.iter().find(|one| one.from == claim.namespace) else {
                continue;
            };
            let is_kept = volumes::hold(&self.moved, &claim.namespace, &claim.name);
            let made = format!("{}/{}", one.into, claim.name);
            if !is_kept && !standing.contains(&made) && claim.created <= self.began {
                empty.push(made);
            }
        }
        if empty.is_empty() && self.moved.is_empty() {
            self.verdict
                .fact("the backup has no data of volumes: claims come back empty");
        } else if !empty.is_empty() {
            let empty = listed(&empty);
            self.verdict.loss(format!(
                "the backup has no data of these claims, they come back empty: {empty}"
            ));
        }
    }
}
