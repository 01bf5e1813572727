//! What differs between the protocol's eras.

use rmcp::model::{CacheScope, ProtocolVersion};
use rmcp::service::{RequestContext, RoleServer};

use crate::escape;

/// Most characters of a client's name.
const MAX_CLIENT_CHARACTERS: usize = 100;

/// How long a client may take a list for true that did not ask to be told of another. The operator may have the configuration
/// read again at any time, which is rare.
const LIST_FRESH_MILLISECONDS: u64 = 5 * 60 * 1000;

/// Says how long a list may be kept and by whom, where the era has words for it.
pub(super) fn freshness(context: &RequestContext<RoleServer>) -> (Option<u64>, Option<CacheScope>) {
    if is_modern(context) {
        (Some(LIST_FRESH_MILLISECONDS), Some(CacheScope::Private))
    } else {
        (None, None)
    }
}

/// Whether the client can show the person a form.
pub(super) fn shows_forms(context: &RequestContext<RoleServer>) -> bool {
    context
        .client_capabilities()
        .and_then(|capabilities| capabilities.elicitation)
        // The first versions knew forms only, and had no word for them.
        .is_some_and(|elicitation| elicitation.form.is_some() || elicitation.url.is_none())
}

/// Returns the client as it calls itself, short and on one line.
pub(super) fn client(context: &RequestContext<RoleServer>) -> Option<String> {
    let client = context.client_info()?;
    let words = format!("{} {}", client.name, client.version);
    Some(
        words
            .chars()
            .flat_map(escape::escaped)
            .take(MAX_CLIENT_CHARACTERS)
            .collect(),
    )
}

/// Whether the call is of the stateless era.
pub(super) fn is_modern(context: &RequestContext<RoleServer>) -> bool {
    // Versions are dates: they compare as text.
    context
        .protocol_version()
        .is_some_and(|version| version.as_str() >= ProtocolVersion::V_2026_07_28.as_str())
}
