use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use rstest::rstest;
use serde_json::{Value, json};

use super::super::ApproverKey;
use super::*;
use crate::failure::Failure;

const RIGHT: &str = "correct horse";

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned())
}

/// A folder with a key, the file, and the key.
fn a_key() -> (tempfile::TempDir, PathBuf, ApproverKey) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state").join("approver.key");
    let key = ApproverKey::create(&file, &passphrase(RIGHT)).unwrap();
    (folder, file, key)
}

fn edited(file: &Path, edit: impl FnOnce(&mut Value)) {
    let mut value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    edit(&mut value);
    std::fs::write(file, value.to_string()).unwrap();
}

/// As somebody would edit it who knows the format: with a checksum that fits.
fn edited_knowingly(path: &Path, edit: impl FnOnce(&mut File)) {
    let mut file: File = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    edit(&mut file);
    file.checksum = file.checksum();
    std::fs::write(path, serde_json::to_string(&file).unwrap()).unwrap();
}

#[test]
fn a_key_opens_with_its_passphrase_and_no_other() {
    let (_folder, file, key) = a_key();
    let opened = ApproverKey::open(&file, &passphrase(RIGHT)).unwrap();
    assert_eq!(opened.public(), key.public());
    assert_eq!(opened.sign(b"x"), key.sign(b"x"));
    assert_eq!(ApproverKey::public_of(&file).unwrap(), key.public());
    for wrong in ["correct hors", "correct horse ", "", "Correct horse"] {
        let error = ApproverKey::open(&file, &passphrase(wrong)).unwrap_err();
        assert!(matches!(error, KeyError::WrongPassphrase(_)), "{error}");
    }
}

#[test]
fn only_the_owner_can_reach_the_file_and_its_folder() {
    let (_folder, file, _key) = a_key();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(file.parent().unwrap()), 0o700);
}

#[rstest]
fn a_file_that_others_can_reach_is_refused(#[values(0o640, 0o604, 0o620, 0o601)] mode: u32) {
    let (_folder, file, _key) = a_key();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
    let failure = Failure::from(ApproverKey::open(&file, &passphrase(RIGHT)).unwrap_err());
    assert!(failure.message.contains(&format!("(mode {mode:04o})")));
    assert!(failure.fix.unwrap().starts_with("chmod 600 '"));
}

#[test]
fn a_key_is_never_written_over() {
    let (_folder, file, key) = a_key();
    let error = ApproverKey::create(&file, &passphrase(RIGHT)).unwrap_err();
    assert!(matches!(error, KeyError::Exists(_)), "{error}");
    assert_eq!(ApproverKey::public_of(&file).unwrap(), key.public());
    // Nor through a link that leads nowhere.
    let link = file.with_extension("link");
    std::os::unix::fs::symlink(file.with_extension("gone"), &link).unwrap();
    let error = ApproverKey::create(&link, &passphrase(RIGHT)).unwrap_err();
    assert!(matches!(error, KeyError::Exists(_)), "{error}");
}

#[test]
fn a_short_passphrase_makes_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("approver.key");
    let error = ApproverKey::create(&file, &passphrase("sieben7")).unwrap_err();
    assert!(matches!(error, KeyError::TooShort), "{error}");
    assert!(!file.exists());
    assert!(matches!(
        ApproverKey::open(&file, &passphrase(RIGHT)),
        Err(KeyError::Missing(_))
    ));
}

#[test]
fn neither_seed_nor_passphrase_stands_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("approver.key");
    let public = ApproverKey::from_seed(&[7; 32]).unwrap().public();
    write(&file, &[7; 32], &public, &passphrase(RIGHT)).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains(RIGHT));
    assert!(!text.contains(&STANDARD.encode([7; 32])));
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(names.len(), 1, "{names:?}");
}

#[rstest]
#[case::another_format("format", json!("bulkhead-approver-key-v2"))]
#[case::another_public("public", json!("ed25519:AAAA"))]
#[case::another_salt("salt", json!("AAAA"))]
#[case::another_nonce("nonce", json!("AAAA"))]
#[case::another_seal("sealed", json!("AAAA"))]
#[case::another_checksum("checksum", json!(""))]
#[case::other_costs("argon2id", json!({"memory_kib": 8, "passes": 1, "lanes": 1}))]
#[case::costs_of_another_type("argon2id", json!(3))]
#[case::an_unknown_key("more", json!(true))]
fn a_damaged_file_is_told_from_a_wrong_passphrase(#[case] key: &str, #[case] value: Value) {
    let (_folder, file, _key) = a_key();
    edited(&file, |file| file[key] = value);
    let error = ApproverKey::open(&file, &passphrase(RIGHT)).unwrap_err();
    assert!(matches!(error, KeyError::Broken { .. }), "{error}");
}

#[test]
fn what_is_no_key_file_is_broken() {
    let (folder, file, _key) = a_key();
    for text in ["", "{}", "null", "\0\0", &" ".repeat(20_000)] {
        std::fs::write(&file, text).unwrap();
        let error = ApproverKey::open(&file, &passphrase(RIGHT)).unwrap_err();
        assert!(matches!(error, KeyError::Broken { .. }), "{error}");
    }
    let error = ApproverKey::open(folder.path(), &passphrase(RIGHT)).unwrap_err();
    assert!(matches!(error, KeyError::Broken { .. }), "{error}");
}

#[test]
fn a_file_cannot_ask_for_all_the_memory() {
    let (_folder, file, _key) = a_key();
    edited_knowingly(&file, |file| file.argon2id.memory_kib = u32::MAX);
    let error = ApproverKey::open(&file, &passphrase(RIGHT)).unwrap_err();
    assert!(error.to_string().ends_with("out of bounds"), "{error}");
}

#[test]
fn a_file_that_was_edited_knowingly_does_not_open() {
    let other = ApproverKey::from_seed(&[9; 32]).unwrap().public();
    let edits: [fn(&mut File, String); 2] = [
        |file, other| file.public = other,
        |file, _| file.argon2id.passes = 1,
    ];
    for edit in edits {
        let (_folder, file, _key) = a_key();
        edited_knowingly(&file, |file| edit(file, other.to_string()));
        let error = ApproverKey::open(&file, &passphrase(RIGHT)).unwrap_err();
        assert!(matches!(error, KeyError::WrongPassphrase(_)), "{error}");
    }
}
