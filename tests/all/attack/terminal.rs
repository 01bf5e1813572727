//! By the commands that a person decides with: without a terminal, without the passphrase, with another key.

use std::{fs, io::Write as _, process::Stdio};

use bulkhead_tests::{
    approver::{Approver, PASSPHRASE},
    terminal::Terminal,
};

use super::{Stage, Way, thief::Thief};
use crate::session::bulkhead;

const CONSOLE: Stage = Stage::Console;

pub(super) const WAYS: &[Way] = &[
    (
        "`bulkhead approve` over a pipe, with the passphrase in it",
        CONSOLE,
        over_a_pipe,
    ),
    (
        "the passphrase in arguments and the environment",
        CONSOLE,
        without_being_asked,
    ),
    (
        "guesses at a terminal, with the person's own key file",
        CONSOLE,
        guesses,
    ),
    ("a key of its own, at a terminal", CONSOLE, a_key_of_its_own),
    (
        "a key of its own, and a configuration that knows it",
        CONSOLE,
        a_configuration_of_its_own,
    ),
    (
        "its key among the approvers, after the proposal",
        CONSOLE,
        among_the_approvers,
    ),
    (
        "a rule that allows it, after the proposal",
        CONSOLE,
        a_rule_that_allows_it,
    ),
];

/// Runs `bulkhead approve` for its change in a pipe, with more arguments and variables.
fn approve(thief: &Thief, more: &[&str], variables: &[(&str, &str)]) {
    let mut command = bulkhead(thief.config.folder());
    command
        .args(["approve", &thief.id, "--config"])
        .arg(thief.config.path());
    command.arg("--key").arg(Approver::shared().unwrap().key());
    command.args(more).envs(variables.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // It may end before it reads.
    let typed = format!("{PASSPHRASE}\ny\nyes\napprove\n{PASSPHRASE}\n");
    stdin.write_all(typed.as_bytes()).ok();
    drop(stdin);
    assert!(!child.wait().unwrap().success(), "{more:?} {variables:?}");
}

fn over_a_pipe(thief: &mut Thief) {
    approve(thief, &[], &[]);
}

fn without_being_asked(thief: &mut Thief) {
    for more in [
        &["--yes"][..],
        &["--force"],
        &["-y"],
        &["--passphrase", PASSPHRASE],
        &["--no-tty"],
        &["--batch", PASSPHRASE],
    ] {
        approve(thief, more, &[]);
    }
    let variables: Vec<(&str, &str)> = [
        "BULKHEAD_PASSPHRASE",
        "PASSPHRASE",
        "SSH_ASKPASS",
        "BULKHEAD_KEY",
    ]
    .map(|variable| (variable, PASSPHRASE))
    .into_iter()
    .chain(["BULKHEAD_APPROVE", "BULKHEAD_YES", "CI", "TERM"].map(|variable| (variable, "1")))
    .collect();
    approve(thief, &[], &variables);
}

fn at_a_terminal(thief: &Thief) -> Terminal {
    let approver = Approver::shared().unwrap();
    let [config, key] = [thief.config.path(), approver.key()];
    let arguments = [
        "approve".as_ref(),
        thief.id.as_ref(),
        "--config".as_ref(),
        config.as_os_str(),
        "--key".as_ref(),
        key.as_os_str(),
    ];
    Terminal::bulkhead(thief.config.folder(), &arguments).unwrap()
}

fn guesses(thief: &mut Thief) {
    let mut terminal = at_a_terminal(thief);
    for guess in [thief.id.as_str(), "approved", "ada"] {
        assert!(terminal.shows("passphrase of ").unwrap());
        terminal.types(guess).unwrap();
    }
    let shown = terminal.end().unwrap();
    assert_ne!(shown.code, 0, "{}", shown.text);
    // Nothing at all, and the keys that leave the question.
    for keys in ["", "\u{3}", "\u{4}"] {
        let mut terminal = at_a_terminal(thief);
        assert!(terminal.shows("passphrase of ").unwrap());
        // It may be gone before the Enter key.
        terminal.types(keys).ok();
        assert_ne!(terminal.end().unwrap().code, 0, "{keys:?}");
    }
}

fn a_key_of_its_own(thief: &mut Thief) {
    let shown = stranger().approve(&thief.config, &thief.id).unwrap();
    assert_ne!(shown.code, 0, "{}", shown.text);
}

/// Whoever is no approver; one for all ways, since a key is slow to make on purpose.
pub(super) fn stranger() -> &'static Approver {
    static STRANGER: std::sync::OnceLock<Approver> = std::sync::OnceLock::new();
    STRANGER.get_or_init(|| Approver::new().unwrap())
}

/// The key's line of `[approval]`.
fn approvers(approver: &Approver) -> String {
    let table = approver.table();
    let line = table.lines().find(|line| line.starts_with("approvers"));
    line.unwrap().to_owned()
}

/// Has the thief's own key sign its change under a configuration that takes it, which nobody serves with.
pub(super) fn signs_itself(thief: &Thief) {
    let real = fs::read_to_string(thief.config.path()).unwrap();
    let own = real.replace(
        &approvers(Approver::shared().unwrap()),
        &approvers(stranger()),
    );
    assert_ne!(own, real);
    fs::write(thief.config.path(), own).unwrap();
    let shown = stranger().approve(&thief.config, &thief.id).unwrap();
    assert_eq!(shown.code, 0, "{}", shown.text);
    fs::write(thief.config.path(), real).unwrap();
}

fn a_configuration_of_its_own(thief: &mut Thief) {
    signs_itself(thief);
}

/// A configuration that came after the proposal: what is proposed from now on is another matter.
fn serves_another(thief: &mut Thief, edit: impl FnOnce(String) -> String) {
    let before = thief.id.clone();
    thief.restarts(|config| {
        let text = fs::read_to_string(config.path()).unwrap();
        fs::write(config.path(), edit(text)).unwrap();
    });
    let said = thief.call("change_apply", serde_json::json!({ "id": before }));
    assert!(said.to_string().contains("another configuration"), "{said}");
    // The real one again: with the other, the file's owner would now allow what they like.
}

fn among_the_approvers(thief: &mut Thief) {
    let real = fs::read_to_string(thief.config.path()).unwrap();
    signs_itself(thief);
    let line = approvers(Approver::shared().unwrap());
    serves_another(thief, |text| text.replace(&line, &approvers(stranger())));
    thief.restarts(|config| fs::write(config.path(), &real).unwrap());
}

fn a_rule_that_allows_it(thief: &mut Thief) {
    let real = fs::read_to_string(thief.config.path()).unwrap();
    let rule = "\n[[approval.rules]]\nplugins = [\"generic\"]\nverbs = [\"patch\"]\nresources = [\"pods\"]\nnamespaces = [\"shop\"]\nrisk = [\"low\"]\nchannel = \"auto\"\n";
    serves_another(thief, |text| text + rule);
    thief.restarts(|config| fs::write(config.path(), &real).unwrap());
}
