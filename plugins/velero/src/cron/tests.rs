//! Expressions, compared with what Velero's own library makes of them.

use super::Cron;
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
fn every_expression_is_what_velero_takes_it_for() {
    let table = include_str!("robfig.txt").lines();
    let rows: Vec<_> = table.filter(|row| !row.starts_with('#')).collect();
    assert!(rows.len() > 200, "the table is cut");
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
        ("", "it has 0 fields and needs 5"),
        ("0 2 * *", "it has 4 fields and needs 5"),
        ("0 0 2 * * *", "it has 6 fields and needs 5"),
        ("60 2 * * *", "minute `60`: `60` is not within 0 to 59"),
        ("0 2 * * 7", "day of week `7`: `7` is not within 0 to 6"),
        (
            "0 2 * * fri-mon",
            "day of week `fri-mon`: `fri-mon` ends before it begins",
        ),
        (
            "0 2 * January *",
            "month `January`: `January` is no number and none of jan feb mar apr may jun jul aug sep oct nov dec",
        ),
        ("*/0 2 * * *", "minute `*/0`: `*/0` steps by nothing"),
        ("0 2 L * *", "day of month `L`: `L` is no number"),
        ("@every 1d", "`1d` is no duration of Go's, such as `6h`"),
        (
            "@reboot",
            "there is no `@reboot`, only @yearly, @monthly, @weekly, @daily, @hourly and @every",
        ),
        ("CRON_TZ=UTC", "nothing stands behind the time zone"),
        ("CRON_TZ=../UTC 0 2 * * *", "`../UTC` is no time zone"),
    ] {
        let failure = Cron::parse(text).expect_err(text).to_string();
        let expected =
            format!("invalid: `{text}` is no cron expression: {why}; next: give minute, ");
        assert!(failure.starts_with(&expected), "{failure}");
    }
}

#[test]
fn expressions_are_said_in_words() {
    for (text, words) in [
        ("0 2 * * *", "every day at 02:00 UTC"),
        ("@daily", "every day at 00:00 UTC"),
        ("@weekly", "every Sunday at 00:00 UTC"),
        ("@monthly", "on day 1 of the month at 00:00 UTC"),
        ("@yearly", "on day 1 of January at 00:00 UTC"),
        ("@hourly", "every hour at minute 0"),
        ("* * * * *", "every minute"),
        ("*/15 * * * *", "every 15 minutes"),
        (
            "*/7 * * * *",
            "every hour at minutes 0, 7, 14, 21, 28, 35, 42, 49 and 56",
        ),
        (
            "*/30 * * * mon-fri",
            "every 30 minutes, every Monday to Friday (UTC)",
        ),
        (
            "0 */6 * * *",
            "every day at 00:00, 06:00, 12:00 and 18:00 UTC",
        ),
        (
            "*/10 9-17 * * 1-5",
            "every Monday to Friday at minutes 0, 10, 20, 30, 40 and 50 of hours 9 to 17 UTC",
        ),
        (
            "30 3 1,15 * *",
            "on days 1 and 15 of the month at 03:30 UTC",
        ),
        (
            "0 3 1-7 jan,jul *",
            "on days 1 to 7 of January and July at 03:00 UTC",
        ),
        (
            "0 3 1 * 1",
            "on day 1 of the month and every Monday at 03:00 UTC",
        ),
        ("0 3 1-31 * 1", "every day at 03:00 UTC"),
        (
            "0 3 * 12 sat,sun",
            "every Sunday and Saturday in December at 03:00 UTC",
        ),
        ("0 0 30 2 *", "on day 30 of February at 00:00 UTC"),
        ("0 2 * * ,", "never"),
        (
            "@every 90m",
            "every 1 hour 30 minutes, counted from the last backup",
        ),
        ("CRON_TZ=UTC 0 2 * * *", "every day at 02:00 UTC"),
        (
            "CRON_TZ=Europe/Berlin 0 2 * * *",
            "every day at 02:00 Europe/Berlin",
        ),
    ] {
        assert_eq!(
            Cron::parse(text).map(|cron| cron.words()),
            Ok(words.to_owned()),
            "{text}"
        );
    }
}

#[test]
fn the_times_of_another_zone_are_not_guessed() {
    let cron = Cron::parse("TZ=Europe/Berlin 0 2 * * *").expect("Velero may know the zone");
    assert_eq!(cron.unknown_zone(), Some("Europe/Berlin"));
    assert_eq!(next_three(&cron, AFTER[0]), "-");
    let cron = Cron::parse("TZ=Europe/Berlin @every 6h").expect("the zone means nothing here");
    assert!(next_three(&cron, AFTER[0]).starts_with("2026-11-21T15:30:05Z"));
}
