//! The folder of configurations that are right and wrong: adding a case needs no Rust.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::{Config, Problems, parse};
use super::{compare, environment, repository};

/// The files of a folder below `host/tests-config`, sorted; at least one.
fn files(folder: &str) -> Vec<PathBuf> {
    let folder = repository("host/tests-config").join(folder);
    let entries = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    files
}

/// Parses a file under its bare name, so that no message holds where the repository is.
fn parse_by_name(file: &Path) -> Result<Config, Problems> {
    let text = fs::read_to_string(file).unwrap();
    parse(
        &text,
        Path::new(file.file_name().unwrap()),
        &environment(&[("HOME", "/home/ada")]),
    )
}

#[test]
fn what_is_right_is_accepted() {
    for file in files("valid") {
        let result = parse_by_name(&file);
        assert!(result.is_ok(), "{}", result.unwrap_err());
    }
}

#[test]
fn what_is_wrong_is_told_with_place_and_fix() {
    for file in files("invalid") {
        let Err(problems) = parse_by_name(&file) else {
            panic!("{} is accepted", file.display());
        };
        compare(&file.with_extension("txt"), &format!("{problems}\n"));
    }
}

#[test]
fn no_expectation_is_left_without_its_file() {
    let folder = repository("host/tests-config/invalid");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        assert!(
            path.with_extension("toml").is_file(),
            "{} has no configuration",
            path.display()
        );
    }
}
