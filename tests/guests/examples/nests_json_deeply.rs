//! Answers with JSON that is a hundred thousand objects deep, for a reader that calls itself.

fn deep() -> String {
    let depth = 100_000;
    format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth))
}

bulkhead_guests::impolite!("nests_json_deeply", bulkhead_guests::ANY_OBJECT, deep);
