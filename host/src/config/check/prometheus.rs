//! `[prometheus]`: an address that questions can go to, and a token that nobody on the way reads.

use http::Uri;

use super::super::PrometheusConfig;
use super::super::file;
use super::super::limits;
use super::super::problem::{At, Report};
use super::quantity::duration;
use super::{Base, not_empty};

const URL_FIX: &str =
    "write the address of Prometheus, such as \"http://prometheus.monitoring.svc:9090\"";

/// Returns how Prometheus is reached; none where no address is given, or it has a problem.
pub(super) fn prometheus(
    file: file::Prometheus,
    base: &Base<'_>,
    report: &mut Report<'_>,
) -> Option<PrometheusConfig> {
    let url = file.url.and_then(|text| url(&text, report));
    let token = "leave the key out to ask without a token";
    let token = not_empty(file.bearer_token_file, token, report);
    if let (Some(url), Some(token)) = (&url, &token)
        && goes_in_the_clear(url)
    {
        report.add(
            &token.place,
            "the token would go over the network in the clear",
            "write an address with https, or leave the key out",
        );
    }
    let system = "leave the key out to use the certificates of the system";
    let ca_file = not_empty(file.ca_file, system, report);
    let timeout = duration(
        file.timeout,
        limits::PROMETHEUS_TIMEOUT,
        PrometheusConfig::TIMEOUT,
        report,
    );
    Some(PrometheusConfig {
        url: url?,
        bearer_token_file: token.map(|text| base.resolve(&text.value)),
        ca_file: ca_file.map(|text| base.resolve(&text.value)),
        timeout,
    })
}

/// Reports a plugin that may ask where there is nothing to ask.
pub(super) fn needed(given: Option<&At<bool>>, has_prometheus: bool, report: &mut Report<'_>) {
    if let Some(flag) = given.filter(|flag| flag.value && !has_prometheus) {
        report.add(
            &flag.place,
            "there is no Prometheus to ask",
            "set `url` under [prometheus], or leave the key out",
        );
    }
}

/// Reads an address. Its text is never repeated: it may hold a password.
fn url(text: &At<String>, report: &mut Report<'_>) -> Option<Uri> {
    // `Uri` drops a fragment without a word.
    let wrong = match text.value.parse::<Uri>() {
        Ok(url) => match (url.scheme_str(), url.authority()) {
            (Some("http" | "https"), Some(authority)) if authority.as_str().contains('@') => {
                "a user or a password in the address is not taken"
            }
            (Some("http" | "https"), Some(_))
                if url.query().is_some() || text.value.contains('#') =>
            {
                "the address has more than a path"
            }
            (Some("http" | "https"), Some(_)) => return Some(url),
            _ => "the address is not that of an HTTP server",
        },
        Err(_) => "this is not a URL",
    };
    let fix = if wrong.starts_with("a user") {
        "put a token into a file, and name it by `bearer_token_file`"
    } else {
        URL_FIX
    };
    report.add(&text.place, wrong, fix);
    None
}

/// Whether others could read what is sent.
fn goes_in_the_clear(url: &Uri) -> bool {
    url.scheme_str() == Some("http") && !PrometheusConfig::is_here(url)
}
