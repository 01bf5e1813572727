//! The API server's part of a log: what it refuses before any kubelet is asked.

use super::{Api, Outcome, equal, refused};

const PODS: &str = "/api/v1/namespaces/suite-a/pods";

pub(super) fn a_log_needs_a_container_the_pod_has(api: &dyn Api) -> Outcome {
    for (query, message) in [
        (
            "",
            "a container name must be specified for pod db-0, choose one of: [prepare db backup]",
        ),
        ("?container=x", "container x is not valid for pod db-0"),
    ] {
        let status = refused(api, &format!("{PODS}/db-0/log{query}"), 400)?;
        equal(
            "the refusal",
            &(&status["reason"], &status["message"]),
            &(&"BadRequest".into(), &message.into()),
        )?;
    }
    Ok(())
}

pub(super) fn a_pod_that_runs_nowhere_has_no_log(api: &dyn Api) -> Outcome {
    for path in ["web-0/log", "db-0/log?container=backup"] {
        let response = api.send("GET", &format!("{PODS}/{path}"), None, None);
        equal(path, &(response.status, response.body.as_str()), &(204, ""))?;
    }
    Ok(())
}

pub(super) fn numbers_have_a_range(api: &dyn Api) -> Outcome {
    for (parameter, value, rule) in [
        ("tailLines", "-1", "greater than or equal to 0"),
        ("sinceSeconds", "0", "greater than 0"),
        ("limitBytes", "0", "greater than 0"),
    ] {
        let status = refused(api, &format!("{PODS}/web-0/log?{parameter}={value}"), 422)?;
        let message = format!(
            "PodLogOptions \"web-0\" is invalid: {parameter}: Invalid value: {value}: must be {rule}"
        );
        equal(
            parameter,
            &(&status["reason"], &status["message"]),
            &(&"Invalid".into(), &message.into()),
        )?;
        equal(
            "its cause",
            &status["details"]["causes"][0]["field"],
            &parameter.into(),
        )?;
    }
    let status = refused(api, &format!("{PODS}/web-0/log?tailLines=x"), 400)?;
    equal(
        "a word",
        &status["message"],
        &"strconv.ParseInt: parsing \"x\": invalid syntax".into(),
    )
}
