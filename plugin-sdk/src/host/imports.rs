//! The host of a component: its imports. Only those that a plugin uses stay in the component.

use crate::Failure;
use crate::bindings::bulkhead::plugin::changes::{self, Plan, Proposal, Report, State};
use crate::bindings::bulkhead::plugin::context::{self, Level};
use crate::bindings::bulkhead::plugin::history::{self, Filter};
use crate::bindings::bulkhead::plugin::kubernetes::{
    self, ApiResource, Condition, Count, LogQuery, LogText, ObjectRef, Page, Projection, Query,
    ResourceType,
};
use crate::bindings::bulkhead::plugin::prometheus::{self, Answer, Request};

/// The imports.
pub(crate) struct Imports;

/// Returns the host of this component.
pub(crate) fn current() -> Imports {
    Imports
}

impl Imports {
    pub(crate) fn default_namespace(&self) -> String {
        context::default_namespace()
    }

    pub(crate) fn cluster_name(&self) -> String {
        context::cluster_name()
    }

    pub(crate) fn settings(&self) -> String {
        context::settings()
    }

    pub(crate) fn remaining_milliseconds(&self) -> u32 {
        context::remaining_milliseconds()
    }

    pub(crate) fn now(&self) -> String {
        context::now()
    }

    pub(crate) fn progress(&self, done: f64, total: Option<f64>, message: &str) {
        context::progress(done, total, message);
    }

    pub(crate) fn log(&self, level: Level, message: &str) {
        context::log(level, message);
    }

    pub(crate) fn get(&self, what: &ObjectRef, fields: &Projection) -> Result<String, Failure> {
        kubernetes::get(what, fields)
    }

    pub(crate) fn list_page(
        &self,
        what: &Query,
        fields: &Projection,
        limit: u32,
        continue_token: Option<&str>,
    ) -> Result<Page, Failure> {
        kubernetes::list_page(what, fields, limit, continue_token)
    }

    pub(crate) fn count_by(&self, what: &Query, by: &[String]) -> Result<Vec<Count>, Failure> {
        kubernetes::count_by(what, by)
    }

    pub(crate) fn logs(&self, what: &LogQuery) -> Result<LogText, Failure> {
        kubernetes::logs(what)
    }

    pub(crate) fn resolve(&self, word: &str) -> Result<ApiResource, Failure> {
        kubernetes::resolve(word)
    }

    pub(crate) fn api_resources(&self) -> Result<Vec<ApiResource>, Failure> {
        kubernetes::api_resources()
    }

    pub(crate) fn explain(&self, of: &ResourceType, at: &str) -> Result<String, Failure> {
        kubernetes::explain(of, at)
    }

    pub(crate) fn can_i(
        &self,
        verb: &str,
        of: &ResourceType,
        namespace: Option<&str>,
    ) -> Result<bool, Failure> {
        kubernetes::can_i(verb, of, namespace)
    }

    pub(crate) fn wait_for(
        &self,
        what: &ObjectRef,
        until: &Condition,
        timeout_seconds: u32,
    ) -> Result<String, Failure> {
        kubernetes::wait_for(what, until, timeout_seconds)
    }
    pub(crate) fn prepare(&self, what: &Plan) -> Result<Proposal, Failure> {
        changes::prepare(what)
    }

    pub(crate) fn apply(&self, token: &str) -> Result<Report, Failure> {
        changes::apply(token)
    }

    pub(crate) fn status(&self, token: &str) -> Result<State, Failure> {
        changes::status(token)
    }

    pub(crate) fn prepare_rollback(&self, change_id: &str) -> Result<Proposal, Failure> {
        changes::prepare_rollback(change_id)
    }

    pub(crate) fn records(&self, matching: &Filter) -> Result<Vec<String>, Failure> {
        history::records(matching)
    }

    pub(crate) fn query_many(&self, requests: &[Request]) -> Result<Vec<Answer>, Failure> {
        prometheus::query_many(requests)
    }
}
