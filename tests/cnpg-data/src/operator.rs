//! A scripted operator: it follows clusters, backups, databases and poolers at an API server, and brings each to what its spec says,
//! by the phases and with the objects that CloudNativePG would. There is no PostgreSQL behind it.
//!
//! Each step is decided from an object as it was seen and ends with a write of its status, which is the next thing that is seen. So it
//! never sleeps, and a watch sees every phase in between. What was ill when it began (any phase but the healthy one) it leaves alone
//! until its spec changes, so that the fleet's states last. Of PostgreSQL it knows only which roles it was told of.
//!
//! A test that has to see a phase holds it: [`Operator::paused`], [`Operator::go_on_to`], [`Operator::go_on`].
//!
//! Not played: major upgrades, what a parameter changes, replicas of other clusters, and schedules coming due.

mod api;
mod backups;
mod clusters;
mod instances;
mod objects;
mod pause;
mod roles;

use std::{collections::HashMap, sync::Arc, thread};

use serde_json::Value;

use self::{
    api::Api,
    pause::{Pause, Until},
    roles::Roles,
};

/// The `User-Agent` of its requests, by which a test tells them from the host's.
pub const AGENT: &str = "scripted-operator";

/// A running operator. It ends with the API server, and with this.
#[derive(Debug)]
pub struct Operator {
    pause: Arc<Pause>,
}

impl Operator {
    /// Follows the API server at `url`, over HTTP and without credentials: a simcluster.
    #[must_use]
    pub fn start(url: &str) -> Self {
        let operator = Self::paused(url);
        operator.go_on();
        operator
    }

    /// The same, but it only takes note of what there is, and does nothing before [`Operator::go_on`].
    #[must_use]
    pub fn paused(url: &str) -> Self {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .build()
            .into();
        Self::paused_at(agent, url, None)
    }

    /// The same by an agent that knows how to talk to the server, and with a bearer token; it must not turn a status into an error,
    /// and has no timeout.
    #[must_use]
    pub fn paused_at(agent: ureq::Agent, url: &str, token: Option<&str>) -> Self {
        let pause = Arc::new(Pause::default());
        let roles = Arc::new(Roles::default());
        for follow in [
            Follow::Clusters,
            Follow::Backups,
            Follow::Databases,
            Follow::Poolers,
            Follow::Secrets,
        ] {
            let api = Api::new(agent.clone(), url, token);
            // What is there now is known before this returns: what comes later is new.
            let (objects, version) = api.list(follow.kind());
            if let Follow::Clusters = follow {
                roles.know(&api, &objects);
            }
            let (pause, roles) = (Arc::clone(&pause), Arc::clone(&roles));
            thread::spawn(move || follow.run(&api, objects, &version, &pause, &roles));
        }
        Self { pause }
    }

    /// Goes on, and pauses again before it does anything about a cluster in this phase.
    pub fn go_on_to(&self, phase: &'static str) {
        self.pause.set(Until::Phase(phase));
    }

    /// Goes on.
    pub fn go_on(&self) {
        self.pause.set(Until::Never);
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        self.pause.set(Until::Ended);
    }
}

/// What one thread follows.
#[derive(Clone, Copy)]
enum Follow {
    Clusters,
    Backups,
    Databases,
    Poolers,
    Secrets,
}

impl Follow {
    fn kind(self) -> &'static str {
        match self {
            Self::Clusters => "Cluster",
            Self::Backups => "Backup",
            Self::Databases => "Database",
            Self::Poolers => "Pooler",
            Self::Secrets => "Secret",
        }
    }

    fn run(self, api: &Api, objects: Vec<Value>, version: &str, pause: &Pause, roles: &Roles) {
        let mut alone = HashMap::new();
        let later = api.watch(self.kind(), version);
        let first = objects.into_iter().filter(|object| {
            let ill = self.is_ill(object);
            if ill {
                alone.insert(uid(object), object["metadata"]["generation"].clone());
            }
            !ill
        });
        let first: Vec<_> = first.collect();
        for object in first.into_iter().chain(later) {
            let generation = &object["metadata"]["generation"];
            let left = alone.get(&uid(&object));
            if left.is_none_or(|left| left != generation) {
                alone.remove(&uid(&object));
                if !pause.passes(&object) {
                    return;
                }
                self.step(api, &object, roles);
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
            Self::Poolers | Self::Secrets => false,
        }
    }

    fn step(self, api: &Api, object: &Value, roles: &Roles) {
        match self {
            Self::Clusters => clusters::step(api, object, roles),
            Self::Backups => backups::step(api, object),
            Self::Databases => objects::database(api, object),
            Self::Poolers => objects::pooler(api, object),
            Self::Secrets => clusters::step_of_secret(api, object, roles),
        }
    }
}

fn uid(object: &Value) -> String {
    object["metadata"]["uid"].to_string()
}

#[cfg(test)]
mod tests;
