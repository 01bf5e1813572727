//! Joins the generated import traits to [`HostCalls`](crate::host_calls::HostCalls): one line a function, no logic.

use super::state::State;
use crate::host_calls::bindings::bulkhead::plugin::{
    changes, context, history, kubernetes, prometheus, types,
};
use crate::host_calls::to_guest;

/// What a host call gives: the contract's result, or a trap.
type Answer<T> = wasmtime::Result<Result<T, types::Failure>>;

impl types::Host for State {}

impl context::Host for State {
    async fn default_namespace(&mut self) -> wasmtime::Result<String> {
        Ok(self.calls()?.default_namespace())
    }

    async fn cluster_name(&mut self) -> wasmtime::Result<String> {
        Ok(self.calls()?.cluster_name())
    }

    async fn settings(&mut self) -> wasmtime::Result<String> {
        Ok(self.calls()?.settings())
    }

    async fn remaining_milliseconds(&mut self) -> wasmtime::Result<u32> {
        Ok(self.calls()?.remaining_milliseconds())
    }

    async fn now(&mut self) -> wasmtime::Result<String> {
        Ok(self.calls()?.now())
    }

    async fn progress(
        &mut self,
        done: f64,
        total: Option<f64>,
        message: String,
    ) -> wasmtime::Result<()> {
        self.calls()?.progress(done, total, &message);
        Ok(())
    }

    async fn log(&mut self, level: context::Level, message: String) -> wasmtime::Result<()> {
        self.calls()?.log(level, &message);
        Ok(())
    }
}

impl kubernetes::Host for State {
    async fn get(
        &mut self,
        what: kubernetes::ObjectRef,
        fields: kubernetes::Projection,
    ) -> Answer<String> {
        to_guest(self.calls()?.get(what, fields).await)
    }

    async fn list_page(
        &mut self,
        what: kubernetes::Query,
        fields: kubernetes::Projection,
        limit: u32,
        continue_token: Option<String>,
    ) -> Answer<kubernetes::Page> {
        to_guest(
            self.calls()?
                .list_page(what, fields, limit, continue_token)
                .await,
        )
    }

    async fn count_by(
        &mut self,
        what: kubernetes::Query,
        by: Vec<String>,
    ) -> Answer<Vec<kubernetes::Count>> {
        to_guest(self.calls()?.count_by(what, by).await)
    }

    async fn logs(&mut self, what: kubernetes::LogQuery) -> Answer<kubernetes::LogText> {
        to_guest(self.calls()?.logs(what).await)
    }

    async fn resolve(&mut self, word: String) -> Answer<kubernetes::ApiResource> {
        to_guest(self.calls()?.resolve(word).await)
    }

    async fn api_resources(&mut self) -> Answer<Vec<kubernetes::ApiResource>> {
        to_guest(self.calls()?.api_resources().await)
    }

    async fn explain(&mut self, of: kubernetes::ResourceType, at: String) -> Answer<String> {
        to_guest(self.calls()?.explain(of, at).await)
    }

    async fn can_i(
        &mut self,
        verb: String,
        of: kubernetes::ResourceType,
        namespace: Option<String>,
    ) -> Answer<bool> {
        to_guest(self.calls()?.can_i(verb, of, namespace).await)
    }

    async fn wait_for(
        &mut self,
        what: kubernetes::ObjectRef,
        until: kubernetes::Condition,
        timeout_seconds: u32,
    ) -> Answer<String> {
        to_guest(self.calls()?.wait_for(what, until, timeout_seconds).await)
    }
}

impl changes::Host for State {
    async fn prepare(&mut self, what: changes::Plan) -> Answer<changes::Proposal> {
        to_guest(self.calls()?.prepare(what).await)
    }

    async fn apply(&mut self, token: String) -> Answer<changes::Report> {
        to_guest(self.calls()?.apply(token).await)
    }

    async fn status(&mut self, token: String) -> Answer<changes::State> {
        to_guest(self.calls()?.status(token).await)
    }

    async fn prepare_rollback(&mut self, change_id: String) -> Answer<changes::Proposal> {
        to_guest(self.calls()?.prepare_rollback(change_id).await)
    }
}

impl history::Host for State {
    async fn records(&mut self, matching: history::Filter) -> Answer<Vec<String>> {
        to_guest(self.calls()?.records(matching).await)
    }
}

impl prometheus::Host for State {
    async fn query_many(
        &mut self,
        requests: Vec<prometheus::Request>,
    ) -> Answer<Vec<prometheus::Answer>> {
        to_guest(self.calls()?.query_many(requests).await)
    }
}
