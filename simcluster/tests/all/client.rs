//! A client of one request a connection: HTTP/1.1 over a socket, and nothing that could hide what a server does.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use bulkhead_simcluster::Server;
use bulkhead_tests::api_suite::{Api, Response};
use serde_json::Value;

/// Speaks to one server, with a token if it has one.
pub(crate) struct Client {
    pub(crate) address: String,
    pub(crate) token: Option<String>,
}

impl Client {
    pub(crate) fn of(server: &Server) -> Self {
        Self {
            address: server.url().replace("http://", ""),
            token: None,
        }
    }

    /// A GET that takes JSON.
    pub(crate) fn get(&self, path: &str) -> Response {
        self.send("GET", path, Some("application/json"), None)
    }

    /// The JSON of a GET.
    pub(crate) fn json(&self, path: &str) -> Value {
        let response = self.get(path);
        serde_json::from_str(&response.body).expect("the answer is JSON")
    }

    /// Everything that comes until the server closes, headers and all.
    pub(crate) fn raw(
        &self,
        method: &str,
        path: &str,
        accept: Option<&str>,
        body: Option<&Value>,
    ) -> String {
        let socket = self.open(method, path, accept, body);
        Self::read(socket)
    }

    fn read(mut socket: TcpStream) -> String {
        let mut answer = Vec::new();
        socket
            .read_to_end(&mut answer)
            .expect("the server answers until it closes");
        String::from_utf8(answer).expect("the answer is text")
    }

    /// A connection on which the request has been sent.
    pub(crate) fn open(
        &self,
        method: &str,
        path: &str,
        accept: Option<&str>,
        body: Option<&Value>,
    ) -> TcpStream {
        self.open_as(method, path, accept, None, body)
    }

    fn open_as(
        &self,
        method: &str,
        path: &str,
        accept: Option<&str>,
        media_type: Option<&str>,
        body: Option<&Value>,
    ) -> TcpStream {
        let mut socket = TcpStream::connect(&self.address).expect("the server listens");
        let accept = accept
            .map(|accept| format!("accept: {accept}\r\n"))
            .unwrap_or_default();
        let token = self
            .token
            .as_ref()
            .map(|token| format!("authorization: Bearer {token}\r\n"))
            .unwrap_or_default();
        let media_type = media_type
            .map(|media_type| format!("content-type: {media_type}\r\n"))
            .unwrap_or_default();
        let body = body.map(Value::to_string).unwrap_or_default();
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: sim\r\nuser-agent: suite/1\r\nconnection: close\r\n{accept}{token}{media_type}content-length: {length}\r\n\r\n{body}"
        );
        socket
            .write_all(request.as_bytes())
            .expect("the server reads");
        socket
    }
}

impl Api for Client {
    fn send(
        &self,
        method: &str,
        path: &str,
        accept: Option<&str>,
        body: Option<Value>,
    ) -> Response {
        response(&self.raw(method, path, accept, body.as_ref()))
    }

    fn patch(&self, path: &str, media_type: &str, body: &Value) -> Response {
        let socket = self.open_as("PATCH", path, None, Some(media_type), Some(body));
        response(&Self::read(socket))
    }
}

fn response(raw: &str) -> Response {
    let (head, body) = raw.split_once("\r\n\r\n").expect("an answer has a head");
    let header = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.to_owned())
    };
    let status = head
        .split_whitespace()
        .nth(1)
        .and_then(|code| code.parse().ok())
        .expect("an answer has a code");
    let chunked = header("transfer-encoding").as_deref() == Some("chunked");
    Response {
        status,
        content_type: header("content-type").unwrap_or_default(),
        body: if chunked {
            join_chunks(body)
        } else {
            body.to_owned()
        },
    }
}

/// The tests' texts are ASCII, so that a chunk's length in bytes is its length in characters.
fn join_chunks(mut body: &str) -> String {
    let mut joined = String::new();
    while let Some((length, rest)) = body.split_once("\r\n") {
        let length =
            usize::from_str_radix(length.trim(), 16).expect("a chunk begins with its length");
        let (chunk, rest) = rest.split_at(length);
        joined.push_str(chunk);
        body = rest.trim_start_matches("\r\n");
    }
    joined
}
