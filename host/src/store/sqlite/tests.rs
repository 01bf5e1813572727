mod chain;
mod claiming;
mod ending;
mod faults;
mod model;
mod proposing;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::SqliteStore;
use crate::diff::Line;
use crate::proposal::{
    Binding, Change, Channel, ClusterIdentity, Decision, Moment, PluginIdentity, Proposal, Step,
    Target, Verdict,
};
use crate::store::{Clock, Keep, Limits, Proposed, Store as _, Stored};

const MINUTE: u64 = 60_000;
const LIMITS: Limits = Limits {
    max_open: 10,
    decline_pause: Duration::from_secs(600),
    keep: Keep {
        proposals: Duration::from_secs(30 * 86_400),
        snapshots: Duration::from_secs(7 * 86_400),
    },
};

/// A clock that stands still until it is set.
#[derive(Clone, Default)]
struct Hands {
    wall: Arc<AtomicU64>,
    steady: Arc<AtomicU64>,
}

impl Hands {
    fn at(wall: u64) -> Self {
        let hands = Self::default();
        hands.set(wall);
        hands
    }

    fn set(&self, wall: u64) {
        self.wall.store(wall, Ordering::SeqCst);
    }

    fn clock(&self) -> Clock {
        let (wall, steady) = (self.wall.clone(), self.steady.clone());
        Clock::new(
            move || Moment(wall.load(Ordering::SeqCst)),
            move || Duration::from_millis(steady.load(Ordering::SeqCst)),
        )
    }
}

fn store(folder: &Path, hands: &Hands) -> SqliteStore {
    SqliteStore::new(&folder.join("state"), hands.clock())
}

/// A proposal of tool `scale` with so many replicas, made at `created`, with a life of 30 minutes.
fn proposal(id: &str, replicas: u32, created: u64) -> Proposal {
    Proposal {
        id: id.to_owned(),
        token: format!("token-{id}"),
        binding: Binding {
            cluster: ClusterIdentity {
                context: "test".to_owned(),
                server: "https://127.0.0.1".to_owned(),
                uid: "u-1".to_owned(),
                ca: String::new(),
                user: "ada".to_owned(),
            },
            caller: "uid 1000".to_owned(),
            client: None,
            plugin: PluginIdentity {
                key: "generic".to_owned(),
                version: "0.1.0".to_owned(),
                digest: "d".to_owned(),
            },
            tool: "scale".to_owned(),
            arguments_digest: "a".to_owned(),
            arguments: json!({ "name": "web" }),
            ordinal: 0,
            config: "c".to_owned(),
            policy: "p".to_owned(),
        },
        created: Moment(created),
        expires: Moment(created + 30 * MINUTE),
        summary: "scale web".to_owned(),
        reason: None,
        steps: vec![Step {
            change: Change::Scale { replicas },
            target: target(),
            action: "scale".to_owned(),
            uid: Some("u".to_owned()),
            resource_version: Some("1".to_owned()),
            diff: vec![Line {
                path: "spec.replicas".to_owned(),
                before: Some("1".to_owned()),
                after: Some(replicas.to_string()),
            }],
            reasons: Vec::new(),
            warnings: Vec::new(),
            after: None,
            items: Vec::new(),
            dependents: Vec::new(),
            for_model: String::new(),
        }],
        warnings: Vec::new(),
        rollback_of: None,
    }
}

/// One of a call of its own.
fn other_call(id: &str, created: u64) -> Proposal {
    let mut proposal = proposal(id, 3, created);
    proposal.binding.arguments_digest = id.to_owned();
    proposal
}

fn target() -> Target {
    Target {
        group: "apps".to_owned(),
        version: None,
        plural: "deployments".to_owned(),
        namespace: Some("shop".to_owned()),
        name: "web".to_owned(),
    }
}

fn decision(proposal: &Proposal, verdict: Verdict) -> Decision {
    Decision {
        proposal: proposal.id.clone(),
        digest: proposal.digest(),
        verdict,
        channel: Channel::Elicitation,
        by: "ada".to_owned(),
        at: proposal.created,
        why: Some("because".to_owned()),
        signature: None,
    }
}

/// The audit's record of whatever is written.
fn note() -> Map<String, Value> {
    Map::from_iter([("kind".to_owned(), "note".into())])
}

async fn new(store: &SqliteStore, proposal: &Proposal) -> Stored {
    match store.propose(proposal, &LIMITS, &note()).await.unwrap() {
        Proposed::New(stored) => *stored,
        Proposed::Again(stored) => panic!("`{}` was there", stored.proposal.id),
    }
}

async fn approved(store: &SqliteStore, proposal: &Proposal) {
    new(store, proposal).await;
    let yes = decision(proposal, Verdict::Approved);
    store.decide(&yes, &note()).await.unwrap();
}
