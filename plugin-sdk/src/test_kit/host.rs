//! The host behind the kit: its own host calls, waited for.

use super::convert;
use crate::Failure;
use crate::bindings::bulkhead::plugin::changes::{Plan, Proposal, Report, State};
use crate::bindings::bulkhead::plugin::context::Level;
use crate::bindings::bulkhead::plugin::history::Filter;
use crate::bindings::bulkhead::plugin::kubernetes::{
    ApiResource, Condition, Count, LogQuery, LogText, ObjectRef, Page, Projection, Query,
    ResourceType,
};
use crate::bindings::bulkhead::plugin::prometheus::{Answer, Request};
use crate::host::Host;
use bulkhead::kit::{NativeCall, NativeHost};
use std::rc::Rc;

/// The host's side of one call.
pub(super) struct KitHost {
    pub(super) call: NativeCall,
    /// Approves whatever is to be applied, as a person would; none where nobody is there.
    pub(super) approver: Option<Rc<NativeHost>>,
}

impl KitHost {
    fn wait<T>(
        &self,
        answer: impl Future<Output = Result<T, bulkhead::failure::Failure>>,
    ) -> Result<T, Failure> {
        self.call.wait(answer).map_err(convert::failure)
    }
}

impl Host for KitHost {
    fn default_namespace(&self) -> String {
        self.call.calls().default_namespace()
    }

    fn cluster_name(&self) -> String {
        self.call.calls().cluster_name()
    }

    fn settings(&self) -> String {
        self.call.calls().settings()
    }

    fn remaining_milliseconds(&self) -> u32 {
        self.call.calls().remaining_milliseconds()
    }

    fn now(&self) -> String {
        self.call.calls().now()
    }

    fn progress(&self, done: f64, total: Option<f64>, message: &str) {
        self.call.calls().progress(done, total, message);
    }

    fn log(&self, level: Level, message: &str) {
        self.call.calls().log(convert::level(level), message);
    }

    fn get(&self, what: &ObjectRef, fields: &Projection) -> Result<String, Failure> {
        self.wait(
            self.call
                .calls()
                .get(convert::object(what), convert::projection(fields)),
        )
    }

    fn list_page(
        &self,
        what: &Query,
        fields: &Projection,
        limit: u32,
        continue_token: Option<&str>,
    ) -> Result<Page, Failure> {
        let token = continue_token.map(str::to_owned);
        let page = self.wait(self.call.calls().list_page(
            convert::query(what),
            convert::projection(fields),
            limit,
            token,
        ))?;
        Ok(convert::page(page))
    }

    fn count_by(&self, what: &Query, by: &[String]) -> Result<Vec<Count>, Failure> {
        let counts = self.wait(
            self.call
                .calls()
                .count_by(convert::query(what), by.to_vec()),
        )?;
        Ok(counts
            .into_iter()
            .map(|count| Count {
                key: count.key,
                objects: count.objects,
            })
            .collect())
    }

    fn logs(&self, what: &LogQuery) -> Result<LogText, Failure> {
        let log = self.wait(self.call.calls().logs(convert::log_query(what)))?;
        Ok(LogText {
            text: log.text,
            truncated: log.truncated,
        })
    }

    fn resolve(&self, word: &str) -> Result<ApiResource, Failure> {
        Ok(convert::api_resource(
            self.wait(self.call.calls().resolve(word.to_owned()))?,
        ))
    }

    fn api_resources(&self) -> Result<Vec<ApiResource>, Failure> {
        let types = self.wait(self.call.calls().api_resources())?;
        Ok(types.into_iter().map(convert::api_resource).collect())
    }

    fn explain(&self, of: &ResourceType, at: &str) -> Result<String, Failure> {
        self.wait(
            self.call
                .calls()
                .explain(convert::resource_type(of), at.to_owned()),
        )
    }

    fn can_i(
        &self,
        verb: &str,
        of: &ResourceType,
        namespace: Option<&str>,
    ) -> Result<bool, Failure> {
        let namespace = namespace.map(str::to_owned);
        self.wait(
            self.call
                .calls()
                .can_i(verb.to_owned(), convert::resource_type(of), namespace),
        )
    }

    fn wait_for(
        &self,
        what: &ObjectRef,
        until: &Condition,
        timeout_seconds: u32,
    ) -> Result<String, Failure> {
        self.wait(self.call.calls().wait_for(
            convert::object(what),
            convert::condition(until),
            timeout_seconds,
        ))
    }
    fn prepare(&self, what: &Plan) -> Result<Proposal, Failure> {
        let proposal = self.wait(self.call.calls().prepare(convert::plan(what)))?;
        Ok(convert::proposal(proposal))
    }

    fn apply(&self, token: &str) -> Result<Report, Failure> {
        if let Some(approver) = &self.approver {
            self.wait(std::future::ready(approver.approve(token)))?;
        }
        let report = self.wait(self.call.calls().apply(token.to_owned()))?;
        Ok(convert::report(report))
    }

    fn status(&self, token: &str) -> Result<State, Failure> {
        let state = self.wait(self.call.calls().status(token.to_owned()))?;
        Ok(convert::state(state))
    }

    fn prepare_rollback(&self, change_id: &str) -> Result<Proposal, Failure> {
        let proposal = self.wait(self.call.calls().prepare_rollback(change_id.to_owned()))?;
        Ok(convert::proposal(proposal))
    }

    fn records(&self, matching: &Filter) -> Result<Vec<String>, Failure> {
        self.wait(self.call.calls().records(convert::filter(matching)))
    }

    fn query_many(&self, requests: &[Request]) -> Result<Vec<Answer>, Failure> {
        let requests = requests.iter().map(convert::question).collect();
        let answers = self.wait(self.call.calls().query_many(requests))?;
        let answers = answers.into_iter().map(|answer| Answer {
            data: answer.data,
            warnings: answer.warnings,
        });
        Ok(answers.collect())
    }
}
