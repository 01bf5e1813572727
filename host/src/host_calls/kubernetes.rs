//! The `kubernetes` interface: reading the cluster.

mod convert;

use self::convert::{api_resource, condition, list, paths, projection, reach_of, resource};
use super::HostCalls;
use super::bindings::bulkhead::plugin::kubernetes as wit;
use crate::backend::cluster;
use crate::clean;
use crate::config::Verb;
use crate::failure::{Failure, Kind, shown};
use crate::gate::{Demand, Operation, Permit, Reach};
use crate::projection::Path;

/// Most bytes of a log before it is cleaned, beyond what crosses: a key must not lose its first line to the cut.
const LOG_MARGIN_BYTES: usize = 64 * 1024;

impl HostCalls {
    /// Reads one object.
    ///
    /// # Errors
    /// As the contract's `get`.
    pub async fn get(
        &self,
        what: wit::ObjectRef,
        fields: wit::Projection,
    ) -> Result<String, Failure> {
        self.call.budget.take_host_call()?;
        let projection = projection(fields)?;
        let operation = Operation::Get {
            resource: resource(&what.of),
            reach: reach_of(what.namespace),
            name: what.name,
        };
        let permit = self.permit(operation)?;
        let raw = self
            .cluster
            .get(
                permit,
                &self.call,
                what.of.version.as_deref(),
                projection.is_metadata_only(),
            )
            .await?;
        self.crossing(clean::object(raw, &projection).into_inner().to_string())
    }

    /// Reads one page of a list.
    ///
    /// # Errors
    /// As the contract's `list-page`.
    pub async fn list_page(
        &self,
        what: wit::Query,
        fields: wit::Projection,
        limit: u32,
        continue_token: Option<String>,
    ) -> Result<wit::Page, Failure> {
        self.call.budget.take_host_call()?;
        let projection = projection(fields)?;
        let (operation, mut query) = list(what);
        query.metadata_only = projection.is_metadata_only();
        let permit = self.permit(operation)?;
        let page = self
            .cluster
            .list_page(permit, &self.call, &query, limit, continue_token.as_deref())
            .await?;
        let spend = |bytes| self.call.budget.take_crossing(bytes);
        let items = clean::objects(page.objects, &projection, spend)?.into_inner();
        Ok(wit::Page {
            items,
            continue_token: page.continue_token,
            remaining: page.remaining,
            resource_version: page.resource_version,
        })
    }

    /// Counts on the host.
    ///
    /// # Errors
    /// As the contract's `count-by`.
    pub async fn count_by(
        &self,
        what: wit::Query,
        by: Vec<String>,
    ) -> Result<Vec<wit::Count>, Failure> {
        self.call.budget.take_host_call()?;
        let by = paths(&by)?;
        let (operation, mut query) = list(what);
        query.metadata_only = by.iter().all(Path::is_metadata);
        let permit = self.permit(operation)?;
        let counts = self
            .cluster
            .count(permit, &self.call, &query, &by)
            .await?
            .into_inner();
        Ok(counts
            .into_iter()
            .map(|(key, objects)| wit::Count { key, objects })
            .collect())
    }

    /// Reads a container's log.
    ///
    /// # Errors
    /// As the contract's `logs`.
    pub async fn logs(&self, what: wit::LogQuery) -> Result<wit::LogText, Failure> {
        self.call.budget.take_host_call()?;
        let operation = Operation::Logs {
            namespace: what.namespace,
            pod: what.pod,
        };
        let permit = self.permit(operation)?;
        let query = cluster::LogQuery {
            container: what.container,
            previous: what.previous,
            tail_lines: what.tail_lines,
            since_seconds: what.since_seconds,
            timestamps: what.timestamps,
        };
        let limit = what.limit_bytes as usize;
        let log = self.cluster.logs(permit, &self.call, &query).await?;
        let raw = log.text.keep_end(limit.saturating_add(LOG_MARGIN_BYTES));
        let text = clean::text(raw).into_inner();
        let text = log
            .tail_lines
            .map_or(text.as_str(), |lines| last_lines(&text, lines as usize));
        let (text, cut_here) = last_bytes(text, limit);
        Ok(wit::LogText {
            text: self.crossing(text.to_owned())?,
            truncated: log.truncated || cut_here,
        })
    }

    /// Finds what a word means.
    ///
    /// # Errors
    /// As the contract's `resolve`.
    pub async fn resolve(&self, word: String) -> Result<wit::ApiResource, Failure> {
        self.call.budget.take_host_call()?;
        let permit = self.permit(Operation::Discover)?;
        self.call
            .bound(async {
                let mut types = self.cluster.discovery(&permit).await?;
                if types.resolve(&word).is_none() {
                    // It may be a CRD that has come since.
                    types = self.cluster.rediscover(&permit, &types).await?;
                }
                let Some((found, others)) = types.resolve(&word) else {
                    let near = types.nearest(&word);
                    let fix = if near.is_empty() {
                        "look at the types that it serves".to_owned()
                    } else {
                        format!("perhaps {}", near.join(", "))
                    };
                    let shown = shown(&word);
                    return Err(Failure::new(
                        Kind::NotFound,
                        format!("the cluster serves no type called `{shown}`"),
                    )
                    .fix(fix));
                };
                let others = others
                    .iter()
                    .map(|other| other.resource.to_string())
                    .collect();
                Ok(wit::ApiResource {
                    others,
                    ..api_resource(found)
                })
            })
            .await
    }

    /// Lists the types that the cluster serves.
    ///
    /// # Errors
    /// As the contract's `api-resources`.
    pub async fn api_resources(&self) -> Result<Vec<wit::ApiResource>, Failure> {
        self.call.budget.take_host_call()?;
        let permit = self.permit(Operation::Discover)?;
        let types = self.call.bound(self.cluster.discovery(&permit)).await?;
        Ok(types.all().map(api_resource).collect())
    }

    /// Reads the documentation of a type.
    ///
    /// # Errors
    /// As the contract's `explain`.
    pub async fn explain(&self, of: wit::ResourceType, at: String) -> Result<String, Failure> {
        self.call.budget.take_host_call()?;
        let permit = self.permit(Operation::Discover)?;
        let raw = self
            .cluster
            .explain(
                permit,
                &self.call,
                &resource(&of),
                of.version.as_deref(),
                &at,
            )
            .await?;
        self.crossing(clean::document(raw).into_inner().to_string())
    }

    /// Whether both the gate and the API server would allow something.
    ///
    /// # Errors
    /// As the contract's `can-i`.
    pub async fn can_i(
        &self,
        verb: String,
        of: wit::ResourceType,
        namespace: Option<String>,
    ) -> Result<bool, Failure> {
        self.call.budget.take_host_call()?;
        let permit = self.permit(Operation::Review)?;
        // A verb that no grant can have is not allowed; it is not an error to ask.
        let Ok(verb) = verb.parse::<Verb>() else {
            return Ok(false);
        };
        let reaches = match namespace {
            Some(namespace) => vec![Reach::Namespace(namespace)],
            None => vec![Reach::Cluster, Reach::AllNamespaces],
        };
        for reach in reaches {
            let demand = Demand {
                verb,
                resource: resource(&of),
                reach,
                name: None,
            };
            if self.gate.allows(&demand) {
                // The API server knows no such verb: what may be referred to is the operator's alone to say.
                if verb == Verb::Use {
                    return Ok(true);
                }
                return self
                    .call
                    .bound(self.cluster.can_i(&permit, &self.call, &demand))
                    .await;
            }
        }
        Ok(false)
    }

    /// Waits for a state of one object.
    ///
    /// # Errors
    /// As the contract's `wait-for`.
    pub async fn wait_for(
        &self,
        what: wit::ObjectRef,
        until: wit::Condition,
        timeout_seconds: u32,
    ) -> Result<String, Failure> {
        self.call.budget.take_host_call()?;
        let operation = Operation::Watch {
            resource: resource(&what.of),
            reach: reach_of(what.namespace),
            name: what.name,
        };
        let permit = self.permit(operation)?;
        let until = condition(until)?;
        let timeout = std::time::Duration::from_secs(timeout_seconds.into());
        let waiting = self
            .cluster
            .wait(permit, &self.call, what.of.version.as_deref(), &until);
        match tokio::time::timeout(timeout, waiting).await {
            Ok(object) => self.crossing(object?.into_inner().to_string()),
            Err(_) => Err(Failure::new(
                Kind::Limit,
                format!("the condition did not hold within {timeout_seconds} s"),
            )
            .fix("look at the object's conditions and events, or wait longer")),
        }
    }

    /// Asks the gate. Names are checked first: a denial shows them to the operator, beside a grant to paste.
    fn permit(&self, operation: Operation) -> Result<Permit, Failure> {
        cluster::check_names(&operation)?;
        Ok(self.gate.check(&self.call, operation)?)
    }

    fn crossing(&self, text: String) -> Result<String, Failure> {
        self.call.budget.take_crossing(text.len())?;
        Ok(text)
    }
}

/// So many lines at the end.
fn last_lines(text: &str, lines: usize) -> &str {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let Some(before) = lines.checked_sub(1) else {
        return "";
    };
    body.rmatch_indices('\n')
        .nth(before)
        .and_then(|(at, _)| text.get(at + 1..))
        .unwrap_or(text)
}

/// The whole lines at the end that fit into so many bytes, and whether something was cut.
fn last_bytes(text: &str, bytes: usize) -> (&str, bool) {
    if text.len() <= bytes {
        return (text, false);
    }
    let start = text.ceil_char_boundary(text.len() - bytes);
    let end = text.get(start..).unwrap_or_default();
    // The first line is whole only where the cut fell behind a line end.
    let whole = if text
        .get(..start)
        .is_some_and(|before| before.ends_with('\n'))
    {
        end
    } else {
        end.split_once('\n').map_or("", |(_, rest)| rest)
    };
    (whole, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_log_keeps_the_last_whole_lines() {
        let log = "one\ntwo\nthree\n";
        assert_eq!(last_bytes(log, 100), (log, false));
        assert_eq!(last_bytes(log, 10), ("two\nthree\n", true));
        assert_eq!(last_bytes(log, 9), ("three\n", true));
        assert_eq!(last_bytes("ääää", 3), ("", true));
    }

    #[test]
    fn the_tail_of_a_log_is_counted_in_lines() {
        for log in ["one\ntwo\nthree\n", "one\ntwo\nthree"] {
            assert_eq!(last_lines(log, 9), log);
            assert_eq!(last_lines(log, 3), log);
            assert!(last_lines(log, 2).starts_with("two\n"));
            assert!(last_lines(log, 1).starts_with("three"));
            assert_eq!(last_lines(log, 0), "");
        }
    }
}
