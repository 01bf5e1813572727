//! A cluster's `spec` as it stands in the API server: what a person wrote, and every default.

use serde_json::{Value, json};

use crate::cluster::Made;

/// `CnpgConfigurationSettings` of `pkg/postgres/configuration.go`: the defaulting webhook writes them into each cluster.
fn parameters(made: &Made<'_>) -> Value {
    json!({
        "archive_mode": "on", "archive_timeout": "5min", "dynamic_shared_memory_type": "posix", "full_page_writes": "on",
        "log_destination": "csvlog", "log_directory": "/controller/log", "log_filename": "postgres", "log_rotation_age": "0",
        "log_rotation_size": "0", "log_truncate_on_rotation": "false", "logging_collector": "on", "max_parallel_workers": "32",
        "max_replication_slots": "32", "max_worker_processes": "32", "shared_memory_type": "mmap", "shared_preload_libraries": "",
        "ssl_max_protocol_version": "TLSv1.3", "ssl_min_protocol_version": "TLSv1.3", "wal_keep_size": "512MB",
        "wal_level": "logical", "wal_log_hints": "on", "wal_receiver_timeout": "5s", "wal_sender_timeout": "5s",
        // What its owner has set.
        "shared_buffers": if made.memory == "2Gi" { "512MB" } else { "256MB" }, "max_connections": "200",
    })
}

pub(crate) fn of(made: &Made<'_>) -> Value {
    let database = made.database;
    let mut spec = json!({
        "affinity": { "podAntiAffinityType": "preferred" },
        "bootstrap": { "initdb": {
            "database": database, "owner": database, "encoding": "UTF8", "localeCollate": "C", "localeCType": "C",
        } },
        "enablePDB": true, "enableSuperuserAccess": false, "failoverDelay": 0, "imageName": made.image,
        "instances": made.instances, "logLevel": "info", "maxSyncReplicas": 0, "minSyncReplicas": 0,
        "monitoring": {
            "customQueriesConfigMap": [{ "key": "queries", "name": "cnpg-default-monitoring" }],
            "disableDefaultQueries": false, "enablePodMonitor": false,
        },
        "postgresGID": 26, "postgresUID": 26, "postgresql": { "parameters": parameters(made) },
        "primaryUpdateMethod": "restart", "primaryUpdateStrategy": "unsupervised",
        "probes": { "liveness": { "isolationCheck": {
            "connectionTimeout": 1000, "enabled": true, "requestTimeout": 1000,
        } } },
        "replicationSlots": {
            "highAvailability": { "enabled": true, "slotPrefix": "_cnpg_" },
            "synchronizeReplicas": { "enabled": true }, "updateInterval": 30,
        },
        "resources": {
            "requests": { "cpu": "500m", "memory": made.memory }, "limits": { "memory": made.memory },
        },
        "smartShutdownTimeout": 180, "startDelay": 3600, "stopDelay": 1800,
        "storage": { "resizeInUseVolumes": true, "size": made.size, "storageClass": made.class },
        "switchoverDelay": 3600,
    });
    if let Some(size) = made.wal {
        spec["walStorage"] =
            json!({ "resizeInUseVolumes": true, "size": size, "storageClass": made.class });
    }
    spec
}

/// `spec.backup` with an in-tree object store (`BarmanObjectStoreConfiguration`).
pub(crate) fn object_store(cluster: &str) -> Value {
    json!({
        "barmanObjectStore": {
            "destinationPath": format!("s3://backups/{cluster}"), "endpointURL": "https://s3.storage.example:9000",
            "s3Credentials": credentials(),
            "data": { "compression": "gzip" }, "wal": { "compression": "gzip", "maxParallel": 4 },
        },
        "retentionPolicy": "30d", "target": "prefer-standby",
    })
}

/// Where the keys of the object store are; also in the status of each backup.
pub(crate) fn credentials() -> Value {
    json!({
        "accessKeyId": { "name": "backup-s3", "key": "ACCESS_KEY_ID" },
        "secretAccessKey": { "name": "backup-s3", "key": "ACCESS_SECRET_KEY" },
    })
}
