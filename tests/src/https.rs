//! A plain client of a Kubernetes API server: any method, path and Accept header, one identity.
//!
//! It interprets nothing, so that a test sees what the server really answers.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use serde_json::Value;
use ureq::{
    Agent, Body, SendBody, http,
    tls::{PemItem, RootCerts, TlsConfig, parse_pem},
};

use crate::api_suite::{Api, Response};

/// One server, as one user.
#[derive(Clone)]
pub struct HttpsClient {
    agent: Agent,
    url: String,
    token: String,
    headers: Vec<(String, String)>,
}

impl HttpsClient {
    /// Trusts only the certificates of `ca_pem`. `url` has no path.
    ///
    /// # Errors
    /// Where the text holds no certificate.
    pub fn new(url: &str, ca_pem: &str, token: &str) -> Result<Self> {
        let mut roots = Vec::new();
        for item in parse_pem(ca_pem.as_bytes()) {
            if let PemItem::Certificate(certificate) = item.context("the CA is not PEM")? {
                roots.push(certificate);
            }
        }
        anyhow::ensure!(!roots.is_empty(), "the CA holds no certificate");
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(roots)))
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            // The tests judge the status.
            .http_status_as_error(false)
            // Loopback must not go through a proxy of the environment.
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        Ok(Self {
            agent: config.into(),
            url: url.to_owned(),
            token: token.to_owned(),
            headers: Vec::new(),
        })
    }

    /// Sends one more header with every request.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends one request and returns the whole answer, whatever its status.
    ///
    /// # Errors
    /// Where no answer comes, or its body breaks off or is no text.
    pub fn send(
        &self,
        method: &str,
        path_and_query: &str,
        accept: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Answer> {
        self.send_as(method, path_and_query, accept, "application/json", body)
    }

    /// As [`HttpsClient::send`], with a body of another media type, as a patch has.
    ///
    /// # Errors
    /// As [`HttpsClient::send`].
    pub fn send_as(
        &self,
        method: &str,
        path_and_query: &str,
        accept: Option<&str>,
        media_type: &str,
        body: Option<&Value>,
    ) -> Result<Answer> {
        let mut request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path_and_query}", self.url))
            .header("authorization", format!("Bearer {}", self.token));
        if let Some(accept) = accept {
            request = request.header("accept", accept);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let context = || format!("{method} {path_and_query}");
        let response: http::Response<Body> = match body {
            Some(body) => {
                let body = body.to_string();
                let request = request.header("content-type", media_type);
                self.agent
                    .run(request.body(SendBody::from_reader(&mut body.as_bytes()))?)
            }
            None => self.agent.run(request.body(())?),
        }
        .with_context(context)?;
        let (head, mut body) = response.into_parts();
        let headers = head
            .headers
            .iter()
            .map(|(name, value)| {
                (
                    name.to_string(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect();
        let body = body.read_to_string().with_context(context)?;
        Ok(Answer {
            status: head.status.as_u16(),
            headers,
            body,
        })
    }
}

impl Api for HttpsClient {
    fn send(
        &self,
        method: &str,
        path_and_query: &str,
        accept: Option<&str>,
        body: Option<Value>,
    ) -> Response {
        let answer = Self::send(self, method, path_and_query, accept, body.as_ref())
            .expect("a real server answers");
        answer.into()
    }

    fn patch(&self, path_and_query: &str, media_type: &str, body: &Value) -> Response {
        let answer = self
            .send_as("PATCH", path_and_query, None, media_type, Some(body))
            .expect("a real server answers");
        answer.into()
    }
}

impl From<Answer> for Response {
    fn from(answer: Answer) -> Self {
        let content_type = answer
            .headers
            .iter()
            .find(|(name, _)| name == "content-type");
        Self {
            status: answer.status,
            content_type: content_type.map_or_else(String::new, |(_, value)| value.clone()),
            body: answer.body,
        }
    }
}

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case, in the server's order.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: String,
}

impl Answer {
    /// The body as JSON; `null` where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }
}
