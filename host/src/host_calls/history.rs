//! The `history` interface: the plugin's own audit records.

use serde_json::Value;

use super::HostCalls;
use super::bindings::bulkhead::plugin::history as wit;
use crate::failure::{Failure, Kind};
use crate::store::Filter;

/// Most records of one answer, as the contract has it.
const MAX_RECORDS: u32 = 200;

impl HostCalls {
    /// Returns audit records of this plugin, the newest first.
    ///
    /// # Errors
    /// As the contract's `records`.
    pub async fn records(&self, matching: wit::Filter) -> Result<Vec<String>, Failure> {
        self.call.budget.take_host_call()?;
        if !(1..=MAX_RECORDS).contains(&matching.limit) {
            return Err(Failure::new(
                Kind::Invalid,
                format!("{} audit records cannot be read at once", matching.limit),
            )
            .fix(format!("use a limit from 1 to {MAX_RECORDS}")));
        }
        let filter = Filter {
            plugin: Some(self.plugin.key.clone()),
            tool: matching.tool,
            outcome: matching.outcome,
            change: matching.change_id,
            limit: matching.limit,
            ..Filter::default()
        };
        let found = self.call.bound(self.changes.history(&filter)).await?;
        let own = found
            .iter()
            .filter_map(|entry| for_plugin(&entry.body, &self.plugin.key));
        let mut records = Vec::new();
        for record in own {
            self.call.budget.take_crossing(record.len())?;
            records.push(record);
        }
        Ok(records)
    }
}

/// A record as its plugin may read it; none where its text is about another one, whatever the store finds it by. The grant that is
/// missing is the operator's to read.
fn for_plugin(body: &str, key: &str) -> Option<String> {
    let mut record: Value = serde_json::from_str(body).ok()?;
    if record["plugin"]["key"] != key {
        return None;
    }
    record.as_object_mut()?.remove("missing_grant");
    Some(record.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_another_plugin_is_none_and_a_missing_grant_stays_with_the_operator() {
        let body = r#"{"seq":1,"kind":"denial","plugin":{"key":"a"},"missing_grant":"[[plugins.a.grants]]"}"#;
        let own = for_plugin(body, "a").unwrap();
        assert!(own.contains("denial") && !own.contains("grants"), "{own}");
        assert_eq!(for_plugin(body, "b"), None);
        assert_eq!(for_plugin("no JSON", "a"), None);
    }
}
