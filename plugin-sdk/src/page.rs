//! The page about plugins shows what is compiled: the examples of this crate's own documentation, word for word.

const PAGE: &str = include_str!("../../docs/writing-a-plugin.md");

/// Returns the first example in the documentation of a source file.
fn example(source: &str) -> String {
    let lines = source.lines().map(str::trim_start);
    let shown = lines
        .map(|line| line.trim_start_matches("//!").trim_start_matches("///"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .skip_while(|line| *line != "```no_run")
        .skip(1);
    shown
        .take_while(|line| *line != "```")
        .fold(String::new(), |text, line| text + line + "\n")
}

#[test]
fn the_page_shows_the_examples_of_the_documentation() {
    let sources = [
        include_str!("changes.rs"),
        include_str!("prometheus.rs"),
        include_str!("resource.rs"),
    ];
    for source in sources {
        let example = example(source);
        assert!(example.contains("fn "), "there is one");
        let shown = format!("```rust,no_run\n{example}```\n");
        assert!(PAGE.contains(&shown), "{shown}");
    }
}
