//! MCP over stdin and stdout, a line a message. The only place that may write to stdout.
//!
//! The caller is whoever started this process: the OS user.

use std::borrow::Cow;

use rmcp::ServerHandler as _;
use rmcp::model::{ClientRequest, GetMeta as _, JsonRpcMessage, ProtocolVersion};
use rmcp::service::{
    QuitReason, RoleServer, RxJsonRpcMessage, ServerInitializeError, TxJsonRpcMessage,
    serve_server_with_ct,
};
use rmcp::transport::Transport;
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::transport::io::stdio_pipes;
use tokio_util::sync::CancellationToken;

use crate::mcp::{Server, tell};

/// The longest message that is read whole, in bytes. Arguments have their own, smaller limit with an answer that says so.
const MAX_MESSAGE_BYTES: usize = 32 << 20;

/// Returns who calls: the OS user.
pub(crate) fn caller() -> String {
    format!("uid {}", rustix::process::getuid().as_raw())
}

/// Serves one client until its input ends or `stop` fires.
///
/// # Errors
/// Where the client's first words are no MCP, or the streams fail.
pub(crate) async fn serve(server: Server, stop: CancellationToken) -> anyhow::Result<()> {
    let (input, output) = stdio_pipes();
    let ended = server.ended().clone();
    // From here on, so that none is missed.
    let news = server.news();
    let transport = Opening {
        ended,
        inner: AsyncRwTransport::new_server(input, output).with_max_line_length(MAX_MESSAGE_BYTES),
        versions: server.supported_protocol_versions().into_owned(),
        opened: false,
    };
    let running = match serve_server_with_ct(server, transport, stop).await {
        Ok(running) => running,
        // The client left before it said anything, or we were told to stop: nothing went wrong.
        Err(ServerInitializeError::ConnectionClosed(_) | ServerInitializeError::Cancelled) => {
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    let _telling = tell(news, running.peer().clone());
    match running.waiting().await? {
        QuitReason::JoinError(error) => Err(error.into()),
        _ => Ok(()),
    }
}

/// Drops what is no request until the session has begun: rmcp takes it for the end of the session. Says when the client has
/// left.
struct Opening<T> {
    inner: T,
    /// Fires at the end of input: rmcp waits for requests that run, and one that listens has no end of its own.
    ended: CancellationToken,
    versions: Vec<ProtocolVersion>,
    opened: bool,
}

impl<T> Opening<T> {
    /// Whether rmcp begins the session with this message. It answers `ping` and `server/discover` before that, and refuses what
    /// does not say in which version it is.
    fn begins(&self, message: &RxJsonRpcMessage<RoleServer>) -> bool {
        let JsonRpcMessage::Request(message) = message else {
            return false;
        };
        match &message.request {
            ClientRequest::InitializeRequest(_) => true,
            ClientRequest::PingRequest(_) | ClientRequest::DiscoverRequest(_) => false,
            request => {
                let meta = request.get_meta();
                meta.missing_required_keys(&ProtocolVersion::V_2026_07_28)
                    .is_empty()
                    && meta
                        .protocol_version()
                        .is_some_and(|version| self.versions.contains(&version))
            }
        }
    }
}

impl<T: Transport<RoleServer>> Transport<RoleServer> for Opening<T> {
    type Error = T::Error;

    fn name() -> Cow<'static, str> {
        T::name()
    }

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        self.inner.send(item)
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            let Some(message) = self.inner.receive().await else {
                self.ended.cancel();
                return None;
            };
            self.opened = self.opened || self.begins(&message);
            if self.opened || matches!(message, JsonRpcMessage::Request(_)) {
                return Some(message);
            }
            tracing::debug!("dropped a message before the session began");
        }
    }

    fn close(&mut self) -> impl Future<Output = Result<(), Self::Error>> + Send {
        self.inner.close()
    }
}
