//! One line at a time, with the fields of `LoggingRecord` (`loggingCollector.go`) and `PgAuditRecord` (`pgaudit.go`): an empty one is
//! left out, as the operator does.

use serde_json::{Value, json};

use crate::{clock::Clock, meta::extend};

/// The lines of a container, in any order. Times are seconds ago.
pub(super) struct Lines<'a> {
    clock: &'a Clock,
    pod: &'static str,
    lines: Vec<(i64, Value)>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(clock: &'a Clock, pod: &'static str) -> Self {
        Self {
            clock,
            pod,
            lines: Vec::new(),
        }
    }

    /// The oldest line first.
    pub(super) fn into_text(mut self) -> String {
        self.lines.sort_by_key(|(seconds, _)| -seconds);
        let lines = self.lines.iter();
        let lines = lines.map(|(seconds, line)| {
            let (stamp, _) = self.clock.of_log(*seconds);
            format!("{stamp} {line}\n")
        });
        lines.collect()
    }

    fn push(&mut self, seconds: i64, level: &str, logger: &str, message: &str, more: Value) {
        let (stamp, _) = self.clock.of_log(seconds);
        let mut line = json!({
            "level": level, "ts": stamp, "logger": logger, "msg": message, "logging_pod": self.pod,
        });
        extend(&mut line, more);
        self.lines.push((seconds, line));
    }

    /// A line of the instance manager itself, or of a program that it runs.
    pub(super) fn manager(&mut self, seconds: i64, level: &str, logger: &str, message: &str) {
        self.push(seconds, level, logger, message, json!({}));
    }

    pub(super) fn wal(&mut self, seconds: i64, level: &str, message: &str, name: &str) {
        let more = json!({ "walName": format!("pg_wal/{name}") });
        self.push(seconds, level, "wal-archive", message, more);
    }

    /// What PostgreSQL says: severity, SQLSTATE, message.
    pub(super) fn said(&self, severity: &str, code: &str, message: &str) -> Value {
        json!({ "error_severity": severity, "sql_state_code": code, "message": message })
    }

    /// What a process of the server says.
    pub(super) fn server(&mut self, seconds: i64, severity: &str, message: &str, process: &str) {
        let code = if severity == "PANIC" {
            "53100"
        } else {
            "00000"
        };
        let mut record = self.said(severity, code, message);
        extend(
            &mut record,
            json!({ "backend_type": process, "process_id": "31", "query_id": "0", "transaction_id": "0" }),
        );
        self.record(seconds, "postgres", record);
    }

    /// What the server says about a client's statement; an empty one is none.
    pub(super) fn by_client(
        &mut self,
        seconds: i64,
        mut record: Value,
        user: &str,
        database: &str,
        statement: &str,
    ) {
        extend(&mut record, client(user, database));
        if !statement.is_empty() {
            extend(
                &mut record,
                json!({ "query": statement, "command_tag": statement.split(' ').next() }),
            );
        }
        self.record(seconds, "postgres", record);
    }

    /// A statement longer than `log_min_duration_statement`.
    pub(super) fn slow(
        &mut self,
        seconds: i64,
        user: &str,
        database: &str,
        milliseconds: u32,
        statement: &str,
    ) {
        let message = format!("duration: {milliseconds}.417 ms  statement: {statement}");
        let mut record = self.said("LOG", "00000", &message);
        extend(&mut record, client(user, database));
        extend(
            &mut record,
            json!({ "command_tag": statement.split(' ').next() }),
        );
        self.record(seconds, "postgres", record);
    }

    pub(super) fn audit(
        &mut self,
        seconds: i64,
        user: &str,
        database: &str,
        class: &str,
        statement: &str,
    ) {
        let command = statement.split(' ').next();
        let mut record =
            json!({ "error_severity": "LOG", "sql_state_code": "00000", "command_tag": command });
        extend(&mut record, client(user, database));
        record["audit"] = json!({
            "audit_type": "SESSION", "statement_id": "1", "substatement_id": "1", "class": class, "command": command,
            "statement": statement, "parameter": "<none>",
        });
        self.record(seconds, "pgaudit", record);
    }

    fn record(&mut self, seconds: i64, logger: &str, mut record: Value) {
        let (_, time) = self.clock.of_log(seconds);
        record["log_time"] = json!(time);
        self.push(
            seconds,
            "info",
            logger,
            "record",
            json!({ "record": record }),
        );
    }
}

fn client(user: &str, database: &str) -> Value {
    json!({
        "user_name": user, "database_name": database, "process_id": "2041", "connection_from": "10.244.9.4:51544",
        "session_id": "673f0a11.7f9", "session_line_num": "3", "virtual_transaction_id": "5/2211", "transaction_id": "0",
        "application_name": "backend", "backend_type": "client backend", "query_id": "0",
    })
}
