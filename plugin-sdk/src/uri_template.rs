//! URI templates of RFC 6570, level 1: `velero://backups/{name}`.
//!
//! A variable stands for one or more characters but `/`; all else stands for itself. A template that says more than that,
//! such as `{+path}`, or that cannot be told apart, such as `{a}{b}`, matches nothing: the host refuses a plugin that has one.

/// A template taken apart.
pub(crate) struct UriTemplate {
    /// What a URI begins with.
    head: &'static str,
    /// Each variable, with what follows it.
    variables: Vec<(&'static str, &'static str)>,
}

impl UriTemplate {
    /// Returns none for what is not of level 1.
    pub(crate) fn parse(template: &'static str) -> Option<Self> {
        let mut pieces = template.split('{');
        let head = pieces.next().filter(|head| !head.contains('}'))?;
        let mut variables: Vec<(&str, &str)> = Vec::new();
        for piece in pieces {
            let (variable, after) = piece.split_once('}')?;
            let side_by_side = variables.last().is_some_and(|(_, after)| after.is_empty());
            let again = variables.iter().any(|(known, _)| *known == variable);
            if !is_variable(variable) || after.contains('}') || side_by_side || again {
                return None;
            }
            variables.push((variable, after));
        }
        Some(Self { head, variables })
    }

    /// Returns the value of each variable, percent-decoded; none where the URI does not match, or a value is no UTF-8.
    ///
    /// Where a text could be parted in several ways, the first variables are the shortest.
    pub(crate) fn values(&self, uri: &str) -> Option<Vec<(&'static str, String)>> {
        let mut rest = uri.strip_prefix(self.head)?;
        let mut values = Vec::with_capacity(self.variables.len());
        let mut variables = self.variables.iter().peekable();
        while let Some((variable, after)) = variables.next() {
            let (value, beyond) = match variables.peek() {
                Some(_) => parted(rest, after)?,
                None => (rest.strip_suffix(after)?, ""),
            };
            values.push((*variable, decoded(value)?));
            rest = beyond;
        }
        rest.is_empty().then_some(values)
    }
}

fn is_variable(name: &str) -> bool {
    let word = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.bytes().all(word)
}

/// Parts a text at the first place where `literal` stands behind at least one character. A later place would help no match:
/// what lies between the two has no `/` if the first variable could take it, so the next variable can take it as well.
fn parted<'a>(text: &'a str, literal: &str) -> Option<(&'a str, &'a str)> {
    let first = text.chars().next()?.len_utf8();
    let (_, behind) = text.split_at_checked(first)?;
    let (value, rest) = text.split_at_checked(first + behind.find(literal)?)?;
    Some((value, rest.strip_prefix(literal)?))
}

fn decoded(value: &str) -> Option<String> {
    if value.is_empty() || value.contains('/') {
        return None;
    }
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => hex(rest.next()?)? << 4 | hex(rest.next()?)?,
            other if other.is_ascii_graphic() => other,
            // A URI is written without it.
            _ => return None,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::UriTemplate;

    fn values(template: &'static str, uri: &str) -> Option<Vec<(&'static str, String)>> {
        UriTemplate::parse(template)?.values(uri)
    }

    fn only(template: &'static str, uri: &str) -> Option<String> {
        let mut values = values(template, uri)?;
        assert_eq!(values.len(), 1, "{values:?}");
        values.pop().map(|(_, value)| value)
    }

    #[test]
    fn a_variable_takes_one_or_more_characters_but_a_slash() {
        let template = "a://pods/{name}";
        assert_eq!(only(template, "a://pods/web-0").as_deref(), Some("web-0"));
        for uri in [
            "a://pods/",
            "a://pods",
            "a://pods/a/b",
            "a://pods/a b",
            "a://pods/é",
            "A://pods/a",
            "b://pods/a",
        ] {
            assert_eq!(only(template, uri), None, "{uri}");
        }
    }

    #[test]
    fn values_are_percent_decoded_once_and_must_be_utf8() {
        let template = "a://{name}.json";
        for (uri, value) in [
            ("a://a%2Fb.json", Some("a/b")),
            ("a://%C3%A9.json", Some("é")),
            ("a://100%2525.json", Some("100%25")),
            ("a://a+b.json", Some("a+b")),
            ("a://%FF.json", None),
            ("a://%2.json", None),
            ("a://%zz.json", None),
            ("a://%+1.json", None),
        ] {
            assert_eq!(only(template, uri).as_deref(), value, "{uri}");
        }
    }

    #[test]
    fn several_variables_are_parted_by_what_stands_between_them() {
        for (template, uri, expected) in [
            ("a://{x}/{y}", "a://shop/web", Some(["shop", "web"])),
            ("a://{x}-{y}", "a://a-b-c", Some(["a", "b-c"])),
            ("a://{x}-{y}", "a://-b-c", Some(["-b", "c"])),
            ("a://{x}-{y}.log", "a://a-b.log.log", Some(["a", "b.log"])),
            ("a://{x}-{y}/z", "a://a-b/c/z", None),
            ("a://{x}/{y}", "a://shop/", None),
            ("a://{x}/{y}", "a:///web", None),
            ("a://{x}/{y}", "a://shop", None),
        ] {
            let values = values(template, uri);
            let expected = expected.map(|[x, y]| vec![("x", x.to_owned()), ("y", y.to_owned())]);
            assert_eq!(values, expected, "{template} {uri}");
        }
    }

    #[test]
    fn what_is_not_of_level_one_matches_nothing() {
        for template in [
            "a://{+x}",
            "a://{x*}",
            "a://{x,y}",
            "a://{}",
            "a://{X}",
            "a://{1}",
            "a://{x}{y}",
            "a://{x}/{x}",
            "a://{x",
            "a://x}",
            "a://{x}}",
            "a://{{x}}",
        ] {
            assert!(UriTemplate::parse(template).is_none(), "{template}");
        }
    }
}
