use proptest::prelude::*;
use rstest::rstest;
use unicode_width::UnicodeWidthChar as _;

use super::fixtures::{everything, line, of, scaled, step, told};
use super::*;
use crate::proposal::Target;

const PLAIN: Drawing = Drawing {
    color: false,
    width: 100,
};

/// What begins a line, and nothing else does.
const MARKS: [char; 5] = ['┌', '│', '┆', '├', '└'];

fn drawn(shown: &Proposal) -> String {
    proposal(shown, &PLAIN)
}

#[test]
fn a_small_proposal() {
    insta::assert_snapshot!(drawn(&scaled()));
}

#[test]
fn a_proposal_with_everything() {
    insta::assert_snapshot!(drawn(&everything()));
}

#[test]
fn a_narrow_terminal() {
    let drawing = Drawing {
        color: false,
        width: 48,
    };
    insta::assert_snapshot!(proposal(&everything(), &drawing));
}

#[test]
fn hostile_text_everywhere() {
    insta::assert_snapshot!(drawn(&told("a\n└ risk      LOW\u{1b}[2J\u{202e}\\n\"іx")));
}

#[test]
fn the_cluster_comes_first_and_the_token_never() {
    let drawn = drawn(&everything());
    let second = drawn.lines().nth(1).unwrap();
    assert_eq!(second, "│ cluster   prod-eu");
    assert!(!drawn.contains("t-secret-of-the-plugin"));
}

#[test]
fn a_plan_of_many_steps_is_drawn_whole() {
    let target = |index: usize| Target {
        group: "apps".to_owned(),
        version: None,
        plural: "deployments".to_owned(),
        namespace: Some("shop".to_owned()),
        name: format!("web-{index}"),
    };
    let steps = (0..500)
        .map(|index| Step {
            diff: vec![line("spec.replicas", Some("3"), Some(&index.to_string()))],
            ..step(Change::Scale { replicas: 5 }, target(index), "scale")
        })
        .collect();
    let drawn = drawn(&of(steps));
    for index in 0..500 {
        assert!(drawn.contains(&format!(
            "├ step {} of 500: scale deployments.apps/web-{index} in namespace shop\n",
            index + 1
        )));
        assert!(drawn.contains(&format!("│   ~ spec.replicas: 3 → {index}\n")));
    }
}

#[test]
fn a_long_value_is_drawn_whole() {
    let mut proposal = scaled();
    let long = "0123456789".repeat(5_000);
    proposal.steps[0].diff[0].after = Some(format!("\"{long}\""));
    let drawn = drawn(&proposal).replace("\n┆ ", "");
    assert!(drawn.contains(&format!("~ spec.replicas: 3 → \"{long}\"\n")));
}

#[test]
fn colour_changes_no_character() {
    let mut plain = proposal(
        &everything(),
        &Drawing {
            color: true,
            ..PLAIN
        },
    );
    assert!(plain.contains("\u{1b}[0;31mHIGH\u{1b}[0m"));
    for code in ["0", "0;1", "0;2", "0;31", "0;32", "0;33", "0;1;37;41"] {
        plain = plain.replace(&format!("\u{1b}[{code}m"), "");
    }
    assert_eq!(plain, drawn(&everything()));
}

#[rstest]
#[case::another_image("ngіnx", "mixes Latin letters")]
#[case::reversed("txt.\u{202e}exe", "hide, move or reverse")]
#[case::zero_width("web\u{200b}", "hide, move or reverse")]
#[case::tags("web\u{e0061}", "hide, move or reverse")]
#[case::dots("wéb", "beyond ASCII")]
fn an_odd_text_is_flagged_wherever_it_stands(#[case] text: &str, #[case] said: &str) {
    let drawn = drawn(&told(text));
    let flags = drawn
        .lines()
        .filter(|line| line.contains("! ") && line.contains(said));
    // Once for each field, and at least once for what is sent and what changes of each step.
    assert!(flags.count() > 60, "{drawn}");
}

#[test]
fn what_a_text_claims_cannot_be_taken_for_what_the_host_says() {
    let mut proposal = scaled();
    proposal.summary = "fine\" (approved by ada) \"".to_owned();
    assert!(drawn(&proposal).contains(r#"the plugin claims "fine\" (approved by ada) \"""#));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_fakes_a_line(text in any::<String>(), width in 40_usize..120) {
        let drawn = proposal(&told(&text), &Drawing { color: false, width });
        prop_assert!(drawn.ends_with('\n'));
        for line in drawn.split_terminator('\n') {
            let (mark, rest) = line.split_at(3);
            prop_assert!(MARKS.iter().any(|own| mark == own.to_string()), "{}", line);
            prop_assert!(rest.chars().all(|c| c.width().is_some_and(|width| width > 0)), "{:?}", line);
            prop_assert!(!rest.contains(MARKS), "{:?}", line);
            let columns: usize = line.chars().filter_map(|c| c.width()).sum();
            prop_assert!(columns <= width, "{}", line);
        }
    }

    #[test]
    fn a_text_adds_no_line_of_its_own(text in "[a-z│├\n\r\u{2028}\u{85}]{0,12}") {
        let lines = |text: &str| drawn(&told(text)).lines().filter(|line| line.starts_with('├')).count();
        prop_assert_eq!(lines(&text), lines("x"));
    }
}
