//! Promises a number and answers with a text.

const A_NUMBER: &str = r#"{"type":"object","required":["n"],"properties":{"n":{"type":"number"}}}"#;

fn a_text() -> String {
    r#"{"n": "a text"}"#.to_owned()
}

bulkhead_guests::impolite!("answers_against_its_schema", A_NUMBER, a_text);
