//! From what a backend read to what a guest may see.
//!
//! A [`Raw`] is made only from a permit, and making it discharges what the permit left to be judged: objects that no
//! grant covers are gone, or look as if they had never been there. Only this module opens a `Raw`, and it cleans before it
//! projects, counts or compares: an answer about a secret would be an oracle. What comes out is a [`Clean`], and a guest
//! sees nothing else.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;

use crate::gate::{Permit, PrometheusPermit, Verdict};
use crate::projection::Path;
use crate::redact::{self, SecretValues};

/// Something read under a permit, not yet cleaned.
#[derive(Debug)]
pub struct Raw<T> {
    value: T,
}

/// Something that may cross into a guest.
#[derive(Debug)]
pub struct Clean<T> {
    value: T,
}

/// What Prometheus evaluated an expression to.
#[derive(Debug)]
pub(crate) struct Metrics {
    /// As it stands under `data` in its answer.
    pub(crate) data: Value,
    /// Why it may not be all.
    pub(crate) warnings: Vec<String>,
    /// While this is held, no other answer is parsed: as values one takes many times the memory of its text.
    pub(crate) turn: OwnedSemaphorePermit,
}

/// One object with the verdict on its secrets.
#[derive(Debug)]
pub struct Judged {
    object: Value,
    secrets: SecretValues,
}

/// No grant covers the object: it must look as if it were not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outside;

impl Raw<Judged> {
    /// Takes one object that was read under `permit`.
    ///
    /// # Errors
    /// [`Outside`] where no grant covers it by name and labels.
    pub(crate) fn object(permit: &Permit, object: Value) -> Result<Self, Outside> {
        judge(permit, object)
            .map(|value| Self { value })
            .ok_or(Outside)
    }
}

impl Raw<Vec<Judged>> {
    /// Takes objects that were read under `permit`, and drops those that no grant covers.
    pub(crate) fn objects(permit: &Permit, objects: Vec<Value>) -> Self {
        Self {
            value: objects
                .into_iter()
                .filter_map(|object| judge(permit, object))
                .collect(),
        }
    }

    /// Returns how many objects are covered.
    pub(crate) fn len(&self) -> usize {
        self.value.len()
    }
}

impl Raw<()> {
    /// Judges `owner`, an object that was read under `permit`, for text that belongs to it; none where the permit covers all
    /// objects in its reach.
    ///
    /// # Errors
    /// [`Outside`] where the owner must be judged and no grant covers it.
    pub(crate) fn owned_by(permit: &Permit, owner: Option<&Value>) -> Result<Self, Outside> {
        let covered = match owner {
            Some(owner) => verdict(permit, owner) != Verdict::Outside,
            None => permit.is_unconditional(),
        };
        if covered {
            Ok(Self { value: () })
        } else {
            Err(Outside)
        }
    }

    /// Takes the owner's text.
    #[expect(
        clippy::unused_self,
        reason = "it is the proof that the owner was judged"
    )]
    pub(crate) fn with_text(self, text: String) -> Raw<String> {
        Raw { value: text }
    }
}

impl Raw<String> {
    /// Keeps so many bytes of the end, so that cleaning a long log costs no more than what is shown of it.
    pub(crate) fn keep_end(mut self, bytes: usize) -> Self {
        if self.value.len() > bytes {
            let start = self.value.ceil_char_boundary(self.value.len() - bytes);
            self.value.drain(..start);
        }
        self
    }
}

impl Raw<Value> {
    /// Takes an answer that tells of no object: a schema, a review.
    pub(crate) fn document(_permit: &Permit, document: Value) -> Self {
        Self { value: document }
    }
}

impl Raw<Metrics> {
    /// Takes what Prometheus answered.
    pub(crate) fn metrics(_permit: &PrometheusPermit, metrics: Metrics) -> Self {
        Self { value: metrics }
    }
}

impl<T> Clean<T> {
    /// Gives the value away, to a guest.
    pub fn into_inner(self) -> T {
        self.value
    }
}

fn judge(permit: &Permit, mut object: Value) -> Option<Judged> {
    let secrets = match verdict(permit, &object) {
        Verdict::Outside => return None,
        Verdict::Covered => SecretValues::Hidden,
        Verdict::CoveredWithSecrets => SecretValues::Shown,
    };
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        // Who set which field is of no use to a model, and often half of the bytes.
        metadata.remove("managedFields");
    }
    Some(Judged { object, secrets })
}

fn verdict(permit: &Permit, object: &Value) -> Verdict {
    let metadata = &object["metadata"];
    let labels = &metadata["labels"];
    permit.judge(metadata["name"].as_str().unwrap_or_default(), |key| {
        labels.get(key).and_then(Value::as_str)
    })
}

impl Judged {
    fn cleaned(self) -> Value {
        let Self {
            mut object,
            secrets,
        } = self;
        redact::object(&mut object, secrets);
        object
    }
}

/// Which part of an object crosses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Projection {
    /// The object.
    Whole,
    /// A value per path.
    Rows(Vec<Path>),
}

impl Projection {
    /// Whether metadata is all that it needs.
    #[must_use]
    pub fn is_metadata_only(&self) -> bool {
        matches!(self, Self::Rows(paths) if paths.iter().all(Path::is_metadata))
    }

    fn apply(&self, object: Value) -> Value {
        match self {
            Self::Whole => object,
            Self::Rows(paths) => paths.iter().map(|path| path.of(&object)).collect(),
        }
    }
}

/// Does what may take long, such as cleaning a page of large objects or a log: the calls that share this worker go on.
fn aside<T>(work: impl FnOnce() -> T) -> T {
    tokio::task::block_in_place(work)
}

/// Cleans one object and projects it.
pub(crate) fn object(raw: Raw<Judged>, projection: &Projection) -> Clean<Value> {
    Clean {
        value: projection.apply(raw.value.cleaned()),
    }
}

/// Cleans objects and projects each to JSON text. `spend` is asked for the bytes of each as it is made: paths may repeat a
/// large part many times.
///
/// # Errors
/// What `spend` fails with.
pub(crate) fn objects<E>(
    raw: Raw<Vec<Judged>>,
    projection: &Projection,
    spend: impl Fn(usize) -> Result<(), E>,
) -> Result<Clean<Vec<String>>, E> {
    let text = |judged: Judged| {
        let text = projection.apply(judged.cleaned()).to_string();
        spend(text.len()).map(|()| text)
    };
    let value = aside(|| raw.value.into_iter().map(text).collect::<Result<_, _>>())?;
    Ok(Clean { value })
}

/// Cleans objects and adds them to a count by the values at `by`. `spend` is asked for the bytes of each new key.
///
/// # Errors
/// What `spend` fails with.
pub(crate) fn count<E>(
    raw: Raw<Vec<Judged>>,
    by: &[Path],
    counts: &mut BTreeMap<Vec<String>, u32>,
    spend: impl Fn(usize) -> Result<(), E>,
) -> Result<(), E> {
    aside(|| {
        for judged in raw.value {
            let object = judged.cleaned();
            let key: Vec<String> = by.iter().map(|path| key_text(&path.of(&object))).collect();
            match counts.entry(key) {
                Entry::Occupied(mut known) => *known.get_mut() += 1,
                Entry::Vacant(new) => {
                    spend(new.key().iter().map(String::len).sum())?;
                    new.insert(1);
                }
            }
        }
        Ok(())
    })
}

/// Gives away a finished count, whose keys come from cleaned objects only.
pub(crate) fn counted(counts: BTreeMap<Vec<String>, u32>) -> Clean<Vec<(Vec<String>, u32)>> {
    let mut value: Vec<_> = counts.into_iter().collect();
    // Stable: equal counts stay in the order of their keys.
    value.sort_by_key(|(_, objects)| std::cmp::Reverse(*objects));
    Clean { value }
}

/// Gives away a count of all covered objects, without keys.
pub(crate) fn total(objects: usize) -> Clean<Vec<(Vec<String>, u32)>> {
    Clean {
        value: vec![(Vec::new(), u32::try_from(objects).unwrap_or(u32::MAX))],
    }
}

/// Gives away an object that [`object`] cleaned before; none is an object that is gone.
pub(crate) fn waited(object: Option<Clean<Value>>) -> Clean<Value> {
    Clean {
        value: object.map_or(Value::Null, |clean| clean.value),
    }
}

impl Clean<Value> {
    /// Looks at the value, on the host's side.
    pub(crate) fn value(&self) -> &Value {
        &self.value
    }
}

fn key_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Cleans text.
pub(crate) fn text(raw: Raw<String>) -> Clean<String> {
    Clean {
        value: aside(|| redact::text(&raw.value).into_owned()),
    }
}

/// Cleans a document of unknown shape.
pub(crate) fn document(raw: Raw<Value>) -> Clean<Value> {
    let mut value = raw.value;
    redact::json(&mut value);
    Clean { value }
}

/// Cleans metrics: the values of labels, whose names may say that they are credentials, and all texts.
pub(crate) fn metrics(raw: Raw<Metrics>) -> Clean<Metrics> {
    let Metrics {
        mut data,
        mut warnings,
        turn,
    } = raw.value;
    aside(|| {
        redact::json(&mut data);
        for warning in &mut warnings {
            *warning = redact::text(warning).into_owned();
        }
    });
    Clean {
        value: Metrics {
            data,
            warnings,
            turn,
        },
    }
}
