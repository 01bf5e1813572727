//! What a record of PostgreSQL says without the values in it, which are data of users.
//!
//! Messages and details come in the server's language (`lc_messages`), so what may hold values is known by the SQLSTATE. Of details only
//! what is known to hold none is shown, or shown by its shape: never one because its first words are unknown here.

use super::shape::shape;

/// How a message begins that is a statement: `log_statement`, and what a client prepared.
const STATEMENTS: [&str; 4] = ["statement: ", "execute ", "parse ", "bind "];

/// SQLSTATEs, or classes of them, whose details name objects, files and limits alone: connections, logins and rights, dependent objects,
/// resources, objects in use, interventions, the system.
const WITHOUT_VALUES: [&str; 8] = ["08", "28", "2B", "42501", "53", "55", "57", "58"];

/// Returns a message without the literals of a statement.
pub(super) fn message(code: &str, said: &str) -> String {
    // Class 22 quotes the input that it cannot take, a syntax error what the statement goes on with.
    if code.starts_with("22") || code == "42601" && said.contains(['\'', '$']) {
        // Other languages have other marks, none of them in ASCII.
        let is_mark = |letter: char| letter == '"' || !letter.is_ascii();
        if let (Some((before, _)), Some((_, after))) =
            (said.split_once(is_mark), said.rsplit_once(is_mark))
        {
            return format!("{before}?{after}");
        }
    }
    let is_statement = STATEMENTS.iter().any(|begin| said.starts_with(begin));
    // In another language a statement is known by its literals.
    if is_statement || code == "00000" && said.contains('\'') {
        return shape(said);
    }
    said.to_owned()
}

/// Returns a detail as far as it is known to hold no values; empty where there is none.
pub(super) fn detail(code: &str, detail: &str) -> String {
    let plain = match code {
        "40P01" => deadlock(detail),
        // What a process that was killed was doing.
        "00000" if detail.starts_with("Failed process was running: ") => shape(detail),
        // Who holds a lock, and who waits for it (`log_lock_waits`): numbers of processes.
        "00000" if detail.starts_with("Process") => detail.to_owned(),
        code if WITHOUT_VALUES.iter().any(|class| code.starts_with(class)) => detail.to_owned(),
        _ => String::new(),
    };
    match plain.as_str() {
        "" if !detail.is_empty() => "(left out: it may hold values)".to_owned(),
        _ => plain,
    }
}

/// Returns the shapes of the statements that block one another: `Process 71: UPDATE …` (`DeadLockReport`, `deadlock.c`). Each is cut off at
/// `track_activity_query_size`, so that a literal may have no end: only the first line of each is known to begin outside of one.
fn deadlock(detail: &str) -> String {
    let mut statements = String::new();
    for line in detail.lines() {
        let of_process = line.strip_prefix("Process ");
        let Some((process, statement)) = of_process.and_then(|rest| rest.split_once(": ")) else {
            continue;
        };
        if process.bytes().all(|digit| digit.is_ascii_digit()) {
            let between = if statements.is_empty() { "" } else { "; " };
            statements = statements + between + &shape(statement);
        }
    }
    statements
}

#[cfg(test)]
mod tests {
    use super::{detail, message};

    const LEFT_OUT: &str = "(left out: it may hold values)";

    #[test]
    fn of_a_deadlock_the_statements_are_shown_without_their_literals() {
        // The first statement was cut off within its literal, the second has a literal of two lines.
        let text = "Process 71 waits for ShareLock on transaction 812; blocked by process 72.\n\
            Process 72 waits for ShareLock on transaction 811; blocked by process 71.\n\
            Process 71: UPDATE users SET email = 'jane@exam\n\
            Process 72: UPDATE stock SET note = 'secret', count = 5 WHERE note = 'of jane\n secret'";
        assert_eq!(
            detail("40P01", text),
            "UPDATE users SET email = ?; UPDATE stock SET note = ?, count = ? WHERE note = ?"
        );
        let german = "Prozess 71: UPDATE users SET email = 'jane@example.com' WHERE id=5";
        assert_eq!(detail("40P01", german), LEFT_OUT);
    }

    #[test]
    fn a_detail_that_may_hold_values_is_left_out_in_any_language() {
        for (code, text) in [
            ("23505", "Key (email)=(jane@example.com) already exists."),
            (
                "23505",
                "Schlüssel »(email)=(jane@example.com)« existiert bereits.",
            ),
            ("23502", "La ligne en échec contient (1, jane, null)."),
            ("22P02", "Token \"jane\" is invalid."),
            ("00000", "Parameters: $1 = 'jane'"),
            ("00000", "Parameter: $1 = 'jane'"),
            ("00000", "prepare: PREPARE one AS SELECT 'jane'"),
            ("P0001", "the customer is jane"),
            ("40001", "Existing local row (1, jane)."),
            ("", "jane"),
        ] {
            assert_eq!(detail(code, text), LEFT_OUT, "{code} {text}");
        }
    }

    #[test]
    fn a_detail_that_helps_and_holds_none_is_kept() {
        for (code, text) in [
            ("28P01", "Role \"app\" does not exist."),
            ("55006", "There is 1 other session using the database."),
            (
                "53200",
                "Failed on request of size 4096 in memory context \"x\".",
            ),
            ("00000", "Process holding the lock: 71. Wait queue: 72, 73."),
            ("", ""),
        ] {
            assert_eq!(detail(code, text), text);
        }
        assert_eq!(
            detail(
                "00000",
                "Failed process was running: UPDATE users SET email = 'jane"
            ),
            "Failed process was running: UPDATE users SET email = ?"
        );
    }

    #[test]
    fn a_message_that_quotes_a_literal_is_shown_without_it() {
        for (code, said, shown) in [
            (
                "22P02",
                "invalid input syntax for type integer: \"ja\"ne\"",
                "invalid input syntax for type integer: ?",
            ),
            (
                "22003",
                "value \"99\" is out of range for type integer",
                "value ? is out of range for type integer",
            ),
            (
                "22P02",
                "ungültige Eingabesyntax für Typ integer: »jane«",
                "ung?",
            ),
            ("22012", "division by zero", "division by zero"),
            (
                "42601",
                "unterminated quoted string at or near \"'jane\"",
                "unterminated quoted string at or near ?",
            ),
            (
                "42601",
                "syntax error at or near \"FORM\"",
                "syntax error at or near \"FORM\"",
            ),
            (
                "42P01",
                "relation \"o'hara\" does not exist",
                "relation \"o'hara\" does not exist",
            ),
            ("00000", "statement: SELECT 5", "statement: SELECT ?"),
            ("00000", "Anweisung: SELECT 'jane'", "Anweisung: SELECT ?"),
            (
                "00000",
                "temporary file: path \"x\", size 4096",
                "temporary file: path \"x\", size 4096",
            ),
        ] {
            assert_eq!(message(code, said), shown);
        }
    }
}
