//! Single objects: whole, in part, in another version, and the words for those that are not there.

use serde_json::{Value, json};

use super::{Api, Outcome, equal, get, get_as, holds, refused, refused_as};

const METADATA: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
const METADATA_LIST: &str =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

pub(super) fn an_object_comes_whole(api: &dyn Api) -> Outcome {
    let pod = get(api, "/api/v1/namespaces/suite-a/pods/web-1")?;
    equal(
        "kind and version",
        &(&pod["kind"], &pod["apiVersion"]),
        &(&"Pod".into(), &"v1".into()),
    )?;
    equal(
        "a label",
        &pod["metadata"]["labels"]["track"],
        &"canary".into(),
    )?;
    equal(
        "the image",
        &pod["spec"]["containers"][0]["image"],
        &"registry.example/web:1".into(),
    )?;
    equal("the phase", &pod["status"]["phase"], &"Pending".into())?;
    for field in ["uid", "resourceVersion", "creationTimestamp"] {
        holds(
            &format!("the server fills in {field}"),
            pod["metadata"][field]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
        )?;
    }
    let namespace = get(api, "/api/v1/namespaces/suite-a")?;
    equal(
        "a namespace's phase",
        &namespace["status"]["phase"],
        &"Active".into(),
    )?;
    let label = &namespace["metadata"]["labels"]["kubernetes.io/metadata.name"];
    equal("a namespace's label", label, &"suite-a".into())
}

pub(super) fn an_unknown_object_is_not_found(api: &dyn Api) -> Outcome {
    let cases = [
        (
            "/api/v1/namespaces/suite-a/pods/x",
            "pods \"x\" not found",
            json!({"name": "x", "kind": "pods"}),
        ),
        (
            "/api/v1/namespaces/suite-a/pods/x/log",
            "pods \"x\" not found",
            json!({"name": "x", "kind": "pods"}),
        ),
        (
            "/api/v1/namespaces/x",
            "namespaces \"x\" not found",
            json!({"name": "x", "kind": "namespaces"}),
        ),
        (
            "/apis/apps/v1/namespaces/suite-a/deployments/x",
            "deployments.apps \"x\" not found",
            json!({"name": "x", "group": "apps", "kind": "deployments"}),
        ),
        (
            "/apis/suite.example.com/v1/namespaces/suite-a/widgets/x",
            "widgets.suite.example.com \"x\" not found",
            json!({"name": "x", "group": "suite.example.com", "kind": "widgets"}),
        ),
    ];
    for (path, message, details) in cases {
        let status = refused(api, path, 404)?;
        let actual = (&status["message"], &status["reason"], &status["details"]);
        equal(
            path,
            &actual,
            &(&message.into(), &"NotFound".into(), &details),
        )?;
    }
    Ok(())
}

pub(super) fn an_unknown_resource_is_not_found(api: &dyn Api) -> Outcome {
    let in_own_groups = [
        "/api/v2",
        "/api/v1/foos",
        "/api/v1/pods/x",
        "/api/v1/namespaces/suite-a/nodes",
        "/api/v1/namespaces/suite-a/pods/web-1/foo",
        "/apis/apps/v1/foos",
        "/apis/apps/v9",
        "/apis/apps/v9/deployments",
    ];
    for path in in_own_groups {
        let status = refused(api, path, 404)?;
        let message = "the server could not find the requested resource";
        let actual = (&status["message"], &status["reason"], &status["details"]);
        equal(
            path,
            &actual,
            &(&message.into(), &"NotFound".into(), &json!({})),
        )?;
    }
    let elsewhere = [
        "/nope",
        "/apis/nope",
        "/apis/nope/v1",
        "/apis/suite.example.com/v1/foos",
        "/apis/suite.example.com/v9/widgets",
    ];
    for path in elsewhere {
        let response = api.send("GET", path, None, None);
        equal(
            path,
            &(response.status, response.body.as_str()),
            &(404, "404 page not found\n"),
        )?;
    }
    Ok(())
}

pub(super) fn metadata_alone_comes_by_accept(api: &dyn Api) -> Outcome {
    let list = get_as(
        api,
        "/api/v1/namespaces/suite-a/configmaps?labelSelector=!none&fieldSelector=metadata.name%3Dsettings",
        METADATA_LIST,
    )?;
    equal(
        "the list's kind",
        &list["kind"],
        &"PartialObjectMetadataList".into(),
    )?;
    equal(
        "the list's version",
        &list["apiVersion"],
        &"meta.k8s.io/v1".into(),
    )?;
    let object = get_as(
        api,
        "/api/v1/namespaces/suite-a/configmaps/settings",
        METADATA,
    )?;
    for object in [&object, &list["items"][0]] {
        equal("the kind", &object["kind"], &"PartialObjectMetadata".into())?;
        equal(
            "the version",
            &object["apiVersion"],
            &"meta.k8s.io/v1".into(),
        )?;
        equal("the name", &object["metadata"]["name"], &"settings".into())?;
        equal("the data", &object["data"], &Value::Null)?;
    }
    Ok(())
}

pub(super) fn a_wrong_form_is_not_acceptable(api: &dyn Api) -> Outcome {
    let (one, many) = (
        "/api/v1/namespaces/suite-a/configmaps/settings",
        "/api/v1/namespaces/suite-a/configmaps",
    );
    let list_form = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
    for (path, accept, words) in [
        (
            many,
            METADATA,
            "you requested PartialObjectMetadata, but the requested object is a list",
        ),
        (
            one,
            list_form,
            "you requested PartialObjectMetadataList, but the requested object is not a list",
        ),
        (one, "text/html", "406: Not Acceptable"),
    ] {
        let status = refused_as(api, path, accept, 406)?;
        equal("the reason", &status["reason"], &"NotAcceptable".into())?;
        let message = status["message"].as_str().unwrap_or_default();
        holds(
            &format!("{message} begins with {words}"),
            message.starts_with(words),
        )?;
    }
    Ok(())
}

pub(super) fn custom_objects_have_versions(api: &dyn Api) -> Outcome {
    for version in ["v1", "v1beta1"] {
        let api_version = Value::from(format!("suite.example.com/{version}"));
        let base = format!("/apis/suite.example.com/{version}");
        let widget = get(api, &format!("{base}/namespaces/suite-a/widgets/small"))?;
        let actual = (
            &widget["kind"],
            &widget["apiVersion"],
            &widget["spec"]["size"],
        );
        equal(&base, &actual, &(&"Widget".into(), &api_version, &3.into()))?;
        let list = get(api, &format!("{base}/widgets"))?;
        equal(
            "the list",
            &(&list["kind"], &list["apiVersion"]),
            &(&"WidgetList".into(), &api_version),
        )?;
        // Unlike the items of a built-in list.
        let item = &list["items"][0];
        equal(
            "an item",
            &(&item["kind"], &item["apiVersion"]),
            &(&"Widget".into(), &api_version),
        )?;
    }
    let frame = get(api, "/apis/suite.example.com/v1/frames/outer")?;
    equal(
        "an object of the cluster",
        &frame["spec"]["width"],
        &10.into(),
    )
}

pub(super) fn an_event_has_two_faces(api: &dyn Api) -> Outcome {
    let core = get(api, "/api/v1/namespaces/suite-a/events/web-0.suite")?;
    equal(
        "the core event",
        &(&core["involvedObject"]["name"], &core["message"]),
        &(&"web-0".into(), &"written by the suite".into()),
    )?;
    let new = get(
        api,
        "/apis/events.k8s.io/v1/namespaces/suite-a/events/web-0.suite",
    )?;
    equal(
        "the version",
        &new["apiVersion"],
        &"events.k8s.io/v1".into(),
    )?;
    let actual = (
        &new["regarding"]["name"],
        &new["note"],
        &new["deprecatedCount"],
        &new["deprecatedSource"]["component"],
    );
    equal(
        "the newer event",
        &actual,
        &(
            &"web-0".into(),
            &"written by the suite".into(),
            &1.into(),
            &"suite".into(),
        ),
    )?;
    equal(
        "the newer event has no message",
        &new["message"],
        &Value::Null,
    )
}

pub(super) fn the_status_can_be_read(api: &dyn Api) -> Outcome {
    let pod = get(api, "/api/v1/namespaces/suite-a/pods/web-1/status")?;
    equal(
        "a pod's status",
        &(&pod["kind"], &pod["status"]["phase"]),
        &(&"Pod".into(), &"Pending".into()),
    )?;
    let namespace = get(api, "/api/v1/namespaces/suite-a/status")?;
    equal(
        "a namespace's status",
        &namespace["status"]["phase"],
        &"Active".into(),
    )?;
    let missing = refused(
        api,
        "/api/v1/namespaces/suite-a/configmaps/settings/status",
        404,
    )?;
    equal("a type without status", &missing["details"], &json!({}))
}

pub(super) fn a_review_allows(api: &dyn Api) -> Outcome {
    let attributes =
        json!({"verb": "list", "group": "apps", "resource": "deployments", "namespace": "suite-a"});
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": attributes},
    });
    let response = api.send(
        "POST",
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        None,
        Some(review),
    );
    equal("the code", &response.status, &201)?;
    let review: Value = serde_json::from_str(&response.body).map_err(|error| error.to_string())?;
    equal(
        "the review's kind",
        &review["kind"],
        &"SelfSubjectAccessReview".into(),
    )?;
    equal(
        "what was asked",
        &review["spec"]["resourceAttributes"],
        &attributes,
    )?;
    equal("the answer", &review["status"]["allowed"], &true.into())?;

    let who = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
    let response = api.send(
        "POST",
        "/apis/authentication.k8s.io/v1/selfsubjectreviews",
        None,
        Some(who),
    );
    let review: Value = serde_json::from_str(&response.body).map_err(|error| error.to_string())?;
    let user = &review["status"]["userInfo"];
    holds(
        "the user has a name",
        user["username"]
            .as_str()
            .is_some_and(|name| !name.is_empty()),
    )?;
    let groups = user["groups"].as_array().cloned().unwrap_or_default();
    holds(
        "the user is authenticated",
        groups.contains(&"system:authenticated".into()),
    )
}
