//! A server that takes JSON by POST and gives JSON, over TLS on loopback: as much HTTP/1.1 as the API server speaks to a webhook.
//!
//! One connection, one request, one thread. Its certificate is made at the start and signs itself.

use std::{
    io::{BufRead, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

use anyhow::{Context as _, Result};
use rustls::{ServerConfig, ServerConnection, StreamOwned, pki_types::PrivatePkcs8KeyDer};
use serde_json::Value;

/// Path and body to the answer; `None` is status 500.
type Answer = dyn FnMut(&str, Value) -> Option<Value> + Send;

/// Listens until it is dropped.
pub(super) struct Server {
    address: SocketAddr,
    certificate_pem: String,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(super) fn start(
        answer: impl FnMut(&str, Value) -> Option<Value> + Send + 'static,
    ) -> Result<Self> {
        let rcgen::CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
        let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key.into())?;
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let answer: Arc<Mutex<Answer>> = Arc::new(Mutex::new(answer));
        let thread = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let (config, answer) = (Arc::clone(&config), Arc::clone(&answer));
                // A connection that says nothing must not keep the others waiting. Of a failure the API server tells.
                thread::spawn(move || converse(config, stream, &answer).ok());
            }
        });
        Ok(Self {
            address,
            certificate_pem: cert.pem(),
            stop,
            thread: Some(thread),
        })
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(super) fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // The listener wakes up to a connection only.
        TcpStream::connect(self.address).ok();
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

fn converse(config: Arc<ServerConfig>, stream: TcpStream, answer: &Mutex<Answer>) -> Result<()> {
    let tls = StreamOwned::new(ServerConnection::new(config)?, stream);
    let mut tls = BufReader::new(tls);
    let (path, body) = request(&mut tls)?;
    let answered = {
        let mut answer = answer.lock().unwrap_or_else(PoisonError::into_inner);
        answer(&path, body)
    };
    let (status, body) = answered.map_or(("500 Internal Server Error", String::new()), |body| {
        ("200 OK", body.to_string())
    });
    let tls = tls.get_mut();
    write!(
        tls,
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )?;
    tls.conn.send_close_notify();
    tls.flush()?;
    Ok(())
}

/// The path without its query, and the body.
fn request(reader: &mut impl BufRead) -> Result<(String, Value)> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let target = line.split(' ').nth(1).context("no request line")?;
    let path = target.split('?').next().unwrap_or(target).to_owned();
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse()?;
        }
    }
    let mut body = Vec::new();
    reader.take(length).read_to_end(&mut body)?;
    Ok((path, serde_json::from_slice(&body)?))
}
