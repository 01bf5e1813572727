use super::{Block, Message, Prompt, Role};
use crate::stored::Stored;
use crate::{Contents, Failure};

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[expect(dead_code, reason = "only its names are looked at")]
struct Lost {
    /// What was lost.
    what: String,
    namespace: Option<String>,
    /// How old it may be.
    #[serde(default, rename = "age_at_most")]
    age: String,
}

fn told(lost: Lost) -> Result<String, Failure> {
    let place = lost.namespace.as_deref().unwrap_or("anywhere");
    Ok(format!("{} in {place}", lost.what))
}

fn prompt() -> Prompt {
    Prompt::new("told", "Tells.", told)
}

fn get(given: &[(&str, &str)]) -> Result<Vec<Message>, Failure> {
    let given: Vec<_> = given
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    prompt().get(&given, Stored::default())
}

#[test]
fn arguments_stand_in_the_order_of_the_fields_with_their_comments() {
    let arguments = prompt().to_contract(Stored::default()).arguments;
    let seen: Vec<_> = arguments
        .iter()
        .map(|it| (it.name.as_str(), it.description.as_str(), it.required))
        .collect();
    assert_eq!(
        seen,
        [
            ("what", "What was lost.", true),
            ("namespace", "", false),
            ("age_at_most", "How old it may be.", false),
        ]
    );
}

#[test]
fn a_prompt_without_arguments_takes_none() {
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Nothing {}
    let prompt = Prompt::new("hello", "Greets.", |_: Nothing| Ok("hello".to_owned()));
    assert_eq!(prompt.to_contract(Stored::default()).arguments, []);
    assert_eq!(
        prompt.get(&[], Stored::default()),
        Ok(vec![Message::user("hello")])
    );
}

#[test]
fn a_text_is_said_by_the_person() {
    let messages = get(&[("what", "a claim"), ("namespace", "shop")]);
    assert_eq!(messages, Ok(vec![Message::user("a claim in shop")]));
}

#[test]
fn an_empty_argument_is_given() {
    let messages = get(&[("what", ""), ("namespace", "")]);
    assert_eq!(messages, Ok(vec![Message::user(" in ")]));
}

#[test]
fn an_argument_that_is_missing_or_unknown_is_named() {
    let missing = get(&[("namespace", "shop")]);
    let named = "prompt `told` needs the argument `what`";
    assert_eq!(missing, Err(Failure::invalid(named)));
    let unknown = get(&[("what", "x"), ("age", "1d")]);
    let named = "prompt `told` has no argument `age`";
    assert_eq!(unknown, Err(Failure::invalid(named)));
}

#[test]
fn an_embedded_resource_keeps_its_uri_and_type() {
    let contents = Contents {
        mime_type: "application/yaml".to_owned(),
        text: "a: 1".to_owned(),
    };
    let message = Message::embedded("a://b", contents);
    assert_eq!(message.role, Role::User);
    let Block::Embedded(contents) = message.content else {
        panic!("it is embedded");
    };
    assert_eq!(
        (contents.uri.as_str(), contents.mime_type.as_str()),
        ("a://b", "application/yaml")
    );
}
