//! What a Kubernetes API answers, checked against the real kube-apiserver and against simcluster alike.
//!
//! This is what keeps simcluster honest: a check that only one of the two passes is a bug in simcluster, or a check
//! that expects too much. The objects are `tests/api-suite/*.yaml`: applied with kubectl in file order to the one,
//! loaded by the other. No check may depend on a kubelet, a scheduler or a controller, nor on time.

mod deletes;
mod discovery;
mod lists;
mod logs;
mod objects;
mod scales;
mod updates;
mod watches;
mod writes;

use serde_json::Value;

/// What came back.
#[derive(Debug, Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// `Content-Type`; empty without one.
    pub content_type: String,
    /// The body as text.
    pub body: String,
}

/// A server under test, and who asks. An implementation sends what it is given and judges nothing.
pub trait Api {
    /// Sends one request. `path_and_query` is encoded already. A failure of the transport is a panic, as in a test.
    fn send(
        &self,
        method: &str,
        path_and_query: &str,
        accept: Option<&str>,
        body: Option<Value>,
    ) -> Response;

    /// Sends a PATCH whose body is of this media type.
    fn patch(&self, path_and_query: &str, media_type: &str, body: &Value) -> Response;
}

/// What is wrong, for a person.
pub type Outcome = Result<(), String>;

/// A check's name, which is what it proves, and the check.
pub type Check = (&'static str, fn(&dyn Api) -> Outcome);

/// Every check, in the order in which a reader learns the API.
pub const CHECKS: &[Check] = &[
    (
        "health_and_version_answer",
        discovery::health_and_version_answer,
    ),
    (
        "every_served_type_has_the_real_names",
        discovery::every_served_type_has_the_real_names,
    ),
    (
        "groups_name_their_versions_preferred_first",
        discovery::groups_name_their_versions,
    ),
    (
        "aggregated_discovery_says_the_same",
        discovery::aggregated_discovery_says_the_same,
    ),
    (
        "openapi_explains_a_field_of_a_deployment",
        discovery::openapi_explains_a_field,
    ),
    (
        "openapi_holds_the_schema_of_a_crd",
        discovery::openapi_holds_the_schema_of_a_crd,
    ),
    ("an_object_comes_whole", objects::an_object_comes_whole),
    (
        "an_unknown_object_is_not_found",
        objects::an_unknown_object_is_not_found,
    ),
    (
        "an_unknown_resource_or_group_is_not_found",
        objects::an_unknown_resource_is_not_found,
    ),
    (
        "metadata_alone_comes_by_accept",
        objects::metadata_alone_comes_by_accept,
    ),
    (
        "a_form_that_does_not_fit_is_not_acceptable",
        objects::a_wrong_form_is_not_acceptable,
    ),
    (
        "a_custom_object_comes_in_each_served_version",
        objects::custom_objects_have_versions,
    ),
    ("an_event_has_two_faces", objects::an_event_has_two_faces),
    (
        "the_status_of_an_object_can_be_read",
        objects::the_status_can_be_read,
    ),
    (
        "a_review_allows_what_the_user_may_do",
        objects::a_review_allows,
    ),
    (
        "a_list_is_in_the_order_of_namespace_and_name",
        lists::a_list_is_in_order,
    ),
    (
        "an_empty_or_missing_namespace_is_an_empty_list",
        lists::an_empty_namespace_is_an_empty_list,
    ),
    (
        "pages_together_are_the_collection",
        lists::pages_together_are_the_collection,
    ),
    (
        "a_selector_leaves_the_remaining_count_out",
        lists::a_selector_leaves_the_count_out,
    ),
    ("label_selectors_choose", lists::label_selectors_choose),
    ("field_selectors_choose", lists::field_selectors_choose),
    (
        "a_field_that_cannot_be_selected_by_is_refused",
        lists::an_unknown_field_is_refused,
    ),
    (
        "parameters_that_cannot_be_read_are_refused",
        lists::bad_parameters_are_refused,
    ),
    (
        "a_watch_begins_with_what_there_is",
        watches::a_watch_begins_with_what_there_is,
    ),
    (
        "a_watch_of_one_name_tells_of_it_alone",
        watches::a_watch_of_one_name,
    ),
    (
        "a_watch_from_now_tells_nothing_old",
        watches::a_watch_from_now_tells_nothing_old,
    ),
    (
        "the_initial_events_end_with_a_bookmark",
        watches::initial_events_end_with_a_bookmark,
    ),
    (
        "a_log_needs_a_container_the_pod_has",
        logs::a_log_needs_a_container_the_pod_has,
    ),
    (
        "a_pod_that_runs_nowhere_has_no_log",
        logs::a_pod_that_runs_nowhere_has_no_log,
    ),
    (
        "numbers_of_a_log_request_have_a_range",
        logs::numbers_have_a_range,
    ),
    // Last, since what they leave behind is in a namespace that the checks before do not expect.
    (
        "what_can_be_written_is_discovered",
        writes::what_can_be_written_is_discovered,
    ),
    (
        "an_object_is_created_once",
        writes::an_object_is_created_once,
    ),
    (
        "an_object_that_does_not_fit_is_not_created",
        writes::an_object_that_does_not_fit_is_not_created,
    ),
    (
        "a_dry_run_answers_and_changes_nothing",
        writes::a_dry_run_changes_nothing,
    ),
    (
        "a_method_that_a_path_does_not_have_is_refused",
        writes::wrong_methods_are_refused,
    ),
    (
        "an_update_is_of_the_object_that_was_read",
        updates::an_update_is_of_what_was_read,
    ),
    ("a_merge_patch_merges", updates::a_merge_patch_merges),
    (
        "a_json_patch_happens_whole_or_not_at_all",
        updates::a_json_patch_is_whole,
    ),
    (
        "a_strategic_patch_finds_a_container_by_its_name",
        updates::a_strategic_patch_merges_lists,
    ),
    (
        "strict_validation_refuses_unknown_fields",
        updates::unknown_fields_are_refused,
    ),
    (
        "a_custom_object_follows_its_schema",
        updates::custom_objects_follow_their_schema,
    ),
    (
        "the_status_is_a_side_of_its_own",
        updates::the_status_is_apart,
    ),
    (
        "the_scale_of_a_deployment_is_read_and_written",
        scales::the_scale_is_read_and_written,
    ),
    (
        "a_deletion_has_preconditions",
        deletes::a_deletion_has_preconditions,
    ),
    (
        "an_object_with_finalizers_is_only_marked",
        deletes::finalizers_hold,
    ),
    (
        "an_eviction_respects_the_budget",
        deletes::an_eviction_respects_the_budget,
    ),
    (
        "a_watch_tells_of_every_write",
        deletes::a_watch_tells_of_writes,
    ),
];

/// Runs every check and returns all that failed, one line each; empty if none did.
pub fn failures(api: &dyn Api) -> Vec<String> {
    let outcomes = CHECKS.iter().map(|(name, check)| (name, check(api)));
    outcomes
        .filter_map(|(name, outcome)| outcome.err().map(|why| format!("{name}: {why}")))
        .collect()
}

/// A GET that must succeed, as JSON.
fn get(api: &dyn Api, path: &str) -> Result<Value, String> {
    get_as(api, path, "application/json")
}

/// The same with an `Accept` header.
fn get_as(api: &dyn Api, path: &str, accept: &str) -> Result<Value, String> {
    let response = api.send("GET", path, Some(accept), None);
    if response.status != 200 {
        return Err(format!(
            "GET {path} answered {}: {}",
            response.status, response.body
        ));
    }
    serde_json::from_str(&response.body).map_err(|error| format!("GET {path} is not JSON: {error}"))
}

/// A GET that must be refused with a `Status` of this code; returns it.
fn refused(api: &dyn Api, path: &str, code: u16) -> Result<Value, String> {
    refused_as(api, path, "application/json", code)
}

/// The same with an `Accept` header.
fn refused_as(api: &dyn Api, path: &str, accept: &str, code: u16) -> Result<Value, String> {
    let response = api.send("GET", path, Some(accept), None);
    let body = &response.body;
    equal(
        &format!("the code of GET {path} ({body})"),
        &response.status,
        &code,
    )?;
    let status: Value = serde_json::from_str(body)
        .map_err(|error| format!("GET {path} is no Status: {error}: {body}"))?;
    equal("the Status' kind", &status["kind"], &"Status".into())?;
    equal("the Status' outcome", &status["status"], &"Failure".into())?;
    equal("the Status' code", &status["code"], &code.into())?;
    Ok(status)
}

/// `NAMESPACE/NAME` of the items of a list, in its order.
fn names(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().into_iter().flatten();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    items
        .map(|item| {
            format!(
                "{}/{}",
                text(&item["metadata"]["namespace"]),
                text(&item["metadata"]["name"])
            )
        })
        .collect()
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, actual: &T, expected: &T) -> Outcome {
    if actual == expected {
        Ok(())
    } else {
        Err(format!("{what} is {actual:?}, not {expected:?}"))
    }
}

fn holds(what: &str, condition: bool) -> Outcome {
    if condition {
        Ok(())
    } else {
        Err(what.to_owned())
    }
}
