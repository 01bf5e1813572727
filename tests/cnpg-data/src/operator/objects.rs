//! Databases, as the instance manager of the primary applies them, and poolers.

use serde_json::{Value, json};

use super::{
    api::{Api, ours},
    instances::{made, requested_image},
};
use crate::{clock::Clock, meta::Place, poolers};

const FINALIZER: &str = "cnpg.io/deleteDatabase";

fn text<'a>(object: &'a Value, member: &str) -> &'a str {
    object["metadata"][member].as_str().unwrap_or_default()
}

fn cluster_of(api: &Api, object: &Value) -> Option<Value> {
    let name = object["spec"]["cluster"]["name"].as_str()?;
    api.get("Cluster", text(object, "namespace"), name)
}

/// `database_controller.go`.
pub(super) fn database(api: &Api, database: &Value) {
    let mut database = ours(database.clone(), "Database");
    let metadata = &database["metadata"];
    if !metadata["deletionTimestamp"].is_null() {
        return api.merge(&database, &json!({ "metadata": { "finalizers": null } }));
    }
    if metadata["generation"] == database["status"]["observedGeneration"] {
        return;
    }
    // The cluster may come later; the real one looks again every half minute.
    let Some(cluster) = cluster_of(api, &database) else {
        return;
    };
    if metadata["finalizers"].is_null() {
        // Seen again with it.
        return api.merge(
            &database,
            &json!({ "metadata": { "finalizers": [FINALIZER] } }),
        );
    }
    let owner = database["spec"]["owner"].as_str().unwrap_or_default();
    let status = if is_role(&cluster, owner) {
        json!({ "applied": true, "observedGeneration": database["metadata"]["generation"] })
    } else {
        let name = &database["spec"]["name"];
        let message = format!(
            "while creating database {name}: ERROR: role \"{owner}\" does not exist (SQLSTATE 42704)"
        );
        json!({ "applied": false, "message": message })
    };
    if database["status"] != status {
        database["status"] = status;
        api.write_status(&database);
    }
}

fn is_role(cluster: &Value, name: &str) -> bool {
    let spec = &cluster["spec"];
    let application = spec["bootstrap"]["initdb"]["owner"]
        .as_str()
        .unwrap_or("app");
    let managed = spec["managed"]["roles"].as_array().into_iter().flatten();
    let mut managed = managed.filter(|role| role["ensure"] != "absent");
    name == application || name == "postgres" || managed.any(|role| role["name"] == name)
}

/// `pooler_controller.go`.
pub(super) fn pooler(api: &Api, pooler: &Value) {
    if !pooler["metadata"]["deletionTimestamp"].is_null() {
        return;
    }
    let mut pooler = ours(pooler.clone(), "Pooler");
    let Some(cluster) = cluster_of(api, &pooler) else {
        return;
    };
    let instances = pooler["spec"]["instances"].as_u64().unwrap_or(1);
    if pooler["status"]["instances"] == instances {
        return;
    }
    let clock = Clock::at(std::time::SystemTime::now());
    let Some(made) = made(&cluster, requested_image(api, &cluster), &clock) else {
        return;
    };
    let (namespace, name) = (text(&pooler, "namespace"), text(&pooler, "name"));
    let count = u32::try_from(instances).unwrap_or(u32::MAX);
    let mut new = poolers::running(&made, Place { namespace, name }, count);
    let status = new.remove(0)["status"].take();
    if let Some(deployment) = api.get("Deployment", namespace, name) {
        api.merge(&deployment, &json!({ "spec": { "replicas": count } }));
    } else {
        for object in new {
            let owner = if object["metadata"]["ownerReferences"][0]["kind"] == "Pooler" {
                &pooler
            } else {
                &cluster
            };
            api.create(object, owner);
        }
    }
    pooler["status"] = status;
    api.write_status(&pooler);
}
