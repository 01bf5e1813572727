//! Another version of PostgreSQL.

use super::fleet::{
    READ, WRITE, ask, bare, cluster, document, granted_with, notes, operated, people, refused,
    summary, with,
};
use bulkhead_cnpg_data::Fleet;
use bulkhead_plugin_cnpg::describe;
use bulkhead_plugin_sdk::Failure;
use serde_json::{Value, json};
use std::time::SystemTime;

const TOOL: &str = "upgrade_postgres_cluster";

fn orders(version: &str) -> Value {
    json!({ "name": "orders", "namespace": "shop", "postgres_version": version })
}

fn metrics(version: &str) -> Value {
    json!({ "name": "metrics", "namespace": "lab", "postgres_version": version })
}

#[test]
fn a_minor_version_keeps_the_build_and_says_how_it_rolls() {
    let cnpg = people().run(describe);
    let said = ask(&cnpg, TOOL, &orders("17.8")).text;
    for line in [
        "risk high",
        "~ spec.imageName: \"ghcr.io/cloudnative-pg/postgresql:17.7-system-trixie\" -> \"ghcr.io/cloudnative-pg/postgresql:17.8-system-trixie\"",
        "the replicas one by one, then the primary `orders-1`",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert!(!said.contains("pg_upgrade"), "{said}");
}

/// The operator stops the pods before anything pulls the image.
#[test]
fn who_decides_is_told_that_nobody_knows_whether_there_is_such_an_image() {
    let cnpg = people().run(describe);
    for (version, words) in [
        (
            "17.99",
            "an image of PostgreSQL 17.99; without one the first instance that gets it stays down",
        ),
        (
            "17",
            "an image of PostgreSQL 17, and of which minor version; without one the first instance",
        ),
        (
            "18.99",
            "an image of PostgreSQL 18.99; without one the database stays down",
        ),
    ] {
        let told = summary(&cnpg, TOOL, &orders(version));
        let words = format!("; not known: whether there is {words}");
        assert!(told.contains(&words), "{words}: {told}");
    }
    // Of a catalogue somebody else named it.
    let told = summary(&cnpg, TOOL, &metrics("18"));
    assert!(!told.contains("whether there is an image"), "{told}");
}

#[test]
fn a_minor_version_is_done_when_every_instance_runs_it() {
    let cnpg = people().run(describe);
    let waited = operated(&cnpg, TOOL, &orders("17.8"));
    let expected =
        json!({ "done": true, "detail": "Cluster in healthy state, 3 of 3 instances ready" });
    assert_eq!(waited, expected);
    let again = cnpg.call(TOOL, orders("17.8")).expect_err("it runs it");
    assert!(
        again.message().contains("runs PostgreSQL 17.8 already"),
        "{again}"
    );
}

#[test]
fn a_major_version_says_each_step_the_downtime_and_the_backup() {
    let cnpg = people().run(describe);
    let said = ask(&cnpg, TOOL, &orders("18.1")).text;
    for line in [
        "postgresql:18.1-system-trixie",
        "first all pods are stopped: the database is down",
        "then the job `orders-1-major-upgrade` runs pg_upgrade",
        "the volumes of orders-2, orders-3 are deleted",
        "the newest completed backup is of ",
        "a person runs ANALYZE in each database",
        "a person sets an image of the old version under another tag, and then deletes the job",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let told = summary(&cnpg, TOOL, &orders("18.1"));
    for words in [
        "upgrade cluster orders in shop to PostgreSQL 18.1; not known: whether there is an image of PostgreSQL 18.1; without one the \
         database stays down; first all pods are stopped: the database is down",
        "the volumes of orders-2, orders-3 are deleted",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(!told.contains("NO backup"), "{told}");
}

#[test]
fn a_major_version_needs_a_backup_of_the_last_day_or_the_word_that_it_does_without() {
    let cnpg = people().run(describe);
    let catalog = json!({ "name": "catalog", "namespace": "shop", "postgres_version": "18.1" });
    let failure = refused(&cnpg, TOOL, &catalog);
    assert!(matches!(&failure, Failure::Conflict(_)), "{failure}");
    assert!(
        failure
            .message()
            .contains("next: propose create_postgres_backup first"),
        "{failure}"
    );
    let scratch = json!({ "name": "scratch", "namespace": "lab", "postgres_version": "17.7" });
    let failure = refused(&cnpg, TOOL, &scratch);
    assert!(
        failure.message().contains("there is no completed backup"),
        "{failure}"
    );
    let said = notes(
        &cnpg,
        TOOL,
        &with(&scratch, &json!({ "without_backup": true })),
    );
    assert!(
        said.contains("at last `scratch-1` starts with PostgreSQL 17.7"),
        "{said}"
    );
    let told = summary(
        &cnpg,
        TOOL,
        &with(&scratch, &json!({ "without_backup": true })),
    );
    for words in [
        "there is NO backup of the last day to go back to",
        "the database is down, for reading too",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    // How old a backup is belongs into no summary: the same call makes the same plan.
    let old = with(&catalog, &json!({ "without_backup": true }));
    let told = summary(&cnpg, TOOL, &old);
    assert!(
        told.contains("NO backup") && !told.contains("ago"),
        "{told}"
    );
}

#[test]
fn there_is_no_way_back_and_no_other_image() {
    let custom = json!({ "instances": 1, "imageName": "registry.example/pg:17.6" });
    let mute =
        json!({ "instances": 1, "imageName": "ghcr.io/cloudnative-pg/postgresql@sha256:ab" });
    let unsaid = json!({ "instances": 1, "imageName": "ghcr.io/cloudnative-pg/postgresql:17.6" });
    let status = || json!({ "phase": "Cluster in healthy state", "pgDataImageInfo": { "majorVersion": 17 } });
    let objects = document(&cluster("shop", "custom", custom, status()))
        + &document(&cluster("shop", "mute", mute, status()))
        + &document(&cluster("shop", "unsaid", unsaid, status()));
    let cnpg = granted_with(&objects).run(describe);
    let of = |name: &str| json!({ "name": name, "namespace": "shop", "postgres_version": "17.8" });
    for (arguments, says) in [
        (orders("16.10"), "there is no way back to 16.10"),
        (orders("17.5"), "there is no way back to 17.5"),
        (metrics("16"), "there is no way back to 16"),
        (of("custom"), "not one of the operator's own images"),
        (of("mute"), "whose tag says no version"),
        (of("unsaid"), "whose tag names no distribution"),
        (
            orders("ghcr.io/cloudnative-pg/postgresql:18"),
            "is no version of PostgreSQL",
        ),
    ] {
        let failure = refused(
            &cnpg,
            TOOL,
            &with(
                &arguments,
                &json!({ "without_backup": true, "confirm": true }),
            ),
        );
        assert!(
            matches!(&failure, Failure::Invalid(_)),
            "{arguments}: {failure}"
        );
        assert!(failure.message().contains(says), "{arguments}: {failure}");
    }
}

#[test]
fn whether_a_version_is_older_than_one_without_a_minor_number_is_said_not_to_be_known() {
    let spec = json!({ "instances": 1, "imageName": "ghcr.io/cloudnative-pg/postgresql:17-system-trixie" });
    let status =
        json!({ "phase": "Cluster in healthy state", "pgDataImageInfo": { "majorVersion": 17 } });
    let cnpg = granted_with(&document(&cluster("shop", "plain", spec, status))).run(describe);
    let told = |version: &str| {
        let arguments =
            json!({ "name": "plain", "namespace": "shop", "postgres_version": version });
        summary(&cnpg, TOOL, &arguments)
    };
    let words = "not known: whether that is an older minor version";
    assert!(told("17.4").contains(words), "{}", told("17.4"));
}

#[test]
fn an_older_tag_goes_on_with_the_same_distribution() {
    let older = document(&cluster(
        "shop",
        "older",
        json!({ "instances": 1, "imageName": "ghcr.io/cloudnative-pg/postgresql:17.4-12-bookworm" }),
        json!({ "phase": "Cluster in healthy state", "pgDataImageInfo": { "majorVersion": 17 } }),
    ));
    let cnpg = granted_with(&older).run(describe);
    let said = ask(
        &cnpg,
        TOOL,
        &json!({ "name": "older", "namespace": "shop", "postgres_version": "17.8" }),
    );
    assert!(
        said.text.contains("postgresql:17.8-system-bookworm"),
        "{}",
        said.text
    );
}

#[test]
fn of_a_catalogue_only_the_major_version_is_chosen_among_those_it_has() {
    let cnpg = people().run(describe);
    let said = ask(&cnpg, TOOL, &metrics("18")).text;
    assert!(
        said.contains("~ spec.imageCatalogRef.major: 17 -> 18"),
        "{said}"
    );
    assert!(
        said.contains(
            "ImageCatalog `postgresql` has `ghcr.io/cloudnative-pg/postgresql:18.1-system-trixie`"
        ),
        "{said}"
    );
    for (version, says) in [
        (
            "17.8",
            "takes its images from ImageCatalog `postgresql`, which decides on minor versions",
        ),
        (
            "17",
            "follows ImageCatalog `postgresql` for PostgreSQL 17 already",
        ),
        ("19", "name one of 16, 17, 18"),
    ] {
        let failure = refused(&cnpg, TOOL, &metrics(version));
        assert!(failure.message().contains(says), "{version}: {failure}");
    }
}

#[test]
fn a_major_version_is_refused_where_the_operator_or_postgresql_would_fail() {
    let image =
        |version: &str| format!("ghcr.io/cloudnative-pg/postgresql:{version}-system-trixie");
    let healthy = "Cluster in healthy state";
    let old = json!({ "phase": healthy, "currentPrimary": "a-1" });
    let data = |major: u64, phase: &str| json!({ "phase": phase, "pgDataImageInfo": { "majorVersion": major } });
    let kept = |version: &str| json!({ "instances": 1, "imageName": image(version), "postgresql": { "parameters": { "max_slot_wal_keep_size": "10GB" } } });
    let plain = |version: &str| json!({ "instances": 1, "imageName": image(version) });
    let objects = [
        cluster("shop", "older", plain("16.4"), old),
        cluster("shop", "kept", kept("17.5"), data(17, healthy)),
        cluster("shop", "mended", kept("17.6"), data(17, healthy)),
        cluster("shop", "before", kept("16.4"), data(16, healthy)),
        cluster("shop", "busy", plain("16.4"), data(16, "Upgrading cluster")),
        cluster("shop", "early", plain("14.9"), data(14, healthy)),
        cluster(
            "shop",
            "halfway",
            plain("18.1"),
            data(17, "Upgrading Postgres major version"),
        ),
    ];
    let objects: Vec<_> = objects.iter().map(document).collect();
    let cnpg = granted_with(&objects.concat()).run(describe);
    let to = |name: &str, version: &str| json!({ "name": name, "namespace": "shop", "postgres_version": version, "without_backup": true });
    for (name, version, says) in [
        ("older", "17.6", "older than 1.26"),
        (
            "kept",
            "18.1",
            "has PostgreSQL 17.5: before 17.6 the upgrade fails while max_slot_wal_keep_size is `10GB`; next: upgrade to 17.6 or later first",
        ),
        (
            "busy",
            "17.6",
            "is not healthy: its phase is `Upgrading cluster`",
        ),
        ("early", "15.4", "upgrades to PostgreSQL 16 and later only"),
    ] {
        let failure = refused(&cnpg, TOOL, &to(name, version));
        assert!(failure.message().contains(says), "{name}: {failure}");
    }
    // For the new server the operator sets it itself.
    for (name, version) in [("mended", "18.1"), ("before", "17.5")] {
        let said = notes(&cnpg, TOOL, &to(name, version));
        assert!(said.contains("pg_upgrade"), "{said}");
        assert!(!said.contains("max_slot_wal_keep_size"), "{said}");
    }
    let back = refused(&cnpg, TOOL, &to("halfway", "17.7"));
    assert!(back.message().contains("is not taken back here"), "{back}");
}

#[test]
fn what_is_not_granted_to_read_is_not_known_and_the_proposal_stands() {
    let reference = json!({ "apiGroup": "postgresql.cnpg.io", "kind": "ClusterImageCatalog", "name": "postgresql", "major": 16 });
    let listed = document(&cluster(
        "shop",
        "listed",
        json!({ "instances": 1, "imageCatalogRef": reference }),
        json!({ "phase": "Cluster in healthy state", "pgDataImageInfo": { "majorVersion": 16 } }),
    ));
    // Without the right to read what the whole cluster has.
    let cnpg = bare(&listed).grant(READ).grant(WRITE).run(describe);
    let arguments = json!({ "name": "listed", "namespace": "shop", "postgres_version": "17", "without_backup": true });
    let said = notes(&cnpg, TOOL, &arguments);
    assert!(
        said.contains(
            "not known: whether ClusterImageCatalog `postgresql` has PostgreSQL 17 (denied)"
        ),
        "{said}"
    );
    let told = summary(&cnpg, TOOL, &arguments);
    assert!(told.contains(UNKNOWN), "{told}");
}

/// What the person has to weigh where nothing tells the distribution.
const UNKNOWN: &str = "not known: whether the new image is of the same distribution";

/// A cluster with data of PostgreSQL 16, and a catalogue with an image of each kind.
fn catalogued(parameters: &Value) -> String {
    let image = |tag: &str| format!("ghcr.io/cloudnative-pg/postgresql:{tag}");
    let catalogue = json!({
        "apiVersion": "postgresql.cnpg.io/v1", "kind": "ImageCatalog", "metadata": { "name": "mixed", "namespace": "shop" },
        "spec": { "images": [
            { "major": 16, "image": image("16.10-standard-trixie") },
            { "major": 17, "image": image("17.5-202506160837-standard-trixie@sha256:ab") },
            { "major": 18, "image": image("18.1-standard-bookworm") },
            { "major": 19, "image": "registry.example/pg:19" },
        ] },
    });
    let reference = json!({ "apiGroup": "postgresql.cnpg.io", "kind": "ImageCatalog", "name": "mixed", "major": 16 });
    let spec = json!({ "instances": 1, "imageCatalogRef": reference, "postgresql": { "parameters": parameters } });
    let status = json!({
        "phase": "Cluster in healthy state", "currentPrimary": "listed-1", "image": image("16.10-standard-trixie"),
        "pgDataImageInfo": { "majorVersion": 16 },
    });
    document(&catalogue) + &document(&cluster("shop", "listed", spec, status))
}

fn listed(version: &str) -> Value {
    json!({ "name": "listed", "namespace": "shop", "postgres_version": version, "without_backup": true })
}

/// On another distribution text may sort otherwise, and indexes of it are broken.
#[test]
fn a_catalogue_is_no_way_to_another_distribution() {
    let cnpg = granted_with(&catalogued(&json!({}))).run(describe);
    let failure = refused(&cnpg, TOOL, &listed("18"));
    assert!(matches!(&failure, Failure::Invalid(_)), "{failure}");
    for words in [
        "runs on `trixie`, and the image of PostgreSQL 18 is of `bookworm`",
        "next: tell the user: a person puts an image of the same distribution into the catalogue",
    ] {
        assert!(failure.message().contains(words), "{failure}");
    }
    let told = summary(&cnpg, TOOL, &listed("17"));
    assert!(!told.contains("distribution"), "{told}");
    let told = summary(&cnpg, TOOL, &listed("19"));
    assert!(told.contains(UNKNOWN), "{told}");
}

/// Which one a tag without a minor version is, is known to the instances alone.
#[test]
fn whether_the_minor_version_is_one_that_fails_is_said_not_to_be_known() {
    let kept = json!({ "max_slot_wal_keep_size": "10GB" });
    let named = document(&cluster(
        "shop",
        "listed",
        json!({
            "instances": 1, "imageName": "ghcr.io/cloudnative-pg/postgresql:17-standard-trixie", "postgresql": { "parameters": kept },
        }),
        json!({ "phase": "Cluster in healthy state", "currentPrimary": "listed-1", "pgDataImageInfo": { "majorVersion": 17 } }),
    ));
    let cnpg = granted_with(&named).run(describe);
    let told = summary(&cnpg, TOOL, &listed("18.1"));
    assert!(
        told.contains("not known: whether it has 17.6 or later"),
        "{told}"
    );
}

/// The job would fail with the database down.
#[test]
fn a_major_version_is_refused_with_parameters_that_it_does_not_have() {
    for (parameters, version, says) in [
        (
            json!({ "old_snapshot_threshold": "1h", "work_mem": "4MB" }),
            "17",
            "sets `old_snapshot_threshold`, which PostgreSQL 17 does not have: it would not start; next: propose update_postgres_configuration \
             first, with `remove`",
        ),
        (
            json!({ "DB_User_Namespace": "off", "trace_recovery_messages": "log" }),
            "17",
            "`DB_User_Namespace`, `trace_recovery_messages`",
        ),
    ] {
        let cnpg = granted_with(&catalogued(&parameters)).run(describe);
        let failure = refused(&cnpg, TOOL, &listed(version));
        assert!(matches!(&failure, Failure::Invalid(_)), "{failure}");
        assert!(failure.message().contains(says), "{failure}");
    }
    // Those of extensions, and versions that the table does not have, are not judged.
    let of_extension = json!({ "pgaudit.log": "all", "wal_keep_size": "512MB" });
    let cnpg = granted_with(&catalogued(&of_extension)).run(describe);
    assert!(notes(&cnpg, TOOL, &listed("17")).contains("pg_upgrade"));
    let gone = json!({ "old_snapshot_threshold": "1h" });
    let cnpg = granted_with(&catalogued(&gone)).run(describe);
    assert!(notes(&cnpg, TOOL, &listed("19")).contains("pg_upgrade"));
}

/// The fleet's backups of `orders` are of PostgreSQL 17.
#[test]
fn a_backup_of_another_major_version_than_the_datas_is_none_to_go_back_to() {
    let fleet = Fleet::new(SystemTime::now());
    let cnpg = people().run(describe);
    let mut orders = fleet
        .object("Cluster", "shop", "orders")
        .expect("it is there")
        .clone();
    orders["spec"]["imageName"] = json!("ghcr.io/cloudnative-pg/postgresql:18.1-system-trixie");
    orders["status"]["image"] = orders["spec"]["imageName"].clone();
    orders["status"]["pgDataImageInfo"] = json!({ "majorVersion": 18 });
    cnpg.cluster().change(|there| {
        there.insert(orders).expect("its type is served");
    });
    let to = json!({ "name": "orders", "namespace": "shop", "postgres_version": "19" });
    let failure = refused(&cnpg, TOOL, &to);
    assert!(matches!(&failure, Failure::Conflict(_)), "{failure}");
    assert!(
        failure
            .message()
            .contains("there is no completed backup of PostgreSQL 18"),
        "{failure}"
    );
    // An older operator does not say of which version a backup is.
    let is_of_orders = |object: &&Value| {
        object["kind"] == "Backup"
            && object["spec"]["cluster"]["name"] == "orders"
            && object["status"]["phase"] == "completed"
    };
    let backups = fleet.objects().iter().filter(is_of_orders);
    for mut backup in backups.cloned() {
        backup["status"]["majorVersion"] = Value::Null;
        cnpg.cluster().change(|there| {
            there.insert(backup).expect("its type is served");
        });
    }
    let told = summary(&cnpg, TOOL, &to);
    assert!(!told.contains("NO backup"), "{told}");
}

/// It would begin at another time than the one for which it was judged.
#[test]
fn a_major_version_is_refused_where_the_operator_would_not_begin() {
    let of = |annotation: &str, value: &str| {
        let image = "ghcr.io/cloudnative-pg/postgresql:16.10-standard-trixie";
        let mut object = cluster(
            "shop",
            "listed",
            json!({ "instances": 1, "imageName": image }),
            json!({ "phase": "Cluster in healthy state", "currentPrimary": "listed-1", "pgDataImageInfo": { "majorVersion": 16 } }),
        );
        object["metadata"]["annotations"] = json!({ annotation: value });
        document(&object)
    };
    for (annotation, value, says) in [
        (
            "cnpg.io/reconciliationLoop",
            "disabled",
            "to leave this cluster alone",
        ),
        ("cnpg.io/hibernation", "on", "asked to"),
    ] {
        let cnpg = granted_with(&of(annotation, value)).run(describe);
        let failure = refused(&cnpg, TOOL, &listed("17.6"));
        assert!(matches!(&failure, Failure::Conflict(_)), "{failure}");
        assert!(failure.message().contains(says), "{annotation}: {failure}");
    }
}
