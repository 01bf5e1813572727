//! Configurations, components and caches that are wrong: what `bulkhead check` and `bulkhead serve` say, and with which exit code.

use std::{
    fs,
    io::{Seek as _, SeekFrom, Write as _},
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
};

use bulkhead_tests::{
    built,
    host_config::{HostConfig, cluster_table, plugin_table},
    mcp_client::Era,
};
use rstest::rstest;
use serde_json::json;

use crate::{
    session::{Ran, Session, bulkhead, generic},
    sim::Sim,
    stable::stable,
};

const GRANT: &str = "[[plugins.hello.grants]]\napi_groups = [\"\"]\nresources = [\"pods\"]\nverbs = [\"list\"]\nnamespaces = [\"shop\"]\n";

/// Fast to compile.
fn hello() -> PathBuf {
    built::example("hello-rust")
}

/// What `check` and `serve` say of a configuration that cannot be read. Neither of them gets far enough to need a cluster.
fn refused(config: &HostConfig) -> String {
    let [check, serve] = ["check", "serve"].map(|name| Ran::command(name, config));
    assert_eq!(
        (check.code, serve.code),
        (Some(2), Some(2)),
        "{check:?}\n{serve:?}"
    );
    assert_eq!(check.stderr, serve.stderr);
    assert_eq!(check.stdout + &serve.stdout, "");
    stable(&check.stderr, &[(config.folder(), "[folder]")])
}

#[rstest]
#[case::not_toml("not_toml", "[plugins.hello\nsource = 1")]
#[case::unknown_key(
    "unknown_key",
    "[plugins.hello]\nsource = \"hello.wasm\"\nsorce = \"x\"\n[clustre]\n"
)]
#[case::a_grant_over_nothing(
    "a_grant_over_nothing",
    "[plugins.hello]\nsource = \"hello.wasm\"\n[[plugins.hello.grants]]\napi_groups = []\nresources = []\nverbs = []\nnamespaces = []\n"
)]
#[case::a_component_that_is_not_there(
    "component_missing",
    "[plugins.hello]\nsource = \"/no/such/hello.wasm\"\n"
)]
#[case::a_bare_grant(
    "a_bare_grant",
    "[plugins.hello]\nsource = \"hello.wasm\"\n[[plugins.hello.grants]]\n"
)]
fn a_configuration_that_is_wrong_is_refused_with_every_problem(
    #[case] name: &str,
    #[case] text: &str,
) {
    let config = HostConfig::with_text(text).unwrap();
    insta::assert_snapshot!(name, refused(&config));
}

#[test]
fn a_configuration_that_is_not_there_is_named() {
    let config = HostConfig::with_text("").unwrap();
    fs::remove_file(config.path()).unwrap();
    insta::assert_snapshot!(refused(&config));
}

#[test]
fn without_any_configuration_the_next_step_is_init() {
    let home = tempfile::tempdir().unwrap();
    let ran = Ran::of(bulkhead(home.path()).arg("serve"));
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("bulkhead init"), "{ran:?}");
}

/// What a command said on stderr, without what it was doing: whether something had to be compiled depends on the run before.
fn problems(ran: &Ran, folder: &Path) -> String {
    let lines: String = ran
        .stderr
        .lines()
        .filter(|line| !line.contains(" INFO "))
        .map(|line| format!("{line}\n"))
        .collect();
    stable(&lines, &[(folder, "[folder]")])
}

#[test]
fn two_plugins_with_one_tool_name_are_told_apart_by_a_prefix() {
    let sim = Sim::small();
    let two = |prefix: &str| {
        let first = plugin_table("hello", &hello()).unwrap();
        let second = plugin_table("twin", &hello()).unwrap();
        HostConfig::with_text(&format!(
            "{}{first}{second}{prefix}",
            cluster_table(&sim.kubeconfig()).unwrap()
        ))
        .unwrap()
    };
    let config = two("");
    let check = Ran::command("check", &config);
    assert_eq!(check.code, Some(1), "{check:?}");
    insta::assert_snapshot!(problems(&check, config.folder()));
    for era in [Era::LEGACY, Era::MODERN] {
        let mut session = Session::in_era(two(""), era);
        for method in ["tools/list", "tools/call"] {
            let error = session
                .request(method, json!({ "name": "hello_pods", "arguments": {} }))
                .unwrap()
                .unwrap_err();
            for part in ["`hello`", "`twin`", "`hello_pods`", "plugins.twin.prefix"] {
                assert!(error.message.contains(part), "{error:?}");
            }
        }
        session.end();
    }
    let mended = two("prefix = \"twin_\"\n");
    let check = Ran::command("check", &mended);
    assert_eq!(check.code, Some(0), "{check:?}");
    assert!(check.stdout.contains("twin_hello_pods"), "{check:?}");
}

/// The component of a case, made in this folder.
type Component = fn(&Path) -> PathBuf;

/// Behind its header, so that the error has the same words for every build of the component.
fn truncated(folder: &Path) -> PathBuf {
    written(folder, &fs::read(hello()).unwrap()[..9])
}

fn empty(folder: &Path) -> PathBuf {
    written(folder, b"")
}

/// A core module is no component.
fn module(folder: &Path) -> PathBuf {
    written(folder, b"\0asm\x01\0\0\0")
}

fn whole(folder: &Path) -> PathBuf {
    written(folder, &fs::read(hello()).unwrap())
}

fn foreign(folder: &Path) -> PathBuf {
    written(
        folder,
        &fs::read(built::guest("imports_something_foreign")).unwrap(),
    )
}

fn written(folder: &Path, bytes: &[u8]) -> PathBuf {
    let path = folder.join("component.wasm");
    fs::write(&path, bytes).unwrap();
    path
}

#[rstest]
#[case::truncated("component_truncated", truncated, "")]
#[case::empty("component_empty", empty, "")]
#[case::module("component_is_a_module", module, "")]
#[case::another_digest(
    "component_of_another_digest",
    whole,
    "sha256 = \"0000000000000000000000000000000000000000000000000000000000000000\"\n"
)]
#[case::foreign("component_with_foreign_imports", foreign, "")]
fn a_component_that_cannot_be_used_is_named_and_the_other_plugin_serves(
    #[case] name: &str,
    #[case] component: Component,
    #[case] pin: &str,
) {
    let sim = Sim::small();
    let folder = tempfile::tempdir().unwrap();
    let table = plugin_table("hello", &component(folder.path())).unwrap();
    let cluster = cluster_table(&sim.kubeconfig()).unwrap();
    let config =
        HostConfig::with_text(&format!("{cluster}{table}{pin}{GRANT}{}", generic())).unwrap();
    let check = Ran::command("check", &config);
    assert_eq!(check.code, Some(1), "{check:?}");
    assert!(
        check.stdout.ends_with("2 plugin(s), 1 problem(s)\n"),
        "{check:?}"
    );
    insta::assert_snapshot!(name, problems(&check, folder.path()));
    let mut session = Session::start(config);
    session.pods().succeeds(&["till"]);
    let error = session
        .call_tool("hello_pods", json!({}))
        .unwrap()
        .unwrap_err();
    assert!(error.message.contains("`hello_pods`"), "{error:?}");
    assert!(
        session.stderr().contains("plugin `hello` is left out"),
        "{}",
        session.stderr()
    );
    session.end();
}

/// A checked configuration with a cache of its own, and the compiled form in it.
fn compiled() -> (HostConfig, tempfile::TempDir, PathBuf) {
    let parent = tempfile::tempdir().unwrap();
    let cache = parent.path().join("cache");
    let text = plugin_table("hello", &hello()).unwrap() + GRANT;
    let config = HostConfig::with_cache(&text, &cache).unwrap();
    let first = Ran::command("check", &config);
    assert_eq!(first.code, Some(0), "{first:?}");
    assert!(first.stderr.contains("compiling"), "{first:?}");
    let form = fs::read_dir(&cache)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| {
            path.extension()
                .is_some_and(|extension| extension == "cwasm")
        });
    (config, parent, form.unwrap())
}

fn flip_a_byte(form: &Path) {
    let bytes = fs::read(form).unwrap();
    let middle = bytes.len() / 2;
    let mut file = fs::OpenOptions::new().write(true).open(form).unwrap();
    file.seek(SeekFrom::Start(middle as u64)).unwrap();
    file.write_all(&[!bytes[middle]]).unwrap();
}

fn cut_off_the_end(form: &Path) {
    let length = fs::metadata(form).unwrap().len();
    fs::OpenOptions::new()
        .write(true)
        .open(form)
        .unwrap()
        .set_len(length / 2)
        .unwrap();
}

fn let_others_write(form: &Path) {
    fs::set_permissions(form, fs::Permissions::from_mode(0o666)).unwrap();
}

fn put_a_link_in_its_place(form: &Path) {
    let elsewhere = form.with_file_name("elsewhere");
    fs::rename(form, &elsewhere).unwrap();
    symlink(elsewhere, form).unwrap();
}

fn forget_its_digest(form: &Path) {
    fs::remove_file(form.with_extension("cwasm.sha256")).unwrap();
}

#[rstest]
#[case::flipped(flip_a_byte, "is damaged")]
#[case::cut(cut_off_the_end, "is damaged")]
#[case::open_to_others(let_others_write, "is not a file of this user alone")]
#[case::link(put_a_link_in_its_place, "is not a file of this user alone")]
#[case::without_digest(forget_its_digest, "")]
fn a_compiled_form_that_is_not_what_was_written_is_compiled_again(
    #[case] damage: fn(&Path),
    #[case] reason: &str,
) {
    let (config, _cache, form) = compiled();
    let untouched = Ran::command("check", &config);
    assert_eq!(untouched.code, Some(0), "{untouched:?}");
    assert!(!untouched.stderr.contains("compiling"), "{untouched:?}");
    let before = fs::read(&form).unwrap();
    damage(&form);
    let again = Ran::command("check", &config);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(
        again.stderr.contains("compiling") && again.stderr.contains(reason),
        "{again:?}"
    );
    let metadata = fs::symlink_metadata(&form).unwrap();
    assert!(
        metadata.is_file() && metadata.permissions().mode() & 0o022 == 0,
        "{metadata:?}"
    );
    assert!(fs::read(&form).unwrap() == before, "another compiled form");
    let after = Ran::command("check", &config);
    assert!(
        after.code == Some(0) && !after.stderr.contains("compiling"),
        "{after:?}"
    );
}

#[rstest]
#[case::cache("cache")]
#[case::behind_a_link("link")]
fn a_cache_that_others_can_enter_is_refused(#[case] name: &str) {
    let parent = tempfile::tempdir().unwrap();
    fs::create_dir(parent.path().join("cache")).unwrap();
    fs::set_permissions(
        parent.path().join("cache"),
        fs::Permissions::from_mode(0o755),
    )
    .unwrap();
    symlink("cache", parent.path().join("link")).unwrap();
    let text = plugin_table("hello", &hello()).unwrap();
    let config = HostConfig::with_cache(&text, &parent.path().join(name)).unwrap();
    for command in ["check", "serve"] {
        let ran = Ran::command(command, &config);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        for part in [name, "is open to others (mode 755)", "fix: ", "0700"] {
            assert!(ran.stderr.contains(part), "no `{part}` in {ran:?}");
        }
    }
    assert_eq!(
        fs::read_dir(parent.path().join("cache")).unwrap().count(),
        0
    );
}
