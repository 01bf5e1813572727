//! Metrics inside the built host: who may ask Prometheus, and what of its answer reaches a plugin.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
};

use bulkhead_simcluster::Prometheus;
use bulkhead_tests::{
    built,
    host_config::{HostConfig, cluster_table, plugin_table},
};
use rcgen::CertifiedKey;
use rustls::{ServerConfig, ServerConnection, StreamOwned, pki_types::PrivatePkcs8KeyDer};
use serde_json::json;
use tokio::runtime::Runtime;

use crate::{
    session::{Ran, Session, generic_on},
    sim::Sim,
};

const GUEST: &str = "asks_prometheus";

/// The guest beside a Prometheus; `prometheus` is what stands in its table.
fn config(sim: &Sim, prometheus: &str, url: &str) -> HostConfig {
    let cluster = cluster_table(&sim.kubeconfig()).unwrap();
    let table = plugin_table("guest", &built::guest(GUEST)).unwrap();
    let text = format!("{cluster}{table}{prometheus}\n[prometheus]\n{url}\n");
    HostConfig::with_text(&text).unwrap()
}

/// Only the operator's line lets it ask, and a label that is called as a credential is masked.
#[test]
pub(crate) fn asks_prometheus() {
    let sim = Sim::small();
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(Prometheus::start()).unwrap();
    let labels = json!({"pod": "till", "password": "correct-horse"});
    let series = json!([{"metric": labels, "value": [1, "42"]}]);
    server.answer("up", json!({"resultType": "vector", "result": series}));
    let url = format!("url = \"{}\"", server.url());

    let mut session = Session::start(config(&sim, "", &url));
    session
        .call(GUEST, json!({ "expression": "up" }))
        .fails("denied", &["may not ask Prometheus"]);
    assert_eq!(server.asked(), []);
    session.waits_for_log("# in the table [plugins.guest]:\nprometheus = true", 1);
    let denied = session.end();
    let told = Ran::command("denials", &denied);
    assert!(told.stdout.contains("    prometheus = true\n"), "{told:?}");
    let told = Ran::command("check", &denied);
    assert!(
        told.stdout.contains("asked for and not granted"),
        "{told:?}"
    );

    let mut session = Session::start(config(&sim, "prometheus = true", &url));
    let said = session
        .call(GUEST, json!({ "expression": "up" }))
        .succeeds(&["\"till\"", "[1,\"42\"]"]);
    assert!(!said.text.contains("correct-horse"), "{}", said.text);
    assert_eq!(server.asked().len(), 1);
    let allowed = session.end();
    for command in ["check", "grants"] {
        let told = Ran::command(command, &allowed);
        assert!(
            told.stdout.contains("  prometheus  every metric\n"),
            "{told:?}"
        );
    }

    let mut session = Session::start(config(&sim, "", ""));
    session
        .call(GUEST, json!({ "expression": "up" }))
        .fails("not-found", &["no Prometheus is configured"]);
    session.end();
}

/// What `bulkhead doctor` prints where these keys stand under `[prometheus]`.
fn doctor(sim: &Sim, prometheus: &str) -> Ran {
    let config = generic_on(sim, &format!("[prometheus]\n{prometheus}\n"));
    Ran::command("doctor", &config)
}

#[test]
fn doctor_says_what_it_found_at_prometheus() {
    let sim = Sim::small();
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(Prometheus::start()).unwrap();
    let url = format!("url = \"{}\"", server.url());
    let said = doctor(&sim, &url);
    assert!(said.stdout.contains("knows no metric `up`"), "{said:?}");
    let sum = json!([{"metric": {}, "value": [1, "12"]}]);
    server.answer("sum(up)", json!({"resultType": "vector", "result": sum}));
    let said = doctor(&sim, &url);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        said.stdout.contains("answers: 12 targets are up"),
        "{said:?}"
    );
    assert!(said.stdout.contains("no plugin may ask it"), "{said:?}");
    drop(server);
    let said = doctor(&sim, &url);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.stdout.contains("FAIL  failed to reach Prometheus"),
        "{said:?}"
    );
}

#[test]
fn only_the_certificates_of_ca_file_are_believed() {
    let sim = Sim::small();
    let [server, other] =
        [(); 2].map(|()| rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap());
    let [own, another] = [("own", &server), ("another", &other)].map(|(name, certified)| {
        let path = sim.folder().join(format!("{name}.pem"));
        fs::write(&path, certified.cert.pem()).unwrap();
        format!("ca_file = {}\n", json!(path))
    });
    let url = format!("url = \"{}\"\n", over_tls(server));
    let said = doctor(&sim, &(url.clone() + &own));
    assert!(
        said.stdout.contains("answers: 12 targets are up"),
        "{said:?}"
    );
    for ca_file in [another, String::new()] {
        let said = doctor(&sim, &(url.clone() + &ca_file));
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(
            said.stdout.contains("`ca_file` under [prometheus]"),
            "{said:?}"
        );
    }
}

/// A Prometheus with 12 targets, for as long as the test process lives.
fn over_tls(CertifiedKey { cert, signing_key }: CertifiedKey<rcgen::KeyPair>) -> String {
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
        for stream in listener.incoming().flatten() {
            let tls = ServerConnection::new(Arc::clone(&config)).unwrap();
            // It fails where the client does not believe the certificate: that is the test.
            answer(StreamOwned::new(tls, stream)).ok();
        }
    });
    url
}

/// Reads one request and answers it.
fn answer(tls: StreamOwned<ServerConnection, TcpStream>) -> std::io::Result<()> {
    let mut tls = BufReader::new(tls);
    let mut length = 0;
    let mut line = String::new();
    while tls.read_line(&mut line)? > 2 {
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        line.clear();
    }
    let mut body = vec![0; length];
    tls.read_exact(&mut body)?;
    let series = json!([{"metric": {}, "value": [1, "12"]}]);
    let body = json!({"status": "success", "data": {"resultType": "vector", "result": series}});
    let body = body.to_string();
    let tls = tls.get_mut();
    write!(
        tls,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )?;
    tls.conn.send_close_notify();
    tls.flush()
}
