//! The `prometheus` interface: questions to the Prometheus that the operator has configured.

use super::HostCalls;
use super::bindings::bulkhead::plugin::prometheus as wit;
use crate::backend::prometheus::{Question, Range};
use crate::clean::{self, Metrics};
use crate::failure::{Failure, Kind};

/// Most requests of one call, as the contract has it.
const MAX_REQUESTS: usize = 50;

/// Most bytes of an expression, as the contract has it. A longer one is no question that anybody wrote.
const MAX_EXPRESSION_BYTES: usize = 16 * 1024;

impl HostCalls {
    /// Asks Prometheus, one request after the other.
    ///
    /// # Errors
    /// As the contract's `query-many`.
    pub async fn query_many(
        &self,
        requests: Vec<wit::Request>,
    ) -> Result<Vec<wit::Answer>, Failure> {
        check(&requests)?;
        // Before the gate: what is not there, no line of the operator's could allow.
        let prometheus = self.prometheus.as_ref().ok_or_else(|| {
            Failure::new(
                Kind::NotFound,
                "no Prometheus is configured: Bulkhead's configuration has no `[prometheus]`",
            )
            .fix("go on without metrics, and tell the person that the operator can add `[prometheus]` with its `url`")
        })?;
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests {
            self.call.budget.take_host_call()?;
            let permit = self.gate.check_prometheus(&self.call)?;
            let question = Question {
                expression: request.expression,
                range: request.range.map(|range| Range {
                    start: range.start_seconds,
                    end: range.end_seconds,
                    step: range.step_seconds,
                }),
            };
            let raw = prometheus.ask(permit, &self.call, &question).await?;
            let Metrics {
                data,
                warnings,
                turn,
            } = clean::metrics(raw).into_inner();
            let text = data.to_string();
            // The next answer may be parsed when this one is a text alone.
            drop(data);
            drop(turn);
            let answer = wit::Answer {
                data: text,
                warnings,
            };
            let bytes = answer.warnings.iter().map(String::len).sum::<usize>() + answer.data.len();
            self.call.budget.take_crossing(bytes)?;
            answers.push(answer);
        }
        Ok(answers)
    }
}

/// What need not be asked to be known as wrong.
fn check(requests: &[wit::Request]) -> Result<(), Failure> {
    if !(1..=MAX_REQUESTS).contains(&requests.len()) {
        return Err(Failure::new(
            Kind::Invalid,
            format!(
                "{} questions cannot be asked of Prometheus at once",
                requests.len()
            ),
        )
        .fix(format!("ask 1 to {MAX_REQUESTS}")));
    }
    let longest = requests
        .iter()
        .map(|request| request.expression.len())
        .max();
    if longest.is_some_and(|bytes| bytes > MAX_EXPRESSION_BYTES) {
        return Err(Failure::new(
            Kind::Invalid,
            format!("an expression for Prometheus has more than {MAX_EXPRESSION_BYTES} bytes"),
        )
        .fix("ask for less in one expression"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests(count: usize, bytes: usize) -> Vec<wit::Request> {
        let request = wit::Request {
            expression: "x".repeat(bytes),
            range: None,
        };
        vec![request; count]
    }

    #[test]
    fn questions_are_1_to_50_and_each_of_16_kib_at_most() {
        for (count, bytes, is_fine) in [
            (0, 2, false),
            (1, 2, true),
            (50, 16 * 1024, true),
            (51, 2, false),
            (1, 16 * 1024 + 1, false),
        ] {
            let checked = check(&requests(count, bytes));
            assert_eq!(checked.is_ok(), is_fine, "{count} of {bytes}");
        }
    }
}
