//! How much is at stake in a change, by one table in data: `policy.toml` beside the configuration, or the shipped one.
//!
//! [`Policy::judge`] is pure: the same change under the same policy has the same reasons. A further rule can raise a risk and
//! never lowers one. What the table says of products stands in the table: nothing here knows any of them.

mod amount;
mod judge;
mod pattern;
mod read;
mod reference;

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use self::pattern::PathPattern;
use crate::config::{Glob, Problems};
use crate::proposal::{Reason, Risk};

/// What is used where no file stands beside the configuration.
const SHIPPED: &str = include_str!("../../policy.toml");

/// The name of the file beside the configuration.
const FILE_NAME: &str = "policy.toml";

/// A checked policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    source: Option<PathBuf>,
    digest: String,
    protected_namespaces: Vec<Glob>,
    known_groups: Vec<Glob>,
    max_change_percent: u32,
    amounts: Vec<PathPattern>,
    max_cascade: usize,
    rules: Vec<Rule>,
    references: Vec<ReferenceRule>,
}

/// What is done to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// It comes into being.
    Create,
    /// It is another afterwards: a patch, an apply, a number of replicas.
    Update,
    /// It ends.
    Delete,
    /// A pod that leaves its node, if its disruption budget allows it.
    Evict,
}

/// A change as the policy sees it.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// What is done.
    pub verb: Verb,
    /// The core group is the empty string.
    pub group: &'a str,
    /// Plural; with the subresource where it is one that changes: `deployments/scale`.
    pub resource: &'a str,
    /// None for an object of the cluster.
    pub namespace: Option<&'a str>,
    /// Its `metadata.name`.
    pub name: &'a str,
    /// The observed object, with its `status`; none where there was none.
    pub before: Option<&'a Value>,
    /// What the dry run gave, with its `status`; none where there is none afterwards.
    pub after: Option<&'a Value>,
    /// How many objects the collector deletes with it; none where nobody looked.
    pub dependents: Option<usize>,
}

/// Another object that a change newly refers to, and that the caller needs the verb `use` on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// The core group is the empty string.
    pub group: String,
    /// Plural.
    pub resource: String,
    /// None is the namespace of the object that refers to it. Where another one stands beside the name, both are references:
    /// not every kind heeds it.
    pub namespace: Option<String>,
    /// Its `metadata.name`, or the word that the row has for it.
    pub name: String,
}

/// One row: all that it names must hold.
#[derive(Debug, Clone, PartialEq)]
struct Rule {
    group: Glob,
    resource: Glob,
    namespace: Option<Glob>,
    name: Option<Glob>,
    verb: Option<Verb>,
    path: Option<PathPattern>,
    when: When,
    risk: Risk,
    say: String,
}

/// What must have happened at a path.
#[derive(Debug, Clone, PartialEq)]
enum When {
    /// It is another, or was not there, or is there no more.
    Changed,
    /// It was not there.
    Added,
    /// It is there no more.
    Removed,
    /// It is this value, and was not.
    SetTo(Value),
    /// It is another text than before, and none that names one object.
    NoName,
    /// It is a smaller number than before.
    Shrinks,
    /// Nothing is there, in a new object or where something was.
    Absent,
}

/// A path whose value is the name of another object.
#[derive(Debug, Clone, PartialEq)]
struct ReferenceRule {
    path: PathPattern,
    group: String,
    resource: String,
    /// Stands for a value that is no name of an object.
    name: Option<String>,
    except: Vec<String>,
}

impl Policy {
    /// Returns the policy that is shipped.
    ///
    /// # Panics
    /// Never: a test reads the same text.
    #[must_use]
    pub fn shipped() -> Self {
        let mut policy =
            Self::parse(SHIPPED, Path::new(FILE_NAME)).expect("a test reads the shipped policy");
        policy.source = None;
        policy
    }

    /// Checks `text` as if it stood in the file at `path`.
    ///
    /// # Errors
    /// Every problem of the text, with its line and what to do about it; one problem alone where it is not TOML.
    pub fn parse(text: &str, path: &Path) -> Result<Self, Problems> {
        read::policy(text, path)
    }

    /// Reads `policy.toml` in the folder of the configuration at `beside`, or takes the shipped one where there is none.
    ///
    /// # Errors
    /// As [`Self::parse`], and where the file is there and cannot be read.
    pub fn load(beside: &Path) -> Result<Self, Problems> {
        let path = beside.with_file_name(FILE_NAME);
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text, &path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::shipped()),
            Err(error) => Err(Problems::of_file(
                &path,
                format!("the file cannot be read: {error}"),
                "let the user that runs bulkhead read it, or remove it to use the shipped policy",
            )),
        }
    }

    /// Returns the file it was read from; none for the shipped one.
    #[must_use]
    pub fn source(&self) -> Option<&Path> {
        self.source.as_deref()
    }

    /// Returns SHA-256 of its text in hex.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Returns why a change is as risky as it is, the gravest reason first; empty for an update that nothing speaks against,
    /// whose risk is low. The risk is that of the first reason.
    #[must_use]
    pub fn judge(&self, subject: &Subject<'_>) -> Vec<Reason> {
        judge::reasons(self, subject)
    }

    /// Returns the objects that the change refers to and that the object did not refer to by the same row before, sorted.
    #[must_use]
    pub fn references(&self, subject: &Subject<'_>) -> Vec<Reference> {
        reference::references(self, subject)
    }
}

impl Verb {
    const ALL: [Self; 4] = [Self::Create, Self::Update, Self::Delete, Self::Evict];

    /// Returns the word that stands in the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Evict => "evict",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests;
