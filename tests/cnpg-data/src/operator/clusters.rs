//! What becomes of a cluster next: one step of `reconcileResources` (`cluster_controller.go`), and the status after it.

mod stopped;

use serde_json::{Value, json};

use super::{
    api::{Api, ours},
    instances::{
        begin, claims_of, desired, is_primary, is_ready, made, pods, requested_image, restarted_at,
        serial, set_role,
    },
    roles::{self, Roles},
};
use crate::{
    clock::Clock,
    cluster::Made,
    meta::condition,
    secrets, services,
    status::{self, HEALTHY, set_condition, set_phase},
};

const FIRST: &str = "Setting up primary";
const REPLICA: &str = "Creating a new replica";
const UPGRADING: &str = "Upgrading cluster";
pub(super) const SWITCHING: &str = "Switchover in progress";

/// One cluster as it was seen, with what belongs to it.
struct Seen<'a> {
    api: &'a Api,
    cluster: &'a Value,
    made: Made<'a>,
    clock: &'a Clock,
    pods: Vec<Value>,
    roles: &'a Roles,
}

/// Takes the next step, if there is one; the status that it writes is what is seen next.
pub(super) fn step(api: &Api, cluster: &Value, roles: &Roles) {
    take(api, cluster, roles, |seen| seen.next());
}

/// The same for a Secret that a cluster is to reload (`WatchedLabelName`): it may be the password of a role.
pub(super) fn step_of_secret(api: &Api, secret: &Value, roles: &Roles) {
    let metadata = &secret["metadata"];
    let labels = &metadata["labels"];
    let (Some("true"), Some(name), Some(namespace)) = (
        labels["cnpg.io/reload"].as_str(),
        labels["cnpg.io/cluster"].as_str(),
        metadata["namespace"].as_str(),
    ) else {
        return;
    };
    if let Some(cluster) = api.get("Cluster", namespace, name) {
        // Whatever else is to be done is begun where clusters are followed.
        take(api, &cluster, roles, |seen| seen.roles());
    }
}

fn take(api: &Api, cluster: &Value, roles: &Roles, next: impl FnOnce(&Seen<'_>) -> Option<Value>) {
    if !cluster["metadata"]["deletionTimestamp"].is_null() {
        return;
    }
    let clock = Clock::at(std::time::SystemTime::now());
    let cluster = ours(cluster.clone(), "Cluster");
    let Some(made) = made(&cluster, requested_image(api, &cluster), &clock) else {
        return;
    };
    let seen = Seen {
        api,
        cluster: &cluster,
        made,
        clock: &clock,
        pods: pods(api, &cluster),
        roles,
    };
    if let Some(status) = next(&seen) {
        let mut cluster = cluster.clone();
        if status != cluster["status"] {
            cluster["status"] = status;
            api.write_status(&cluster);
        }
    }
}

impl Seen<'_> {
    /// Does what comes next, and returns the status after it.
    fn next(&self) -> Option<Value> {
        let status = &self.cluster["status"];
        match status["phase"].as_str() {
            None => Some(self.first()),
            Some(FIRST | REPLICA) => Some(self.another()),
            Some(UPGRADING) => Some(self.roll()),
            Some(SWITCHING) => Some(self.switch()),
            Some(_) => self
                .hibernation()
                .or_else(|| self.fencing())
                .or_else(|| self.promotion())
                .or_else(|| self.rollout())
                .or_else(|| self.scale())
                .or_else(|| self.grow())
                .or_else(|| self.roles()),
        }
    }

    /// The instance manager of a primary that does not run does nothing.
    fn roles(&self) -> Option<Value> {
        let runs = self.pods.iter().any(|pod| is_primary(pod) && is_ready(pod));
        let healthy = self.cluster["status"]["phase"] == HEALTHY;
        (runs && healthy)
            .then(|| roles::reconciled(self.api, self.cluster, &self.made, self.roles))?
    }

    /// The status as it was seen.
    fn status(&self) -> Value {
        self.cluster["status"].clone()
    }

    fn now(&self) -> String {
        self.clock.ago(0)
    }

    /// The instance that is the primary; the first one where there is none yet.
    fn primary(&self) -> String {
        let primary = self.cluster["status"]["currentPrimary"].as_str();
        primary.map_or_else(|| self.made.instance(1), str::to_owned)
    }

    fn annotation(&self, name: &str) -> Option<&str> {
        self.cluster["metadata"]["annotations"][name].as_str()
    }

    /// The status of a cluster with so many instances that all run: what is not counted stays as it is.
    fn running(&self, count: usize) -> Value {
        let names: Vec<_> = (1..=count)
            .map(|serial| self.made.instance(serial))
            .collect();
        let mut new = status::healthy(&self.made, &names);
        let old = self.status();
        for member in [
            "conditions",
            "currentPrimary",
            "currentPrimaryTimestamp",
            "firstRecoverabilityPoint",
            "firstRecoverabilityPointByMethod",
            "lastSuccessfulBackup",
            "lastSuccessfulBackupByMethod",
            "lastFailedBackup",
            "managedRolesStatus",
            "pluginStatus",
            "poolerIntegrations",
            "secretsResourceVersion",
            "targetPrimary",
            "targetPrimaryTimestamp",
            "timelineID",
            "certificates",
            "image",
            "pgDataImageInfo",
        ] {
            if !old[member].is_null() {
                new[member] = old[member].clone();
            }
        }
        if old["currentPrimary"].is_null() {
            new["currentPrimary"] = json!(self.primary());
        }
        let primary = self.primary();
        for name in &names {
            new["instancesReportedState"][name]["isPrimary"] = json!(*name == primary);
        }
        let ready = condition(
            "Ready",
            true,
            "ClusterIsReady",
            "Cluster is Ready",
            self.now(),
        );
        set_condition(&mut new, ready);
        new
    }

    /// A cluster that nobody has looked at: the primary's claims, and all but its pod.
    fn first(&self) -> Value {
        let made = &self.made;
        let mut objects = services::all(made);
        objects.extend(secrets::all(made));
        objects.push(services::account(made));
        objects.extend(crate::claims::of_instance(made, 1));
        for object in objects {
            self.api.create(object, self.cluster);
        }
        let primary = made.instance(1);
        let mut status = json!({
            "image": made.image, "pgDataImageInfo": { "image": made.image, "majorVersion": made.major() },
            "instances": 1, "instanceNames": [primary], "latestGeneratedNode": 1, "targetPrimary": primary,
            "targetPrimaryTimestamp": self.clock.micro(0), "conditions": [], "certificates": status::certificates(made, 90),
            "initializingPVC": status::volumes(made, 1..=1), "jobCount": 1,
        });
        let reason = format!("Creating primary instance {primary}");
        set_phase(&mut status, FIRST, &reason, self.now());
        status
    }

    /// The next instance runs; after the last one the cluster is healthy.
    fn another(&self) -> Value {
        let running = self.pods.iter().map(serial).max().unwrap_or(0) + 1;
        begin(self.api, self.cluster, &self.made, running, &self.primary());
        let mut status = self.running(running);
        if running < desired(self.cluster) {
            self.creating(&mut status, running + 1);
        }
        status
    }

    fn creating(&self, status: &mut Value, serial: usize) {
        let reason = format!("Creating replica {}-join", self.made.instance(serial));
        set_phase(status, REPLICA, &reason, self.now());
    }

    /// Another target than the primary.
    fn promotion(&self) -> Option<Value> {
        let status = &self.cluster["status"];
        let target = status["targetPrimary"].as_str()?;
        if status["currentPrimary"] == target {
            return None;
        }
        let mut status = self.status();
        let reason = format!("Switching over to {target}");
        set_phase(&mut status, SWITCHING, &reason, self.now());
        Some(status)
    }

    fn switch(&self) -> Value {
        let target = self.cluster["status"]["targetPrimary"].clone();
        for pod in &self.pods {
            let is_target = pod["metadata"]["name"] == target;
            if is_target != is_primary(pod) {
                set_role(self.api, pod, is_target);
            }
        }
        let mut status = self.running(self.pods.len());
        let line = status["timelineID"].as_u64().unwrap_or(1) + 1;
        status["timelineID"] = json!(line);
        status["currentPrimary"] = target.clone();
        status["currentPrimaryTimestamp"] = json!(self.clock.micro(0));
        for (name, state) in status["instancesReportedState"]
            .as_object_mut()
            .into_iter()
            .flatten()
        {
            state["isPrimary"] = json!(target == name.as_str());
            state["timeLineID"] = json!(line);
        }
        status
    }

    /// Why an instance has to be restarted, if it has (`cluster_upgrade.go`).
    fn restart_of(&self, pod: &Value) -> Option<String> {
        let (runs, wanted) = (&pod["spec"]["containers"][0]["image"], &self.made.image);
        if runs != wanted.as_str() {
            let runs = runs.as_str().unwrap_or_default();
            return Some(format!(
                "the instance is using a different image: {runs} -> {wanted}"
            ));
        }
        let asked = restarted_at(self.cluster)?;
        let done = restarted_at(pod) == Some(asked);
        (!done).then(|| "cluster has been explicitly restarted via annotation".to_owned())
    }

    /// Replicas before the primary, the newest of them first.
    fn next_to_restart(&self) -> Option<(&Value, String)> {
        let replicas = self.pods.iter().rev().filter(|pod| !is_primary(pod));
        let primary = self.pods.iter().filter(|pod| is_primary(pod));
        let mut pods = replicas.chain(primary);
        pods.find_map(|pod| Some((pod, self.restart_of(pod)?)))
    }

    /// An instance is not as it should be: the rollout begins.
    fn rollout(&self) -> Option<Value> {
        let (pod, why) = self.next_to_restart()?;
        let mut status = self.status();
        status["image"] = json!(self.made.image);
        status["pgDataImageInfo"] =
            json!({ "image": self.made.image, "majorVersion": self.made.major() });
        let name = pod["metadata"]["name"].as_str().unwrap_or_default();
        let reason = format!("Restarting instance {name}, because: {why}");
        set_phase(&mut status, UPGRADING, &reason, self.now());
        Some(status)
    }

    /// It goes on by one instance.
    fn roll(&self) -> Value {
        let Some((pod, _)) = self.next_to_restart() else {
            return self.running(self.pods.len());
        };
        self.api.delete(pod);
        begin(
            self.api,
            self.cluster,
            &self.made,
            serial(pod),
            &self.primary(),
        );
        let left = Seen {
            pods: pods(self.api, self.cluster),
            made: Made {
                image: self.made.image.clone(),
                ..self.made
            },
            ..*self
        };
        left.rollout()
            .unwrap_or_else(|| left.running(left.pods.len()))
    }

    /// One instance more, or the newest replica and its claims less (`cluster_scale.go`).
    fn scale(&self) -> Option<Value> {
        let (have, want) = (self.pods.len(), desired(self.cluster));
        if have == want {
            return None;
        }
        if have < want {
            let mut status = self.status();
            self.creating(&mut status, have + 1);
            return Some(status);
        }
        let last = self.pods.iter().rev().find(|pod| !is_primary(pod))?;
        self.api.delete(last);
        let mine = claims_of(self.api, self.cluster).into_iter();
        for claim in mine.filter(|claim| serial(claim) == serial(last)) {
            self.api.delete(&claim);
        }
        Some(self.running(have - 1))
    }

    /// Claims grow with the spec, where their class lets them; nothing in the status tells it.
    fn grow(&self) -> Option<Value> {
        for claim in claims_of(self.api, self.cluster) {
            let is_wal = claim["metadata"]["labels"]["cnpg.io/pvcRole"] == "PG_WAL";
            let size = if is_wal {
                self.made.wal?
            } else {
                self.made.size
            };
            if claim["spec"]["resources"]["requests"]["storage"] == size {
                continue;
            }
            let wanted = json!({ "spec": { "resources": { "requests": { "storage": size } } } });
            self.api.merge(&claim, &wanted);
            let namespace = self.made.at.namespace;
            let name = claim["metadata"]["name"].as_str().unwrap_or_default();
            if let Some(mut claim) = self.api.get("PersistentVolumeClaim", namespace, name) {
                claim["status"]["capacity"]["storage"] = json!(size);
                self.api.write_status(&claim);
            }
        }
        let healed = self.cluster["status"]["phase"] != HEALTHY;
        healed.then(|| self.running(self.pods.len()))
    }
}
