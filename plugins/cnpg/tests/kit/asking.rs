//! Asking a tool, and looking at what then stands in the cluster: what the tests of several subjects share.

use bulkhead_plugin_sdk::test_kit::Running;
use bulkhead_plugin_sdk::{Answer, Failure};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

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
    let (begin, end) = (answer.find('{')?, answer.rfind('}')?);
    Some(serde_json::from_str(&answer[begin..=end]).expect("it is JSON"))
}
