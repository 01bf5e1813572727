//! What differs between the protocol's eras.

use rmcp::model::{CacheScope, ListToolsResult, ProtocolVersion};
use rmcp::service::{RequestContext, RoleServer};

/// How long a list of tools stays true: it changes only when Bulkhead is started again.
const TOOLS_FRESH_MILLISECONDS: u64 = 60 * 60 * 1000;

/// Says how long a list may be kept, where the era has words for it.
pub(super) fn cacheable(
    context: &RequestContext<RoleServer>,
    list: ListToolsResult,
) -> ListToolsResult {
    if is_modern(context) {
        list.with_ttl_ms(TOOLS_FRESH_MILLISECONDS)
            .with_cache_scope(CacheScope::Private)
    } else {
        list
    }
}

fn is_modern(context: &RequestContext<RoleServer>) -> bool {
    // Versions are dates: they compare as text.
    context
        .protocol_version()
        .is_some_and(|version| version.as_str() >= ProtocolVersion::V_2026_07_28.as_str())
}
