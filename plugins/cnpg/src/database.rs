//! Database objects: which database of which cluster each is about, and what the operator made of it (`api/v1/database_types.go`).

use crate::kinds::cnpg;
use crate::row;
use bulkhead_plugin_sdk::kubernetes::ObjectRef;
use bulkhead_plugin_sdk::{Failure, Object, Place, Row};

const PATHS: [&str; 13] = [
    "metadata.name",
    "spec.cluster.name",
    "spec.name",
    "spec.owner",
    "spec.ensure",
    "spec.databaseReclaimPolicy",
    "metadata.deletionTimestamp",
    "status.applied",
    "status.message",
    "spec.extensions[*].name",
    "spec.schemas[*].name",
    "status.extensions",
    "status.schemas",
];

/// The object is as the operator was to make it.
pub(crate) const APPLIED: &str = "applied";

/// One Database object.
pub(crate) struct Database(Row);

impl Database {
    /// Reads the objects of a namespace, whichever cluster they are of, and shows each to `visit`.
    ///
    /// # Errors
    /// As [`row::each`], and what `visit` fails with.
    pub(crate) fn each(
        place: &Place,
        visit: &mut dyn FnMut(Self) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let query = place.query(cnpg("databases"));
        row::each(&query, &PATHS, &mut |row| visit(Self(row)))
    }

    /// The object's own name.
    pub(crate) fn object(&self) -> &str {
        self.0.text(0)
    }

    pub(crate) fn cluster(&self) -> &str {
        self.0.text(1)
    }

    /// The database's name in PostgreSQL.
    pub(crate) fn name(&self) -> &str {
        self.0.text(2)
    }

    pub(crate) fn owner(&self) -> &str {
        self.0.text(3)
    }

    /// Whether the database is not to be.
    pub(crate) fn is_absent(&self) -> bool {
        self.0.text(4) == "absent"
    }

    /// Whether the database goes with the object; it stays where nothing is said.
    pub(crate) fn is_dropped_with_it(&self) -> bool {
        self.0.text(5) == "delete"
    }

    pub(crate) fn extensions(&self) -> Vec<String> {
        self.0.texts(9)
    }

    pub(crate) fn schemas(&self) -> Vec<String> {
        self.0.texts(10)
    }

    /// What became of it, in a word. The operator writes neither yes nor no while it cannot tell (`SetAsUnknown`).
    pub(crate) fn state(&self) -> &'static str {
        if !self.0.value(6).is_null() {
            return "deleting";
        }
        match (self.0.flag(7), self.0.text(8)) {
            (Some(true), _) => APPLIED,
            (Some(false), _) => "failed",
            (None, "") => "not applied yet",
            (None, _) => "unknown",
        }
    }

    /// Why it is not applied, in the words of the operator and of PostgreSQL; empty where nothing is wrong.
    pub(crate) fn trouble(&self) -> String {
        let mut reasons = Vec::new();
        if !self.0.text(8).is_empty() {
            reasons.push(self.0.text(8).to_owned());
        }
        for (what, at) in [("extension", 11), ("schema", 12)] {
            for part in Object(self.0.value(at)).items("") {
                if part.flag("/applied") == Some(false) {
                    let (name, why) = (part.text("/name"), part.text("/message"));
                    reasons.push(format!("{what} {name}: {why}"));
                }
            }
        }
        reasons.join("; ")
    }
}

/// Names a Database object to the host.
pub(crate) fn target(place: &Place, object: &str) -> ObjectRef {
    ObjectRef::in_namespace(cnpg("databases"), &place.namespace, object)
}

#[cfg(test)]
mod tests {
    use super::Database;
    use bulkhead_plugin_sdk::Row;
    use serde_json::{Value, json};

    fn state(applied: Value, message: Value) -> &'static str {
        let mut values = vec![Value::Null; super::PATHS.len()];
        values[7] = applied;
        values[8] = message;
        Database(Row(values)).state()
    }

    #[test]
    fn what_the_operator_has_not_said_is_told_from_what_it_cannot_say() {
        assert_eq!(state(json!(true), json!(null)), "applied");
        assert_eq!(state(json!(false), json!("no role")), "failed");
        assert_eq!(state(json!(null), json!(null)), "not applied yet");
        assert_eq!(state(json!(null), json!("a replica")), "unknown");
    }
}
