//! How the session is told to a person: who speaks, what is called, and the answers, cut to what a screen holds.

use serde_json::Value;

/// Of an answer, after wrapping.
const LINES: usize = 18;
/// Of the text beside the margin.
const WIDTH: usize = 108;
const MARGIN: &str = "        ";

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

/// What stands on a terminal: whole, since a person decides by it.
pub(super) fn screen(text: &str) {
    for line in text.lines() {
        println!("{MARGIN}{line}");
    }
}

pub(super) fn conclusion(text: &str) {
    println!("\nanswer  {}", wrapped(text).join(&format!("\n{MARGIN}")));
}

/// A line of the host's log, which only the operator sees.
pub(super) fn log(line: &str) {
    for line in wrapped(line) {
        println!("  log   # {line}");
    }
}

fn trimmed(text: &str) -> String {
    let lines: Vec<String> = text.lines().flat_map(wrapped).collect();
    let shown = lines
        .iter()
        .take(LINES)
        .map(|line| format!("{MARGIN}| {line}"));
    let mut shown: Vec<String> = shown.collect();
    if lines.len() > LINES {
        shown.push(format!("{MARGIN}| … {} more lines", lines.len() - LINES));
    }
    shown.join("\n")
}

/// Breaks a long line at spaces; a short one stays as it is, with the spaces that align a table.
fn wrapped(line: &str) -> Vec<String> {
    if line.chars().count() <= WIDTH {
        return vec![line.to_owned()];
    }
    let mut lines = vec![String::new()];
    for word in line.split(' ') {
        match lines.last_mut() {
            Some(last) if last.is_empty() => last.push_str(word),
            Some(last) if last.chars().count() + 1 + word.chars().count() <= WIDTH => {
                last.push(' ');
                last.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
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
    fn a_long_line_is_broken_at_spaces_and_loses_no_word() {
        let line = "word ".repeat(60);
        let lines = wrapped(line.trim_end());
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH));
        assert_eq!(lines.join(" "), line.trim_end());
    }

    #[test]
    fn a_table_row_keeps_its_columns() {
        assert_eq!(wrapped("NAME    READY"), ["NAME    READY"]);
    }
}
