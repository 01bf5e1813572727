//! Expressions, compared with what the operator's own library makes of them.

use super::{Cron, is_short};
use bulkhead_plugin_sdk::Time;

/// Both begin in the middle of a minute, one of them at the end of a year.
const AFTER: [&str; 2] = ["2026-11-21T09:30:05Z", "2027-12-31T23:59:59Z"];

fn next_three(cron: &Cron, after: &str) -> String {
    let mut time = Time::parse(after);
    let mut times = Vec::new();
    for _ in 0..3 {
        time = time.and_then(|time| cron.next(time));
        times.push(time.map_or_else(|| "-".to_owned(), |time| time.to_string()));
        if time.is_none() {
            break;
        }
    }
    times.join(" ")
}

#[test]
fn every_expression_is_what_the_operator_takes_it_for() {
    let table = include_str!("robfig.txt").lines();
    let rows: Vec<_> = table.filter(|row| !row.starts_with('#')).collect();
    assert!(rows.len() > 250, "the table is cut");
    for row in rows {
        let (text, expected) = row.split_once('|').expect("a row has two parts");
        let text = text.replace("\\t", "\t");
        let found = match Cron::parse(&text) {
            Err(_) => "error".to_owned(),
            Ok(cron) => AFTER.map(|after| next_three(&cron, after)).join("|"),
        };
        assert_eq!(found, expected, "{text:?}");
    }
}

#[test]
fn what_is_wrong_is_named_with_its_field() {
    for (text, why) in [
        ("", "it has 0 fields and needs 6"),
        ("0 2 * *", "it has 4 fields and needs 6"),
        ("0 0 2 * * * 2026", "it has 7 fields and needs 6"),
        ("60 0 2 * * *", "second `60`: `60` is not within 0 to 59"),
        ("0 0 24 * * *", "hour `24`: `24` is not within 0 to 23"),
        ("0 0 2 * * 7", "day of week `7`: `7` is not within 0 to 6"),
        (
            "0 0 2 * * fri-mon",
            "day of week `fri-mon`: `fri-mon` ends before it begins",
        ),
        ("0 */0 2 * * *", "minute `*/0`: `*/0` steps by nothing"),
        ("0 0 2 L * *", "day of month `L`: `L` is no number"),
        ("@every 1d", "`1d` is no duration of Go's, such as `6h`"),
        ("CRON_TZ=UTC 0 0 2 * * *", "it has 7 fields and needs 6"),
    ] {
        let failure = Cron::parse(text).expect_err(text).to_string();
        assert!(failure.contains(why), "{text}: {failure}");
    }
}

#[test]
fn five_fields_are_what_the_operator_takes_and_nobody_means() {
    for text in ["0 2 * * *", " 0\t2 *  * * "] {
        assert!(is_short(text), "{text}");
        let cron = Cron::parse(text).expect("the operator takes it");
        assert_eq!(cron.words(), "every hour at minute 2");
        let failure = Cron::parse_new(text)
            .expect_err("nobody means it")
            .to_string();
        assert!(
            failure.contains("take the first one as seconds and run every hour at minute 2"),
            "{failure}"
        );
        assert!(
            failure.contains("put the second in front, such as `0 0"),
            "{failure}"
        );
    }
    for text in ["0 0 2 * * *", "@daily", "@every 6h"] {
        assert!(!is_short(text) && Cron::parse_new(text).is_ok(), "{text}");
    }
}

#[test]
fn it_is_said_in_words() {
    for (text, words) in [
        ("0 0 2 * * *", "every day at 02:00 UTC"),
        ("30 0 2 * * *", "every day at 02:00:30 UTC"),
        (
            "0 0,30 8,20 * * 1-5",
            "every Monday to Friday at 08:00, 08:30, 20:00 and 20:30 UTC",
        ),
        (
            "0 0 0 1,15 * *",
            "on days 1 and 15 of the month at 00:00 UTC",
        ),
        (
            "0 0 0 1 * mon",
            "on day 1 of the month and every Monday at 00:00 UTC",
        ),
        (
            "0 0 0 */2 * mon",
            "on days 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29 and 31 of the month, only on Monday, at 00:00 UTC",
        ),
        ("0 0 0 29 feb *", "on day 29 of February at 00:00 UTC"),
        ("0 */15 * * * *", "every 15 minutes"),
        ("*/30 * * * * *", "every 30 seconds"),
        ("* * * * * *", "every second"),
        ("0 * * * * *", "every minute"),
        ("15 * * * * *", "every minute at second 15"),
        (
            "0 5 * * * sun",
            "every hour at minute 5, every Sunday (UTC)",
        ),
        ("10 5 * * * *", "every hour at minute 5, second 10"),
        (
            "0 */5 1-3 * * *",
            "every day at minutes 0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50 and 55 of hours 1 to 3 UTC",
        ),
        (", 0 2 * * *", "never"),
        ("@weekly", "every Sunday at 00:00 UTC"),
        (
            "@every 36h",
            "every 1 day 12 hours, counted from the last backup",
        ),
    ] {
        let cron = Cron::parse(text).expect(text);
        assert_eq!(cron.words(), words, "{text}");
    }
}
