//! How the session is told to a person: who speaks, what is called, and the answers, cut to what a screen holds.

use serde_json::Value;

const LINES: usize = 16;
const WIDTH: usize = 116;

pub(super) fn server(title: &str) {
    println!("server  {title}");
}

pub(super) fn person(question: &str) {
    println!("\nyou     {question}");
}

pub(super) fn model(thought: &str) {
    println!("\nmodel   {thought}");
}

pub(super) fn call(tool: &str, arguments: &Value) {
    println!("  call  {tool} {arguments}");
}

pub(super) fn answer(text: &str) {
    println!("{}", trimmed(text));
}

pub(super) fn conclusion(text: &str) {
    println!("\nanswer  {text}");
}

fn trimmed(text: &str) -> String {
    let mut lines: Vec<String> = text
        .lines()
        .take(LINES)
        .map(|line| format!("        | {}", cut(line)))
        .collect();
    let more = text.lines().count().saturating_sub(LINES);
    if more > 0 {
        lines.push(format!("        | … {more} more lines"));
    }
    lines.join("\n")
}

fn cut(line: &str) -> String {
    if line.chars().count() <= WIDTH {
        return line.to_owned();
    }
    line.chars().take(WIDTH - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_answer_says_how_much_of_it_is_not_shown() {
        let text = "x\n".repeat(LINES + 3);
        assert!(trimmed(&text).ends_with("… 3 more lines"));
        assert_eq!(trimmed("one"), "        | one");
    }

    #[test]
    fn a_long_line_is_cut_between_characters() {
        let line = "ü".repeat(WIDTH + 1);
        assert_eq!(cut(&line).chars().count(), WIDTH);
        assert_eq!(cut("ü"), "ü");
    }
}
