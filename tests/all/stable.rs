//! What a person reads, without what differs between machines and runs.

use std::path::Path;

/// Replaces folders by the names given to them, the checkout's build folder, the program's version, and digests.
pub(crate) fn stable(text: &str, folders: &[(&Path, &str)]) -> String {
    let mut text = text.to_owned();
    for (folder, name) in folders {
        text = text.replace(folder.to_str().unwrap(), name);
    }
    let built = [
        bulkhead_tests::built::dist(),
        bulkhead_tests::built::target(),
    ];
    for (folder, name) in built.iter().zip(["[dist]", "[target]"]) {
        text = text.replace(folder.to_str().unwrap(), name);
    }
    let text = text.replace(env!("CARGO_PKG_VERSION"), "[version]");
    let mut stable = String::new();
    let mut word = String::new();
    for letter in text.chars().chain(['\0']) {
        if letter.is_ascii_hexdigit() {
            word.push(letter);
            continue;
        }
        stable.push_str(if word.len() == 64 { "[sha256]" } else { &word });
        word.clear();
        stable.push(letter);
    }
    stable.pop();
    stable
}

#[test]
fn a_digest_is_replaced_and_a_shorter_word_is_not() {
    let digest = "0123456789abcdef".repeat(4);
    assert_eq!(stable(&format!("a {digest}, bad"), &[]), "a [sha256], bad");
    assert_eq!(
        stable("/x/y: face", &[(Path::new("/x"), "[x]")]),
        "[x]/y: face"
    );
}
