//! Texts that differ in nothing but numbers and quoted literals are the same for a sum.

/// The longest shape, in characters.
const LONGEST: usize = 200;

/// Returns the text as one line in which each number and each literal, between single quotes or dollars, is `?`. Long ones are cut.
pub(super) fn shape(text: &str) -> String {
    let mut shape = String::new();
    let mut length = 0;
    // Digits that go on a name belong to it: `orders_2024`, `$1`.
    let mut in_name = false;
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        if length == LONGEST {
            shape.push('…');
            break;
        }
        let after = rest.strip_prefix(letter).unwrap_or_default();
        // A name in quotes is taken whole: a quote in it begins no literal.
        if let Some((name, behind)) = after.split_once('"').filter(|_| letter == '"') {
            shape.push('"');
            shape.extend(name.chars().take(LONGEST));
            shape.push('"');
            length += 1;
            (in_name, rest) = (false, behind);
            continue;
        }
        let put;
        (put, rest) = match letter {
            // In a comment and in a literal with escapes a quote ends nothing.
            '-' if after.starts_with('-') => (' ', behind(after, "\n")),
            '/' if after.starts_with('*') => (' ', behind(after, "*/")),
            'e' | 'E' if !in_name && after.starts_with('\'') => (
                '?',
                behind_escaped(after.strip_prefix('\'').unwrap_or_default()),
            ),
            // Two quotes are one within a literal: then another literal begins at once, and is the same `?`.
            '\'' => ('?', behind(after, "'")),
            '$' if !in_name => match tag(after) {
                Some(tag) => ('?', behind(behind(after, "$"), &tag)),
                None => ('$', after),
            },
            digit if digit.is_ascii_digit() && !in_name => {
                let goes_on = |next: char| next.is_ascii_digit() || next == '.';
                ('?', after.trim_start_matches(goes_on))
            }
            space if space.is_whitespace() => (' ', after),
            letter => (letter, after),
        };
        in_name = put.is_alphanumeric() || put == '_' || put == '$';
        let again = shape.ends_with(put) && (put == ' ' || put == '?');
        if !again {
            shape.push(put);
            length += 1;
        }
    }
    shape.trim().to_owned()
}

/// Returns what stands behind the next `end`; nothing where there is none.
fn behind<'a>(text: &'a str, end: &str) -> &'a str {
    text.split_once(end).map_or("", |(_, rest)| rest)
}

/// Returns what stands behind the quote that ends a literal in which a backslash takes the next letter along.
fn behind_escaped(text: &str) -> &str {
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => drop(letters.next()),
            '\'' => break,
            _ => {}
        }
    }
    letters.as_str()
}

/// Returns the tag that a literal between dollars ends with, such as `$$` or `$body$`, given what stands behind its first dollar.
fn tag(after: &str) -> Option<String> {
    let (name, _) = after.split_once('$')?;
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    let fits = name.chars().all(is_name) && !name.starts_with(|first: char| first.is_ascii_digit());
    fits.then(|| format!("${name}$"))
}

#[cfg(test)]
mod tests {
    use super::shape;

    #[test]
    fn numbers_and_literals_count_for_nothing_and_names_are_kept() {
        assert_eq!(
            shape("SELECT *\n  FROM orders_2024 WHERE id = 4711 AND name = 'O''Hara' LIMIT 1.5"),
            "SELECT * FROM orders_2024 WHERE id = ? AND name = ? LIMIT ?"
        );
        assert_eq!(
            shape("relation \"t1\" does not exist"),
            "relation \"t1\" does not exist"
        );
        assert_eq!(shape("a 'literal without end"), "a ?");
        for hidden in [
            r#"SELECT "it's" FROM t WHERE a = 'secret'"#,
            "SELECT 1 -- don't\n FROM t WHERE a = 'secret'",
            "SELECT /* don't */ 1 WHERE a = 'secret'",
            r"SELECT E'a\'b', 'secret'",
        ] {
            assert!(!shape(hidden).contains("secret"), "{hidden}");
        }
        assert_eq!(shape("$1 and $23"), "$1 and $23");
        assert_eq!(
            shape("do $$ secret $$; call f($a1$ one $$ two $a1$, $1)"),
            "do ?; call f(?, $1)"
        );
        assert_eq!(shape("do $$ no end"), "do ?");
        assert_eq!(shape(&"x ".repeat(500)).chars().count(), 201);
    }
}
