//! Texts that differ in nothing but numbers and quoted literals are the same for a sum.

/// The longest shape, in characters.
const LONGEST: usize = 200;

/// Returns the text as one line in which each number and each literal between single quotes is `?`. Long ones are cut.
pub(super) fn shape(text: &str) -> String {
    let mut shape = String::new();
    let mut length = 0;
    let mut letters = text.chars().peekable();
    // Digits that go on a name belong to it: `orders_2024`.
    let mut in_name = false;
    while let Some(letter) = letters.next() {
        if length == LONGEST {
            shape.push('…');
            break;
        }
        let put = match letter {
            '\'' => {
                // Two quotes are one within a literal: then another literal begins at once, and is the same `?`.
                letters.by_ref().find(|end| *end == '\'');
                in_name = false;
                '?'
            }
            digit if digit.is_ascii_digit() && !in_name => {
                while letters
                    .next_if(|next| next.is_ascii_digit() || *next == '.')
                    .is_some()
                {}
                '?'
            }
            space if space.is_whitespace() => {
                in_name = false;
                ' '
            }
            letter => {
                in_name = letter.is_alphanumeric() || letter == '_' || letter == '$';
                letter
            }
        };
        let again = shape.ends_with(put) && (put == ' ' || put == '?');
        if !again {
            shape.push(put);
            length += 1;
        }
    }
    shape.trim().to_owned()
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
        assert_eq!(shape("$1 and $23"), "$1 and $23");
        assert_eq!(shape(&"x ".repeat(500)).chars().count(), 201);
    }
}
