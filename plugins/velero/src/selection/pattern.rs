//! Patterns as Velero matches names with them: `*`, `?`, `[abc]` and `[a-z]` (`pkg/util/wildcard`, which takes the library
//! gobwas/glob). A dot is no border.

/// Whether a name stands for more than itself.
pub(crate) fn is_pattern(name: &str) -> bool {
    name.contains(['*', '?', '['])
}

/// Whether the whole name fits the pattern.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    bytes_fit(pattern.as_bytes(), name.as_bytes())
}

/// Goes back to the last `*` only: what stands before it fits already. Names are ASCII, and a byte is a letter.
fn bytes_fit(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut seen) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        let rest = pattern.get(at..).unwrap_or_default();
        let letter = name.get(seen).copied();
        if rest.is_empty() && letter.is_none() {
            return true;
        }
        if rest.first() == Some(&b'*') {
            star = Some((at + 1, seen));
            at += 1;
            continue;
        }
        if let Some(length) = letter.and_then(|letter| letter_fits(rest, letter)) {
            at += length;
            seen += 1;
            continue;
        }
        match star {
            Some((after, from)) if from < name.len() => {
                star = Some((after, from + 1));
                (at, seen) = (after, from + 1);
            }
            _ => return false,
        }
    }
}

/// Returns the length of what the pattern begins with where it fits the letter.
fn letter_fits(pattern: &[u8], letter: u8) -> Option<usize> {
    match pattern {
        [b'?', ..] => Some(1),
        [b'[', rest @ ..] => {
            let end = rest.iter().position(|one| *one == b']')?;
            let fits = match rest.get(..end)? {
                [low, b'-', high] => (*low..=*high).contains(&letter),
                letters => letters.contains(&letter),
            };
            fits.then_some(end + 2)
        }
        [first, ..] => (*first == letter).then_some(1),
        [] => None,
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns_fit_as_in_velero() {
        for (pattern, name, expected) in [
            ("shop", "shop", true),
            ("shop", "shop-2", false),
            ("*", "", true),
            ("*", "shop", true),
            ("shop-*", "shop-2", true),
            ("shop-*", "shop-", true),
            ("shop-*", "shop", false),
            ("*-prod", "eu-shop-prod", true),
            ("*-prod", "prod", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("team-?", "team-a", true),
            ("team-?", "team-", false),
            ("team-?", "team-10", false),
            ("team-[abc]", "team-b", true),
            ("team-[abc]", "team-d", false),
            ("team-[a-c]x", "team-bx", true),
            ("team-[a-c]x", "team-dx", false),
            ("[st]hop*", "thop", true),
            ("", "", true),
            ("", "shop", false),
            ("*.apps", "deployments.apps", true),
            ("*aab", "aaab", true),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }
}
