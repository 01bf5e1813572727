//! The tools, one per file: arguments, result, words.

pub(crate) mod api_resources;
pub(crate) mod count;
pub(crate) mod describe;
pub(crate) mod events;
pub(crate) mod explain;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod logs;
pub(crate) mod ping;
pub(crate) mod top;
