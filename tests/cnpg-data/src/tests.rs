use std::{
    collections::BTreeSet,
    time::{Duration, SystemTime},
};

use serde_json::Value;

use super::*;

/// 2026-11-20T12:40:30Z.
fn fleet() -> Fleet {
    Fleet::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_178_430))
}

fn cluster(fleet: &Fleet, at: Named) -> Value {
    let object = fleet.object("Cluster", at.namespace, at.name);
    object.unwrap_or_else(|| panic!("no {at:?}")).clone()
}

fn of_kind<'a>(fleet: &'a Fleet, kind: &str) -> Vec<&'a Value> {
    let objects = fleet.objects().iter();
    objects.filter(|object| object["kind"] == kind).collect()
}

/// Namespace and name.
fn place(object: &Value) -> (String, String) {
    let text = |member: &str| {
        let text = object["metadata"][member].as_str();
        text.unwrap_or_default().to_owned()
    };
    (text("namespace"), text("name"))
}

#[test]
fn there_are_twelve_clusters_and_each_has_its_constant() {
    let fleet = fleet();
    assert_eq!(of_kind(&fleet, "Cluster").len(), ALL.len());
    for at in ALL {
        cluster(&fleet, at);
    }
    assert!(ALL.is_sorted_by_key(|at| (at.namespace, at.name)));
}

#[test]
fn no_two_objects_have_one_place_and_the_same_time_gives_the_same_objects() {
    let fleet = fleet();
    let places = fleet.objects().iter();
    let places: BTreeSet<_> = places
        .map(|object| (object["kind"].to_string(), place(object)))
        .collect();
    assert_eq!(places.len(), fleet.objects().len());
    assert_eq!(fleet.objects(), self::fleet().objects());
}

#[test]
fn every_owner_is_there_and_stands_before_what_it_owns() {
    let fleet = fleet();
    let mut seen = BTreeSet::new();
    for object in fleet.objects() {
        let (namespace, name) = place(object);
        for owner in object["metadata"]["ownerReferences"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let owner = (
                owner["kind"].to_string(),
                (
                    namespace.clone(),
                    owner["name"].as_str().unwrap().to_owned(),
                ),
            );
            assert!(seen.contains(&owner), "{name}: {owner:?}");
        }
        seen.insert((object["kind"].to_string(), (namespace, name)));
    }
}

/// What the operator counts is what there is: it computes each of these from pods and claims.
#[test]
fn a_status_says_what_pods_and_claims_there_are() {
    let fleet = fleet();
    for at in ALL {
        let status = &cluster(&fleet, at)["status"];
        let mine = |kind: &str| -> Vec<&Value> {
            let all = of_kind(&fleet, kind).into_iter();
            all.filter(|object| {
                let metadata = &object["metadata"];
                metadata["namespace"] == at.namespace
                    && metadata["labels"]["cnpg.io/cluster"] == at.name
            })
            .collect()
        };
        let (pods, claims) = (mine("Pod"), mine("PersistentVolumeClaim"));
        let ready = pods
            .iter()
            .filter(|pod| pod["status"]["containerStatuses"][0]["ready"] == true);
        let count = status["readyInstances"].as_u64().unwrap_or(0);
        assert_eq!(count, ready.count() as u64, "{at:?}");
        let listed = |member: &str| -> Vec<&str> {
            let names = status[member].as_array().into_iter().flatten();
            names.map(|name| name.as_str().unwrap()).collect()
        };
        let mut volumes = [
            listed("healthyPVC"),
            listed("danglingPVC"),
            listed("unusablePVC"),
        ]
        .concat();
        volumes.sort_unstable();
        let mut there: Vec<_> = claims
            .iter()
            .map(|claim| claim["metadata"]["name"].as_str().unwrap())
            .collect();
        there.sort_unstable();
        assert_eq!(volumes, there, "{at:?}");
        assert_eq!(status["pvcCount"], there.len(), "{at:?}");
        let states = status["instancesStatus"].as_object().into_iter().flatten();
        let states: usize = states
            .map(|(_, names)| names.as_array().unwrap().len())
            .sum();
        assert_eq!(states, pods.len(), "{at:?}");
    }
}

#[test]
fn times_are_written_as_the_operator_writes_each() {
    let fleet = fleet();
    let status = |at| cluster(&fleet, at)["status"].clone();
    assert_eq!(
        status(CATALOG)["lastSuccessfulBackup"],
        "2026-11-17T02:14:00Z"
    );
    assert_eq!(status(CATALOG)["lastFailedBackup"], "2026-11-20T02:14:00Z");
    let expirations = &status(LEDGER)["certificates"]["expirations"];
    assert_eq!(expirations["ledger-tls"], "2026-11-25 18:40:00 +0000 UTC");
    assert_eq!(
        status(CARTS)["targetPrimaryTimestamp"],
        "2026-11-20T12:38:00.000000Z"
    );
    let newest = fleet.object("Backup", "shop", "orders-daily-20261120021000");
    assert_eq!(newest.unwrap()["status"]["backupId"], "20261120T021000");
    let schedule = fleet
        .object("ScheduledBackup", "shop", "orders-daily")
        .unwrap();
    assert_eq!(schedule["spec"]["schedule"], "0 10 2 * * *");
    assert_eq!(status(LEDGER)["lastSuccessfulBackup"], Value::Null);
}

#[test]
fn logs_are_json_lines_of_pods_that_are_there_the_oldest_first() {
    let fleet = fleet();
    for log in fleet.logs() {
        fleet.object("Pod", log.namespace, &log.pod).unwrap();
        let mut before = String::new();
        for line in log.text.lines() {
            let (stamp, line) = line.split_once(' ').unwrap();
            assert!(before.as_str() <= stamp, "{line}");
            stamp.clone_into(&mut before);
            let line: Value = serde_json::from_str(line).unwrap();
            assert_eq!(line["ts"], stamp);
            assert_eq!(line["logging_pod"], log.pod.as_str());
        }
    }
}

#[test]
fn a_server_gets_status_apart_and_owners_with_their_uids() {
    let fleet = fleet();
    let uids =
        |kind: &str, _: &str, name: &str| (kind == "Cluster").then(|| format!("uid of {name}"));
    for object in fleet.creations(&uids) {
        assert!(object["status"].is_null());
        if object["kind"] == "Pod" {
            let owner = &object["metadata"]["ownerReferences"][0];
            assert_eq!(
                owner["uid"],
                format!("uid of {}", owner["name"].as_str().unwrap())
            );
        }
    }
    let statuses = fleet.statuses(&uids);
    assert!(statuses.iter().all(|object| object["status"].is_object()));
    // No type of catalogues has one, and the pooler without a cluster never got one.
    assert_eq!(
        statuses
            .iter()
            .filter(|object| object["kind"] == "Pooler")
            .count(),
        1
    );
}
