//! Objects read field by field: a row has a value per path.
//!
//! Rows are kept as plain values, not as a type for each question: that is a third of the component's size.

use crate::kubernetes::{self, Query, ResourceType};
use crate::{Failure, Time, context};
use serde_json::Value;

/// Objects read at once.
const PAGE: u32 = 500;

/// The values at some paths of one object. What is not there reads as empty.
#[derive(Clone, Debug)]
pub struct Row(pub Vec<Value>);

impl Row {
    /// Of the values at some paths, as the host gives them: a list.
    pub fn of(values: Value) -> Self {
        match values {
            Value::Array(values) => Self(values),
            other => Self(vec![other]),
        }
    }

    /// Returns the value at the path of that place.
    pub fn value(&self, at: usize) -> &Value {
        self.0.get(at).unwrap_or(&Value::Null)
    }

    /// Returns a text; empty where there is none.
    pub fn text(&self, at: usize) -> &str {
        self.value(at).as_str().unwrap_or_default()
    }

    /// Returns a number; zero where there is none: Go leaves out zeros.
    pub fn number(&self, at: usize) -> u64 {
        self.value(at).as_u64().unwrap_or_default()
    }

    /// Returns a point in time; none where there is none.
    pub fn time(&self, at: usize) -> Option<Time> {
        Time::parse(self.text(at))
    }

    /// Returns the texts of a list; none of them where there is no list.
    pub fn texts(&self, at: usize) -> Vec<String> {
        texts(self.value(at))
    }

    /// Returns a yes or no; none where nothing was said.
    pub fn flag(&self, at: usize) -> Option<bool> {
        self.value(at).as_bool()
    }
}

/// Returns the texts of a list; none of them where it is no list.
pub fn texts(list: &Value) -> Vec<String> {
    let items = list.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Reads every object that the query finds, a page at a time, and shows each to `visit`: none of them is kept.
///
/// # Errors
/// As [`kubernetes::list_fields`], and what `visit` fails with.
pub fn each(
    query: &Query,
    paths: &[&str],
    visit: &mut dyn FnMut(Row) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut token = None;
    loop {
        let page = kubernetes::list_fields::<Value>(query, paths, PAGE, token.as_deref())?;
        for row in page.items {
            visit(Row::of(row))?;
        }
        token = page.continue_token;
        if token.is_none() {
            return Ok(());
        }
    }
}

/// Reads every object that the query finds.
///
/// # Errors
/// As [`each`].
pub fn all(query: &Query, paths: &[&str]) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    each(query, paths, &mut |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok(rows)
}

/// What a failure to read an object of an operator's type means. A type that the cluster does not serve and an object that is not
/// there both give `NotFound`: only the first says that the operator is not installed, and then the sentence says so, with `next`,
/// instead of which path was not found.
pub fn unless_installed(
    of: &ResourceType,
    failure: Failure,
    operator: &str,
    next: &str,
) -> Failure {
    let name = format!("{}.{}", of.plural, of.group);
    let missing = matches!(failure, Failure::NotFound(_))
        && matches!(kubernetes::resolve(&name), Err(Failure::NotFound(_)));
    if !missing {
        return failure;
    }
    let cluster = context::cluster_name();
    Failure::NotFound(format!(
        "{operator} is not installed in cluster `{cluster}`: it serves no `{name}`; an operator too old for that type looks the same"
    ))
    .next_step(next)
}
