//! Watches that see changes.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpStream;

use bulkhead_simcluster::{Cluster, Server};
use serde_json::{Value, json};

use crate::client::Client;

const WATCH: &str = "/api/v1/namespaces/a/configmaps?watch=1";

fn config_map(name: &str, colour: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "a", "labels": {"colour": colour}}})
}

/// The events of a watch as they come.
struct Events(BufReader<TcpStream>);

impl Events {
    fn open(client: &Client, path: &str) -> Self {
        Self(BufReader::new(client.open("GET", path, None, None)))
    }

    /// Type and name of the next event; lines of the HTTP framing are passed over.
    fn next(&mut self) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(
                self.0.read_line(&mut line).expect("the watch goes on"),
                0,
                "the watch ended"
            );
            if let Ok(Value::Object(event)) = serde_json::from_str(&line) {
                let name = event["object"]["metadata"]["name"]
                    .as_str()
                    .unwrap_or_default();
                return format!("{} {name}", event["type"].as_str().unwrap_or_default())
                    .trim_end()
                    .to_owned();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_tells_every_change_in_its_order() {
    let mut cluster = Cluster::new();
    cluster
        .insert(config_map("one", "red"))
        .expect("the object is usable");
    let server = Server::start(cluster).await.expect("a port is free");
    let mut events = Events::open(&Client::of(&server), WATCH);
    assert_eq!(events.next(), "ADDED one");
    server.change(|cluster| {
        cluster
            .insert(config_map("two", "red"))
            .expect("the object is usable");
        cluster
            .insert(config_map("one", "blue"))
            .expect("the object is usable");
    });
    server.change(|cluster| assert!(cluster.remove("", "configmaps", "a", "two")));
    assert_eq!(
        [events.next(), events.next(), events.next()],
        ["ADDED two", "MODIFIED one", "DELETED two"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn to_a_selecting_watch_an_object_comes_and_goes_with_its_labels() {
    let server = Server::start(Cluster::new()).await.expect("a port is free");
    let mut events = Events::open(
        &Client::of(&server),
        &format!("{WATCH}&labelSelector=colour%3Dred&resourceVersion=1"),
    );
    for colour in ["blue", "red", "blue"] {
        server.change(|cluster| {
            cluster
                .insert(config_map("one", colour))
                .expect("the object is usable");
        });
    }
    assert_eq!([events.next(), events.next()], ["ADDED one", "DELETED one"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_from_a_forgotten_version_is_told_that_it_is_too_old() {
    let mut cluster = Cluster::new();
    cluster.compact();
    let server = Server::start(cluster).await.expect("a port is free");
    let events = Client::of(&server).raw("GET", &format!("{WATCH}&resourceVersion=1"), None, None);
    assert!(
        events.contains(r#""type":"ERROR""#) && events.contains(r#""reason":"Expired""#),
        "{events}"
    );
    assert!(events.contains("too old resource version: 1 ("), "{events}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_ends_with_its_server() {
    let server = Server::start(Cluster::new()).await.expect("a port is free");
    let mut events = Events::open(
        &Client::of(&server),
        &format!("{WATCH}&allowWatchBookmarks=1"),
    );
    assert_eq!(events.next(), "BOOKMARK");
    drop(server);
    let mut rest = String::new();
    events
        .0
        .read_to_string(&mut rest)
        .expect("the watch ends in good order");
}
