use super::*;
use crate::gate::{Reach, Resource};

fn place(group: &str, plural: &str, kind: &str) -> Place {
    Place {
        resource: Resource::new(group, plural),
        version: "v1".to_owned(),
        kind: kind.to_owned(),
        reach: Reach::Namespace("shop".to_owned()),
    }
}

fn target(group: &str, plural: &str) -> Target {
    Target {
        group: group.to_owned(),
        version: None,
        plural: plural.to_owned(),
        namespace: Some("shop".to_owned()),
        name: "web".to_owned(),
    }
}

fn changes() -> Vec<Change> {
    let object = json!({"metadata": {"name": "web", "namespace": "shop"}});
    let patch = |how, body| Change::Patch {
        how,
        body,
        expected_version: None,
    };
    vec![
        Change::Create {
            object: object.clone(),
        },
        Change::Apply { object },
        patch(PatchKind::Merge, json!({"spec": {}})),
        patch(PatchKind::Strategic, json!({"spec": {}})),
        patch(
            PatchKind::JsonPatch,
            json!([{"op": "remove", "path": "/spec"}]),
        ),
        Change::Scale { replicas: 3 },
        Change::Delete {
            propagation: Propagation::Background,
        },
        Change::Evict,
    ]
}

fn request(change: &Change, dry: bool) -> Write {
    let observed = Observed(json!({"metadata": {"uid": "u-1", "resourceVersion": "7"}}));
    // The permit and the actor are no part of a request.
    made(
        &place("", "pods", "Pod"),
        &target("", "pods"),
        change,
        Some(&observed),
        dry,
    )
    .unwrap()
}

#[test]
fn a_dry_request_says_so_wherever_the_server_looks() {
    for change in changes() {
        let (dry, real) = (request(&change, true), request(&change, false));
        assert!(dry.url.text().contains("dryRun=All"), "{change:?}");
        assert!(!real.url.text().contains("dryRun"), "{change:?}");
        assert!(!real.body.to_string().contains("dryRun"), "{change:?}");
        let in_body = match change {
            // With a body the server ignores the query.
            Change::Delete { .. } => &dry.body["dryRun"],
            Change::Evict => &dry.body["deleteOptions"]["dryRun"],
            _ => continue,
        };
        assert_eq!(*in_body, json!(["All"]), "{change:?}");
    }
}

#[test]
fn every_change_of_what_exists_says_which_object_it_is_about() {
    for change in changes() {
        let body = request(&change, false).body.to_string();
        let is_new = matches!(change, Change::Create { .. });
        assert_eq!(body.contains("u-1"), !is_new, "{change:?}: {body}");
        let by_version = !is_new && !matches!(change, Change::Evict);
        assert_eq!(body.contains("\"7\""), by_version, "{change:?}: {body}");
    }
}

#[test]
fn a_change_of_what_is_not_there_is_not_made() {
    for change in changes() {
        let request = made(
            &place("", "pods", "Pod"),
            &target("", "pods"),
            &change,
            None,
            false,
        );
        match change {
            Change::Create { .. } | Change::Apply { .. } => {
                assert_eq!(request.unwrap().method, Method::POST, "{change:?}");
            }
            _ => assert_eq!(request.unwrap_err().kind, Kind::NotFound, "{change:?}"),
        }
    }
}
