//! The host as a plugin sees it: one method per function of the contract's imports.
//!
//! In a component these are the imports themselves. Natively there is no host, so the test kit installs one for the thread
//! that runs a plugin; without it every host call fails and says so.

#[cfg(target_arch = "wasm32")]
mod imports;
#[cfg(target_arch = "wasm32")]
pub(crate) use imports::current;

#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use native::current;
#[cfg(not(target_arch = "wasm32"))]
pub use native::{Host, with_host};
