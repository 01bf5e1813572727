//! Makes components smaller with Binaryen's `wasm-opt`, which takes an eighth of them away.
//!
//! Only where it is at hand: `cargo xtask setup` and `cargo xtask test` fetch the pinned one where there is npm. Without it a
//! component does the same and is larger. Binaryen knows core modules alone, so the module is taken out of its component and put
//! back; imports, exports and everything around it stay as they are.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

use crate::{
    command,
    parts::{self, Part},
    workspace::Workspace,
};

/// What a component's code may use: what rustc's `wasm32-wasip2` does, so that the optimiser brings in nothing newer.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// What is done, in this order.
const PASSES: [&str; 6] = [
    "--strip-debug",
    "--strip-producers",
    "--merge-similar-functions",
    "-Oz",
    "--converge",
    "--reorder-functions",
];

/// The header of a component, and the numbers of the sections that are looked at (component-model, `Binary.md`).
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
const CUSTOM: u8 = 0;
const CORE_MODULE: u8 = 1;

/// Writes a smaller form of a component, kept by what it was made from, and returns where it is; the component itself where there
/// is no optimiser.
///
/// # Errors
/// Where the optimiser fails, or what is there is no component.
pub(crate) fn component(workspace: &Workspace, from: &Path) -> Result<PathBuf> {
    let pinned = workspace.root.join("tests/binaryen/package-lock.json");
    let pinned =
        fs::read(&pinned).with_context(|| format!("cannot read `{}`", pinned.display()))?;
    let bytes = fs::read(from).with_context(|| format!("cannot read `{}`", from.display()))?;
    let folder = workspace.components().join("smaller");
    let kept = folder.join(format!(
        "{}.wasm",
        parts::key(&[&bytes, &pinned, PASSES.concat().as_bytes()])
    ));
    if kept.exists() {
        return Ok(kept);
    }
    let Some(optimiser) = parts::noted(workspace, Part::Optimiser) else {
        return Ok(from.to_owned());
    };
    fs::create_dir_all(&folder)?;
    let small = shrunk(&bytes, |module| optimised(&optimiser, &folder, module))
        .with_context(|| format!("cannot make `{}` smaller", from.display()))?;
    let new = kept.with_extension("new");
    fs::write(&new, &small)?;
    fs::rename(&new, &kept)?;
    println!(
        "{}: {} bytes, {} before",
        from.display(),
        small.len(),
        bytes.len()
    );
    Ok(kept)
}

fn optimised(optimiser: &Path, folder: &Path, module: &[u8]) -> Result<Vec<u8>> {
    let (before, after) = (folder.join("before.wasm"), folder.join("after.wasm"));
    fs::write(&before, module)?;
    command::run(
        Command::new(optimiser)
            .args(FEATURES)
            .args(PASSES)
            .arg(&before)
            .arg("-o")
            .arg(&after),
    )?;
    fs::read(&after).context("the optimiser wrote nothing")
}

/// Replaces the largest core module of a component, which is its code, and leaves out names for debuggers.
fn shrunk(component: &[u8], optimise: impl FnOnce(&[u8]) -> Result<Vec<u8>>) -> Result<Vec<u8>> {
    let Some(mut rest) = component.strip_prefix(COMPONENT) else {
        bail!("it is no component");
    };
    let mut sections = Vec::new();
    while let Some((&id, after)) = rest.split_first() {
        let (length, after) = number(after).context("a section has no length")?;
        let (body, after) = after.split_at_checked(length).context("a section is cut")?;
        sections.push((id, body));
        rest = after;
    }
    let largest = sections
        .iter()
        .filter(|(id, _)| *id == CORE_MODULE)
        .map(|(_, body)| body.len())
        .max()
        .context("it holds no core module")?;
    let mut optimise = Some(optimise);
    let mut small = COMPONENT.to_vec();
    for (id, body) in sections {
        if id == CUSTOM {
            continue;
        }
        let is_code = id == CORE_MODULE && body.len() == largest;
        let body = match optimise.take_if(|_| is_code) {
            Some(optimise) => &optimise(body)?,
            None => body,
        };
        small.push(id);
        push_number(&mut small, body.len());
        small.extend_from_slice(body);
    }
    Ok(small)
}

/// Reads an unsigned LEB128 number of at most 32 bits, and returns what follows it.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0_usize;
    for (place, byte) in bytes.iter().enumerate().take(5) {
        value |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[place + 1..]));
        }
    }
    None
}

fn push_number(bytes: &mut Vec<u8>, mut value: usize) {
    loop {
        let low = u8::try_from(value & 0x7f).expect("seven bits fit into a byte");
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(sections: &[(u8, &[u8])]) -> Vec<u8> {
        let mut bytes = COMPONENT.to_vec();
        for (id, body) in sections {
            bytes.push(*id);
            push_number(&mut bytes, body.len());
            bytes.extend_from_slice(body);
        }
        bytes
    }

    #[test]
    fn the_largest_module_is_replaced_and_the_rest_stays_in_its_place() {
        let code = vec![7; 300];
        let before = component(&[
            (8, b"types"),
            (CORE_MODULE, &code),
            (CORE_MODULE, b"shim"),
            (CUSTOM, b"names"),
        ]);
        let after = shrunk(&before, |module| {
            assert_eq!(module, code);
            Ok(b"small".to_vec())
        });
        assert_eq!(
            after.unwrap(),
            component(&[
                (8, b"types"),
                (CORE_MODULE, b"small"),
                (CORE_MODULE, b"shim")
            ])
        );
    }

    #[test]
    fn what_is_no_component_is_refused() {
        let cut = &component(&[(CORE_MODULE, &[7; 300])])[..100];
        for bytes in [&b"\0asm\x01\0\0\0"[..], b"", cut, COMPONENT] {
            assert!(shrunk(bytes, |_| Ok(Vec::new())).is_err());
        }
    }

    #[test]
    fn numbers_are_written_as_they_are_read() {
        for value in [0, 1, 127, 128, 300, 1 << 20, u32::MAX as usize] {
            let mut bytes = Vec::new();
            push_number(&mut bytes, value);
            assert_eq!(number(&bytes), Some((value, &[][..])));
        }
    }
}
