//! Which server it is, and where else one is installed.

use super::Found;
use crate::kinds::velero;
use crate::row;
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::kubernetes::{Query, Scope};
use bulkhead_plugin_sdk::paging::{Key, Newest};
use bulkhead_plugin_sdk::{Failure, when};

impl Found<'_> {
    /// The server's version, and where else there is a Velero.
    pub(super) fn installation(&mut self) -> Result<(), Failure> {
        self.document.section("installation");
        let paths = [
            "metadata.name",
            "status.processedTimestamp",
            "status.serverVersion",
        ];
        let mut newest = Newest::new(Some(1), None)?;
        let read = row::each(&self.query("serverstatusrequests"), &paths, &mut |row| {
            if !row.text(2).is_empty() {
                newest.add(Key::new(row.time(1), row.text(0)), row);
            }
            Ok(())
        });
        if self.document.known("the server's version", read)? {
            match newest.page().rows.first() {
                Some((_, row)) => {
                    let answered = when::from(self.now, row.time(1));
                    let words = format!("{}, said {answered}", row.text(2));
                    self.document.fact("server version", words);
                }
                // The server deletes them a minute after it answered (`server_status_request_controller.go` of 1.18).
                None => self.document.note(
                    "not known: the server's version (it says so to a ServerStatusRequest, which lives a minute: a person runs `velero version`)",
                ),
            }
        }
        let mut others: Vec<String> = Vec::new();
        let query = Query::new(velero("backupstoragelocations"), Scope::AllNamespaces);
        let read = row::each(&query, &["metadata.namespace"], &mut |row| {
            let namespace = row.text(0).to_owned();
            if namespace != self.namespace && !others.contains(&namespace) {
                others.push(namespace);
            }
            Ok(())
        });
        if self
            .document
            .known("other namespaces with a Velero", read)?
        {
            self.document
                .fact("also installed in namespace", listed(&others));
        }
        Ok(())
    }
}
