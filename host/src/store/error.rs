//! Why the store refuses, with what to do about it.
//!
//! A store that cannot be written to stops changes and nothing else.

use std::path::PathBuf;

use super::Claimed;
use crate::failure::{Failure, Kind};
use crate::proposal::{Moment, State};

/// The store cannot do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No room.
    #[error("there is no room to write to `{}`", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// May not be written.
    #[error("`{}` cannot be written", path.display())]
    ReadOnly {
        /// The file or its folder.
        path: PathBuf,
    },
    /// Somebody held it for longer than we wait.
    #[error("another process keeps `{}` locked", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// Something in it is not what was written.
    #[error("`{}` is damaged: {what}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Which part, and how that shows.
        what: String,
    },
    /// Written by a later Bulkhead.
    #[error("`{}` has schema {schema}, and this Bulkhead knows no later one than {known}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        schema: u32,
        /// Ours.
        known: u32,
    },
    /// Others may read or replace it.
    #[error("`{}` is open to others (mode {mode:o}), or belongs to another user", path.display())]
    Exposed {
        /// The file or its folder.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Anything else that the system says.
    #[error("failed to use `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// In the system's words, or the database's.
        #[source]
        source: std::io::Error,
    },
    /// Asked for what cannot be: a fault of Bulkhead's own.
    #[error("the store was misused: {0}")]
    Misuse(String),
}

/// Why a proposal was not stored.
#[derive(Debug, thiserror::Error)]
pub enum ProposeError {
    /// A person said no to this plan a short while ago.
    #[error("a person declined this plan")]
    Declined {
        /// When it can be proposed again.
        until: Moment,
        /// What is left until then, in seconds.
        seconds: u64,
        /// In the person's words.
        why: Option<String>,
    },
    /// The caller has too many open of one plugin.
    #[error("{open} proposals of this plugin are open for this caller, and {most} may be")]
    TooMany {
        /// So many are.
        open: u32,
        /// So many may be.
        most: u32,
    },
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a decision was not stored.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// There is no such proposal.
    #[error("there is no proposal `{0}`")]
    Unknown(String),
    /// It can no longer be decided on.
    #[error("the proposal `{0}` has expired")]
    Expired(String),
    /// It is past deciding.
    #[error("the proposal `{id}` is {state} already")]
    Closed {
        /// Which.
        id: String,
        /// What it is.
        state: State,
    },
    /// The decision is about another text.
    #[error("the decision is not about what stands in the proposal `{0}`")]
    Digest(String),
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a proposal could not be claimed.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// There is no such proposal.
    #[error("there is no proposal `{0}`")]
    Unknown(String),
    /// Nobody has approved it.
    #[error("nobody has approved the proposal `{0}`")]
    Undecided(String),
    /// It is too old.
    #[error("the proposal `{0}` has expired")]
    Expired(String),
    /// Declined, or somebody was faster.
    #[error("the proposal `{id}` is {state} already")]
    Taken {
        /// Which.
        id: String,
        /// What it is.
        state: State,
    },
    /// What was decided on is something else.
    #[error("the decision is not about what stands in the proposal `{0}`")]
    Digest(String),
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An outcome that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("failed to write the outcome of `{}`", claimed.proposal().id)]
pub struct Unfinished {
    /// Still ours, to try again.
    pub claimed: Box<Claimed>,
    /// Why.
    #[source]
    pub error: StoreError,
}

impl StoreError {
    /// Returns the next step, for the operator.
    #[must_use]
    pub fn fix(&self) -> String {
        match self {
            Self::Full { .. } => "make room on that disk; reading goes on, and changes work again as soon as there is room".to_owned(),
            Self::ReadOnly { .. } => "give Bulkhead a state folder that it can write to: `directories.state` in config.toml; reading goes on without".to_owned(),
            Self::Locked { .. } => "try again; if it stays so, look for a process that holds the file, such as a backup or a database browser".to_owned(),
            Self::Corrupt { path, .. } => format!(
                "find out what happened with `bulkhead audit verify`; move `{}` away with its -wal and -shm files and keep them as evidence: Bulkhead then begins a new one",
                path.display()
            ),
            Self::Newer { .. } => "use the newer Bulkhead, or set another `directories.state` for this one".to_owned(),
            Self::Exposed { path, .. } => format!("run `chmod go= {}`, or set `directories.state` to a folder of your own", path.display()),
            Self::Io { .. } => "look at the state folder (`directories.state`) and its disk; reading goes on without".to_owned(),
            Self::Misuse(_) => "this is a fault of Bulkhead itself: please report it".to_owned(),
        }
    }
}

impl From<StoreError> for Failure {
    /// For a model or a person who wants a change.
    fn from(error: StoreError) -> Self {
        let kind = match error {
            StoreError::Misuse(_) => Kind::Bug,
            StoreError::Full { .. }
            | StoreError::ReadOnly { .. }
            | StoreError::Locked { .. }
            | StoreError::Corrupt { .. }
            | StoreError::Newer { .. }
            | StoreError::Exposed { .. }
            | StoreError::Io { .. } => Kind::Upstream,
        };
        Self::new(kind, "changes are refused, since the store does not work")
            .fix(error.fix())
            .source(error)
    }
}

impl From<ProposeError> for Failure {
    fn from(error: ProposeError) -> Self {
        match error {
            ProposeError::Declined { seconds, ref why, .. } => {
                let why = why.as_deref().map_or_else(String::new, |why| format!(": {why}"));
                Self::new(Kind::Declined, format!("{error}{why}")).fix(format!(
                    "do not propose it again unasked; it is refused for another {seconds} seconds"
                ))
            }
            ProposeError::TooMany { .. } => Self::new(Kind::Limit, error.to_string()).fix(
                "let a person decide on the open ones (`bulkhead approvals`), or wait until they expire",
            ),
            ProposeError::Store(error) => error.into(),
        }
    }
}

impl From<DecideError> for Failure {
    fn from(error: DecideError) -> Self {
        match error {
            DecideError::Unknown(_) => Self::new(Kind::NotFound, error.to_string())
                .fix("`bulkhead approvals` lists the open proposals"),
            DecideError::Expired(_) => {
                Self::new(Kind::Conflict, error.to_string()).fix("let it be proposed again")
            }
            DecideError::Closed { .. } => Self::new(Kind::Conflict, error.to_string())
                .fix("`bulkhead approvals` lists the open proposals"),
            DecideError::Digest(_) => Self::new(Kind::Conflict, error.to_string())
                .fix("look at the proposal again, and decide on what stands there"),
            DecideError::Store(error) => error.into(),
        }
    }
}

impl From<ClaimError> for Failure {
    fn from(error: ClaimError) -> Self {
        match error {
            ClaimError::Unknown(_) => {
                Self::new(Kind::NotFound, error.to_string()).fix("propose the change anew")
            }
            ClaimError::Undecided(ref id) => Self::new(Kind::NeedsApproval, error.to_string())
                .fix(format!("a person runs `bulkhead approve {id}`")),
            ClaimError::Expired(_) => {
                Self::new(Kind::Conflict, error.to_string()).fix("propose the change anew")
            }
            ClaimError::Taken {
                state: State::Declined,
                ..
            } => {
                Self::new(Kind::Declined, error.to_string()).fix("do not propose it again unasked")
            }
            ClaimError::Taken { ref id, .. } => Self::new(Kind::Conflict, error.to_string()).fix(
                format!("`change_status` says what became of `{id}`; it is not applied twice"),
            ),
            ClaimError::Digest(_) => {
                Self::new(Kind::Conflict, error.to_string()).fix("propose the change anew")
            }
            ClaimError::Store(error) => error.into(),
        }
    }
}
