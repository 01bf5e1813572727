//! A cluster in which nothing is wrong, with what the operator makes for it; the states start from it and change a part.

use serde_json::{Value, json};

use crate::{
    claims,
    clock::Clock,
    instances,
    meta::{API, Place},
    secrets, services, spec, status,
};

/// What makes one cluster another.
pub(crate) struct Made<'a> {
    pub(crate) at: Place<'a>,
    pub(crate) clock: &'a Clock,
    /// At most 255; keeps addresses and identifiers of clusters apart.
    pub(crate) number: i64,
    pub(crate) instances: usize,
    pub(crate) image: String,
    pub(crate) size: &'a str,
    /// The size of a volume for WAL, where there is one.
    pub(crate) wal: Option<&'a str>,
    pub(crate) class: &'a str,
    /// The application's database and its owner.
    pub(crate) database: &'a str,
    pub(crate) memory: &'a str,
    /// Since when it is there, in minutes.
    pub(crate) age: i64,
}

/// A cluster and what belongs to it, to be changed before it is given out.
pub(crate) struct Group {
    pub(crate) cluster: Value,
    pub(crate) pods: Vec<Value>,
    pub(crate) claims: Vec<Value>,
    /// Services, Secrets, a ServiceAccount, and what a state adds.
    pub(crate) others: Vec<Value>,
}

impl Made<'_> {
    /// PostgreSQL's major version, which the image's tag begins with (`getImageInfoFromImage`, `cluster_image.go`).
    pub(crate) fn major(&self) -> u32 {
        let tag = self.image.rsplit(':').next().unwrap_or_default();
        let major = tag.split(['.', '-']).next().unwrap_or_default();
        major.parse().unwrap_or(DEFAULT_MAJOR)
    }

    /// The name of an instance: `orders-1`.
    pub(crate) fn instance(&self, serial: usize) -> String {
        format!("{}-{serial}", self.at.name)
    }

    pub(crate) fn instance_names(&self) -> Vec<String> {
        (1..=self.instances)
            .map(|serial| self.instance(serial))
            .collect()
    }

    /// So many minutes after it was made, in minutes ago.
    pub(crate) fn since(&self, minutes: i64) -> i64 {
        (self.age - minutes).max(0)
    }

    /// The address of an instance's pod.
    pub(crate) fn ip(&self, serial: usize) -> String {
        format!("10.244.{}.{}", self.number, 10 + serial)
    }

    /// The cluster with everything that the operator makes for it.
    pub(crate) fn group(&self) -> Group {
        let names = self.instance_names();
        let cluster = json!({
            "apiVersion": API, "kind": "Cluster",
            "metadata": {
                "name": self.at.name, "namespace": self.at.namespace, "generation": 1,
                "creationTimestamp": self.clock.ago(self.age),
            },
            "spec": spec::of(self),
            "status": status::healthy(self, &names),
        });
        let pods = (1..=self.instances).map(|serial| instances::pod(self, serial));
        let claims = (1..=self.instances).flat_map(|serial| claims::of_instance(self, serial));
        let mut others = services::all(self);
        others.extend(secrets::all(self));
        others.push(services::account(self));
        Group {
            cluster,
            pods: pods.collect(),
            claims: claims.collect(),
            others,
        }
    }
}

/// Of the operator's default image (`versions.go`).
const DEFAULT_MAJOR: u32 = 18;

/// The operand's image of a version.
pub(crate) fn image(version: &str) -> String {
    format!("ghcr.io/cloudnative-pg/postgresql:{version}-system-trixie")
}

impl Group {
    pub(crate) fn spec(&mut self) -> &mut Value {
        &mut self.cluster["spec"]
    }

    pub(crate) fn status(&mut self) -> &mut Value {
        &mut self.cluster["status"]
    }

    pub(crate) fn annotate(&mut self, annotations: Value) {
        self.cluster["metadata"]["annotations"] = annotations;
    }

    pub(crate) fn into_objects(self) -> Vec<Value> {
        let Self {
            cluster,
            pods,
            claims,
            others,
        } = self;
        let mut objects = vec![cluster];
        objects.extend(others);
        objects.extend(claims);
        objects.extend(pods);
        objects
    }
}
