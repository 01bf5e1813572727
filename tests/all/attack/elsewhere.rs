//! By a real approval, used where, when or for what it was not given.

use std::{fs, time::Duration};

use bulkhead_tests::built;
use serde_json::json;

use super::{
    Stage, Way,
    thief::{Thief, confirmed, note},
};
use crate::sim::Sim;

const CONSOLE: Stage = Stage::Console;
const MINUTE: Duration = Duration::from_secs(60);

pub(super) const WAYS: &[Way] = &[
    (
        "an approval that was used, again and after a restart",
        CONSOLE,
        used,
    ),
    ("an approval for another cluster", CONSOLE, another_cluster),
    (
        "an approval under another configuration",
        CONSOLE,
        another_configuration,
    ),
    ("an approval under another policy", CONSOLE, another_policy),
    (
        "an approval for another component",
        CONSOLE,
        another_component,
    ),
    ("an approval that is too old", CONSOLE, too_old),
    (
        "an approval of a proposal that has expired, and the clock set back",
        CONSOLE,
        expired,
    ),
    ("a life that was made longer", CONSOLE, a_longer_life),
    ("an approval for other arguments", CONSOLE, other_arguments),
    (
        "an object that became another after its approval",
        CONSOLE,
        another_object,
    ),
];

fn approved(thief: &Thief) {
    thief.person_approves(&thief.id);
}

fn used(thief: &mut Thief) {
    thief.person_allows();
    thief.cashes_in();
    for state in ["applying", "proposed", "approved"] {
        thief.tampers(
            "UPDATE proposals SET state = ?2 WHERE id = ?1",
            [thief.id.as_str(), state],
        );
        thief.cashes_in();
        thief.restarts(|_| ());
        thief.cashes_in();
    }
}

/// Exchanges something under an approved proposal, and finds it to be for another one of these.
fn exchanged(
    thief: &mut Thief,
    what: &str,
    exchange: impl FnOnce(&bulkhead_tests::host_config::HostConfig),
) {
    approved(thief);
    let id = thief.id.clone();
    thief.restarts(exchange);
    let said = thief.call("change_apply", json!({ "id": id }));
    assert!(said.to_string().contains(what), "{said}");
}

fn another_cluster(thief: &mut Thief) {
    let other = Sim::small().may_change();
    exchanged(thief, "another cluster", |config| {
        fs::copy(other.kubeconfig(), config.folder().join("kubeconfig")).unwrap();
    });
    thief.cashes_in();
    assert_eq!(other.changes(), []);
    thief.tampers("DELETE FROM decisions", []);
    let first = thief.sim.kubeconfig();
    thief.restarts(|config| {
        fs::copy(first, config.folder().join("kubeconfig")).unwrap();
    });
}

fn another_configuration(thief: &mut Thief) {
    exchanged(thief, "another configuration", |config| {
        let text = fs::read_to_string(config.path()).unwrap();
        fs::write(config.path(), text + "\n[runtime]\nmax_calls = 63\n").unwrap();
    });
}

fn another_policy(thief: &mut Thief) {
    exchanged(thief, "another policy", |config| {
        let policy = fs::read_to_string(built::dist().join("policy.toml")).unwrap();
        fs::write(config.folder().join("policy.toml"), policy + "\n# more\n").unwrap();
    });
}

fn another_component(thief: &mut Thief) {
    exchanged(thief, "another plugin, or another version", |config| {
        let file = config.folder().join("generic.wasm");
        let mut bytes = fs::read(&file).unwrap();
        // A custom section that is called `x` and is empty: it does the same and is another file.
        bytes.extend([0, 2, 1, b'x']);
        fs::write(&file, bytes).unwrap();
    });
}

fn too_old(thief: &mut Thief) {
    approved(thief);
    thief.passes(6 * MINUTE);
}

fn expired(thief: &mut Thief) {
    approved(thief);
    thief.passes(31 * MINUTE);
    thief.cashes_in();
    // The wall clock is behind what hosts have seen; and then even the memory of that is gone.
    thief.restarts(|_| ());
    thief.cashes_in();
    thief.tampers("UPDATE latest SET time = 0", []);
    thief.cashes_in();
    thief.tampers(
        "DELETE FROM decisions WHERE proposal = ?1",
        [thief.id.as_str()],
    );
}

fn a_longer_life(thief: &mut Thief) {
    approved(thief);
    let later = thief
        .proposal(&thief.id)
        .replace("\"expires\":1", "\"expires\":3");
    thief.tampers("UPDATE proposals SET expires = expires + 2000000000000", []);
    thief.cashes_in();
    thief.tampers(
        "UPDATE proposals SET document = ?1 WHERE id = ?2",
        [&later, &thief.id],
    );
}

fn other_arguments(thief: &mut Thief) {
    let harmless = thief.proposes(note("harmless"));
    thief.person_approves(&harmless);
    for value in ["stolen", "harmless ", "Harmless", "harmless\u{200b}"] {
        thief.call("k8s_patch", confirmed(value));
    }
    let said = thief.call("change_apply", json!({ "id": thief.id }));
    assert!(said.to_string().contains("needs-approval"), "{said}");
    assert_eq!(thief.stolen(), []);
    thief.tampers("DELETE FROM decisions", []);
}

fn another_object(thief: &mut Thief) {
    approved(thief);
    let mut pod = crate::sim::pod("shop", "till", "till");
    pod["metadata"]["annotations"] = json!({ "shop.example/shift": "by hand" });
    thief.sim.server.change(|cluster| {
        assert!(cluster.remove("", "pods", "shop", "till"));
        cluster.insert(pod).unwrap();
    });
    thief.looks_again();
}
