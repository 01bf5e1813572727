//! A Prometheus on loopback that knows the answers that it was told.
//!
//! It evaluates nothing: an expression that it was told nothing about has an empty result, as one about an unknown metric has in
//! Prometheus itself. It serves `/api/v1/query` and `/api/v1/query_range` by POST, below any prefix, and nothing else.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::server::lock;

/// A running Prometheus. It stops when dropped.
#[derive(Debug)]
pub struct Prometheus {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// One question, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// With its prefix.
    pub path: String,
    /// The parameters, decoded, in their order.
    pub form: Vec<(String, String)>,
    /// The header, as `Bearer TOKEN`; none if there was none.
    pub authorization: Option<String>,
}

impl Asked {
    /// The value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut form = self.form.iter();
        form.find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What is answered to an expression.
#[derive(Debug, Clone)]
enum Told {
    Data(Value),
    Raw(StatusCode, String),
    Nothing,
}

#[derive(Debug)]
struct Shared {
    told: Mutex<BTreeMap<String, Told>>,
    asked: Mutex<Vec<Asked>>,
    token: Mutex<Option<String>>,
    stop: watch::Sender<bool>,
}

impl Prometheus {
    /// Serves on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// If no port can be bound.
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            told: Mutex::default(),
            asked: Mutex::default(),
            token: Mutex::default(),
            stop: watch::Sender::new(false),
        });
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&shared));
        let mut stop = shared.stop.subscribe();
        tokio::spawn(async move {
            let stopped = async move {
                // An error means that the server is gone, which is the same.
                stop.changed().await.ok();
            };
            axum::serve(listener, router)
                .with_graceful_shutdown(stopped)
                .await
                .ok();
        });
        Ok(Self { address, shared })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on answers an expression with this under `data`.
    pub fn answer(&self, expression: &str, data: Value) {
        self.tell(expression, Told::Data(data));
    }

    /// From now on answers an expression with just this.
    ///
    /// # Panics
    /// On a status that HTTP has not.
    pub fn answer_raw(&self, expression: &str, status: u16, body: &str) {
        let status = StatusCode::from_u16(status).expect("the caller gives a status of HTTP");
        self.tell(expression, Told::Raw(status, body.to_owned()));
    }

    /// From now on leaves an expression without an answer, until the client leaves or the server stops.
    pub fn hang(&self, expression: &str) {
        self.tell(expression, Told::Nothing);
    }

    /// From now on answers 401 to a question without this bearer token.
    pub fn require_token(&self, token: &str) {
        *lock(&self.shared.token) = Some(token.to_owned());
    }

    /// Every question so far, in the order in which they came.
    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.shared.asked).clone()
    }

    fn tell(&self, expression: &str, told: Told) {
        lock(&self.shared.told).insert(expression.to_owned(), told);
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        self.shared.stop.send_replace(true);
    }
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let is_range = uri.path().ends_with("/api/v1/query_range");
    if !is_range && !uri.path().ends_with("/api/v1/query") {
        return (StatusCode::NOT_FOUND, "404 page not found\n").into_response();
    }
    if method != Method::POST {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let asked = Asked {
        path: uri.path().to_owned(),
        form: form(&body),
        authorization: headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned),
    };
    let expression = asked.parameter("query").unwrap_or_default().to_owned();
    let authorization = asked.authorization.clone();
    lock(&shared.asked).push(asked);
    let token = lock(&shared.token).clone();
    if token.is_some_and(|token| authorization != Some(format!("Bearer {token}"))) {
        return (StatusCode::UNAUTHORIZED, "Unauthorized\n").into_response();
    }
    let told = lock(&shared.told).get(&expression).cloned();
    match told {
        Some(Told::Data(data)) => success(&data),
        Some(Told::Raw(status, body)) => {
            (status, [(CONTENT_TYPE, "application/json")], body).into_response()
        }
        Some(Told::Nothing) => {
            let mut stop = shared.stop.subscribe();
            stop.changed().await.ok();
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        None => {
            let kind = if is_range { "matrix" } else { "vector" };
            success(&json!({ "resultType": kind, "result": [] }))
        }
    }
}

fn success(data: &Value) -> Response {
    let body = json!({ "status": "success", "data": data }).to_string();
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}

/// A form is written as a query is.
fn form(body: &[u8]) -> Vec<(String, String)> {
    let uri = format!("/?{}", String::from_utf8_lossy(body)).parse::<Uri>();
    let form = uri.ok().and_then(|uri| Query::try_from_uri(&uri).ok());
    form.map(|Query(form)| form).unwrap_or_default()
}
