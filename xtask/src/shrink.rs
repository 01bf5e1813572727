//! Makes components smaller with Binaryen's `wasm-opt`, which takes an eighth of them away.
//!
//! Only where it is at hand: `cargo xtask setup` and `cargo xtask test` fetch the pinned one where there is npm. Without it a
//! component does the same and is larger, as it is where the program fails. Binaryen knows core modules alone, so the module is
//! taken out of its component and put back; imports, exports and everything around it stay as they are.

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

/// What is done, in this order: again for size after the control flow was taken apart and laid out anew, which finds what the
/// compiler's own layout hides; at last, constants that a function has many times are kept in a local. No object of a component lies
/// in the first KiB of its memory: the linker puts the end of the stack there.
const PASSES: [&str; 11] = [
    "--low-memory-unused",
    "--strip-debug",
    "--strip-producers",
    "--merge-similar-functions",
    "-Oz",
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    "--const-hoisting",
    "--reorder-functions",
];

/// The header of a component, and the numbers of the sections that are looked at (component-model, `Binary.md`).
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
const CUSTOM: u8 = 0;
const CORE_MODULE: u8 = 1;

/// Writes a smaller form of a component, kept by what it was made from and how until there is a newer one, and returns where it
/// is; the component itself where there is no optimiser, or it fails, which is said.
///
/// # Errors
/// Where a file cannot be read or written.
pub(crate) fn component(workspace: &Workspace, from: &Path) -> Result<PathBuf> {
    let pinned = workspace.root.join("tests/binaryen/package-lock.json");
    let pinned =
        fs::read(&pinned).with_context(|| format!("cannot read `{}`", pinned.display()))?;
    let bytes = fs::read(from).with_context(|| format!("cannot read `{}`", from.display()))?;
    let name = from.file_stem().context("a component without a name")?;
    let name = name.to_string_lossy();
    let how = FEATURES.iter().chain(&PASSES).map(|how| how.as_bytes());
    let inputs: Vec<&[u8]> = [bytes.as_slice(), &pinned].into_iter().chain(how).collect();
    let folder = workspace.components().join("smaller");
    let kept = folder.join(format!("{name}-{}.wasm", parts::key(&inputs)));
    if kept.exists() {
        return Ok(kept);
    }
    let Some(optimiser) = parts::noted(workspace, Part::Optimiser) else {
        return Ok(from.to_owned());
    };
    fs::create_dir_all(&folder)?;
    // Of this run alone: another one may be at the same component.
    let own = tempfile::tempdir_in(&folder)?;
    let small = match shrunk(&bytes, |module| optimised(&optimiser, own.path(), module)) {
        Ok(small) => small,
        Err(error) => {
            println!("{}: stays as it is: {error:#}", from.display());
            return Ok(from.to_owned());
        }
    };
    let new = own.path().join("new.wasm");
    fs::write(&new, &small)?;
    fs::rename(&new, &kept)?;
    remove_older(&folder, &name, &kept)?;
    println!(
        "{}: {} bytes, {} before",
        from.display(),
        small.len(),
        bytes.len()
    );
    Ok(kept)
}

/// Removes the forms that were made of other states of a component.
fn remove_older(folder: &Path, name: &str, kept: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let of = path
            .file_stem()
            .and_then(|stem| stem.to_str()?.rsplit_once('-'));
        if of.is_some_and(|(of, _)| of == name) && path != kept {
            // Another run may have removed it.
            fs::remove_file(path).ok();
        }
    }
    Ok(())
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

    /// A checkout with this script as its optimiser.
    fn checkout(root: &Path, script: &str) -> Workspace {
        let optimiser = root.join("optimiser");
        // By another process: a file that this one has just written may be held open by a child of another test, and is busy.
        let write = r#"printf '#!/bin/sh\n%s\n' "$2" > "$1" && chmod 700 "$1""#;
        command::output(
            Command::new("sh")
                .args(["-c", write, "sh"])
                .arg(&optimiser)
                .arg(script),
        )
        .unwrap();
        fs::create_dir_all(root.join("tests/binaryen")).unwrap();
        fs::write(root.join("tests/binaryen/package-lock.json"), "{}").unwrap();
        let workspace = Workspace {
            root: root.to_owned(),
            target: root.join("target"),
            packages: Vec::new(),
        };
        let found = (Part::Optimiser, parts::Found::At(optimiser));
        parts::Parts(vec![found]).write(&workspace).unwrap();
        workspace
    }

    #[test]
    fn one_form_of_a_component_is_kept_and_nothing_beside_it() {
        let root = tempfile::tempdir().unwrap();
        // The last argument is the file to write.
        let workspace = checkout(
            root.path(),
            "for last; do :; done; printf small > \"$last\"",
        );
        let from = root.path().join("plugin_a.wasm");
        let made = [5, 6].map(|code| {
            fs::write(&from, component(&[(CORE_MODULE, &[code; 300])])).unwrap();
            super::component(&workspace, &from).unwrap()
        });
        assert_ne!(made[0], made[1]);
        let small = component(&[(CORE_MODULE, b"small")]);
        assert_eq!(fs::read(&made[1]).unwrap(), small);
        let folder = fs::read_dir(workspace.components().join("smaller")).unwrap();
        let left: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
        assert_eq!(left, made[1..]);
        let again = super::component(&workspace, &from).unwrap();
        assert_eq!(again, made[1]);
    }

    #[test]
    fn a_component_stays_as_it_is_where_the_optimiser_fails() {
        let root = tempfile::tempdir().unwrap();
        let workspace = checkout(root.path(), "exit 1");
        let from = root.path().join("plugin_a.wasm");
        fs::write(&from, component(&[(CORE_MODULE, b"code")])).unwrap();
        assert_eq!(super::component(&workspace, &from).unwrap(), from);
    }

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
