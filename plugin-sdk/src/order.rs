//! Sorting, small: what the standard library sorts with is 3 KB of the component for each type.

/// Sorts by a key, the least first; what has the same key stays in its order. By insertion: for hundreds, not for thousands.
pub fn by<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    for end in 1..items.len() {
        let mut at = end;
        while at > 0 && key(&items[at]) < key(&items[at - 1]) {
            items.swap(at, at - 1);
            at -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::by;

    #[test]
    fn the_least_comes_first_and_what_is_the_same_keeps_its_order() {
        let mut words = ["bb", "a", "dd", "c", "aaa"];
        by(&mut words, |word| word.len());
        assert_eq!(words, ["a", "c", "bb", "dd", "aaa"]);
        by(&mut words[..0], |word| word.len());
    }
}
