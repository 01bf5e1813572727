//! Answers with a structured result that is no JSON.

fn broken() -> String {
    r#"{"half": "#.to_owned()
}

bulkhead_guests::impolite!(
    "answers_with_a_broken_result",
    bulkhead_guests::ANY_OBJECT,
    broken
);
