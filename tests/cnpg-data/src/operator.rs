//! A scripted operator: it follows clusters, backups, databases and poolers at an API server, and brings each to what its spec says,
//! by the phases and with the objects that CloudNativePG would. There is no PostgreSQL behind it.
//!
//! Each step is decided from an object as it was seen and ends with a write of its status, which is the next thing that is seen. So it
//! never sleeps, and a watch sees every phase in between. What was ill when it began (any phase but the healthy one) it leaves alone
//! until its spec changes, so that the fleet's states last.
//!
//! Not played: major upgrades, what a parameter changes, replicas of other clusters, and schedules coming due.

mod api;
mod backups;
mod clusters;
mod instances;
mod objects;
mod roles;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use serde_json::Value;

use self::api::Api;

/// The `User-Agent` of its requests, by which a test tells them from the host's.
pub const AGENT: &str = "scripted-operator";

/// A running operator. It ends with the API server, and with this.
#[derive(Debug)]
pub struct Operator {
    ended: Arc<Mutex<bool>>,
}

impl Operator {
    /// Follows the API server at `url`, over HTTP and without credentials: a simcluster.
    #[must_use]
    pub fn start(url: &str) -> Self {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .build()
            .into();
        Self::start_with(agent, url, None)
    }

    /// The same by an agent that knows how to talk to the server; it must not turn a status into an error, and has no timeout.
    #[must_use]
    pub fn start_with(agent: ureq::Agent, url: &str, token: Option<&str>) -> Self {
        let ended = Arc::new(Mutex::new(false));
        for follow in [
            Follow::Clusters,
            Follow::Backups,
            Follow::Databases,
            Follow::Poolers,
        ] {
            let api = Api::new(agent.clone(), url, token);
            // What is there now is known before this returns: what comes later is new.
            let (objects, version) = api.list(follow.plural());
            let ended = Arc::clone(&ended);
            thread::spawn(move || follow.run(&api, objects, &version, &ended));
        }
        Self { ended }
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }
}

/// What one thread follows.
#[derive(Clone, Copy)]
enum Follow {
    Clusters,
    Backups,
    Databases,
    Poolers,
}

impl Follow {
    fn plural(self) -> &'static str {
        match self {
            Self::Clusters => "clusters",
            Self::Backups => "backups",
            Self::Databases => "databases",
            Self::Poolers => "poolers",
        }
    }

    fn run(self, api: &Api, objects: Vec<Value>, version: &str, ended: &Mutex<bool>) {
        let mut alone = HashMap::new();
        for object in objects {
            if self.is_ill(&object) {
                alone.insert(uid(&object), object["metadata"]["generation"].clone());
            } else {
                self.step(api, &object);
            }
        }
        for object in api.watch(self.plural(), version) {
            if *ended.lock().unwrap_or_else(PoisonError::into_inner) {
                return;
            }
            let generation = &object["metadata"]["generation"];
            let left = alone.get(&uid(&object));
            if left.is_none_or(|left| left != generation) {
                alone.remove(&uid(&object));
                self.step(api, &object);
            }
        }
    }

    /// Whether something is the matter with it, or is under way, that this operator did not begin.
    fn is_ill(self, object: &Value) -> bool {
        let status = &object["status"];
        let phase = status["phase"].as_str();
        match self {
            // A switchover is what a client asks for by that phase (`kubectl cnpg promote`).
            Self::Clusters => phase.is_some_and(|phase| {
                phase != crate::status::HEALTHY && phase != clusters::SWITCHING
            }),
            Self::Backups => phase.is_some(),
            Self::Databases => !status["applied"].is_null(),
            Self::Poolers => false,
        }
    }

    fn step(self, api: &Api, object: &Value) {
        match self {
            Self::Clusters => clusters::step(api, object),
            Self::Backups => backups::step(api, object),
            Self::Databases => objects::database(api, object),
            Self::Poolers => objects::pooler(api, object),
        }
    }
}

fn uid(object: &Value) -> String {
    object["metadata"]["uid"].to_string()
}

#[cfg(test)]
mod tests;
