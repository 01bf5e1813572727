//! The contract as wit-bindgen reads it from `wit/`.
//!
//! For the SDK itself and for plugins that must say something that the SDK is too polite for, such as the hostile guests
//! of the tests. Everybody else finds these types under better names in the other modules.

#![allow(
    missing_docs,
    clippy::allow_attributes,
    reason = "generated; the words stand in wit/"
)]

wit_bindgen::generate!({
    path: "../wit",
    world: "bulkhead",
    pub_export_macro: true,
    default_bindings_module: "bulkhead_plugin_sdk::bindings",
    additional_derives: [PartialEq, Eq],
    with: { "bulkhead:plugin/types@0.1.0/failure": crate::Failure },
});
