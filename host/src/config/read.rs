//! From TOML to [`mod@file`] types: shapes and unknown keys, and nothing about what a value means.
//!
//! Written by hand because serde stops at the first error. Each table remembers which keys were asked of it: what is left
//! at the end is unknown, so the list of known keys cannot be forgotten.

mod json;
mod table;

use toml::de::DeTable;

use self::table::Table;
use super::file;
use super::problem::{At, Place, Report};

/// Reads the text, or reports where it is not TOML and returns `None`.
pub(super) fn file(text: &str, report: &mut Report<'_>) -> Option<file::File> {
    match DeTable::parse(text) {
        Ok(document) => {
            let place = Place {
                key: String::new(),
                span: Some(document.span()),
            };
            Some(Table::new(document.get_ref(), place).file(report))
        }
        Err(error) => {
            let place = Place {
                key: String::new(),
                span: error.span(),
            };
            report.add(
                &place,
                format!("this is not TOML: {}", error.message()),
                "see https://toml.io for the syntax",
            );
            None
        }
    }
}

impl Table<'_> {
    fn file(mut self, report: &mut Report<'_>) -> file::File {
        let file = file::File {
            cluster: self
                .table("cluster", report)
                .map(|table| table.cluster(report)),
            prometheus: self
                .table("prometheus", report)
                .map(|table| table.prometheus(report)),
            runtime: self
                .table("runtime", report)
                .map(|table| table.runtime(report)),
            directories: self
                .table("directories", report)
                .map(|table| table.directories(report)),
            approval: self
                .table("approval", report)
                .map(|table| table.approval(report)),
            changes: self
                .table("changes", report)
                .map(|table| table.changes(report)),
            plugins: self
                .table("plugins", report)
                .map(|table| table.plugins(report))
                .unwrap_or_default(),
        };
        self.finish(report);
        file
    }

    fn cluster(mut self, report: &mut Report<'_>) -> file::Cluster {
        let cluster = file::Cluster {
            kubeconfig: self.text("kubeconfig", report),
            context: self.text("context", report),
            request_timeout: self.quantity("request_timeout", report),
            retries: self.number("retries", report),
        };
        self.finish(report);
        cluster
    }

    fn prometheus(mut self, report: &mut Report<'_>) -> file::Prometheus {
        let prometheus = file::Prometheus {
            url: self.text("url", report),
            bearer_token_file: self.text("bearer_token_file", report),
            ca_file: self.text("ca_file", report),
            timeout: self.quantity("timeout", report),
        };
        self.finish(report);
        prometheus
    }

    fn runtime(mut self, report: &mut Report<'_>) -> file::Runtime {
        let runtime = file::Runtime {
            compile_timeout: self.quantity("compile_timeout", report),
            max_calls: self.number("max_calls", report),
            arguments: self.quantity("arguments", report),
        };
        self.finish(report);
        runtime
    }

    fn directories(mut self, report: &mut Report<'_>) -> file::Directories {
        let directories = file::Directories {
            cache: self.text("cache", report),
            state: self.text("state", report),
        };
        self.finish(report);
        directories
    }

    fn approval(mut self, report: &mut Report<'_>) -> file::Approval {
        let approval = file::Approval {
            approvers: self
                .tables("approvers", report)
                .into_iter()
                .map(|table| table.approver(report))
                .collect(),
            rules: self
                .tables("rules", report)
                .into_iter()
                .map(|table| table.approval_rule(report))
                .collect(),
            wait: self.quantity("wait", report),
        };
        self.finish(report);
        approval
    }

    fn approver(mut self, report: &mut Report<'_>) -> file::Approver {
        let approver = file::Approver {
            place: self.place.clone(),
            name: self.text("name", report),
            key: self.text("key", report),
        };
        self.finish(report);
        approver
    }

    fn approval_rule(mut self, report: &mut Report<'_>) -> file::ApprovalRule {
        let rule = file::ApprovalRule {
            place: self.place.clone(),
            plugins: self.texts("plugins", report),
            tools: self.texts("tools", report),
            verbs: self.texts("verbs", report),
            resources: self.texts("resources", report),
            namespaces: self.texts("namespaces", report),
            risk: self.texts("risk", report),
            channel: self.text("channel", report),
        };
        self.finish(report);
        rule
    }

    fn changes(mut self, report: &mut Report<'_>) -> file::Changes {
        let changes = file::Changes {
            proposal_lifetime: self.quantity("proposal_lifetime", report),
            approval_lifetime: self.quantity("approval_lifetime", report),
            decline_pause: self.quantity("decline_pause", report),
            max_changes: self.number("max_changes", report),
            max_plan: self.quantity("max_plan", report),
            max_open: self.number("max_open", report),
            keep_snapshots: self.quantity("keep_snapshots", report),
            keep_proposals: self.quantity("keep_proposals", report),
        };
        self.finish(report);
        changes
    }

    fn plugins(self, report: &mut Report<'_>) -> Vec<(At<String>, file::Plugin)> {
        let named = self.named(report).into_iter();
        named
            .map(|(key, table)| (key, table.plugin(report)))
            .collect()
    }

    fn plugin(mut self, report: &mut Report<'_>) -> file::Plugin {
        let plugin = file::Plugin {
            place: self.place.clone(),
            source: self.text("source", report),
            sha256: self.text("sha256", report),
            tools: self.texts("tools", report),
            resources: self.texts("resources", report),
            prompts: self.texts("prompts", report),
            prefix: self.text("prefix", report),
            limits: self
                .table("limits", report)
                .map(|table| table.limits(report)),
            settings: self
                .table("settings", report)
                .map(|table| table.json(report))
                .unwrap_or_default(),
            settings_from_environment: self
                .table("settings_from_environment", report)
                .map(|table| table.named_texts(report))
                .unwrap_or_default(),
            impersonate: self
                .table("impersonate", report)
                .map(|table| table.impersonate(report)),
            prometheus: self.flag("prometheus", report),
            grants: self
                .tables("grants", report)
                .into_iter()
                .map(|table| table.grant(report))
                .collect(),
        };
        self.finish(report);
        plugin
    }

    fn impersonate(mut self, report: &mut Report<'_>) -> file::Impersonate {
        let impersonate = file::Impersonate {
            place: self.place.clone(),
            user: self.text("user", report),
            groups: self.texts("groups", report),
        };
        self.finish(report);
        impersonate
    }

    fn limits(mut self, report: &mut Report<'_>) -> file::Limits {
        let limits = file::Limits {
            memory: self.quantity("memory", report),
            table_elements: self.number("table_elements", report),
            cpu: self.quantity("cpu", report),
            wall: self.quantity("wall", report),
            host_calls: self.number("host_calls", report),
            crossing: self.quantity("crossing", report),
            output: self.quantity("output", report),
            concurrent: self.number("concurrent", report),
        };
        self.finish(report);
        limits
    }

    fn grant(mut self, report: &mut Report<'_>) -> file::Grant {
        let grant = file::Grant {
            place: self.place.clone(),
            api_groups: self.texts("api_groups", report),
            resources: self.texts("resources", report),
            verbs: self.texts("verbs", report),
            namespaces: self.texts("namespaces", report),
            scope: self.text("scope", report),
            names: self.texts("names", report),
            label_selector: self.text("label_selector", report),
            fields: self.texts("fields", report),
            max_objects: self.number("max_objects", report),
            secret_values: self.flag("secret_values", report),
        };
        self.finish(report);
        grant
    }
}
