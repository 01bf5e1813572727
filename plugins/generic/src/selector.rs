//! Which pods an object selects, in kubectl's notation.

use serde_json::Value;

/// Returns `spec.selector` in kubectl's notation, of a Service or of what runs pods; none for anything else, and for a selector
/// that cannot be written.
pub(crate) fn of(object: &Value) -> Option<String> {
    let is_service = object.get("kind").and_then(Value::as_str) == Some("Service");
    let runs_pods = object.pointer("/spec/template").is_some();
    let selector = object
        .pointer("/spec/selector")
        .filter(|_| is_service || runs_pods)?;
    let labels = if is_service {
        Some(selector)
    } else {
        selector.get("matchLabels")
    };
    let labels = labels.and_then(Value::as_object).into_iter().flatten();
    let labels = labels.map(|(name, value)| Some(format!("{name}={}", value.as_str()?)));
    let expressions = selector
        .get("matchExpressions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let parts = labels
        .chain(expressions.map(requirement))
        .collect::<Option<Vec<_>>>()?;
    (!parts.is_empty()).then(|| parts.join(","))
}

fn requirement(expression: &Value) -> Option<String> {
    let key = expression.get("key")?.as_str()?;
    let values = expression
        .get("values")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let values = values
        .filter_map(Value::as_str)
        .collect::<Vec<_>>()
        .join(",");
    match expression.get("operator")?.as_str()? {
        "In" => Some(format!("{key} in ({values})")),
        "NotIn" => Some(format!("{key} notin ({values})")),
        "Exists" => Some(key.to_owned()),
        "DoesNotExist" => Some(format!("!{key}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::of as selector;
    use serde_json::json;

    #[test]
    fn the_selector_of_a_service_is_its_labels() {
        let service = json!({ "kind": "Service", "spec": { "selector": { "app": "cart" } } });
        assert_eq!(selector(&service).as_deref(), Some("app=cart"));
    }

    #[test]
    fn the_selector_of_a_workload_is_written_as_kubectl_takes_it() {
        let of = |operator: &str| {
            selector(
                &json!({ "kind": "Deployment", "spec": { "template": {}, "selector": {
                "matchLabels": { "app": "cart" },
                "matchExpressions": [
                    { "key": "tier", "operator": "In", "values": ["web", "api"] },
                    { "key": "canary", "operator": operator },
                ],
            } } }),
            )
        };
        assert_eq!(
            of("DoesNotExist").as_deref(),
            Some("app=cart,tier in (web,api),!canary")
        );
        assert_eq!(of("Unheard"), None);
    }

    #[test]
    fn the_selector_of_a_claim_selects_no_pods() {
        let claim = json!({ "kind": "PersistentVolumeClaim", "spec": { "selector": { "matchLabels": { "a": "b" } } } });
        assert_eq!(selector(&claim), None);
    }
}
