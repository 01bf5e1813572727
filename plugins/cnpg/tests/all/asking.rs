//! Asking a tool, and looking at what then stands in the cluster: what the tests of several subjects share.

use bulkhead_plugin_sdk::test_kit::Running;
use bulkhead_plugin_sdk::{Answer, Failure};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// An answer of a tool that is expected to give one.
pub(crate) fn ask(cnpg: &Running, tool: &str, arguments: &Value) -> Answer {
    cnpg.call(tool, arguments.clone()).expect(tool)
}

/// The value of an answer.
pub(crate) fn value(cnpg: &Running, tool: &str, arguments: &Value) -> Value {
    ask(cnpg, tool, arguments)
        .structured
        .expect("each tool has a value")
}

/// What the person who decides is told of a change that is proposed: neither notes nor words.
pub(crate) fn summary(cnpg: &Running, tool: &str, arguments: &Value) -> String {
    let answer = value(cnpg, tool, arguments);
    cnpg.summary(answer["id"].as_str().expect("a proposal has an id"))
}

/// The message of a call that is to fail.
pub(crate) fn refused(cnpg: &Running, tool: &str, arguments: &Value) -> Failure {
    cnpg.call(tool, arguments.clone()).expect_err(tool)
}

/// The same call, with the words by which the model says that the user asked for it.
pub(crate) fn confirmed(arguments: &Value) -> Value {
    with(arguments, &json!({ "confirm": true }))
}

/// The same arguments, with others beside them.
pub(crate) fn with(arguments: &Value, more: &Value) -> Value {
    let mut arguments = arguments.clone();
    for (name, value) in more.as_object().into_iter().flatten() {
        arguments[name] = value.clone();
    }
    arguments
}

/// An object as it stands in the cluster, past every gate.
pub(crate) fn stored(cnpg: &Running, path: &str) -> Option<Value> {
    let url = cnpg.cluster().url();
    read(&url, path)
}

/// The same, by the address of the cluster.
pub(crate) fn read(url: &str, path: &str) -> Option<Value> {
    let host = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).expect("the cluster listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream
        .write_all(request.as_bytes())
        .expect("it takes a request");
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .expect("it gives an answer");
    let (head, _) = answer.split_once("\r\n\r\n").expect("a head and a body");
    if !head.contains(" 200 ") {
        return None;
    }
    let json = answer.get(answer.find('{')?..=answer.rfind('}')?);
    Some(serde_json::from_str(json?).expect("it is JSON"))
}

/// The line of a table that has this word in it.
pub(crate) fn line<'a>(text: &'a str, word: &str) -> &'a str {
    let mut lines = text.lines();
    let found = lines.find(|line| line.split_whitespace().any(|one| one == word));
    assert!(found.is_some(), "no {word} in {text}");
    found.unwrap_or_default()
}

/// Has a change approved and waited for, and does what the operator would do to an object: each part of it when the host watches once
/// more. Returns how the wait ended.
pub(crate) fn waited<const N: usize>(
    cnpg: &Running,
    (tool, arguments): (&str, &Value),
    (path, operator): (&str, [impl FnOnce(&mut Value) + Send; N]),
) -> Value {
    let server = cnpg.cluster();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for (seen, part) in operator.into_iter().enumerate() {
                // A deadline, not a measure.
                let deadline = Instant::now() + Duration::from_secs(60);
                let watches = || {
                    let requests = server.requests().into_iter();
                    requests
                        .filter(|request| request.query.contains("watch=1"))
                        .count()
                };
                while watches() <= seen {
                    assert!(
                        Instant::now() < deadline,
                        "no watch: {:?}",
                        server.requests()
                    );
                    std::thread::sleep(Duration::from_millis(2));
                }
                let mut object = read(&server.url(), path).expect("it is there");
                part(&mut object);
                server.change(|cluster| {
                    cluster
                        .insert(object)
                        .expect("it is an object of the cluster");
                });
            }
        });
        let arguments = with(&confirmed(arguments), &json!({ "wait": true }));
        let mut answer = value(cnpg, tool, &arguments);
        assert_eq!(answer["state"], "applied", "{answer}");
        answer["waited"].take()
    })
}
