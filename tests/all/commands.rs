//! `init`, `doctor` and `plugins`: what a person reads in a terminal.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt as _, path::Path, process::Command};

use bulkhead_simcluster::Denial;
use bulkhead_tests::{built, host_config::HostConfig};
use tempfile::TempDir;

use crate::{
    session::{Ran, bulkhead, generic_on},
    sim::Sim,
    stable::stable,
};

/// `bulkhead` with the environment of somebody who uses this cluster. Compiled components are shared between tests.
fn for_somebody(home: &TempDir, sim: &Sim) -> Command {
    let mut command = bulkhead(home.path());
    command
        .env("KUBECONFIG", sim.kubeconfig())
        .env("XDG_CACHE_HOME", built::target().join("test-cache-home"));
    command
}

#[test]
fn init_writes_a_file_that_passes_check_and_writes_over_none() {
    let (home, sim) = (tempfile::tempdir().unwrap(), Sim::small());
    let path = home.path().join(".config/bulkhead/config.toml");
    let init = |options: &[&str]| Ran::of(for_somebody(&home, &sim).arg("init").args(options));
    let ran = init(&[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    insta::assert_snapshot!(stable(&ran.stdout, &[(home.path(), "[home]")]));
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("\ncontext = \"sim\"\n"), "{text}");
    // Found where init wrote it, without being named.
    let check = Ran::of(for_somebody(&home, &sim).arg("check"));
    assert_eq!(check.code, Some(0), "{check:?}");
    assert!(
        check.stdout.contains("3 plugin(s), 0 problem(s)") && check.stdout.contains("k8s_list"),
        "{check:?}"
    );

    fs::write(&path, "mine").unwrap();
    let refused = init(&[]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(
        refused.stderr.contains("exists: give --force"),
        "{refused:?}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    let forced = init(&["--force"]);
    assert_eq!(forced.code, Some(0), "{forced:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);

    let unknown = init(&["--force", "--context", "red"]);
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    assert!(
        unknown.stderr.contains("context `red`") && unknown.stderr.contains("there is `sim`"),
        "{unknown:?}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    assert_eq!(sim.server.requests(), []);
}

#[test]
fn init_without_a_cluster_writes_a_file_all_the_same() {
    let home = tempfile::tempdir().unwrap();
    let ran = Ran::of(bulkhead(home.path()).arg("init"));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.stdout.contains("cluster none yet") && ran.stderr.contains("there is no kubeconfig"),
        "{ran:?}"
    );
    assert!(home.path().join(".config/bulkhead/config.toml").exists());
}

fn doctor(config: &HostConfig) -> Ran {
    Ran::command("doctor", config)
}

fn told(ran: &Ran, config: &HostConfig, sim: &Sim) -> String {
    let text = ran.stdout.replace(&sim.server.url(), "[server]");
    stable(
        &text,
        &[(config.folder(), "[folder]"), (sim.folder(), "[cluster]")],
    )
}

#[test]
fn doctor_finds_nothing_wrong_with_what_is_well() {
    let sim = Sim::small();
    let config = generic_on(&sim, "");
    let ran = doctor(&config);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    insta::assert_snapshot!(told(&ran, &config, &sim));
}

#[test]
fn doctor_warns_of_what_the_api_server_forbids() {
    let sim = Sim::small();
    sim.server.change(|cluster| {
        cluster.deny(Denial {
            verb: "get".into(),
            group: String::new(),
            resource: "pods/log".into(),
            namespace: None,
        });
    });
    let config = generic_on(&sim, "");
    let ran = doctor(&config);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    insta::assert_snapshot!(told(&ran, &config, &sim));
}

#[test]
fn doctor_fails_on_a_dead_cluster() {
    let sim = Sim::small();
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let dead = format!("http://127.0.0.1:{port}");
    let text = fs::read_to_string(sim.kubeconfig()).unwrap();
    fs::write(sim.kubeconfig(), text.replace(&sim.server.url(), &dead)).unwrap();
    let ran = doctor(&generic_on(&sim, "retries = 0\n"));
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(
        ran.stdout
            .contains(&format!("FAIL  failed to reach cluster `sim` at `{dead}`")),
        "{ran:?}"
    );
    assert!(ran.stdout.ends_with("0 warnings, 1 failures\n"), "{ran:?}");
}

#[test]
fn doctor_goes_on_behind_a_plugin_and_a_folder_that_are_wrong() {
    let sim = Sim::small();
    let config = generic_on(&sim, "");
    let broken = config.folder().join("broken.wasm");
    fs::write(&broken, "no component").unwrap();
    let text = fs::read_to_string(config.path()).unwrap().replace(
        built::plugin("generic").to_str().unwrap(),
        broken.to_str().unwrap(),
    );
    fs::write(config.path(), text).unwrap();
    fs::create_dir(config.folder().join("state")).unwrap();
    fs::set_permissions(
        config.folder().join("state"),
        fs::Permissions::from_mode(0o755),
    )
    .unwrap();
    let ran = doctor(&config);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    for part in [
        "FAIL  the folder ",
        "FAIL  plugin `generic`: ",
        "ok    cluster `sim` answers",
        "2 failures",
    ] {
        assert!(ran.stdout.contains(part), "no `{part}` in {}", ran.stdout);
    }
}

#[test]
fn doctor_warns_of_a_grant_over_what_the_cluster_does_not_serve() {
    let sim = Sim::small();
    let config = generic_on(&sim, "");
    let grant = "[[plugins.generic.grants]]\napi_groups = [\"\", \"apps\"]\nresources = [\"deployment\", \"backups\"]\nverbs = [\"get\"]\nnamespaces = [\"shop\"]\n";
    let text = fs::read_to_string(config.path()).unwrap();
    let text = text.replace("[directories]", &format!("{grant}[directories]"));
    fs::write(config.path(), text).unwrap();
    let ran = doctor(&config);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for part in [
        "is granted `deployment.apps`, which this cluster does not serve",
        "fix: write api_groups = [\"apps\"] and resources = [\"deployments\"]",
        "is granted `backups`, which this cluster does not serve",
        "when its CRD is installed",
    ] {
        assert!(ran.stdout.contains(part), "no `{part}` in {}", ran.stdout);
    }
}

#[test]
fn a_proxy_is_used_and_told_of_unless_the_server_is_reached_directly() {
    let sim = Sim::small();
    let config = generic_on(&sim, "retries = 0\n");
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let doctor = |no_proxy: &str| {
        let mut command = bulkhead(config.folder());
        command.args(["doctor", "--config"]).arg(config.path());
        command
            .env("http_proxy", format!("http://{free}"))
            .env("no_proxy", no_proxy);
        Ran::of(&mut command)
    };
    let proxied = doctor("10.0.0.0/8");
    assert_eq!(proxied.code, Some(1), "{proxied:?}");
    assert!(
        proxied.stdout.contains("warn  a proxy is set")
            && proxied.stdout.contains("FAIL  failed to reach"),
        "{proxied:?}"
    );
    assert_eq!(sim.server.requests(), []);
    let direct = doctor("10.0.0.0/8,127.0.0.0/8");
    assert_eq!(direct.code, Some(0), "{direct:?}");
    assert!(!direct.stdout.contains("proxy"), "{direct:?}");
}

/// A cluster whose credentials come from a program; `PATH` begins with a folder that holds `bulkhead-test-login`.
fn doctor_of_exec(program: &str) -> Ran {
    let sim = Sim::small();
    sim.server.require_token("from-the-program");
    let folder = sim.folder().join("bin");
    fs::create_dir(&folder).unwrap();
    let script = "#!/bin/sh\necho '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"from-the-program\"}}'\n";
    executable(&folder.join("bulkhead-test-login"), script);
    let program = program.replace("[bin]", folder.to_str().unwrap());
    let exec = format!(
        "{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: '{program}', interactiveMode: Never}}}}"
    );
    let text = fs::read_to_string(sim.kubeconfig()).unwrap();
    fs::write(
        sim.kubeconfig(),
        text.replace("user: {}", &format!("user: {exec}")),
    )
    .unwrap();
    let config = generic_on(&sim, "retries = 0\n");
    let path = format!("{}:/usr/bin:/bin", folder.display());
    let ran = Ran::of(
        bulkhead(config.folder())
            .env("PATH", path)
            .arg("doctor")
            .arg("--config")
            .arg(config.path()),
    );
    assert!(!format!("{ran:?}").contains("from-the-program"), "{ran:?}");
    ran
}

fn executable(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn doctor_finds_the_program_that_makes_credentials_by_its_whole_path() {
    let ran = doctor_of_exec("[bin]/bulkhead-test-login");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.stdout.contains("ok    credentials come from")
            && ran.stdout.contains("ok    cluster `sim` answers"),
        "{ran:?}"
    );
    assert!(ran.stdout.ends_with(" 0 warnings, 0 failures\n"), "{ran:?}");
}

#[test]
fn doctor_warns_of_a_program_that_a_desktop_client_does_not_find() {
    let ran = doctor_of_exec("bulkhead-test-login");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.stdout.contains("warn  credentials come from")
            && ran.stdout.contains("its PATH is short"),
        "{ran:?}"
    );
}

#[test]
fn doctor_fails_on_a_program_that_is_not_there() {
    for program in ["no-such-login", "/no/such/login"] {
        let ran = doctor_of_exec(program);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(
            ran.stdout
                .contains(&format!("FAIL  credentials come from `{program}`, which")),
            "{ran:?}"
        );
    }
}

#[test]
fn plugins_are_listed_and_inspected() {
    let sim = Sim::small();
    let config = generic_on(&sim, "");
    let list = Ran::of(
        bulkhead(config.folder())
            .args(["plugins", "list", "--config"])
            .arg(config.path()),
    );
    assert_eq!(list.code, Some(0), "{list:?}");
    // Each build has another digest.
    let (table, digest) = list.stdout.trim_end().rsplit_once("  ").unwrap();
    assert_eq!(digest.len(), 12, "{table}");
    insta::assert_snapshot!("plugins_list", stable(table, &[]));
    let home = tempfile::tempdir().unwrap();
    let inspect = Ran::of(
        for_somebody(&home, &sim)
            .args(["plugins", "inspect"])
            .arg(built::plugin("generic")),
    );
    assert_eq!(inspect.code, Some(0), "{inspect:?}");
    let told = stable(&inspect.stdout, &[]);
    let (before, rest) = told.split_once("bytes     ").unwrap();
    let (bytes, after) = rest.split_once('\n').unwrap();
    assert!(
        bytes.parse::<u32>().is_ok_and(|bytes| bytes > 10_000),
        "{told}"
    );
    insta::assert_snapshot!("plugins_inspect", format!("{before}{after}"));
    assert_eq!(sim.server.requests(), []);
}

#[test]
fn a_component_that_cannot_be_used_is_inspected_as_far_as_it_goes() {
    let (home, sim) = (tempfile::tempdir().unwrap(), Sim::small());
    let inspect = |file: &Path| {
        Ran::of(
            for_somebody(&home, &sim)
                .args(["plugins", "inspect"])
                .arg(file),
        )
    };
    let foreign = inspect(&built::guest("imports_something_foreign"));
    assert_eq!(foreign.code, Some(1), "{foreign:?}");
    assert!(
        foreign.stdout.contains("  foreign:thing/cellar\n")
            && foreign.stderr.contains("does not fit the contract"),
        "{foreign:?}"
    );
    let missing = inspect(Path::new("/no/such.wasm"));
    assert_eq!(missing.code, Some(1), "{missing:?}");
    assert!(
        missing
            .stderr
            .contains("failed to read component `/no/such.wasm`"),
        "{missing:?}"
    );
}
