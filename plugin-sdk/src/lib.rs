//! What a Rust author of a Bulkhead plugin depends on.
//!
//! A tool is a function from typed arguments to a typed result; [`Tool`] gives it a name and derives its schemas,
//! [`Plugin`] collects tools and wants, and [`plugin!`] exports the whole as a WebAssembly component. A [`Resource`], a
//! [`Template`] and a [`Prompt`] are functions in the same way. [`context`], [`kubernetes`], [`changes`], [`history`] and
//! [`prometheus`] are the host calls. A plugin with many tools reads its arguments as tables ([`arguments`]), its objects field by field ([`row`]), and answers
//! with a [`Document`] or a [`Listing`]: so its component stays small. The same code runs natively in tests, against the simcluster, through the module `test_kit` of the feature
//! `test-kit`.
//!
//! A plugin holds no state between calls: each call runs in a fresh instance.

pub mod arguments;
#[doc(hidden)]
pub mod bindings;
pub mod changes;
mod completion;
mod contents;
pub mod context;
pub mod document;
#[doc(hidden)]
pub mod export;
mod failure;
pub mod history;
pub mod host;
pub mod kubernetes;
pub mod listing;
pub mod names;
mod object;
pub mod order;
mod output;
#[cfg(test)]
mod page;
pub mod paging;
mod place;
mod plugin;
pub mod prometheus;
mod prompt;
mod resource;
pub mod row;
mod schema;
mod stored;
mod table;
#[cfg(all(feature = "test-kit", not(target_arch = "wasm32")))]
pub mod test_kit;
mod time;
mod tool;
mod uri_template;
mod want;
pub mod when;

pub use arguments::FromArguments;
pub use completion::Typed;
pub use contents::{Contents, IntoContents};
pub use document::Document;
pub use failure::Failure;
pub use listing::Listing;
pub use object::Object;
pub use output::{Answer, IntoOutput, Output, Text, Written};
pub use place::Place;
pub use plugin::Plugin;
pub use prompt::{Block, IntoMessages, Message, Prompt, Role};
pub use resource::{Resource, Template};
pub use row::Row;
pub use table::{Table, one_line};
pub use time::Time;
pub use tool::Tool;
pub use want::Want;
