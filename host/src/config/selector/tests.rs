use std::collections::BTreeMap;

use proptest::prelude::proptest;
use proptest::sample::select;
use rstest::rstest;

use super::{LabelSelector, SelectorError};

fn selector(text: &str) -> LabelSelector {
    text.parse().unwrap()
}

/// Whether the selector matches labels that are written as `a=b,c=d`.
fn matches(selector_text: &str, labels: &str) -> bool {
    let labels: BTreeMap<&str, &str> = labels
        .split(',')
        .filter_map(|label| label.split_once('='))
        .collect();
    selector(selector_text).matches(|key| labels.get(key).copied())
}

#[rstest]
#[case::equal("app=shop", "app=shop", true)]
#[case::equal_with_two_signs("app==shop", "app=shop", true)]
#[case::equal_to_another("app=shop", "app=web", false)]
#[case::equal_and_absent("app=shop", "", false)]
#[case::equal_to_nothing("app=", "app=", true)]
#[case::equal_to_nothing_and_absent("app=", "", false)]
#[case::unequal("app!=shop", "app=web", true)]
#[case::unequal_to_itself("app!=shop", "app=shop", false)]
#[case::unequal_and_absent("app!=shop", "", true)]
#[case::among("app in (shop, web)", "app=web", true)]
#[case::not_among("app in (shop,web)", "app=db", false)]
#[case::excluded("app notin (shop,web)", "app=shop", false)]
#[case::excluded_and_absent("app notin (shop,web)", "", true)]
#[case::there("app", "app=shop", true)]
#[case::not_there("app", "tier=web", false)]
#[case::absent("!app", "tier=web", true)]
#[case::not_absent("!app", "app=shop", false)]
#[case::both_hold("app=shop,tier in (web,api),!legacy", "app=shop,tier=api", true)]
#[case::one_fails(
    "app=shop,tier in (web,api),!legacy",
    "app=shop,tier=api,legacy=yes",
    false
)]
#[case::with_a_prefix("app.kubernetes.io/name=shop", "app.kubernetes.io/name=shop", true)]
#[case::with_space_around(" app = shop , tier ", "app=shop,tier=web", true)]
#[case::a_label_called_in("in in (in)", "in=in", true)]
fn it_matches_as_the_api_server_does(
    #[case] selector: &str,
    #[case] labels: &str,
    #[case] expected: bool,
) {
    assert_eq!(matches(selector, labels), expected);
}

#[rstest]
#[case::nothing("", SelectorError::Empty)]
#[case::a_comma_too_many("app=shop,", SelectorError::Empty)]
#[case::a_key_with_a_space("my app=shop", SelectorError::Operator("app=shop".to_owned()))]
#[case::an_empty_prefix("/name=shop", SelectorError::Key("/name".to_owned()))]
#[case::a_prefix_in_capitals("Example.com/name", SelectorError::Key("Example.com/name".to_owned()))]
#[case::a_value_with_a_slash("app=a/b", SelectorError::Value("a/b".to_owned()))]
#[case::two_equal_signs_apart("app= =shop", SelectorError::Value("=shop".to_owned()))]
#[case::greater_than("cores>4", SelectorError::Operator(">4".to_owned()))]
#[case::an_unclosed_list("app in (shop,web", SelectorError::Values("app in (shop,web".to_owned()))]
#[case::an_empty_list("app in ()", SelectorError::Values("app in ()".to_owned()))]
#[case::an_empty_value_in_a_list("app in (shop,)", SelectorError::Value(String::new()))]
#[case::something_after_a_list("app in (shop) x", SelectorError::Values("app in (shop) x".to_owned()))]
#[case::absent_with_a_value("!app=shop", SelectorError::Key("app=shop".to_owned()))]
fn what_the_api_server_would_read_otherwise_is_refused(
    #[case] text: &str,
    #[case] expected: SelectorError,
) {
    assert_eq!(text.parse::<LabelSelector>(), Err(expected));
}

#[test]
fn a_label_value_has_at_most_63_characters() {
    let long = "a".repeat(63);
    assert!(format!("app={long}").parse::<LabelSelector>().is_ok());
    assert!(format!("app={long}a").parse::<LabelSelector>().is_err());
}

#[test]
fn it_shows_what_the_api_server_reads() {
    let text = " app == shop, tier!=web,stage in (b, a),!legacy ,zone notin (x,y), owner";
    assert_eq!(
        selector(text).to_string(),
        "app=shop,tier!=web,stage in (a,b),!legacy,zone notin (x,y),owner"
    );
}

proptest! {
    #[test]
    fn what_it_shows_reads_as_the_same_selector(parts in proptest::collection::vec(
        select(vec!["a", "!b", "c=d", "e!=f", "g in (h,i)", "j notin (k,l,m)", "n in (o)", "p="]), 1..6,
    )) {
        let selector = selector(&parts.join(","));
        assert_eq!(selector.to_string().parse(), Ok(selector));
    }

    #[test]
    fn what_any_selector_shows_reads_as_the_same_selector(text in "[a-c!=(), in]{0,20}") {
        if let Ok(selector) = text.parse::<LabelSelector>() {
            assert_eq!(selector.to_string().parse(), Ok(selector));
        }
    }
}
