//! What a change expects to stand in its object: it is proposed and applied only while that holds.
//!
//! The resourceVersion that a request carries binds it to the last look alone. What a person decided by may have gone long before
//! that, without touching what the change sets. The object is compared as a guest may read it, so that nothing can be guessed at.

use serde_json::Value;

use crate::failure::{Failure, Kind, shown};
use crate::projection::Path;
use crate::proposal::{Change, Expected, Target};

/// Most of one change: each is a line for the person who decides.
const MOST: usize = 16;

/// Checks that they can be read.
///
/// # Errors
/// Which cannot, and why.
pub(super) fn check(expected: &[Expected]) -> Result<(), String> {
    if expected.len() > MOST {
        return Err(format!(
            "it expects {} values, more than {MOST}",
            expected.len()
        ));
    }
    for one in expected {
        let path = Path::parse(&one.at).map_err(|error| error.to_string())?;
        if path.is_of_many() && one.value.is_null() {
            return Err(format!(
                "it expects nothing among many values, at `{}`",
                shown(&one.at)
            ));
        }
    }
    Ok(())
}

/// Compares them with the object as it is `seen` now, without its secrets.
///
/// # Errors
/// `Conflict` with the first that does not hold.
pub(super) fn hold(target: &Target, change: &Change, seen: Option<&Value>) -> Result<(), Failure> {
    let Change::PatchStatus { expected, .. } = change else {
        return Ok(());
    };
    for Expected { at, value } in expected {
        let path = Path::parse(at)
            .map_err(|error| Failure::new(Kind::Bug, "a path was not checked").source(error))?;
        let stands = seen.map(|seen| path.of(seen)).unwrap_or_default();
        let holds = match &stands {
            Value::Array(values) if path.is_of_many() => has(values, value),
            other => other == value,
        };
        if !holds {
            let (what, at) = (shown(&value.to_string()), shown(at));
            return Err(Failure::new(
                Kind::Conflict,
                format!(
                    "{target} is not as this change expects it: `{at}` is not, or has not, `{what}`"
                ),
            )
            .fix("look at the object, and propose what is right as it is now"));
        }
    }
    Ok(())
}

/// Whether a value is among those of a path with `[*]`; those of one with several lie in lists of their own.
fn has(values: &[Value], value: &Value) -> bool {
    let within = |one: &Value| matches!(one, Value::Array(inner) if has(inner, value));
    values.iter().any(|one| one == value || within(one))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn target() -> Target {
        Target {
            group: "postgresql.cnpg.io".to_owned(),
            version: None,
            plural: "clusters".to_owned(),
            namespace: Some("shop".to_owned()),
            name: "orders".to_owned(),
        }
    }

    fn expecting(at: &str, value: Value) -> Change {
        Change::PatchStatus {
            body: json!({"targetPrimary": "orders-2"}),
            expected: vec![Expected {
                at: at.to_owned(),
                value,
            }],
        }
    }

    #[test]
    fn a_value_must_stand_at_its_path_or_among_those_of_a_path_of_many() {
        let seen = json!({"status": {
            "currentPrimary": "orders-1",
            "instancesStatus": {"healthy": ["orders-3", "orders-2"]},
        }});
        let holds = |at: &str, value: Value| {
            hold(&target(), &expecting(at, value), Some(&seen)).map_err(|failure| failure.kind)
        };
        let healthy = "status.instancesStatus.healthy";
        let each = "status.instancesStatus.healthy[*]";
        assert_eq!(holds("status.currentPrimary", json!("orders-1")), Ok(()));
        assert_eq!(holds(each, json!("orders-2")), Ok(()));
        assert_eq!(holds(healthy, json!(["orders-3", "orders-2"])), Ok(()));
        assert_eq!(holds("status.fenced", json!(null)), Ok(()));
        for (at, value) in [
            ("status.currentPrimary", json!("orders-2")),
            (each, json!("orders-1")),
            (healthy, json!("orders-2")),
            ("status.failed[*]", json!("orders-2")),
        ] {
            assert_eq!(holds(at, value), Err(Kind::Conflict), "{at}");
        }
        assert!(hold(&target(), &expecting(each, json!("orders-2")), None).is_err());
        let nested = json!({"spec": {"a": [{"b": [1, 2]}, {"b": [3]}]}});
        let of_many = expecting("spec.a[*].b[*]", json!(3));
        assert!(hold(&target(), &of_many, Some(&nested)).is_ok());
    }

    #[test]
    fn what_is_expected_can_be_read_and_is_not_much() {
        let one = |at: &str| Expected {
            at: at.to_owned(),
            value: json!(1),
        };
        assert_eq!(check(&[one("status.a")]), Ok(()));
        assert!(
            check(&[one("status..a")])
                .unwrap_err()
                .contains("status..a")
        );
        let nothing = Expected {
            at: "status.a[*]".to_owned(),
            value: json!(null),
        };
        assert!(check(&[nothing]).unwrap_err().contains("among many"));
        let many: Vec<Expected> = (0..17).map(|_| one("status.a")).collect();
        assert!(check(&many).unwrap_err().contains("17 values"));
    }
}
