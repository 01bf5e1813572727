//! The tools, one per file: arguments, result, words.

pub(crate) mod api_resources;
pub(crate) mod apply;
pub(crate) mod cordon;
pub(crate) mod count;
pub(crate) mod delete;
pub(crate) mod describe;
pub(crate) mod drain;
pub(crate) mod events;
pub(crate) mod explain;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod logs;
pub(crate) mod patch;
pub(crate) mod ping;
pub(crate) mod rollout;
pub(crate) mod rollout_undo;
pub(crate) mod top;
pub(crate) mod uncordon;
