//! The list of hostile guests.
//!
//! A guest without a host test must not compile: the tests call [`foreach_guest!`](crate::foreach_guest) with a macro that
//! imports the test of the guest's name. The list itself is compared with the guests that are there.

/// Calls a macro with the name of each hostile guest.
#[macro_export]
macro_rules! foreach_guest {
    ($with:ident) => {
        $with!(allocates_without_end);
        $with!(answers_against_its_schema);
        $with!(answers_with_a_broken_result);
        $with!(asks_for_a_secret);
        $with!(asks_for_another_namespace);
        $with!(asks_prometheus);
        $with!(calls_in_describe);
        $with!(floods_host_calls);
        $with!(floods_logs);
        $with!(imports_something_foreign);
        $with!(lies_about_its_schema);
        $with!(names_a_tool_twice);
        $with!(nests_json_deeply);
        $with!(opens_a_file);
        $with!(opens_a_socket);
        $with!(puts_a_credential_together);
        $with!(reads_the_environment);
        $with!(reads_the_history);
        $with!(recurses);
        $with!(reports_progress);
        $with!(returns_a_gigabyte);
        $with!(returns_a_megabyte);
        $with!(sleeps_past_the_deadline);
        $with!(spins_forever);
        $with!(traps);
        $with!(traps_in_describe);
        $with!(tricks_with_a_path_in_a_name);
    };
}

/// Calls a macro with the name of each hostile guest that is about changes or about what only changes give away.
#[macro_export]
macro_rules! foreach_guest_of_changes {
    ($with:ident) => {
        $with!(applies_another_plugins_token);
        $with!(asks_whether_it_guessed_a_secret);
        $with!(deletes_what_it_may_not_read);
        $with!(guesses_a_secret_by_a_patch);
        $with!(has_the_collector_delete);
        $with!(hides_a_change_in_a_long_plan);
        $with!(leaves_its_label_selector);
        $with!(mounts_a_secret);
        $with!(proposes_in_a_read_tool);
        $with!(proposes_outside_its_grant);
        $with!(proposes_ten_thousand_changes);
        $with!(proposes_what_policy_blocks);
        $with!(reads_a_secret_by_a_json_patch);
        $with!(sends_another_plan_on_the_retry);
        $with!(steers_the_terminal);
    };
}

/// Calls a macro with the name of each guest that proposes, as a plugin should, what no shipped plugin does.
#[macro_export]
macro_rules! foreach_guest_of_plans {
    ($with:ident) => {
        $with!(makes_a_namespace_and_fills_it);
        $with!(makes_and_rotates_a_secret);
        $with!(patches_what_it_read_before);
        $with!(searches_its_memory_for_a_secret);
    };
}

/// Calls a macro with the name of each guest that is about resources and prompts.
#[macro_export]
macro_rules! foreach_guest_of_resources {
    ($with:ident) => {
        $with!(answers_for_another_uri);
        $with!(library);
        $with!(proposes_where_it_only_reads);
    };
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn the_list_names_every_guest_and_no_other() {
        let mut listed = BTreeSet::new();
        macro_rules! note {
            ($name:ident) => {
                listed.insert(concat!(stringify!($name), ".rs").to_owned());
            };
        }
        foreach_guest!(note);
        foreach_guest_of_changes!(note);
        foreach_guest_of_plans!(note);
        foreach_guest_of_resources!(note);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("guests/examples");
        let there: BTreeSet<_> = std::fs::read_dir(folder)
            .expect("the guests are there")
            .map(|entry| {
                entry
                    .expect("the folder can be read")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        assert_eq!(listed, there);
    }
}
