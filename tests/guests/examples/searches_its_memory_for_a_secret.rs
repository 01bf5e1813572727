//! Has the host make a value and apply it within its call, reads the Secret, and then looks through all of its own memory.
//!
//! What it answers is a digest of every run of 32 letters and digits that stands anywhere in its memory: whoever knows the value
//! can tell whether it was there. A mark of its own proves that it finds what is there.
#![cfg_attr(
    target_arch = "wasm32",
    expect(unsafe_code, reason = "a guest that looks at its memory as it is")
)]

use bulkhead_plugin_sdk::changes::{self, Change, Generated, Plan};
use bulkhead_plugin_sdk::kubernetes::{self, ObjectRef, ResourceType};
use bulkhead_plugin_sdk::{Failure, Text, Want};
use serde_json::{Value, json};

/// As long as the value that the host makes.
const LENGTH: usize = 32;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Arguments {
    namespace: String,
}

fn searches_its_memory_for_a_secret(arguments: Arguments) -> Result<Text, Failure> {
    let metadata = json!({ "namespace": arguments.namespace, "name": "made" });
    let secret = json!({ "apiVersion": "v1", "kind": "Secret", "metadata": metadata });
    let generate = vec![Generated {
        key: "password".to_owned(),
        characters: 32,
    }];
    let plan =
        Plan::new("a password that nobody knows").change(Change::create_secret(&secret, generate));
    let answer = changes::run(&plan, true)?;
    let secrets = ResourceType::new("", "secrets");
    let made = ObjectRef::in_namespace(secrets, arguments.namespace, "made");
    let read: Value = kubernetes::get(&made)?;
    let mark: String = (0..LENGTH).map(|_| 'm').collect();
    std::hint::black_box(&mark);
    let found = digests();
    std::hint::black_box(&mark);
    Ok(Text(format!(
        "{} {}: {}; found {found}",
        answer.state, answer.id, read["metadata"]["name"]
    )))
}

/// Returns the digest of each run, in hex, one behind the other.
fn digests() -> String {
    let (mut digests, mut run) = (Vec::new(), [0; LENGTH]);
    let mut length = 0;
    for at in 0..memory() {
        let byte = byte(at);
        if !byte.is_ascii_alphanumeric() {
            length = 0;
            continue;
        }
        run.rotate_left(1);
        run[LENGTH - 1] = byte;
        length += 1;
        if length >= LENGTH {
            digests.push(format!("{:016x}", digest(&run)));
        }
    }
    digests.join(" ")
}

/// FNV-1a.
fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(target_arch = "wasm32")]
fn memory() -> usize {
    core::arch::wasm32::memory_size(0) * 65_536
}

#[cfg(target_arch = "wasm32")]
fn byte(at: usize) -> u8 {
    // SAFETY: every address below the size of the memory can be read, and nothing else runs.
    unsafe { core::ptr::read_volatile(at as *const u8) }
}

/// Only a component has a memory of its own.
#[cfg(not(target_arch = "wasm32"))]
fn memory() -> usize {
    0
}

#[cfg(not(target_arch = "wasm32"))]
fn byte(_: usize) -> u8 {
    0
}

bulkhead_guests::proposing!(
    "searches-its-memory-for-a-secret",
    searches_its_memory_for_a_secret,
    Want::cluster(
        &[""],
        &["secrets"],
        &["get", "create"],
        "To make passwords."
    )
);
