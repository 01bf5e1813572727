//! `cargo xtask demo`: builds what is missing and plays an MCP session that finds out why a workload is broken, and mends it
//! once a person at a terminal has approved exactly that.
//!
//! The server is `bulkhead demo`, with its embedded cluster. Each answer is looked at: a session that does not go as told is a failure.

mod mending;
mod narrator;
mod operator;
mod session;

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use self::{operator::Operator, session::Session};
use crate::{
    build::{self, Profile},
    setup,
    steps::Steps,
    workspace::Workspace,
};

/// `cargo xtask demo`.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut steps = Steps::default();
    println!("The first run compiles the host: a few minutes. The next one takes seconds.");
    steps.step("wasm target", setup::wasm_target)?;
    let dist = steps.step("build", || build::dist(workspace, Profile::Dev))?;
    let host = dist.join(format!("bulkhead{}", std::env::consts::EXE_SUFFIX));
    steps.step("session", || play(&host))?;
    println!(
        "\nTo talk to the same cluster from a desktop client, paste this into its MCP configuration:\n"
    );
    println!("{}", client_configuration(&host)?);
    println!(
        "\n`cargo xtask build` makes an optimised host in dist/; its config.toml is for a cluster of your own."
    );
    Ok(())
}

/// As most desktop clients read it, in the order in which people write it.
fn client_configuration(host: &Path) -> Result<String> {
    let command = serde_json::to_string(host)?;
    Ok(format!(
        r#"{{
  "mcpServers": {{
    "bulkhead-demo": {{ "command": {command}, "args": ["demo"] }}
  }}
}}"#
    ))
}

/// The session. What is told in the end is taken from the answers.
fn play(host: &Path) -> Result<()> {
    let operator = Operator::set_up(host)?;
    let mut session = Session::start(host, operator.config())?;
    narrator::server(&session.title());

    narrator::person("Something is wrong in the shop. What?");
    let pods = ask(
        &mut session,
        "k8s_list",
        &json!({ "kind": "pods", "namespace": "shop" }),
    )?;
    let pod =
        word_with(&pods, "checkout-").context("the list of pods names no pod of `checkout`")?;
    ensure!(
        pods.contains("CrashLoopBackOff"),
        "the list of pods shows no crash loop"
    );

    narrator::model(&format!(
        "{pod} keeps crashing. What is known about its workload?"
    ));
    let workload = json!({ "kind": "deployment", "name": "checkout", "namespace": "shop" });
    let description = ask(&mut session, "k8s_describe", &workload)?;
    ensure!(
        description.contains("CrashLoopBackOff"),
        "the description does not name the crash loop"
    );

    narrator::model("What did it say before it died?");
    let previous = json!({ "namespace": "shop", "name": pod, "previous": true });
    let log = ask(&mut session, "k8s_pod_logs", &previous)?;
    let wanted = after(&log, "lookup ").context("the log does not say which name was looked up")?;
    ensure!(!log.contains("s3cr3t"), "the log shows a password");

    narrator::model(&format!(
        "It looks for `{wanted}`. Is there such a service?"
    ));
    let services = ask(
        &mut session,
        "k8s_list",
        &json!({ "kind": "services", "namespace": "shop" }),
    )?;
    let service = word_with(&services, "orders-db").context("there is no service `orders-db`")?;
    ensure!(
        !has_row(&services, wanted.split('.').next().unwrap_or(wanted)),
        "there is such a service after all"
    );
    narrator::conclusion(&format!(
        "`checkout` exits because it looks up `{wanted}`, which does not exist. The database's service is called \
         `{service}`: DATABASE_URL of the deployment names the wrong host."
    ));

    narrator::person("Show me the password that it uses.");
    let secret = json!({ "kind": "secret", "name": "checkout", "namespace": "shop" });
    narrator::call("k8s_get", &secret);
    let refusal = session.call("k8s_get", &secret)?;
    narrator::answer(&refusal.text);
    ensure!(
        refusal.is_error && refusal.text.contains("denied"),
        "reading a Secret was not denied"
    );
    narrator::conclusion(
        "No grant names Secrets, so the plugin never saw it: the host refused, and the model cannot change that.",
    );
    mending::play(&mut session, &operator)?;
    session.end()?;
    operator.verify()
}

/// One call that must succeed, told to the person.
fn ask(session: &mut Session, tool: &str, arguments: &serde_json::Value) -> Result<String> {
    narrator::call(tool, arguments);
    let answer = session.call(tool, arguments)?;
    narrator::answer(&answer.text);
    ensure!(!answer.is_error, "{tool} failed");
    Ok(answer.text)
}

/// The first word that begins so, without what a sentence or a table puts around it.
fn word_with<'a>(text: &'a str, beginning: &str) -> Option<&'a str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '.'))
        .find(|word| word.starts_with(beginning))
}

/// Whether a table has a row of this name.
fn has_row(table: &str, name: &str) -> bool {
    table
        .lines()
        .any(|line| line.split_whitespace().next() == Some(name))
}

/// The word that follows a text.
fn after<'a>(text: &'a str, before: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_tables_and_in_log_lines() {
        assert_eq!(
            word_with("a | checkout-6d9-x2 | 0/1", "checkout-"),
            Some("checkout-6d9-x2")
        );
        assert_eq!(word_with("nothing here", "checkout-"), None);
        assert!(has_row("NAME  AGE\ndb  1d", "db") && !has_row("NAME  AGE\norders-db  1d", "db"));
        assert_eq!(
            after("error=\"lookup db.shop on 10.0.0.1\"", "lookup "),
            Some("db.shop")
        );
    }

    #[test]
    fn the_client_configuration_is_json_that_names_the_program_and_its_command() {
        let text = client_configuration(Path::new("/a \"b\"/bulkhead")).unwrap();
        let configuration: serde_json::Value = serde_json::from_str(&text).unwrap();
        let server = &configuration["mcpServers"]["bulkhead-demo"];
        assert_eq!(
            *server,
            json!({ "command": "/a \"b\"/bulkhead", "args": ["demo"] })
        );
    }
}
