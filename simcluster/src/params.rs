//! Query parameters, decoded, with the real server's words for what cannot be read.

use crate::status::Refusal;

/// The parameters of one request. Of a repeated one the first counts.
#[derive(Debug)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// Takes the decoded pairs in their order.
    pub(crate) fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// None where it is missing or empty, which the API does not tell apart.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let value = self
            .0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str());
        value.filter(|value| !value.is_empty())
    }

    /// As Kubernetes reads it: anything but `false` and `0` is true.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.text(name)
            .is_some_and(|value| !matches!(value.to_lowercase().as_str(), "false" | "0"))
    }

    /// # Errors
    /// 400 if it is not an integer.
    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let parse = |value: &str| {
            value.parse().map_err(|_| {
                Refusal::bad_request(format!(
                    "strconv.ParseInt: parsing \"{value}\": invalid syntax"
                ))
            })
        };
        self.text(name).map(parse).transpose()
    }
}
