//! Walks the whole chain and says where it does not hold.
//!
//! It finds an edit, a gap, a record in another's place and a cut end. Somebody who owns the file can rewrite all of it,
//! head included: against that only a head helps that was kept elsewhere.

use std::fmt;

use serde_json::Value;

use crate::store::{Columns, Entry, Head, Store, StoreError, link};

/// Records that are in memory at once.
const PAGE: u32 = 1_000;

/// More are not kept: the first ones tell.
const FAULTS: usize = 20;

/// One place where the chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A record's text is not what was written.
    Edited {
        /// Which.
        seq: u64,
    },
    /// What a record is found by is not what its text says.
    Columns {
        /// Which.
        seq: u64,
    },
    /// Records are missing.
    Gap {
        /// The last one before it; 0 is the beginning.
        after: u64,
        /// The first one behind it.
        next: u64,
    },
    /// A record stands in another's place.
    Moved {
        /// Where it stands.
        seq: u64,
        /// What it says it is.
        says: u64,
    },
    /// The end is missing.
    Cut {
        /// The last record that is there.
        last: u64,
        /// The last one that was.
        kept: u64,
    },
    /// Records stand behind the head that was kept with them.
    Behind {
        /// The last record that is there.
        last: u64,
        /// The head's.
        kept: u64,
    },
    /// The record of a head is there with another hash.
    Rewritten {
        /// Which.
        seq: u64,
    },
}

/// What [`verify`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// So many records were looked at.
    pub records: u64,
    /// Where the chain ends.
    pub head: Head,
    /// The first twenty, in the order of the chain; empty where it holds.
    pub faults: Vec<Fault>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edited { seq } => write!(
                f,
                "record {seq} does not follow from the one before it: one of the two was edited"
            ),
            Self::Columns { seq } => write!(
                f,
                "record {seq} is listed as something else than its text says: its columns were edited"
            ),
            Self::Gap { after: 0, next } => {
                write!(f, "the beginning is missing: the first record is {next}")
            }
            Self::Gap { after, next } => {
                write!(f, "records are missing between {after} and {next}")
            }
            Self::Moved { seq, says } => {
                write!(f, "in the place of record {seq} stands record {says}")
            }
            Self::Cut { last, kept } => write!(
                f,
                "the end is missing: the last record is {last}, and there were {kept}"
            ),
            Self::Behind { last, kept } => write!(
                f,
                "the kept head is record {kept}, and records up to {last} stand behind it"
            ),
            Self::Rewritten { seq } => write!(
                f,
                "record {seq} is another than the head says: the chain was rewritten"
            ),
        }
    }
}

/// Walks the chain from its beginning, in flat memory. `elsewhere` is a head that was written down before, if any.
///
/// # Errors
/// Where the records cannot be read at all.
pub async fn verify(store: &dyn Store, elsewhere: Option<&Head>) -> Result<Verified, StoreError> {
    // First, so that what other hosts append meanwhile is no fault.
    let kept = store.head().await?;
    let mut walk = Walk {
        heads: [Some(&kept), elsewhere],
        found: Verified {
            records: 0,
            head: Head::default(),
            faults: Vec::new(),
        },
    };
    loop {
        let page = store.entries(walk.found.head.seq, PAGE).await?;
        let Some(last) = page.last().map(|entry| entry.seq) else {
            break;
        };
        for entry in page {
            walk.step(entry);
        }
        // A number below the one before it cannot come out of the store; it must not make this endless.
        if walk.found.head.seq != last {
            break;
        }
    }
    let now = store.head().await?;
    Ok(walk.end(&kept, elsewhere, &now))
}

struct Walk<'a> {
    heads: [Option<&'a Head>; 2],
    found: Verified,
}

impl Walk<'_> {
    fn step(&mut self, entry: Entry) {
        let Entry {
            seq,
            columns,
            body,
            hash,
        } = entry;
        let before = &self.found.head;
        let record: Option<serde_json::Map<String, Value>> = serde_json::from_str(&body).ok();
        let says = record
            .as_ref()
            .and_then(|record| record.get("seq"))
            .and_then(Value::as_u64);
        let fault = if seq != before.seq + 1 {
            Some(Fault::Gap {
                after: before.seq,
                next: seq,
            })
        } else if let Some(says) = says.filter(|says| *says != seq) {
            Some(Fault::Moved { seq, says })
        } else if link(&before.hash, &body) != hash || says.is_none() {
            Some(Fault::Edited { seq })
        } else if record.as_ref().map(Columns::of).as_ref() != Some(&columns) {
            Some(Fault::Columns { seq })
        } else {
            None
        };
        self.add(fault);
        for head in self.heads.into_iter().flatten() {
            let rewritten = Fault::Rewritten { seq };
            if head.seq == seq && head.hash != hash && !self.found.faults.contains(&rewritten) {
                self.add(Some(rewritten));
            }
        }
        // Go on from what stands there, so that one edit is one fault.
        self.found.head = Head { seq, hash };
        self.found.records += 1;
    }

    fn end(mut self, kept: &Head, elsewhere: Option<&Head>, now: &Head) -> Verified {
        let last = self.found.head.seq;
        let most = kept.seq.max(elsewhere.map_or(0, |head| head.seq));
        if last < most {
            self.add(Some(Fault::Cut { last, kept: most }));
        } else if last > now.seq {
            self.add(Some(Fault::Behind {
                last,
                kept: now.seq,
            }));
        }
        self.found
    }

    fn add(&mut self, fault: Option<Fault>) {
        if self.found.faults.len() < FAULTS {
            self.found.faults.extend(fault);
        }
    }
}
