//! The host of a plugin that runs as a native test: what the test kit installed for this thread.

use crate::Failure;
use crate::bindings::bulkhead::plugin::changes::{Plan, Proposal, Report, State};
use crate::bindings::bulkhead::plugin::context::Level;
use crate::bindings::bulkhead::plugin::history::Filter;
use crate::bindings::bulkhead::plugin::kubernetes::{
    ApiResource, Condition, Count, LogQuery, LogText, ObjectRef, Page, Projection, Query,
    ResourceType,
};
use crate::bindings::bulkhead::plugin::prometheus::{Answer, Request};
use std::cell::RefCell;
use std::rc::Rc;

/// Every function that a plugin can call, in the contract's own types; the words for them stand in `wit/`. Authors call
/// [`context`](crate::context), [`kubernetes`](crate::kubernetes), [`changes`](crate::changes), [`history`](crate::history) and
/// [`prometheus`](crate::prometheus) instead.
#[expect(
    missing_docs,
    clippy::missing_errors_doc,
    reason = "documented line by line in wit/"
)]
pub trait Host {
    fn default_namespace(&self) -> String;
    fn cluster_name(&self) -> String;
    fn settings(&self) -> String;
    fn remaining_milliseconds(&self) -> u32;
    fn now(&self) -> String;
    fn progress(&self, done: f64, total: Option<f64>, message: &str);
    fn log(&self, level: Level, message: &str);

    fn get(&self, what: &ObjectRef, fields: &Projection) -> Result<String, Failure>;
    fn list_page(
        &self,
        what: &Query,
        fields: &Projection,
        limit: u32,
        continue_token: Option<&str>,
    ) -> Result<Page, Failure>;
    fn count_by(&self, what: &Query, by: &[String]) -> Result<Vec<Count>, Failure>;
    fn logs(&self, what: &LogQuery) -> Result<LogText, Failure>;
    fn resolve(&self, word: &str) -> Result<ApiResource, Failure>;
    fn api_resources(&self) -> Result<Vec<ApiResource>, Failure>;
    fn explain(&self, of: &ResourceType, at: &str) -> Result<String, Failure>;
    fn can_i(
        &self,
        verb: &str,
        of: &ResourceType,
        namespace: Option<&str>,
    ) -> Result<bool, Failure>;
    fn wait_for(
        &self,
        what: &ObjectRef,
        until: &Condition,
        timeout_seconds: u32,
    ) -> Result<String, Failure>;

    fn prepare(&self, what: &Plan) -> Result<Proposal, Failure>;
    fn apply(&self, token: &str) -> Result<Report, Failure>;
    fn status(&self, token: &str) -> Result<State, Failure>;
    fn prepare_rollback(&self, change_id: &str) -> Result<Proposal, Failure>;

    fn records(&self, matching: &Filter) -> Result<Vec<String>, Failure>;

    fn query_many(&self, requests: &[Request]) -> Result<Vec<Answer>, Failure>;
}

thread_local! {
    static CURRENT: RefCell<Rc<dyn Host>> = RefCell::new(Rc::new(Outside));
}

/// Returns the host that was installed for this thread.
pub(crate) fn current() -> Rc<dyn Host> {
    CURRENT.with_borrow(Rc::clone)
}

/// Runs `body` with `host` behind every host call of this thread, and puts back what was there before, also after a panic.
pub fn with_host<R>(host: Rc<dyn Host>, body: impl FnOnce() -> R) -> R {
    struct PutBack(Rc<dyn Host>);
    impl Drop for PutBack {
        fn drop(&mut self) {
            CURRENT.set(Rc::clone(&self.0));
        }
    }
    let _put_back = PutBack(CURRENT.replace(host));
    body()
}

/// What there is without a host: nothing.
struct Outside;

fn outside<T>() -> Result<T, Failure> {
    Err(Failure::internal(
        "a host call outside of the host; in a test, run the plugin with the test kit",
    ))
}

impl Host for Outside {
    fn default_namespace(&self) -> String {
        "default".to_owned()
    }

    fn cluster_name(&self) -> String {
        "none".to_owned()
    }

    fn settings(&self) -> String {
        "{}".to_owned()
    }

    fn remaining_milliseconds(&self) -> u32 {
        0
    }

    fn now(&self) -> String {
        "1970-01-01T00:00:00Z".to_owned()
    }

    fn progress(&self, _done: f64, _total: Option<f64>, _message: &str) {}

    fn log(&self, _level: Level, _message: &str) {}

    fn get(&self, _what: &ObjectRef, _fields: &Projection) -> Result<String, Failure> {
        outside()
    }

    fn list_page(
        &self,
        _what: &Query,
        _fields: &Projection,
        _limit: u32,
        _continue_token: Option<&str>,
    ) -> Result<Page, Failure> {
        outside()
    }

    fn count_by(&self, _what: &Query, _by: &[String]) -> Result<Vec<Count>, Failure> {
        outside()
    }

    fn logs(&self, _what: &LogQuery) -> Result<LogText, Failure> {
        outside()
    }

    fn resolve(&self, _word: &str) -> Result<ApiResource, Failure> {
        outside()
    }

    fn api_resources(&self) -> Result<Vec<ApiResource>, Failure> {
        outside()
    }

    fn explain(&self, _of: &ResourceType, _at: &str) -> Result<String, Failure> {
        outside()
    }

    fn can_i(
        &self,
        _verb: &str,
        _of: &ResourceType,
        _namespace: Option<&str>,
    ) -> Result<bool, Failure> {
        outside()
    }

    fn wait_for(
        &self,
        _what: &ObjectRef,
        _until: &Condition,
        _timeout_seconds: u32,
    ) -> Result<String, Failure> {
        outside()
    }

    fn prepare(&self, _what: &Plan) -> Result<Proposal, Failure> {
        outside()
    }

    fn apply(&self, _token: &str) -> Result<Report, Failure> {
        outside()
    }

    fn status(&self, _token: &str) -> Result<State, Failure> {
        outside()
    }

    fn prepare_rollback(&self, _change_id: &str) -> Result<Proposal, Failure> {
        outside()
    }

    fn records(&self, _matching: &Filter) -> Result<Vec<String>, Failure> {
        outside()
    }

    fn query_many(&self, _requests: &[Request]) -> Result<Vec<Answer>, Failure> {
        outside()
    }
}

#[cfg(test)]
mod tests {
    use crate::{Failure, context, kubernetes};

    #[test]
    fn a_host_call_without_a_host_fails_and_points_to_the_test_kit() {
        let failure = kubernetes::resolve("pods").expect_err("there is no host");
        assert!(
            matches!(&failure, Failure::Internal(message) if message.contains("test kit")),
            "{failure}"
        );
        assert_eq!(context::default_namespace(), "default");
    }
}
