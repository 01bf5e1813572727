//! JSON pointers (RFC 6901): the places of a JSON patch, and the same places as the paths of a diff.

use crate::diff;

/// Returns the steps of a pointer; none for the object as a whole.
pub(super) fn steps(pointer: &str) -> Vec<String> {
    let steps = pointer.split('/').skip(1);
    steps
        .map(|step| step.replace("~1", "/").replace("~0", "~"))
        .collect()
}

/// Returns the pointer with these steps.
pub(super) fn of(steps: &[String]) -> String {
    steps.iter().fold(String::new(), |pointer, step| {
        format!("{pointer}/{}", step.replace('~', "~0").replace('/', "~1"))
    })
}

/// Returns the same place as the paths of a diff write it. A key of digits looks like an index.
pub(super) fn path<'a>(steps: impl IntoIterator<Item = &'a String>) -> String {
    let steps: Vec<diff::Step<'_>> = steps
        .into_iter()
        .map(|step| match step.parse() {
            Ok(index) => diff::Step::Index(index),
            Err(_) => diff::Step::Key(step),
        })
        .collect();
    diff::text_of(&steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_its_steps_and_its_path_are_one_place() {
        for (pointer, path) in [
            ("", ""),
            ("/spec/containers/0/image", "spec.containers[0].image"),
            ("/metadata/labels/a.b~1c~0d", "metadata.labels['a.b/c~d']"),
        ] {
            let steps = steps(pointer);
            assert_eq!(of(&steps), pointer);
            assert_eq!(super::path(&steps), path);
        }
    }
}
