//! Failures on purpose.

use std::io::{ErrorKind, Read as _};
use std::time::Duration;

use bulkhead_simcluster::{Cluster, Fault, Server};

use crate::client::Client;

const PODS: &str = "/api/v1/namespaces/shop/pods";

async fn demo() -> (Server, Client) {
    let server = Server::start(Cluster::demo())
        .await
        .expect("a port is free");
    let client = Client::of(&server);
    (server, client)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_meets_the_next_request_for_objects_and_spares_discovery() {
    let (server, client) = demo().await;
    server.fail_next(Fault::Status {
        code: 429,
        retry_after: Some(3),
    });
    assert_eq!(client.get("/apis").status, 200);
    let answer = client.raw("GET", PODS, None, None);
    assert!(
        answer.starts_with("HTTP/1.1 429") && answer.contains("retry-after: 3"),
        "{answer}"
    );
    assert_eq!(client.get(PODS).status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_can_wait_for_a_path_and_come_several_times() {
    let (server, client) = demo().await;
    server.fail("/log", 2, Fault::NotJson);
    assert_eq!(client.get(PODS).status, 200);
    let log = format!("{PODS}/cart-5b8c9d7f6d-7wz4m/log");
    let types = [(); 3].map(|()| client.get(&log).content_type);
    assert_eq!(types, ["text/html", "text/html", "text/plain"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_answer_promises_more_than_it_gives() {
    let (server, client) = demo().await;
    server.fail_next(Fault::CutInTheMiddle);
    let mut answer = Vec::new();
    // The connection may also end with an error: that is the fault.
    client
        .open("GET", PODS, None, None)
        .read_to_end(&mut answer)
        .ok();
    let answer = String::from_utf8(answer).expect("the answer is text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("the head comes whole");
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .expect("a length is promised");
    let length: usize = length.parse().expect("a length is a number");
    assert_eq!(body.len(), length / 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_request_gets_no_byte() {
    let (server, client) = demo().await;
    server.fail_next(Fault::Hang);
    let mut socket = client.open("GET", PODS, None, None);
    socket
        .set_read_timeout(Some(Duration::from_millis(100)))
        .expect("a time can be set");
    let error = socket.read(&mut [0]).expect_err("nothing comes");
    assert!(
        matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        "{error}"
    );
}
