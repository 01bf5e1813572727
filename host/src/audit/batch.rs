//! Records that wait to be written together; denials that are alike are one record with a count.

use std::collections::HashMap;

use super::{Kind, Record};
use crate::proposal::Moment;

/// So many at most, so that one batch is a short transaction.
pub(super) const MOST: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Batch {
    records: Vec<Record>,
    /// Where the denial stands that is alike, by its text without what tells two of them apart.
    denials: HashMap<String, usize>,
}

impl Batch {
    pub(super) fn push(&mut self, record: Record) {
        if record.kind == Kind::Denial {
            let alike = alike(&record);
            if let Some(at) = self.denials.get(&alike) {
                let first = &mut self.records[*at];
                let count = first.count.unwrap_or(1) + record.count.unwrap_or(1);
                first.count = Some(count);
                return;
            }
            self.denials.insert(alike, self.records.len());
        }
        self.records.push(record);
    }

    pub(super) fn is_full(&self) -> bool {
        self.records.len() >= MOST
    }

    pub(super) fn records(&self) -> Vec<Record> {
        self.records.clone()
    }

    pub(super) fn clear(&mut self) {
        self.records.clear();
        self.denials.clear();
    }
}

fn alike(record: &Record) -> String {
    let bare = Record {
        time: Moment::default(),
        duration_ms: None,
        count: None,
        ..record.clone()
    };
    serde_json::to_string(&bare).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denial(object: &str, time: u64) -> Record {
        Record {
            time: Moment(time),
            object: Some(object.to_owned()),
            ..Record::new(Kind::Denial)
        }
    }

    #[test]
    fn denials_that_are_alike_are_counted_and_nothing_else_is() {
        let mut batch = Batch::default();
        for time in 0..1_000 {
            batch.push(denial("a", time));
            batch.push(denial("b", time));
        }
        batch.push(Record::new(Kind::Call));
        batch.push(Record::new(Kind::Call));
        let records = batch.records();
        assert_eq!(records.len(), 4);
        assert_eq!(
            records[0],
            Record {
                count: Some(1_000),
                ..denial("a", 0)
            }
        );
        assert_eq!(
            records[1],
            Record {
                count: Some(1_000),
                ..denial("b", 0)
            }
        );
        batch.clear();
        batch.push(denial("a", 1));
        assert_eq!(batch.records(), [denial("a", 1)]);
    }
}
