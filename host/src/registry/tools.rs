//! Tools: arguments against the input schema before a guest is entered, results against what the tool promises.

use std::sync::Arc;

use serde_json::Value;

use super::calling::Asked;
use super::offer::{Entry, Owner};
use super::{Answer, Client, Registry, leave_out_nulls};
use crate::call::Call;
use crate::failure::Failure;
use crate::host_calls::bindings::exports::bulkhead::plugin::plugin::Guest;
use crate::runtime::{Output, State, Store};

impl Registry {
    /// Runs a tool that is offered.
    ///
    /// # Errors
    /// `Invalid` for wrong arguments, else what the call fails with.
    pub(crate) async fn call_tool(
        &self,
        entry: &Entry,
        mut arguments: Value,
        client: Client,
    ) -> Result<Answer<Output>, Failure> {
        let Entry { owner, schemas } = entry;
        let tool = entry.tool();
        leave_out_nulls(tool, &mut arguments);
        let input = arguments.to_string();
        self.check_arguments_size(&input)?;
        schemas.check_arguments(tool, &arguments)?;
        let asked = Asked {
            plugin: entry.plugin(),
            tool: &tool.name,
            effect: tool.effect(),
            arguments: &arguments,
        };
        let work = async |call: &Arc<Call>| match owner {
            Owner::Plugin(plugin, _) => {
                let question = async |guest: &Guest, store: &mut Store<State>| {
                    guest.call_call_tool(store, &tool.name, &input).await
                };
                self.ask(plugin, call, question).await
            }
            Owner::Host(host_tool, _) => self.call_host(*host_tool, call, &arguments).await,
        };
        self.run(asked, client, work, |output| {
            schemas.check_result(tool, output.structured.as_deref())
        })
        .await
    }
}
