//! The cluster that is to be made: as its source is where the data demands it, and with nothing that writes to where the source does.

use super::source::{Archive, Source, only};
use crate::backup::Method;
use crate::backup::method::BARMAN_CLOUD;
use crate::cluster::Cluster;
use crate::image::{self, Image, Version};
use crate::kinds::API_VERSION;
use crate::parameters::operator;
use crate::quantity;
use crate::recovery::Target;
use bulkhead_plugin_sdk::arguments::Values;
use bulkhead_plugin_sdk::{Failure, Object};
use serde_json::{Map, Value, json};

/// What a physical copy of the data needs as the source has it, or PostgreSQL does not start on it.
const COPIED: [&str; 9] = [
    "imageName",
    "imageCatalogRef",
    "imagePullSecrets",
    "postgresUID",
    "postgresGID",
    "resources",
    "storage",
    "walStorage",
    "tablespaces",
];

/// The same of `spec.postgresql`.
const SETTINGS: [&str; 3] = ["parameters", "shared_preload_libraries", "extensions"];

/// Where a cluster says which database its application uses, and whose that is.
const BOOTSTRAPS: [&str; 3] = ["initdb", "recovery", "pg_basebackup"];

/// What the caller wants beside what the source says.
pub(crate) struct Wanted<'a> {
    pub(crate) name: &'a str,
    pub(crate) namespace: &'a str,
    pub(crate) values: &'a Values,
    pub(crate) target: Option<&'a Target>,
}

/// Makes the manifest, and adds what else to know to the notes.
///
/// # Errors
/// `Invalid` where the storage would be too small, or something has to be said since the source is gone or ran another version then;
/// `Conflict` where something of the source is masked.
pub(crate) fn manifest(
    wanted: &Wanted<'_>,
    source: &Source,
    notes: &mut Vec<String>,
) -> Result<Value, Failure> {
    let mut spec = copied(source);
    let instances = wanted.values.count("instances").map(u64::from);
    let of_source = source.cluster.as_ref().map(|cluster| cluster.instances());
    spec.insert(
        "instances".to_owned(),
        json!(instances.or(of_source).unwrap_or(1).max(1)),
    );
    image(wanted, source, &mut spec, notes)?;
    storage(wanted, source, &mut spec, notes)?;
    let (mut recovery, external) = recovery(source)?;
    if let Some(target) = wanted.target {
        recovery["recoveryTarget"]["targetTime"] = json!(target.text);
    }
    database(wanted, source, &mut recovery, notes)?;
    spec.insert("bootstrap".to_owned(), json!({ "recovery": recovery }));
    if let Some(external) = external {
        spec.insert("externalClusters".to_owned(), json!([external]));
    }
    let spec = Value::Object(spec);
    if let Some(path) = masked(&spec) {
        let what = format!(
            "`spec{path}` would be copied, and the host masks a credential in it: the new cluster would get the mask"
        );
        return Err(Failure::Conflict(what).next_step(
            "tell the user: such a cluster has to be written by hand, with that value in a Secret",
        ));
    }
    Ok(json!({
        "apiVersion": API_VERSION, "kind": "Cluster",
        "metadata": { "name": wanted.name, "namespace": wanted.namespace },
        "spec": spec,
    }))
}

/// Finds where a text stands in which the host has masked something.
fn masked(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => text.contains("<redacted").then(String::new),
        Value::Array(items) => {
            let mut found = items.iter().enumerate();
            found.find_map(|(at, item)| Some(format!("[{at}]{}", masked(item)?)))
        }
        Value::Object(entries) => {
            let mut found = entries.iter();
            found.find_map(|(key, entry)| Some(format!(".{key}{}", masked(entry)?)))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Field by field: what is not named here, such as `backup`, `plugins`, roles and certificates, stays with the source.
fn copied(source: &Source) -> Map<String, Value> {
    let mut spec = Map::new();
    let Some(cluster) = &source.cluster else {
        return spec;
    };
    let of_source = cluster.object().part("/spec");
    for field in COPIED {
        if let Some(value) = of_source.0.get(field) {
            spec.insert(field.to_owned(), value.clone());
        }
    }
    let mut settings = Map::new();
    for field in SETTINGS {
        if let Some(value) = of_source.0.pointer(&format!("/postgresql/{field}")) {
            settings.insert(field.to_owned(), value.clone());
        }
    }
    if let Some(Value::Object(parameters)) = settings.get_mut("parameters") {
        *parameters = only(parameters, is_owners);
    }
    if !settings.is_empty() {
        spec.insert("postgresql".to_owned(), settings.into());
    }
    spec
}

/// Whether the cluster's owner has set a parameter: the operator writes what it sets itself into each cluster.
fn is_owners(name: &str, value: &Value) -> bool {
    operator::fixed(name).is_none() && operator::default_of(name) != value.as_str()
}

/// A data directory runs only under the major version that it was made by, and sorts text as the distribution did under which it was
/// written: under another one indexes of text are broken. So the build is the source's, or has to be said.
fn image(
    wanted: &Wanted<'_>,
    source: &Source,
    spec: &mut Map<String, Value>,
    notes: &mut Vec<String>,
) -> Result<(), Failure> {
    let values = wanted.values;
    let [named, build] = ["postgres_version", "build"].map(|name| values.text(name));
    let (name, major) = (&source.name, source.major);
    let now = source.cluster.as_ref().map_or("", Cluster::image);
    let same = |cluster: &&Cluster| major == 0 || cluster.major().is_none_or(|now| now == major);
    if source.cluster.as_ref().filter(same).is_some() {
        if named.or(build).is_some() {
            return Err(Failure::invalid(
                "`postgres_version` or `build` is given, and the source says which image it is",
            )
            .next_step("leave both out: the data needs the source's"));
        }
        if !spec.contains_key("imageName") && !spec.contains_key("imageCatalogRef") {
            // What its pods run, where the operator's default decides that.
            spec.insert("imageName".to_owned(), json!(now));
        }
        return Ok(());
    }
    let version = match (named, major) {
        (Some(named), _) => Version::parse(named)?,
        (None, 0) => {
            return Err(Failure::invalid(format!(
                "cluster `{name}` is gone, and the backup does not say which PostgreSQL it is of"
            ))
            .next_step("give its major version as `postgres_version`"));
        }
        (None, major) => Version::parse(&major.to_string())?,
    };
    if major != 0 && u64::from(version.major) != major {
        return Err(Failure::invalid(format!(
            "`postgres_version` is `{version}`, and the backup is of PostgreSQL {major}: its data runs under no other"
        ))
        .next_step("leave `postgres_version` out"));
    }
    let image = Image::of(source.cluster.as_ref().map_or("", Cluster::data_image));
    let build = match build {
        Some(build) => {
            image::check_build(build)?;
            format!("-{build}")
        }
        None if image.is_own() => image.build().to_owned(),
        None => String::new(),
    };
    if build.is_empty() {
        return Err(Failure::invalid(format!(
            "the image in which the data of cluster `{name}` was written is not known: on another distribution text may sort otherwise, \
             which breaks indexes"
        ))
        .next_step(
            "give its `build`, such as `system-bookworm`; where nobody knows it, a person runs REINDEX in each database afterwards",
        ));
    }
    if source.cluster.is_some() {
        notes.push(format!(
            "the backup is of PostgreSQL {version}, which the source no longer runs: it gets that, of build `{}`, and no time after the \
             upgrade can be reached",
            build.trim_start_matches('-')
        ));
    }
    // Both would be refused.
    *spec = only(spec, |field, _| field != "imageCatalogRef");
    spec.insert("imageName".to_owned(), json!(image::own(version, &build)));
    Ok(())
}

/// Volumes are at least as large as the source's, or the data does not fit.
fn storage(
    wanted: &Wanted<'_>,
    source: &Source,
    spec: &mut Map<String, Value>,
    notes: &mut Vec<String>,
) -> Result<(), Failure> {
    let values = wanted.values;
    let of_source = source
        .cluster
        .as_ref()
        .map_or("", |cluster| cluster.storage_size());
    let size = values.text("storage_size").unwrap_or(of_source);
    if size.is_empty() {
        return Err(Failure::invalid(format!(
            "cluster `{}` does not say how large its volumes are",
            source.name
        ))
        .next_step("give `storage_size`, at least as large as they were"));
    }
    let bytes = quantity::of_volume("storage_size", size)?;
    if let Some(least) = quantity::bytes(of_source).filter(|least| bytes < *least) {
        return Err(Failure::invalid(format!(
            "`storage_size` is `{size}`, and the volumes of cluster `{}` have {}: its data may not fit",
            source.name,
            quantity::words(least)
        ))
        .next_step("leave `storage_size` out, or give more"));
    }
    let class = values.text("storage_class");
    let mut storage = spec.get("storage").cloned().unwrap_or_else(|| json!({}));
    storage["size"] = json!(size);
    if let Some(class) = class {
        storage["storageClass"] = json!(class);
    }
    let mut parts = snapshots(source).into_iter().map(|one| one.text("/type"));
    if !spec.contains_key("tablespaces") && parts.any(|part| part == "PG_TABLESPACE") {
        return Err(Failure::Conflict(format!(
            "the backup has volumes of tablespaces, and cluster `{}`, which said how large they are, is gone or has none",
            source.name
        ))
        .next_step("tell the user: such a cluster has to be written by hand"));
    }
    let has_wal = snapshots(source)
        .iter()
        .any(|one| one.text("/type") == "PG_WAL");
    if has_wal && !spec.contains_key("walStorage") {
        notes.push(format!(
            "the backup has a WAL volume of its own; it gets {size} too"
        ));
        spec.insert("walStorage".to_owned(), storage.clone());
    } else if let (Some(class), Some(wal)) = (class, spec.get_mut("walStorage")) {
        wal["storageClass"] = json!(class);
    }
    spec.insert("storage".to_owned(), storage);
    Ok(())
}

fn snapshots(source: &Source) -> Vec<Object<'_>> {
    match (&source.method, source.base()) {
        (Method::Snapshot, Some(base)) => base
            .items("/status/snapshotBackupStatus/elements")
            .collect(),
        (Method::Snapshot | Method::Plugin(_) | Method::ObjectStore, _) => Vec::new(),
    }
}

/// Returns `bootstrap.recovery`, and the entry of `externalClusters` that it needs. `backup` and `source` exclude each other there
/// (`BootstrapRecovery`, `api/v1/cluster_types.go`).
fn recovery(source: &Source) -> Result<(Value, Option<Value>), Failure> {
    let external = source
        .archive
        .as_ref()
        .map(|archive| external(&source.name, archive));
    let name = source.base().map(|base| base.text("/metadata/name"));
    Ok(match (&source.method, source.base(), external) {
        (Method::Snapshot, Some(_), Some(external)) => {
            let volumes = volumes(source)?;
            (
                json!({ "source": source.name, "volumeSnapshots": volumes }),
                Some(external),
            )
        }
        (Method::Plugin(_), Some(base), external) => {
            let id = base.text("/status/backupId");
            (
                json!({ "source": source.name, "recoveryTarget": { "backupID": id } }),
                external,
            )
        }
        (Method::ObjectStore, Some(_), _) | (Method::Snapshot, Some(_), None) => {
            (json!({ "backup": { "name": name } }), None)
        }
        (Method::Snapshot | Method::Plugin(_) | Method::ObjectStore, None, external) => {
            (json!({ "source": source.name }), external)
        }
    })
}

fn external(name: &str, archive: &Archive) -> Value {
    match archive {
        Archive::InTree(config) => json!({ "name": name, "barmanObjectStore": config }),
        Archive::Plugin(store) => json!({
            "name": name,
            "plugin": {
                "name": BARMAN_CLOUD,
                "parameters": { "barmanObjectName": store.name, "serverName": store.server },
            },
        }),
    }
}

/// Names the snapshots of a backup by what they hold (`getCandidateSourceFromBackup`,
/// `pkg/reconciler/persistentvolumeclaim/storagesource.go`).
fn volumes(source: &Source) -> Result<Value, Failure> {
    let mut volumes = json!({});
    for element in snapshots(source) {
        let snapshot = json!({
            "apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": element.text("/name"),
        });
        match element.text("/type") {
            "PG_DATA" => volumes["storage"] = snapshot,
            "PG_WAL" => volumes["walStorage"] = snapshot,
            "PG_TABLESPACE" => {
                volumes["tablespaceStorage"][element.text("/tablespaceName")] = snapshot;
            }
            other => {
                let sentence = format!(
                    "the backup has a snapshot of a volume of kind `{other}`, which is not known here"
                );
                return Err(Failure::Conflict(sentence).next_step("choose another backup"));
            }
        }
    }
    if volumes.get("storage").is_none() {
        return Err(
            Failure::Conflict("the backup names no snapshot of the data".to_owned())
                .next_step("choose another backup"),
        );
    }
    Ok(volumes)
}

/// Names the application's database and its owner: the operator would make `app` where they are left out, and refuses one without the
/// other (`validateApplicationDatabase`, `internal/webhook/v1/cluster_webhook.go`).
fn database(
    wanted: &Wanted<'_>,
    source: &Source,
    recovery: &mut Value,
    notes: &mut Vec<String>,
) -> Result<(), Failure> {
    let of_source = |field: &str| {
        let cluster = source.cluster.as_ref()?;
        let mut places = BOOTSTRAPS.iter();
        places.find_map(|place| {
            let place = format!("/spec/bootstrap/{place}/{field}");
            Some(cluster.object().text(&place)).filter(|text| !text.is_empty())
        })
    };
    let [database, owner] =
        ["database", "owner"].map(|field| wanted.values.text(field).or_else(|| of_source(field)));
    let missing = match (database, owner) {
        (Some(database), Some(owner)) => {
            recovery["database"] = json!(database);
            recovery["owner"] = json!(owner);
            return Ok(());
        }
        (None, None) => {
            notes.push(
                "its application's database is not known: the operator makes `app` where there is none; say `database` and `owner`"
                    .to_owned(),
            );
            return Ok(());
        }
        (None, Some(_)) => "database",
        (Some(_), None) => "owner",
    };
    let what = format!(
        "the application's `{missing}` is not known, and the operator takes database and owner together"
    );
    Err(Failure::invalid(what).next_step(&format!("give `{missing}` too")))
}

#[cfg(test)]
mod tests {
    use super::masked;
    use serde_json::json;

    #[test]
    fn what_the_host_has_masked_is_found_with_its_place() {
        let spec = json!({
            "postgresql": { "parameters": { "a": "1" } },
            "externalClusters": [{ "name": "x" }, { "url": "https://ada:<redacted 7 bytes>@store" }],
        });
        assert_eq!(masked(&spec).as_deref(), Some(".externalClusters[1].url"));
        assert_eq!(masked(&json!({ "a": ["<b>", null, 7, true] })), None);
    }
}
