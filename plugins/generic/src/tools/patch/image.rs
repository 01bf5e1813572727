//! Another image for one container, wherever the kind keeps its containers.

use crate::kind::Resolved;
use bulkhead_plugin_sdk::Failure;
use bulkhead_plugin_sdk::changes::Change;
use bulkhead_plugin_sdk::kubernetes::{self, ObjectRef};
use serde_json::json;

/// Longer than any registry takes.
const LONGEST: usize = 512;

/// The lists of containers of a pod.
const LISTS: [&str; 2] = ["containers", "initContainers"];

/// One container: its list, its place there and its name.
#[derive(Debug)]
struct Container {
    list: &'static str,
    index: usize,
    name: String,
}

/// Checks an image's name as far as everybody agrees.
///
/// # Errors
/// `Invalid` for what no registry can have.
pub(super) fn check(image: &str) -> Result<(), Failure> {
    let fits = image.len() <= LONGEST && image.chars().all(|c| c.is_ascii_graphic());
    if image.is_empty() || !fits {
        return Err(
            Failure::invalid(format!("`{}` is no image", image.escape_default()))
                .next_step("write it as `registry.example/web:1.2.3`"),
        );
    }
    Ok(())
}

/// Returns the container's name, and the change.
///
/// # Errors
/// `Invalid` for a kind or an object without such a container.
pub(super) fn change(
    resolved: &Resolved,
    object: &ObjectRef,
    container: Option<&str>,
    image: &str,
) -> Result<(String, Change), Failure> {
    let spec = match (resolved.of.group.as_str(), resolved.of.plural.as_str()) {
        ("", "pods") => "spec",
        ("batch", "cronjobs") => "spec.jobTemplate.spec.template.spec",
        _ => "spec.template.spec",
    };
    let containers = read(object, spec)?;
    let chosen = choose(&containers, container, &resolved.kind)?;
    let pointer = spec.replace('.', "/");
    let at = format!("/{pointer}/{}/{}", chosen.list, chosen.index);
    // By its place, and only while it is the same container: a merge patch would have to send the whole list.
    let operations = json!([
        { "op": "test", "path": format!("{at}/name"), "value": chosen.name },
        { "op": "replace", "path": format!("{at}/image"), "value": image },
    ]);
    Ok((
        chosen.name.clone(),
        Change::json_patch(object.clone(), &operations),
    ))
}

fn read(object: &ObjectRef, spec: &str) -> Result<Vec<Container>, Failure> {
    let paths = LISTS.map(|list| format!("{spec}.{list}[*].name"));
    let paths = paths.each_ref().map(String::as_str);
    let columns: Vec<Option<Vec<String>>> = kubernetes::get_fields(object, &paths)?;
    let lists = LISTS.into_iter().zip(columns);
    let containers = lists.flat_map(|(list, names)| {
        let names = names.into_iter().flatten().enumerate();
        names.map(move |(index, name)| Container { list, index, name })
    });
    Ok(containers.collect())
}

fn choose<'a>(
    containers: &'a [Container],
    name: Option<&str>,
    kind: &str,
) -> Result<&'a Container, Failure> {
    let names = |containers: &[Container]| {
        let names: Vec<_> = containers.iter().map(|it| it.name.as_str()).collect();
        names.join(", ")
    };
    let running = containers.partition_point(|it| it.list == "containers");
    match (name, containers.get(..running).unwrap_or_default()) {
        (_, []) => Err(Failure::invalid(format!("a {kind} has no containers"))
            .next_step("name what runs pods, such as a Deployment")),
        (Some(name), _) => containers.iter().find(|it| it.name == name).ok_or_else(|| {
            Failure::invalid(format!("there is no container `{name}`"))
                .next_step(&format!("choose one of {}", names(containers)))
        }),
        (None, [only]) => Ok(only),
        (None, several) => Err(Failure::invalid("there is more than one container")
            .next_step(&format!("give `container`: {}", names(several)))),
    }
}

#[cfg(test)]
mod tests {
    use super::{Container, check, choose};

    fn container(list: &'static str, index: usize, name: &str) -> Container {
        Container {
            list,
            index,
            name: name.to_owned(),
        }
    }

    #[test]
    fn the_only_container_needs_no_name_and_init_containers_do() {
        let containers = [
            container("containers", 0, "web"),
            container("initContainers", 0, "migrate"),
        ];
        let chosen = |name| choose(&containers, name, "Deployment").map(|it| (it.list, it.index));
        assert_eq!(chosen(None), Ok(("containers", 0)));
        assert_eq!(chosen(Some("migrate")), Ok(("initContainers", 0)));
        let failure = chosen(Some("wbe")).expect_err("there is none");
        assert!(
            failure.message().contains("choose one of web, migrate"),
            "{failure}"
        );
    }

    #[test]
    fn several_containers_have_to_be_told_apart() {
        let containers = [
            container("containers", 0, "web"),
            container("containers", 1, "mesh"),
        ];
        let failure = choose(&containers, None, "Deployment").expect_err("which one?");
        assert!(
            failure.message().contains("give `container`: web, mesh"),
            "{failure}"
        );
    }

    #[test]
    fn what_has_no_containers_is_named() {
        let failure = choose(&[], Some("web"), "ConfigMap").expect_err("it has none");
        assert!(
            failure.message().contains("a ConfigMap has no containers"),
            "{failure}"
        );
    }

    #[test]
    fn an_image_is_one_word_of_ascii() {
        for image in ["", "a b", "a\nb", "ä:1", &"a".repeat(513)] {
            assert!(check(image).is_err(), "{image:?}");
        }
        assert_eq!(check("registry.example:5000/web@sha256:0123"), Ok(()));
    }
}
