use std::{collections::BTreeSet, time::Duration};

use super::*;

/// 2026-11-20T12:40:30Z.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_178_430)
}

fn of_kind<'a>(fleet: &'a Fleet, kind: &str) -> Vec<&'a Value> {
    let objects = fleet.objects().iter();
    objects.filter(|object| object["kind"] == kind).collect()
}

fn phases(objects: &[&Value]) -> BTreeSet<String> {
    let phase = |object: &&Value| {
        object["status"]["phase"]
            .as_str()
            .unwrap_or("New")
            .to_owned()
    };
    objects.iter().map(phase).collect()
}

#[test]
fn the_same_seed_and_time_give_the_same_objects_and_another_seed_others() {
    assert_eq!(
        Fleet::new(7, now()).objects(),
        Fleet::new(7, now()).objects()
    );
    assert_ne!(
        Fleet::new(7, now()).objects(),
        Fleet::new(8, now()).objects()
    );
}

#[test]
fn no_two_objects_have_one_place() {
    let fleet = Fleet::new(7, now());
    let place = |object: &Value| {
        let metadata = &object["metadata"];
        format!(
            "{} {} {}",
            object["kind"], metadata["namespace"], metadata["name"]
        )
    };
    let places: BTreeSet<_> = fleet.objects().iter().map(place).collect();
    assert_eq!(places.len(), fleet.objects().len());
}

#[test]
fn there_are_300_backups_in_every_phase_and_a_restore_in_each() {
    let fleet = Fleet::new(7, now());
    let backups = of_kind(&fleet, "Backup");
    assert!(backups.len() >= 300, "{}", backups.len());
    assert_eq!(phases(&backups).len(), 13, "{:?}", phases(&backups));
    assert_eq!(phases(&of_kind(&fleet, "Restore")).len(), 10);
}

#[test]
fn a_schedule_s_last_backup_is_the_time_in_its_newest_backup_s_name_and_when_its_cron_came_due() {
    let fleet = Fleet::new(7, now());
    let schedules = of_kind(&fleet, "Schedule");
    let daily = schedules
        .iter()
        .find(|schedule| schedule["metadata"]["name"] == "apps-daily")
        .unwrap();
    assert_eq!(daily["status"]["lastBackup"], "2026-11-20T02:10:00Z");
    assert_eq!(daily["spec"]["schedule"], "10 2 * * *");
    let newest = "apps-daily-20261120021000";
    assert!(
        of_kind(&fleet, "Backup")
            .iter()
            .any(|backup| backup["metadata"]["name"] == newest)
    );
}

#[test]
fn volumes_of_a_backup_are_those_that_it_includes() {
    let fleet = Fleet::new(7, now());
    let sources: Vec<_> = of_kind(&fleet, "DataUpload")
        .iter()
        .filter(|upload| {
            upload["metadata"]["labels"]["velero.io/backup-name"] == "apps-daily-20261120021000"
        })
        .map(|upload| {
            format!(
                "{}/{}",
                upload["spec"]["sourceNamespace"], upload["spec"]["sourcePVC"]
            )
            .replace('"', "")
        })
        .collect();
    assert_eq!(
        sources,
        [
            "shop/data-postgres-0",
            "shop/data-postgres-1",
            "payments/data-ledger-0",
            "payments/spool",
            "orders/queue",
            "media/library",
            "shop/uploads",
        ]
    );
}

#[test]
fn a_long_list_is_as_long_as_was_asked_for() {
    assert_eq!(backups(5000, 7, now()).len(), 5000);
}
