//! Between the guest's and the host's bindings of one contract: the same fields, of two generated types.

mod changes;

pub(super) use changes::{filter, plan, proposal, report, state};

use crate::Failure;
use crate::bindings::bulkhead::plugin::context::Level;
use crate::bindings::bulkhead::plugin::kubernetes as guest;
use crate::bindings::bulkhead::plugin::prometheus::Request;
use crate::bindings::exports::bulkhead::plugin::plugin;
use bulkhead::call::Effect;
use bulkhead::gate;
use bulkhead::host_calls::bindings::bulkhead::plugin::context::Level as HostLevel;
use bulkhead::host_calls::bindings::bulkhead::plugin::kubernetes as host;
use bulkhead::host_calls::bindings::bulkhead::plugin::prometheus::{
    Range as HostRange, Request as HostRequest,
};
use bulkhead::host_calls::bindings::bulkhead::plugin::types::Failure as HostFailure;

/// What a manifest asks for in the cluster, and whether it asks for Prometheus.
pub(super) fn wants(wants: Vec<plugin::Want>) -> (Vec<gate::Want>, bool) {
    let (mut in_cluster, mut prometheus) = (Vec::new(), false);
    for want in wants {
        match want.power {
            plugin::Power::Cluster(cluster) => in_cluster.push(gate::Want {
                api_groups: cluster.api_groups,
                resources: cluster.resources,
                verbs: cluster.verbs,
                secret_values: cluster.secret_values,
                reason: want.reason,
            }),
            plugin::Power::Prometheus => prometheus = true,
        }
    }
    (in_cluster, prometheus)
}

pub(super) fn question(request: &Request) -> HostRequest {
    HostRequest {
        expression: request.expression.clone(),
        range: request.range.map(|range| HostRange {
            start_seconds: range.start_seconds,
            end_seconds: range.end_seconds,
            step_seconds: range.step_seconds,
        }),
    }
}

pub(super) fn failure(failure: HostFailure) -> Failure {
    match failure {
        HostFailure::Invalid(text) => Failure::Invalid(text),
        HostFailure::Denied(text) => Failure::Denied(text),
        HostFailure::NotFound(text) => Failure::NotFound(text),
        HostFailure::Conflict(text) => Failure::Conflict(text),
        HostFailure::Limit(text) => Failure::Limit(text),
        HostFailure::NeedsApproval(text) => Failure::NeedsApproval(text),
        HostFailure::Declined(text) => Failure::Declined(text),
        HostFailure::Cancelled => Failure::Cancelled,
        HostFailure::Upstream(text) => Failure::Upstream(text),
        HostFailure::Internal(text) => Failure::Internal(text),
    }
}

pub(super) fn effect(effect: plugin::Effect) -> Effect {
    match effect {
        plugin::Effect::Read => Effect::Read,
        plugin::Effect::Change => Effect::Change,
    }
}

pub(super) fn level(level: Level) -> HostLevel {
    match level {
        Level::Debug => HostLevel::Debug,
        Level::Info => HostLevel::Info,
        Level::Warn => HostLevel::Warn,
        Level::Error => HostLevel::Error,
    }
}

pub(super) fn resource_type(of: &guest::ResourceType) -> host::ResourceType {
    host::ResourceType {
        group: of.group.clone(),
        version: of.version.clone(),
        plural: of.plural.clone(),
    }
}

pub(super) fn object(what: &guest::ObjectRef) -> host::ObjectRef {
    host::ObjectRef {
        of: resource_type(&what.of),
        namespace: what.namespace.clone(),
        name: what.name.clone(),
    }
}

pub(super) fn query(what: &guest::Query) -> host::Query {
    host::Query {
        of: resource_type(&what.of),
        scope: match &what.scope {
            guest::Scope::Cluster => host::Scope::Cluster,
            guest::Scope::AllNamespaces => host::Scope::AllNamespaces,
            guest::Scope::Namespace(namespace) => host::Scope::Namespace(namespace.clone()),
        },
        label_selector: what.label_selector.clone(),
        field_selector: what.field_selector.clone(),
    }
}

pub(super) fn projection(fields: &guest::Projection) -> host::Projection {
    match fields {
        guest::Projection::Whole => host::Projection::Whole,
        guest::Projection::Rows(paths) => host::Projection::Rows(paths.clone()),
    }
}

pub(super) fn log_query(what: &guest::LogQuery) -> host::LogQuery {
    host::LogQuery {
        pod: what.pod.clone(),
        namespace: what.namespace.clone(),
        container: what.container.clone(),
        previous: what.previous,
        tail_lines: what.tail_lines,
        since_seconds: what.since_seconds,
        limit_bytes: what.limit_bytes,
        timestamps: what.timestamps,
    }
}

pub(super) fn condition(until: &guest::Condition) -> host::Condition {
    match until {
        guest::Condition::Equals(comparison) => host::Condition::Equals(host::Comparison {
            at: comparison.at.clone(),
            value: comparison.value.clone(),
        }),
        guest::Condition::Exists(at) => host::Condition::Exists(at.clone()),
        guest::Condition::Deleted => host::Condition::Deleted,
    }
}

pub(super) fn page(page: host::Page) -> guest::Page {
    guest::Page {
        items: page.items,
        continue_token: page.continue_token,
        remaining: page.remaining,
        resource_version: page.resource_version,
    }
}

pub(super) fn api_resource(found: host::ApiResource) -> guest::ApiResource {
    guest::ApiResource {
        of: guest::ResourceType {
            group: found.of.group,
            version: found.of.version,
            plural: found.of.plural,
        },
        kind: found.kind,
        namespaced: found.namespaced,
        verbs: found.verbs,
        short_names: found.short_names,
        others: found.others,
    }
}
