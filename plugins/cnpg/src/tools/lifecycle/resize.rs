//! `resize_postgres_storage`: larger volumes for all instances, never smaller ones.
//!
//! The size stands once in the spec, and the operator asks for it claim by claim (`reconcilePVCQuantity`,
//! `pkg/reconciler/persistentvolumeclaim/existing.go`). Asked again, the tool says how far each claim is, and what it waits for; a size that is
//! not asked for yet, of the WAL for one, is then the rest of the change.

use super::{NAME, find, unchanged, waiting};
use crate::claims::{self, Claim};
use crate::phase::NO_SPACE;
use crate::place::NAMESPACE;
use crate::quantity::{self, words};
use crate::standstill::later;
use crate::storage_class::{self, StorageClass};
use crate::telling::{self, known};
use crate::waiting::{TIMEOUT, now_and_then, until_past};
use bulkhead_plugin_sdk::arguments::{Argument, CONFIRMATION, DRY_RUN, Given, Takes, Values, WAIT};
use bulkhead_plugin_sdk::changes::{Change, ChangeAnswer, Plan, carry_out};
use bulkhead_plugin_sdk::{Failure, Object, Output, Place, Tool};
use serde_json::{Value, json};

enum Arguments {}

impl Takes for Arguments {
    const TABLES: &'static [&'static [Argument]] =
        &[NAME, OWN, NAMESPACE, CONFIRMATION, DRY_RUN, WAIT, TIMEOUT];
}

const OWN: &[Argument] = &[
    Argument::text(
        "storage_size",
        "The new size of each data volume, such as `20Gi`.",
    ),
    Argument::text(
        "wal_storage_size",
        "The new size of each volume for WAL, where there are such.",
    ),
];

/// What is said where claims never grow.
const STAYS: &str = "resizeInUseVolumes is false: the claims that are there stay as they are, only new instances get larger ones";

pub(crate) fn tool() -> Tool {
    Tool::change_stored(
        "resize_postgres_storage",
        "Proposes larger volumes for the instances of a cluster, and says what happens to each claim. Asked again, says how far they \
         are. They cannot be made smaller. A person approves it.",
        resize,
    )
    .title("Grow the volumes of a PostgreSQL cluster")
    .idempotent()
}

/// One of the two sizes.
struct Asked {
    argument: &'static str,
    /// Where the volumes are described.
    at: &'static str,
    /// The role of the claims, as the operator labels them.
    holds: &'static str,
    /// As the caller wrote it.
    text: String,
    bytes: u64,
}

/// Reads what is asked for.
fn asked(values: &Values) -> Result<Vec<Asked>, Failure> {
    let mut asked = Vec::new();
    for (argument, at, holds) in [
        ("storage_size", "/spec/storage", "PG_DATA"),
        ("wal_storage_size", "/spec/walStorage", "PG_WAL"),
    ] {
        if let Some(text) = values.text(argument) {
            let bytes = quantity::of_volume(argument, text)?;
            asked.push(Asked {
                argument,
                at,
                holds,
                text: text.to_owned(),
                bytes,
            });
        }
    }
    if asked.is_empty() {
        return Err(Failure::invalid("no size was given")
            .next_step("give storage_size, wal_storage_size, or both"));
    }
    Ok(asked)
}

fn resize(given: Given<Arguments>) -> Result<Output<ChangeAnswer>, Failure> {
    let values = given.values;
    let asked = asked(&values)?;
    let (place, found) = find(&values)?;
    let cluster = found.object();
    let name = found.name();
    let mut notes = Vec::new();
    let known_claims = known(&mut notes, "its volume claims", claims::of(&found))?;
    let claims = known_claims.as_deref().unwrap_or_default();
    let classes = known(
        &mut notes,
        "whether its storage class can grow",
        storage_class::all(),
    )?;
    let classes = classes.unwrap_or_default();
    let by_hand = found.phase() == NO_SPACE;
    // That of the data counts for all claims (`ShouldResizeInUseVolumes`, `api/v1/cluster_funcs.go`).
    let stays = cluster.flag("/spec/storage/resizeInUseVolumes") == Some(false);
    let mut operations = Vec::new();
    for one in &asked {
        let grown = one.grow(&place, cluster)?;
        if !grown.is_empty() && !stays {
            one.refuse_fixed(cluster, claims, &classes)?;
            notes.extend(
                one.claims(claims)
                    .map(|claim| claim_words(claim, one.bytes, by_hand)),
            );
        }
        operations.extend(grown);
    }
    if operations.is_empty() {
        let claims = known_claims.as_deref();
        return Err(standing(&place, name, &asked, claims, by_hand, stays));
    }
    let later = later(&found);
    let sizes: Vec<_> = asked
        .iter()
        .map(|one| format!("{} {}", one.argument, one.text))
        .collect();
    let mut summary = format!(
        "grow the volumes of cluster {name} in {}: {}",
        place.namespace,
        sizes.join(", ")
    );
    if stays {
        telling::both(&mut summary, &mut notes, STAYS);
    } else {
        notes.push(
            "where the storage cannot grow a file system in use, its pod has to start again: call this again to see".to_owned(),
        );
    }
    if let Some(later) = later {
        telling::both(&mut summary, &mut notes, &later);
    }
    let target = found.target();
    let plan = Plan::new(summary).change(Change::json_patch(
        target.clone(),
        &Value::Array(operations),
    ));
    let mut wait = || {
        let waiting = waiting(&values, found.instances());
        until_past(found.phase(), &target, waiting, &now_and_then(), &|_| {
            if stays {
                return Ok(true);
            }
            let claims = claims::of(&found)?;
            Ok(asked.iter().all(|one| one.is_there(&claims)))
        })
    };
    carry_out(&values, plan, notes, Some(&mut wait))
}

impl Asked {
    /// Returns the operations that write the size; none where it stands there. As the operator reads it: the size, else that of the
    /// template of claims (`GetSizeOrNil`, `api/v1/cluster_funcs.go`).
    fn grow(&self, place: &Place, cluster: Object<'_>) -> Result<Vec<Value>, Failure> {
        let storage = cluster.part(self.at);
        let name = cluster.text("/metadata/name");
        if storage.0.is_null() {
            let what = format!("cluster `{name}` {} has no volumes for WAL", place.words);
            return Err(Failure::invalid(what).next_step("leave wal_storage_size out"));
        }
        let own = if storage.text("/size").is_empty() {
            "/pvcTemplate/resources/requests/storage"
        } else {
            "/size"
        };
        let now = storage.text(own);
        let current = quantity::bytes(now).unwrap_or_default();
        if self.bytes < current {
            let what = format!(
                "`{}`: volumes of {now} cannot shrink to {}",
                self.argument, self.text
            );
            return Err(Failure::invalid(what).next_step(
                "restore_postgres_cluster into a new cluster is the way to smaller volumes",
            ));
        }
        if self.bytes == current {
            return Ok(Vec::new());
        }
        let path = format!("{}{own}", self.at);
        Ok(vec![
            json!({ "op": "test", "path": path, "value": now }),
            json!({ "op": "replace", "path": path, "value": self.text }),
        ])
    }

    fn claims<'a>(&self, claims: &'a [Claim]) -> impl Iterator<Item = &'a Claim> {
        let holds = self.holds;
        claims.iter().filter(move |claim| claim.holds == holds)
    }

    /// Refuses to ask for what no claim could get: the operator would try again and again.
    fn refuse_fixed(
        &self,
        cluster: Object<'_>,
        claims: &[Claim],
        classes: &[StorageClass],
    ) -> Result<(), Failure> {
        let fixed = |name: &str| {
            classes
                .iter()
                .any(|class| class.name == name && !class.expands)
        };
        let mut names = self.claims(claims).map(|claim| claim.class.as_str());
        let own = cluster.part(self.at).text("/storageClass");
        let Some(class) = names
            .find(|name| fixed(name))
            .or(Some(own).filter(|own| fixed(own)))
        else {
            return Ok(());
        };
        Err(Failure::invalid(format!(
            "`{}`: storage class `{class}` does not allow its volumes to grow (allowVolumeExpansion)",
            self.argument
        ))
        .next_step(
            "a person can have the class allow it, where the driver can; else replicas are made anew on larger volumes one by one, with \
             resizeInUseVolumes false, or restore_postgres_cluster makes a new cluster",
        ))
    }

    /// Whether every claim has it.
    fn is_there(&self, claims: &[Claim]) -> bool {
        self.claims(claims)
            .all(|claim| bytes(&claim.size) >= self.bytes)
    }
}

/// What happens to a claim, or where it stands; `by_hand` where the operator asks for no size.
fn claim_words(claim: &Claim, wanted: u64, by_hand: bool) -> String {
    let (name, now) = (&claim.name, &claim.size);
    let how = if bytes(now) >= wanted {
        format!("has {now} already")
    } else if bytes(&claim.wanted) < wanted && by_hand {
        format!(
            "stays at {now} until a person sets its request to {}",
            words(wanted)
        )
    } else if bytes(&claim.wanted) < wanted {
        format!("grows from {now} to {}", words(wanted))
    } else if claim.waits_for_pod() {
        "its file system grows when its pod starts again".to_owned()
    } else {
        format!("is on its way from {now} to {}", words(wanted))
    };
    format!("{name}: {how}")
}

/// What cannot be read is as if nothing was there: the claim is then said to grow.
fn bytes(size: &str) -> u64 {
    quantity::bytes(size).unwrap_or_default()
}

/// The sizes stand in the spec: what the claims make of them. None where they may not be read.
fn standing(
    place: &Place,
    name: &str,
    asked: &[Asked],
    claims: Option<&[Claim]>,
    by_hand: bool,
    stays: bool,
) -> Failure {
    if claims.is_some_and(|claims| asked.iter().all(|one| one.is_there(claims))) {
        return unchanged(place, name, "has volumes of that size");
    }
    let mut said = Vec::new();
    let mut waits = false;
    match claims {
        _ if stays => said.push(STAYS.to_owned()),
        None => said.push("how far its claims are is not known".to_owned()),
        Some(claims) => {
            for one in asked {
                for claim in one.claims(claims) {
                    said.push(claim_words(claim, one.bytes, by_hand));
                    waits |= claim.waits_for_pod() && bytes(&claim.size) < one.bytes;
                }
            }
        }
    }
    let what = format!(
        "cluster `{name}` {} is asked to have that size already, nothing would change: {}",
        place.words,
        said.join("; ")
    );
    let next = if stays || claims.is_none() {
        "tell the user, who can look at the claims"
    } else if by_hand {
        "tell the user: in the phase `Not enough disk space` a person sets the request of each claim that is full; then call this again"
    } else if waits {
        "propose restart_postgres_cluster, so that the file systems grow; then call this again"
    } else {
        "call this again later to see how far it is; k8s_list_events tells why a claim does not grow"
    };
    Failure::Conflict(what).next_step(next)
}

#[cfg(test)]
mod tests {
    use super::{Asked, claim_words, standing};
    use crate::claims::Claim;
    use bulkhead_plugin_sdk::Place;

    const GI: u64 = 1 << 30;

    fn claim(name: &str, wanted: &str, size: &str, waits_for_pod: bool) -> Claim {
        let pending = waits_for_pod.then(|| "FileSystemResizePending".to_owned());
        Claim {
            name: name.to_owned(),
            holds: "PG_DATA".to_owned(),
            wanted: wanted.to_owned(),
            size: size.to_owned(),
            phase: "Bound".to_owned(),
            class: "fast".to_owned(),
            conditions: pending.into_iter().collect(),
        }
    }

    #[test]
    fn each_claim_says_where_it_stands() {
        let said = |claim: &Claim| claim_words(claim, 20 * GI, false);
        assert_eq!(
            said(&claim("a-1", "10Gi", "10Gi", false)),
            "a-1: grows from 10Gi to 20Gi"
        );
        assert_eq!(
            said(&claim("a-1", "20Gi", "10Gi", false)),
            "a-1: is on its way from 10Gi to 20Gi"
        );
        assert_eq!(
            said(&claim("a-1", "20Gi", "10Gi", true)),
            "a-1: its file system grows when its pod starts again"
        );
        assert_eq!(
            said(&claim("a-1", "20Gi", "20Gi", false)),
            "a-1: has 20Gi already"
        );
        assert_eq!(
            claim_words(&claim("a-1", "10Gi", "10Gi", false), 20 * GI, true),
            "a-1: stays at 10Gi until a person sets its request to 20Gi"
        );
    }

    #[test]
    fn asked_again_it_says_how_far_it_is_and_what_to_do() {
        let place = Place::new("shop", "");
        let asked = [Asked {
            argument: "storage_size",
            at: "/spec/storage",
            holds: "PG_DATA",
            text: "20Gi".to_owned(),
            bytes: 20 * GI,
        }];
        let said = |claims: &[Claim]| {
            standing(&place, "a", &asked, Some(claims), false, false)
                .message()
                .to_owned()
        };
        let waits = said(&[
            claim("a-1", "20Gi", "20Gi", false),
            claim("a-2", "20Gi", "10Gi", true),
        ]);
        assert!(
            waits.contains("a-1: has 20Gi already; a-2: its file system"),
            "{waits}"
        );
        assert!(
            waits.contains("next: propose restart_postgres_cluster"),
            "{waits}"
        );
        let under_way = said(&[claim("a-1", "20Gi", "10Gi", false)]);
        assert!(
            under_way.contains("next: call this again later"),
            "{under_way}"
        );
        assert!(
            said(&[claim("a-1", "20Gi", "20Gi", false)])
                .contains("has volumes of that size already")
        );
    }
}
