//! On the way to the cluster: kubeconfig, context, credentials, TLS.

use std::{fs, net::TcpListener, path::Path, sync::Arc, thread};

use bulkhead_simcluster::Cluster;
use bulkhead_tests::{
    host_config::{HostConfig, cluster_table},
    mcp_client::Era,
};
use rcgen::CertifiedKey;
use rustls::{ServerConfig, ServerConnection, pki_types::PrivatePkcs8KeyDer};
use serde_json::json;

use crate::{
    session::{Session, generic, generic_on},
    sim::Sim,
};

/// Few tries, so that a cluster that stays away is given up soon.
const ONE_RETRY: &str = "retries = 1\n";

fn with_cluster(table: &str) -> HostConfig {
    HostConfig::with_text(&format!("{table}\n{}", generic())).unwrap()
}

fn fails_to_list_and_lives_on(config: HostConfig, parts: &[&str]) {
    for era in [Era::LEGACY, Era::MODERN] {
        let again = HostConfig::with_text(
            fs::read_to_string(config.path())
                .unwrap()
                .split("[directories]")
                .next()
                .unwrap(),
        )
        .unwrap();
        let mut session = Session::in_era(again, era);
        session.pods().fails("upstream", parts);
        session.lives_on();
        session.pods().fails("upstream", parts);
        session.end();
    }
}

/// A kubeconfig of contexts, each with the server of its name.
fn kubeconfig(path: &Path, current: &str, contexts: &[(&str, &str)], user: &str) {
    let each = |one: &dyn Fn(&str, &str) -> String| -> String {
        contexts
            .iter()
            .map(|(name, server)| one(name, server))
            .collect()
    };
    let clusters =
        each(&|name, server| format!("- {{name: {name}, cluster: {{server: '{server}'}}}}\n"));
    let named = each(&|name, _| {
        format!("- {{name: {name}, context: {{cluster: {name}, user: me, namespace: shop}}}}\n")
    });
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: {current}\nclusters:\n{clusters}contexts:\n{named}users:\n- {{name: me, user: {{{user}}}}}\n"
    );
    fs::write(path, text).unwrap();
}

#[test]
fn without_a_kubeconfig_a_call_says_where_it_was_looked_for() {
    fails_to_list_and_lives_on(
        with_cluster(""),
        &[
            "there is no kubeconfig",
            "`$KUBECONFIG` is not set",
            ".kube/config",
            "next: set `cluster.kubeconfig`",
        ],
    );
}

#[test]
fn a_kubeconfig_that_is_not_there_is_named() {
    let table = cluster_table(Path::new("/no/such/kubeconfig")).unwrap();
    fails_to_list_and_lives_on(
        with_cluster(&table),
        &["kubeconfig `/no/such/kubeconfig` does not exist", "next: "],
    );
}

#[test]
fn a_kubeconfig_that_is_none_is_named() {
    let sim = Sim::small();
    fs::write(sim.kubeconfig(), "clusters: [{").unwrap();
    fails_to_list_and_lives_on(
        generic_on(&sim, ""),
        &["failed to read kubeconfig", "next: `bulkhead doctor`"],
    );
}

#[test]
fn an_unknown_context_names_the_ones_that_there_are() {
    let sim = Sim::small();
    kubeconfig(
        &sim.kubeconfig(),
        "blue",
        &[("blue", &sim.server.url()), ("green", &sim.server.url())],
        "",
    );
    fails_to_list_and_lives_on(
        generic_on(&sim, "context = \"red\"\n"),
        &["context `red`", "there are `blue`, `green`", "`--context`"],
    );
}

#[test]
fn the_context_of_the_command_line_goes_before_the_configurations() {
    let (blue, green) = (Sim::small(), Sim::small());
    kubeconfig(
        &blue.kubeconfig(),
        "blue",
        &[("blue", &blue.server.url()), ("green", &green.server.url())],
        "",
    );
    let config = generic_on(&blue, "context = \"blue\"\n");
    let mut session = Session::silent(config, Era::LEGACY, &["--context", "green"]);
    session.handshake().unwrap();
    assert!(
        session.server()["serverInfo"]["title"]
            .as_str()
            .unwrap()
            .contains("green"),
        "{}",
        session.server()
    );
    session.call("ping", json!({})).succeeds(&["green"]);
    session.pods().succeeds(&["till"]);
    assert_eq!(blue.server.requests(), []);
    assert!(!green.server.requests().is_empty());
}

#[test]
fn nothing_is_sent_before_the_first_call_that_needs_the_cluster() {
    let sim = Sim::small();
    let mut session = Session::start(generic_on(&sim, ""));
    session.list_tools().unwrap();
    session.lives_on();
    assert_eq!(sim.server.requests(), []);
    session.pods().succeeds(&["till"]);
    assert!(!sim.server.requests().is_empty());
}

#[test]
fn credentials_that_were_renewed_are_used_by_the_next_call() {
    let sim = Sim::small();
    let server = sim.server.url();
    kubeconfig(
        &sim.kubeconfig(),
        "sim",
        &[("sim", &server)],
        "token: yesterday",
    );
    sim.server.require_token("yesterday");
    let mut session = Session::start(generic_on(&sim, ""));
    session.pods().succeeds(&["till"]);
    sim.server.require_token("today");
    session
        .pods()
        .fails("upstream", &["credentials of this context", "log in again"]);
    session.lives_on();
    kubeconfig(
        &sim.kubeconfig(),
        "sim",
        &[("sim", &server)],
        "token: today",
    );
    session.pods().succeeds(&["till"]);
    assert!(!session.received().contains("yesterday") && !session.stderr().contains("yesterday"));
}

#[test]
fn a_program_for_credentials_that_is_not_there_is_named() {
    let sim = Sim::small();
    let exec = "exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-login, interactiveMode: Never}";
    kubeconfig(
        &sim.kubeconfig(),
        "sim",
        &[("sim", &sim.server.url())],
        exec,
    );
    let mut session = Session::start(generic_on(&sim, ONE_RETRY));
    session
        .pods()
        .fails("upstream", &["no-such-login", "`bulkhead doctor`"]);
    session.lives_on();
}

#[test]
fn a_dead_port_is_an_unreachable_cluster() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let sim = Sim::start(Cluster::new());
    kubeconfig(
        &sim.kubeconfig(),
        "dead",
        &[("dead", &format!("http://127.0.0.1:{port}"))],
        "",
    );
    fails_to_list_and_lives_on(
        generic_on(&sim, ONE_RETRY),
        &[
            "failed to reach cluster `dead`",
            &format!("127.0.0.1:{port}"),
            "refused",
            "next: check that the cluster runs",
        ],
    );
}

#[test]
fn tls_towards_a_server_that_speaks_none_is_an_unreachable_cluster() {
    let sim = Sim::small();
    let server = sim.server.url().replace("http://", "https://");
    kubeconfig(&sim.kubeconfig(), "plain", &[("plain", &server)], "");
    fails_to_list_and_lives_on(
        generic_on(&sim, ONE_RETRY),
        &["failed to reach cluster `plain`", "next: "],
    );
    assert_eq!(sim.server.requests(), []);
}

#[test]
fn a_certificate_of_another_authority_is_said_to_be_that() {
    let [server, other] =
        [(); 2].map(|()| rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap());
    let url = tls_server(server);
    let sim = Sim::start(Cluster::new());
    let authority = sim.folder().join("ca.pem");
    fs::write(&authority, other.cert.pem()).unwrap();
    kubeconfig(&sim.kubeconfig(), "tls", &[("tls", &url)], "");
    let text = fs::read_to_string(sim.kubeconfig()).unwrap();
    let ca = format!(
        "server: '{url}', certificate-authority: '{}'",
        authority.display()
    );
    fs::write(
        sim.kubeconfig(),
        text.replace(&format!("server: '{url}'"), &ca),
    )
    .unwrap();
    fails_to_list_and_lives_on(
        generic_on(&sim, ""),
        &[
            "failed to reach cluster `tls`",
            "certificate",
            "next: check the certificate authority of this context",
        ],
    );
}

/// A server that shakes hands and does no more, for as long as the test process lives.
fn tls_server(CertifiedKey { cert, signing_key }: CertifiedKey<rcgen::KeyPair>) -> String {
    let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key.into())
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            // It fails, since the client does not trust the certificate: that is the test.
            connection.complete_io(&mut stream).ok();
        }
    });
    url
}
