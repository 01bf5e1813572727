//! Where the built things are: the filled folder, components of examples and guests.
//!
//! `cargo xtask test` says it by environment variables; the defaults are what `cargo xtask build --dev` and `cargo xtask test` leave
//! behind, so that a single test can be run by cargo alone.

use std::{
    env,
    path::{Path, PathBuf},
};

/// Cargo's build folder.
#[must_use]
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from)
}

/// The checkout.
#[must_use]
pub fn workspace() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests)
}

/// The folder that holds what a release holds: `bulkhead`, `config.toml`, `plugins/*.wasm`.
#[must_use]
pub fn dist() -> PathBuf {
    env::var_os("BULKHEAD_DIST").map_or_else(|| target().join("dist"), PathBuf::from)
}

/// The program under test.
#[must_use]
pub fn host() -> PathBuf {
    dist().join(format!("bulkhead{}", env::consts::EXE_SUFFIX))
}

/// A shipped plugin's component, by its short name: `generic`.
#[must_use]
pub fn plugin(name: &str) -> PathBuf {
    dist().join("plugins").join(format!("{name}.wasm"))
}

/// An example plugin's component, by its package's name: `hello-rust`.
#[must_use]
pub fn example(name: &str) -> PathBuf {
    guests()
        .parent()
        .map_or_else(PathBuf::new, Path::to_owned)
        .join(format!("{}.wasm", name.replace('-', "_")))
}

/// A hostile guest's component, by the name of its file: `spins_forever`.
#[must_use]
pub fn guest(name: &str) -> PathBuf {
    guests().join(format!("{name}.wasm"))
}

fn guests() -> PathBuf {
    env::var_os("BULKHEAD_GUESTS").map_or_else(
        || target().join("wasm32-wasip2/plugin/examples"),
        PathBuf::from,
    )
}
