//! Whether Prometheus answers, where one is configured, and who may ask it.

use super::Report;
use crate::backend::prometheus::Prometheus;
use crate::config::{Config, Environment};
use crate::failure::chain;

/// Asks it one question of the host's own.
pub(super) async fn check(config: &Config, environment: &Environment, report: &mut Report) {
    let Some(settings) = &config.prometheus else {
        return;
    };
    let url = &settings.url;
    let prometheus = Prometheus::new(settings.clone(), environment);
    match prometheus.targets().await {
        Ok(Some(targets)) => report.ok(format!(
            "Prometheus at `{url}` answers: {targets} targets are up"
        )),
        Ok(None) => report.warn(
            format!("Prometheus at `{url}` answers, and knows no metric `up`"),
            "look whether it scrapes anything, or whether what stands before it shows too little",
        ),
        Err(failure) => {
            let fix = failure.fix.as_deref();
            report.fail(
                chain(&failure),
                fix.unwrap_or("look at `url` under [prometheus]"),
            );
        }
    }
    if !config.plugins.values().any(|plugin| plugin.prometheus) {
        report.warn(
            "Prometheus is configured, and no plugin may ask it",
            "set `prometheus = true` in the table of a plugin that asks for it",
        );
    }
}
