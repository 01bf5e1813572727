//! Times in words: when, how long ago, how long it took.

use crate::Time;

/// Returns how far a time is from now, such as `3h ago` or `in 12d`; empty for no time.
pub fn from(now: Time, time: Option<Time>) -> String {
    match time {
        None => String::new(),
        Some(time) if time > now => format!("in {}", time.age(now)),
        Some(time) => format!("{} ago", now.age(time)),
    }
}

/// Returns a time and how far it is from now, such as `2026-11-20T02:00:00Z (3h ago)`; empty for no time.
pub fn at(now: Time, time: Option<Time>) -> String {
    time.map(|time| format!("{time} ({})", from(now, Some(time))))
        .unwrap_or_default()
}

/// Returns how long it took; empty where it has not ended, or not begun.
pub fn took(began: Option<Time>, ended: Option<Time>) -> String {
    let both = began.zip(ended);
    both.map(|(began, ended)| ended.age(began))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{at, took};
    use crate::Time;

    #[test]
    fn what_is_past_and_what_is_to_come_are_told_apart() {
        let time = |hour| Time::parse(&format!("2026-11-20T{hour:02}:00:00Z"));
        let now = time(12).expect("it is a time");
        assert_eq!(at(now, time(2)), "2026-11-20T02:00:00Z (10h ago)");
        assert_eq!(at(now, time(22)), "2026-11-20T22:00:00Z (in 10h)");
        assert_eq!(at(now, None), "");
        assert_eq!(took(time(2), time(12)), "10h");
        assert_eq!(took(time(2), None), "");
    }
}
