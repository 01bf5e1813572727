//! Lists: order, pages, selectors.

use serde_json::Value;

use super::{Api, Outcome, equal, get, holds, names, refused};

const PODS: &str = "/api/v1/namespaces/suite-a/pods";

pub(super) fn a_list_is_in_order(api: &dyn Api) -> Outcome {
    let list = get(api, PODS)?;
    equal(
        "the list",
        &(&list["kind"], &list["apiVersion"]),
        &(&"PodList".into(), &"v1".into()),
    )?;
    equal(
        "the pods",
        &names(&list),
        &vec![
            "suite-a/cache-0".into(),
            "suite-a/db-0".into(),
            "suite-a/web-0".into(),
            "suite-a/web-1".into(),
        ],
    )?;
    // The list says it for all of them.
    equal("an item's kind", &list["items"][0]["kind"], &Value::Null)?;
    holds(
        "the list has a resource version",
        list["metadata"]["resourceVersion"].is_string(),
    )?;
    let all = get(api, "/api/v1/pods?labelSelector=app%3Dweb")?;
    equal(
        "over all namespaces",
        &names(&all),
        &vec![
            "suite-a/web-0".into(),
            "suite-a/web-1".into(),
            "suite-b/web-2".into(),
        ],
    )
}

pub(super) fn an_empty_namespace_is_an_empty_list(api: &dyn Api) -> Outcome {
    for namespace in ["suite-empty", "not-there"] {
        let list = get(api, &format!("/api/v1/namespaces/{namespace}/pods"))?;
        equal("the items", &list["items"], &Value::Array(Vec::new()))?;
        equal(
            "the continue token",
            &list["metadata"]["continue"],
            &Value::Null,
        )?;
    }
    Ok(())
}

pub(super) fn pages_together_are_the_collection(api: &dyn Api) -> Outcome {
    let first = get(api, &format!("{PODS}?limit=3"))?;
    equal("the first page", &names(&first).len(), &3)?;
    equal(
        "what remains",
        &first["metadata"]["remainingItemCount"],
        &1.into(),
    )?;
    let token = first["metadata"]["continue"]
        .as_str()
        .ok_or("the first page has no continue token")?;
    let second = get(api, &format!("{PODS}?limit=3&continue={token}"))?;
    equal(
        "the second page",
        &names(&second),
        &vec!["suite-a/web-1".into()],
    )?;
    equal(
        "the last page's token",
        &second["metadata"]["continue"],
        &Value::Null,
    )?;
    let versions = (
        &first["metadata"]["resourceVersion"],
        &second["metadata"]["resourceVersion"],
    );
    equal("the pages' resource version", &versions.1, &versions.0)?;

    let status = refused(
        api,
        &format!("{PODS}?limit=3&continue={token}&resourceVersion=3"),
        400,
    )?;
    let message = "specifying resource version is not allowed when using continue";
    equal("a token and a version", &status["message"], &message.into())?;
    let exact = get(api, &format!("{PODS}?limit=4"))?;
    equal(
        "a limit that fits",
        &exact["metadata"]["continue"],
        &Value::Null,
    )
}

pub(super) fn a_selector_leaves_the_count_out(api: &dyn Api) -> Outcome {
    for selector in ["labelSelector=app", "fieldSelector=metadata.name!%3Dx"] {
        let page = get(api, &format!("{PODS}?limit=1&{selector}"))?;
        holds(
            "there is another page",
            page["metadata"]["continue"].is_string(),
        )?;
        equal(
            "what remains",
            &page["metadata"]["remainingItemCount"],
            &Value::Null,
        )?;
    }
    Ok(())
}

pub(super) fn label_selectors_choose(api: &dyn Api) -> Outcome {
    let cases: &[(&str, &[&str])] = &[
        ("app%3Dweb", &["web-0", "web-1"]),
        ("app%3D%3Dweb,track%3Dcanary", &["web-1"]),
        ("app!%3Dweb", &["cache-0", "db-0"]),
        ("app+in+(db,cache)", &["cache-0", "db-0"]),
        ("tier+notin+(front)", &["cache-0", "db-0"]),
        ("track", &["web-1"]),
        ("!tier", &["cache-0"]),
        ("tier,!track", &["db-0", "web-0"]),
        ("app%3Dnone", &[]),
    ];
    for (selector, expected) in cases {
        let list = get(api, &format!("{PODS}?labelSelector={selector}"))?;
        let expected: Vec<String> = expected
            .iter()
            .map(|name| format!("suite-a/{name}"))
            .collect();
        equal(selector, &names(&list), &expected)?;
    }
    for selector in ["a%3D%3D,%3D", "a+in+b", "-a%3Db"] {
        let status = refused(api, &format!("{PODS}?labelSelector={selector}"), 400)?;
        equal(selector, &status["reason"], &"BadRequest".into())?;
    }
    Ok(())
}

pub(super) fn field_selectors_choose(api: &dyn Api) -> Outcome {
    let cases: &[(&str, &str, &[&str])] = &[
        (PODS, "metadata.name%3Dweb-1", &["suite-a/web-1"]),
        (
            PODS,
            "metadata.name!%3Dweb-1,metadata.name!%3Dweb-0",
            &["suite-a/cache-0", "suite-a/db-0"],
        ),
        (
            PODS,
            "status.phase%3DPending,spec.restartPolicy%3DNever",
            &["suite-a/db-0"],
        ),
        (PODS, "status.phase%3D%3DRunning", &[]),
        (
            PODS,
            "spec.nodeName%3D",
            &[
                "suite-a/cache-0",
                "suite-a/db-0",
                "suite-a/web-0",
                "suite-a/web-1",
            ],
        ),
        (
            "/api/v1/pods",
            "metadata.namespace%3Dsuite-b",
            &["suite-b/web-2"],
        ),
        (
            "/apis/apps/v1/deployments",
            "metadata.name%3Didle",
            &["suite-a/idle"],
        ),
        (
            "/apis/suite.example.com/v1/widgets",
            "metadata.name%3Dlarge",
            &["suite-b/large"],
        ),
        (
            "/api/v1/namespaces",
            "metadata.name%3Dsuite-b,status.phase%3DActive",
            &["/suite-b"],
        ),
        (
            "/api/v1/secrets",
            "type%3Dsuite.example.com/password",
            &["suite-a/password"],
        ),
        (
            "/api/v1/events",
            "reason%3DSuiteWasHere,type%3DWarning",
            &["suite-a/web-0.suite"],
        ),
        (
            "/api/v1/events",
            "involvedObject.kind%3DPod,involvedObject.name%3Ddb-0,source%3Dsuite",
            &["suite-a/db-0.suite"],
        ),
        (
            "/apis/events.k8s.io/v1/events",
            "regarding.name%3Ddb-0,reason%3DSuiteWasHere",
            &["suite-a/db-0.suite"],
        ),
    ];
    for (path, selector, expected) in cases {
        let list = get(api, &format!("{path}?fieldSelector={selector}"))?;
        equal(
            selector,
            &names(&list),
            &expected.iter().map(ToString::to_string).collect(),
        )?;
    }
    Ok(())
}

pub(super) fn an_unknown_field_is_refused(api: &dyn Api) -> Outcome {
    let generic = "\"spec.foo\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"";
    for (path, selector, message) in [
        (PODS, "spec.foo%3D1", "field label not supported: spec.foo"),
        (
            "/api/v1/events",
            "foo%3D1",
            "field label not supported: foo",
        ),
        ("/apis/apps/v1/deployments", "spec.foo%3D1", generic),
        ("/api/v1/configmaps", "spec.foo%3D1", generic),
        (
            "/apis/suite.example.com/v1/widgets",
            "spec.size%3D3",
            "field label not supported: spec.size",
        ),
        (
            PODS,
            "foo",
            "invalid selector: 'foo'; can't understand 'foo'",
        ),
    ] {
        let status = refused(api, &format!("{path}?fieldSelector={selector}"), 400)?;
        let actual = (&status["reason"], &status["message"]);
        equal(path, &actual, &(&"BadRequest".into(), &message.into()))?;
    }
    Ok(())
}

pub(super) fn bad_parameters_are_refused(api: &dyn Api) -> Outcome {
    let status = refused(api, &format!("{PODS}?limit=abc"), 400)?;
    equal(
        "a limit",
        &status["message"],
        &"strconv.ParseInt: parsing \"abc\": invalid syntax".into(),
    )?;
    equal(
        "a negative limit is none",
        &names(&get(api, &format!("{PODS}?limit=-1"))?).len(),
        &4,
    )?;

    let status = refused(api, &format!("{PODS}?continue=garbage"), 400)?;
    let message = status["message"].as_str().unwrap_or_default();
    holds(
        message,
        message.starts_with("invalid continue token: continue key is not valid: "),
    )?;

    let status = refused(api, &format!("{PODS}?resourceVersion=abc"), 400)?;
    let message = "invalid resource version: resourceVersion: Invalid value: \"abc\": strconv.ParseUint: parsing \"abc\": invalid syntax";
    equal("a resource version", &status["message"], &message.into())?;

    let status = refused(api, &format!("{PODS}?resourceVersion=999999999"), 504)?;
    equal("a version to come", &status["reason"], &"Timeout".into())?;
    equal(
        "its cause",
        &status["details"]["causes"][0]["reason"],
        &"ResourceVersionTooLarge".into(),
    )
}
