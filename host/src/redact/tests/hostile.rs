//! Texts made to cost more than their length. Nothing here measures time: with a square of the length, or with more for
//! each encoding, most of these tests would run for minutes.

use std::fmt::Write as _;

use serde_json::json;

use super::text;

const MEBIBYTE: usize = 1 << 20;

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for three in bytes.chunks(3) {
        let mut bits = [0; 4];
        bits[1..=three.len()].copy_from_slice(three);
        let bits = u32::from_be_bytes(bits);
        for digit in 0..4 {
            encoded.push(if digit <= three.len() {
                char::from(DIGITS[(bits >> (18 - 6 * digit)) as usize & 63])
            } else {
                '='
            });
        }
    }
    encoded
}

/// Base64 in base64, with eight places in each that could be its beginning.
fn many_beginnings(innermost: &str) -> String {
    (0..6).fold(innermost.to_owned(), |inner, _| {
        "YWI/".repeat(7) + &base64(("ab?".repeat(7) + &inner).as_bytes())
    })
}

#[test]
fn base64_with_many_beginnings_is_looked_into_once_for_each_encoding() {
    let piece = many_beginnings("all is well here") + " ";
    let long = piece.repeat(MEBIBYTE / piece.len());
    assert_eq!(text(&long), long);
    let secret = "ab?".repeat(7) + "password=swordfish";
    let hidden = text(&("YWI/".repeat(7) + &base64(secret.as_bytes()))).into_owned();
    assert_eq!(hidden, "<redacted>");
}

#[test]
fn json_before_other_text_is_cleaned_once_for_each_nesting() {
    let mut inner = "password=swordfish ".repeat(MEBIBYTE / 64);
    for _ in 0..5 {
        inner = format!("{} and so on", json!({ "log": inner }));
    }
    assert!(!text(&inner).contains("swordfish"));
}

#[test]
fn json_that_is_indented_anew_grows_little() {
    let mut long = "[".repeat(120) + "{\"password\":\"swordfish\"},\n";
    while long.len() < MEBIBYTE {
        write!(long, "1,").unwrap();
    }
    long += &("1".to_owned() + &"]".repeat(120));
    let after = text(&long);
    assert!(!after.contains("swordfish"));
    assert!(after.len() <= 5 * long.len(), "{} bytes", after.len());
}

#[test]
fn a_line_of_many_names_is_not_read_again_for_each_of_them() {
    // Each is a name whose value is harmless, so that the search goes on inside of it, before something that ends late.
    for piece in [
        "pwd=on;",
        "pwd=on\")",
        "pwd=a</",
        "pwd:1/",
        "pwd:/etc/!",
        "pwd=arn:!",
        "pwd=[",
        "secrets=[",
        "pwd={a ",
        "pwd%3D{a!",
        "token\"%3Aa!",
        "(--token\"",
        "(--token\"-",
        "pwd=(}]))",
        "a-token-",
    ] {
        let long = piece.repeat(MEBIBYTE / 8 / piece.len());
        assert!(text(&long).len() <= 4 * long.len(), "{piece}");
        let late = " ".repeat(MEBIBYTE) + &long + "{";
        assert!(text(&late).len() <= 4 * late.len(), "{piece}");
    }
}

#[test]
fn lines_that_all_stand_below_each_other_are_read_once() {
    for piece in [
        "- pwd:\n",
        "- pwd:\n- arn:x\n",
        "pwd:\n\n\n",
        "x aaaaaaaaaaaaaa\n-----END\n",
    ] {
        let long = piece.repeat(MEBIBYTE / 4 / piece.len());
        assert!(text(&long).len() <= 4 * long.len(), "{piece}");
    }
    for line in ["data:", "pwd:", "pwd: |"] {
        let mut long = "kind: Secret\n".to_owned();
        for depth in 0..2_000 {
            writeln!(long, "{:depth$}{line}", "").unwrap();
        }
        assert!(text(&long).len() <= 4 * long.len(), "{line}");
    }
}

#[test]
fn quotes_that_never_close_are_looked_for_a_few_times() {
    let mut long = String::new();
    for escapes in (0..2_000).rev() {
        writeln!(long, "pwd={}\"on", "\\".repeat(escapes)).unwrap();
    }
    assert!(text(&long).len() <= 4 * long.len());
}

#[test]
fn letters_of_other_scripts_take_no_slow_way() {
    let long = "événement läuft — 完了 ".repeat(MEBIBYTE / 32);
    assert_eq!(text(&long), long);
}

#[test]
fn what_is_too_long_to_be_harmless_is_hidden() {
    let arn = "arn:aws:".repeat(100);
    assert_eq!(text(&format!("x token={arn} y")), "x token=<redacted> y");
    let mut value = json!({ "token": arn });
    super::object(&mut value, super::SecretValues::Hidden);
    assert_eq!(value["token"], "<redacted>");
}
