//! New clusters from the backups of others: where the data comes from, to which time it can be brought, and the cluster's manifest.
//!
//! A recovery never touches the cluster that it comes from: it makes another one (`docs/src/recovery.md`). What must never happen is that
//! the new cluster archives its WAL to where the old one does: it would overwrite what the old one can be restored from. So a manifest
//! made here has neither `spec.backup` nor `spec.plugins`.

mod manifest;
mod source;
mod span;
mod time;

pub(crate) use manifest::{Wanted, manifest};
pub(crate) use source::{Archive, Source, archive_words};
pub(crate) use span::Span;
pub(crate) use time::Target;
