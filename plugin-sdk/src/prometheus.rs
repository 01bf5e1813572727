//! Asking the Prometheus that the operator has configured.
//!
//! A plugin asks where its manifest wants it ([`Want::prometheus`](crate::Want::prometheus)) and the operator allows it. Results are
//! kept as plain values, as rows of objects are: a type for each kind of result would cost the component more than it tells.
//!
//! ```no_run
//! use bulkhead_plugin_sdk::{Failure, Text, prometheus};
//!
//! fn restarts() -> Result<Text, Failure> {
//!     let metrics = prometheus::query("sum by (pod) (kube_pod_container_status_restarts_total)")?;
//!     let series = metrics.series.iter();
//!     let lines = series.map(|one| format!("{}: {:?}", one.label("pod"), one.number()));
//!     Ok(Text(lines.collect::<Vec<_>>().join("\n")))
//! }
//! ```

pub use crate::bindings::bulkhead::plugin::prometheus::{Range, Request};

use crate::{Failure, host};
use serde_json::{Value, json};

/// Most requests of one host call.
const AT_ONCE: usize = 50;

impl Request {
    /// Asks for the value now.
    pub fn now(expression: impl Into<String>) -> Self {
        Self {
            expression: expression.into(),
            range: None,
        }
    }

    /// Asks for the values over a stretch of time.
    pub fn over(expression: impl Into<String>, range: Range) -> Self {
        Self {
            expression: expression.into(),
            range: Some(range),
        }
    }
}

/// What an expression has evaluated to.
#[derive(Clone, Debug)]
pub struct Metrics {
    /// One per series, in Prometheus's order.
    pub series: Vec<Series>,
    /// Why that may not be all, in Prometheus's own words.
    pub warnings: Vec<String>,
}

/// One series of a result: its labels, and one sample or several.
#[derive(Clone, Debug)]
pub struct Series(Value);

impl Series {
    /// Returns the value of a label; empty where it has none, which Prometheus takes for the same.
    pub fn label(&self, name: &str) -> &str {
        self.0["metric"][name].as_str().unwrap_or_default()
    }

    /// Returns the samples, the oldest first: one for now, several for a range.
    pub fn samples(&self) -> impl Iterator<Item = Sample<'_>> {
        let one = std::iter::once(&self.0["value"]).filter(|sample| !sample.is_null());
        one.chain(self.0["values"].as_array().into_iter().flatten())
            .map(Sample)
    }

    /// Returns the newest sample; none where it has none.
    pub fn last(&self) -> Option<Sample<'_>> {
        self.samples().last()
    }

    /// Returns the newest value as [`Sample::number`] does.
    pub fn number(&self) -> Option<i64> {
        self.last()?.number()
    }
}

/// One sample: a time and a value.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a>(&'a Value);

impl<'a> Sample<'a> {
    /// Returns the time in whole seconds since 1970.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what stands behind the point is not wanted, and a time before 1970 or beyond 64 bits is none of Prometheus's"
    )]
    pub fn seconds(&self) -> u64 {
        let time = &self.0[0];
        let whole = || Some(time.as_f64()? as u64);
        time.as_u64().or_else(whole).unwrap_or_default()
    }

    /// Returns the value as Prometheus writes it: `1`, `0.25`, `1e+06`, `NaN`, `+Inf`.
    pub fn text(&self) -> &'a str {
        self.0[1].as_str().unwrap_or_default()
    }

    /// Returns the value without what stands behind the point; none where it is no number that fits, such as `NaN`.
    pub fn number(&self) -> Option<i64> {
        whole(self.text())
    }
}

/// Reads a decimal, with an exponent or without, by its digits: to parse floats costs a component more than this.
fn whole(text: &str) -> Option<i64> {
    let (number, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (sign, number) = match number.strip_prefix('-') {
        Some(number) => (-1, number),
        None => (1, number),
    };
    let (before, behind) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{before}{behind}");
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let point = i64::try_from(before.len()).ok()? + exponent.parse::<i64>().ok()?;
    // Nothing larger fits into 64 bits.
    let kept = usize::try_from(point.max(0))
        .ok()
        .filter(|kept| *kept <= 19)?;
    let digits = digits.chars().chain(std::iter::repeat('0')).take(kept);
    let number = std::iter::once('0').chain(digits).collect::<String>();
    Some(sign * number.parse::<i64>().ok()?)
}

/// Asks for the value of an expression now.
///
/// # Errors
/// [`Failure::NotFound`] where no Prometheus is configured, [`Failure::Denied`] where the operator does not let the plugin ask,
/// [`Failure::Invalid`] where Prometheus cannot evaluate the expression. A metric that it does not know is no failure: there is no
/// series.
pub fn query(expression: &str) -> Result<Metrics, Failure> {
    let mut answers = query_many(&[Request::now(expression)])?;
    answers
        .pop()
        .ok_or_else(|| Failure::internal("one question has no answer"))
}

/// Asks any number of requests, and answers in their order.
///
/// # Errors
/// As [`query`]; the first failure is the answer to all.
pub fn query_many(requests: &[Request]) -> Result<Vec<Metrics>, Failure> {
    let mut metrics = Vec::new();
    for requests in requests.chunks(AT_ONCE) {
        for answer in host::current().query_many(requests)? {
            let data = serde_json::from_str(&answer.data)
                .map_err(|error| Failure::internal(format!("metrics are no JSON: {error}")))?;
            metrics.push(Metrics {
                series: series(data),
                warnings: answer.warnings,
            });
        }
    }
    Ok(metrics)
}

/// Takes the result apart. A scalar is a series without labels.
fn series(mut data: Value) -> Vec<Series> {
    let result = data["result"].take();
    match (data["resultType"].as_str(), result) {
        (Some("scalar" | "string"), sample) => vec![Series(json!({ "value": sample }))],
        (_, Value::Array(all)) => all.into_iter().map(Series).collect(),
        (_, _) => Vec::new(),
    }
}

/// What stands under `data` for an expression now, for the test kit: a series for each pair of labels and value.
#[cfg(all(feature = "test-kit", not(target_arch = "wasm32")))]
pub fn vector(series: &[(Value, &str)]) -> Value {
    let one = |(labels, value): &(Value, &str)| json!({ "metric": labels, "value": [0, value] });
    let all: Vec<Value> = series.iter().map(one).collect();
    json!({ "resultType": "vector", "result": all })
}

/// Returns a text as a string of PromQL, in quotes: for names that stand in a selector.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(c);
            }
            '\n' => quoted.push_str("\\n"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(value: &str) -> Option<i64> {
        Sample(&json!([1.9, value])).number()
    }

    #[test]
    fn a_value_is_read_as_prometheus_writes_it() {
        assert_eq!(sample("42"), Some(42));
        assert_eq!(sample("-3.99"), Some(-3));
        assert_eq!(sample("1.073741824e+09"), Some(1 << 30));
        assert_eq!(sample("1e+06"), Some(1_000_000));
        assert_eq!(sample("9.99e-05"), Some(0));
        assert_eq!(sample("0.25"), Some(0));
        for none in ["NaN", "+Inf", "-Inf", "1e300", "", ".", "1e", "e5", "1_0"] {
            assert_eq!(sample(none), None, "{none}");
        }
    }

    #[test]
    fn each_kind_of_result_is_series_with_samples() {
        let one = json!({"resultType": "vector", "result": [{"metric": {"pod": "a"}, "value": [1.9, "7"]}]});
        let many = json!({"resultType": "matrix", "result": [{"metric": {}, "values": [[1, "7"], [61, "8"]]}]});
        let scalar = json!({"resultType": "scalar", "result": [2, "9"]});
        let one = &series(one)[0];
        assert_eq!((one.label("pod"), one.label("node")), ("a", ""));
        assert_eq!((one.number(), one.last().unwrap().seconds()), (Some(7), 1));
        let many = &series(many)[0];
        let samples: Vec<_> = many
            .samples()
            .map(|one| (one.seconds(), one.text().to_owned()))
            .collect();
        assert_eq!(samples, [(1, "7".to_owned()), (61, "8".to_owned())]);
        assert_eq!(series(scalar)[0].number(), Some(9));
        assert!(series(json!({"resultType": "vector", "result": []})).is_empty());
    }

    #[test]
    fn a_name_cannot_end_its_string() {
        assert_eq!(quoted("a\"} or up{b=\"\\\n"), r#""a\"} or up{b=\"\\\n""#);
    }
}
