//! Prometheus: the two functions of its HTTP API that evaluate an expression, and no other path.
//!
//! Both are asked by POST, which changes nothing there and keeps the expression out of the logs of proxies. No connection is made
//! before the first question needs one, and none to this machine goes through a proxy, which would carry the token off it in the
//! clear; beyond it a token goes with `https` alone, of which a proxy sees nothing. What Prometheus says is cleaned before it becomes part of a failure: what stands before it,
//! such as a proxy, may put anything there.
#![expect(
    clippy::disallowed_types,
    reason = "kube's client, which is here for the API server, has what a client of Prometheus needs: TLS with a CA file, proxies"
)]

mod answer;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use form_urlencoded::Serializer;
use http::{HeaderValue, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use kube::client::Body;
use tokio::io::AsyncReadExt as _;
use tokio::sync::{OnceCell, Semaphore};

use crate::call::Call;
use crate::clean::{Metrics, Raw};
use crate::config::{Environment, PrometheusConfig, Proxies};
use crate::failure::{Failure, Kind, chain};
use crate::gate::PrometheusPermit;
use crate::redact;

/// The largest answer that is read: some thousand series of some ten steps. As parsed JSON it takes about ten times that. What
/// crosses to the plugin has a bound of its own.
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// Larger than any token: a file that is one by mistake is not read whole, for each question.
const MAX_TOKEN_BYTES: u64 = 64 * 1024;

/// How long a connection may take at most.
const CONNECT: Duration = Duration::from_secs(10);

/// An expression, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    /// In PromQL.
    pub(crate) expression: String,
    /// None for now.
    pub(crate) range: Option<Range>,
}

/// A stretch of time; all in seconds, the ends since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) step: u64,
}

/// One Prometheus, connected to when the first question needs it.
pub struct Prometheus {
    config: PrometheusConfig,
    proxies: Proxies,
    client: OnceCell<kube::Client>,
    /// Of the one answer at a time that is held as parsed JSON, whoever asked for it.
    turn: Arc<Semaphore>,
}

impl Prometheus {
    /// Takes what the operator configured, without connecting to it.
    #[must_use]
    pub fn new(config: PrometheusConfig, environment: &Environment) -> Self {
        Self {
            config,
            proxies: environment.proxies.clone(),
            client: OnceCell::new(),
            turn: Arc::new(Semaphore::new(1)),
        }
    }

    /// Asks one question.
    ///
    /// # Errors
    /// `Invalid` where Prometheus cannot read or execute the expression, `Limit` where the answer is too large or Prometheus took
    /// too long over it, `Denied` where it forbids it, `Upstream` where it does not answer.
    pub(crate) async fn ask(
        &self,
        permit: PrometheusPermit,
        call: &Call,
        question: &Question,
    ) -> Result<Raw<Metrics>, Failure> {
        let metrics = call.bound(self.evaluate(question)).await?;
        Ok(Raw::metrics(&permit, metrics))
    }

    /// Asks how many targets are up, for the operator alone: nothing of the answer but this number is looked at. None where it holds
    /// no such metric.
    ///
    /// # Errors
    /// As [`Prometheus::ask`].
    pub(crate) async fn targets(&self) -> Result<Option<String>, Failure> {
        let question = Question {
            expression: "sum(up)".to_owned(),
            range: None,
        };
        let metrics = self.evaluate(&question).await?;
        let targets = metrics.data["result"][0]["value"][1].as_str();
        Ok(targets
            .filter(|targets| targets.parse::<u64>().is_ok())
            .map(str::to_owned))
    }

    async fn evaluate(&self, question: &Question) -> Result<Metrics, Failure> {
        let client = self.client.get_or_try_init(async || self.connect()).await?;
        let request = Request::post(path(question))
            .header(http::header::ACCEPT, "application/json")
            .header(
                http::header::CONTENT_TYPE,
                "application/x-www-form-urlencoded",
            )
            .header(
                http::header::USER_AGENT,
                concat!("bulkhead/", env!("CARGO_PKG_VERSION")),
            )
            .body(Body::from(self.form(question).into_bytes()))
            .map_err(|error| {
                Failure::new(Kind::Bug, "made a wrong request for Prometheus").source(error)
            })?;
        let exchange = async {
            let request = self.authorized(request).await?;
            self.exchange(client, request).await
        };
        let (status, body) = tokio::time::timeout(self.config.timeout, exchange)
            .await
            .map_err(|_| self.too_slow())??;
        let turn = Arc::clone(&self.turn).acquire_owned().await;
        let turn = turn.map_err(|error| {
            Failure::new(Kind::Bug, "the turns of Prometheus's answers were closed").source(error)
        })?;
        answer::read(status, &body, turn).map_err(|failure| failure.at(&self.config.url))
    }

    /// Adds the token. Its file is read for each question, so that one that was renewed counts at once.
    async fn authorized(&self, mut request: Request<Body>) -> Result<Request<Body>, Failure> {
        let Some(path) = &self.config.bearer_token_file else {
            return Ok(request);
        };
        let unusable = |error: &dyn std::error::Error| {
            Failure::new(Kind::Upstream, "the token for Prometheus cannot be used")
                .source(Words::of(&chain(error)))
                .fix("tell the operator to look at `bearer_token_file` under [prometheus]")
        };
        let read = async {
            let file = tokio::fs::File::open(path).await?;
            let mut text = String::new();
            file.take(MAX_TOKEN_BYTES + 1)
                .read_to_string(&mut text)
                .await?;
            if text.len() as u64 > MAX_TOKEN_BYTES {
                return Err(std::io::Error::other("its file is larger than 64 KiB"));
            }
            Ok(text)
        };
        let text = read.await.map_err(|error| unusable(&error))?;
        // An editor ends the file with a line end.
        let value = HeaderValue::from_str(&format!("Bearer {}", text.trim()));
        let mut value = value.map_err(|error| unusable(&error))?;
        value.set_sensitive(true);
        let headers = request.headers_mut();
        headers.insert(http::header::AUTHORIZATION, value);
        Ok(request)
    }

    /// Sends a request and reads the whole answer.
    async fn exchange(
        &self,
        client: &kube::Client,
        request: Request<Body>,
    ) -> Result<(StatusCode, Bytes), Failure> {
        let answer = client
            .send(request)
            .await
            .map_err(|error| self.unreachable(&chain(&error)))?;
        let (parts, body) = answer.into_parts();
        match Limited::new(body, MAX_ANSWER_BYTES).collect().await {
            Ok(body) => Ok((parts.status, body.to_bytes())),
            Err(error) if error.is::<LengthLimitError>() => Err(Failure::new(
                Kind::Limit,
                format!(
                    "the answer of Prometheus is larger than {} MiB",
                    MAX_ANSWER_BYTES >> 20
                ),
            )
            .fix("ask for fewer series, a shorter range or a larger step")),
            Err(error) => Err(self.unreachable(&error.to_string())),
        }
    }

    fn form(&self, question: &Question) -> String {
        let mut form = Serializer::new(String::new());
        form.append_pair("query", &question.expression);
        // So that it does not go on with what nobody waits for any more.
        form.append_pair("timeout", &format!("{}ms", self.config.timeout.as_millis()));
        if let Some(range) = question.range {
            form.append_pair("start", &range.start.to_string());
            form.append_pair("end", &range.end.to_string());
            form.append_pair("step", &range.step.to_string());
        }
        form.finish()
    }

    fn connect(&self) -> Result<kube::Client, Failure> {
        let PrometheusConfig {
            url,
            bearer_token_file: _,
            ca_file,
            timeout,
        } = &self.config;
        let mut config = kube::Config::new(url.clone());
        config.connect_timeout = Some(CONNECT.min(*timeout));
        // A question that failed is the plugin's to ask again.
        config.default_retry = false;
        if ca_file.is_some() {
            config.root_cert_file.clone_from(ca_file);
            // The file is all that counts: a system without authorities of its own must not be in the way.
            config.root_cert = Some(Vec::new());
        }
        let proxy = self.proxies.towards(url);
        let proxy = proxy.filter(|_| !PrometheusConfig::is_here(url));
        // Without its text, which may hold a password.
        config.proxy_url = proxy.map(str::parse).transpose().map_err(|_| {
            Failure::new(
                Kind::Upstream,
                "the proxy in `https_proxy` or `http_proxy` is not a URL",
            )
            .fix("tell the operator")
        })?;
        kube::Client::try_from(config).map_err(|error| {
            Failure::new(Kind::Upstream, "failed to make a client for Prometheus")
                .source(Words::of(&chain(&error)))
                .fix("tell the operator to look at `ca_file` under [prometheus]")
        })
    }

    fn unreachable(&self, words: &str) -> Failure {
        Failure::new(
            Kind::Upstream,
            format!("failed to reach Prometheus at `{}`", self.config.url),
        )
        .source(Words::of(words))
        .fix("tell the operator to look whether it runs, and at `url` and `ca_file` under [prometheus]")
    }

    fn too_slow(&self) -> Failure {
        Failure::new(
            Kind::Upstream,
            format!(
                "Prometheus at `{}` did not answer within {}",
                self.config.url,
                crate::config::duration_text(self.config.timeout)
            ),
        )
        .fix("ask for fewer series or a shorter range, or let the operator raise `prometheus.timeout`")
    }
}

/// The only paths that are ever asked for.
fn path(question: &Question) -> Uri {
    Uri::from_static(match question.range {
        None => "/api/v1/query",
        Some(_) => "/api/v1/query_range",
    })
}

/// Foreign words, cleaned.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Words(String);

impl Words {
    fn of(words: &str) -> Self {
        Self(redact::text(words).into_owned())
    }
}
