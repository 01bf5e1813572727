//! Resources: a URI that an enabled plugin has, read by that plugin alone.

use serde_json::json;

use super::{Answer, Client, Registry};
use crate::failure::{Failure, Kind, shown};
use crate::host_calls::bindings::exports::bulkhead::plugin::plugin::{Contents, Guest};
use crate::runtime::{State, Store};

impl Registry {
    /// Reads a resource. Its contents have the URI that was asked for.
    ///
    /// # Errors
    /// `NotFound` where no enabled resource or template has the URI, `Plugin` where the plugin answers for another one, else what
    /// reading fails with.
    pub(crate) async fn read_resource(
        &self,
        uri: &str,
        client: Client,
    ) -> Result<Answer<Vec<Contents>>, Failure> {
        let plugin = self.offer.reader(uri).ok_or_else(|| {
            let shown = shown(uri);
            Failure::new(Kind::NotFound, format!("there is no resource `{shown}`"))
                .fix("use a URI from resources/list, or one that a template of resources/templates/list becomes")
        })?;
        let asked_for = uri.to_owned();
        let question = async |guest: &Guest, store: &mut Store<State>| {
            guest.call_read_resource(store, &asked_for).await
        };
        let arguments = json!({ "uri": uri });
        let accept = |answer: &Vec<Contents>| match answer.iter().find(|one| one.uri != uri) {
            None => Ok(()),
            Some(other) => Err(Failure::new(
                Kind::Plugin,
                format!(
                    "the plugin answered for `{}`, which was not asked for",
                    shown(&other.uri)
                ),
            )
            .fix("tell its author")),
        };
        self.look(
            plugin,
            "resources/read",
            &arguments,
            client,
            question,
            accept,
        )
        .await
    }
}
