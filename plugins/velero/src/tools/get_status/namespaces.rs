//! How old the newest good backup of each namespace is.

use super::{Few, Found, MOST};
use crate::judging::points::{self, Line};
use crate::row;
use crate::selection::{Selection, Take};
use crate::spec::all_or;
use bulkhead_plugin_sdk::document::listed;
use bulkhead_plugin_sdk::kubernetes::{Query, ResourceType, Scope};
use bulkhead_plugin_sdk::{Failure, Object, Time, order, when};

impl Found<'_> {
    /// The newest good backup of each namespace, the oldest first, and which have none.
    pub(super) fn namespaces(&mut self) -> Result<(), Failure> {
        let lines = points::lines(self.namespace, self.now)?;
        let mut names: Vec<(String, Time)> = Vec::new();
        let query = Query::new(ResourceType::new("", "namespaces"), Scope::Cluster);
        let paths = ["metadata.name", "metadata.creationTimestamp"];
        let read = row::each(&query, &paths, &mut |row| {
            let made = row.time(1).unwrap_or(Time::EPOCH);
            names.push((row.text(0).to_owned(), made));
            Ok(())
        });
        let all_known = self.document.known("the cluster's namespaces", read)?;
        let mut shown = Few::new(MOST);
        if !all_known {
            for line in &lines {
                match Selection::of(&line.spec).named_namespaces() {
                    Some(named) => names.extend(named.into_iter().map(|name| (name, Time::EPOCH))),
                    None => self.many(line, &mut shown),
                }
            }
            order::by(&mut names, Clone::clone);
            names.dedup();
        }
        let mut none = Vec::new();
        let mut good: Vec<(Time, String, String)> = Vec::new();
        for (name, made) in names {
            match newest_good(&lines, &name, made) {
                None => none.push(name),
                Some((began, words)) => good.push((began, name, words)),
            }
        }
        order::by(&mut good, |(began, ..)| *began);
        self.document
            .section("newest good backup of each namespace, the oldest first");
        if !none.is_empty() {
            self.summary
                .push(format!("namespaces without a good backup: {}", none.len()));
            self.document.fact("without a good backup", listed(&none));
        }
        for (began, name, words) in good {
            shown.add(
                name,
                format!("{}, {words}", when::from(self.now, Some(began))),
            );
        }
        shown.tell(&mut self.document);
        Ok(())
    }

    /// What takes in all namespaces, or those that fit a pattern, where it is not known which these are.
    fn many(&self, line: &Line, shown: &mut Few) {
        let Some(good) = &line.good else { return };
        let spec = Object(&line.spec);
        let mut name = all_or(&spec.texts("/includedNamespaces"));
        let without = spec.texts("/excludedNamespaces");
        if !without.is_empty() {
            name = format!("{name} without {}", listed(&without));
        }
        let age = when::from(self.now, good.began);
        shown.add(name, format!("{age}, {}", good.name));
    }
}

/// The newest good backup that takes in all of a namespace, else the newest that takes in a part of it. None is older than the
/// namespace is.
fn newest_good(lines: &[Line], namespace: &str, made: Time) -> Option<(Time, String)> {
    let mut best: Option<(bool, Time, String)> = None;
    for line in lines {
        let Some(good) = line.good.as_ref().filter(|good| good.began >= Some(made)) else {
            continue;
        };
        let (whole, part) = match Selection::of(&line.spec).namespace(namespace) {
            Take::Whole => (true, String::new()),
            Take::Part(words) => (false, format!(" ({words})")),
            Take::Left(_) | Take::Unnamed => continue,
        };
        let began = good.began.unwrap_or(Time::EPOCH);
        let better = best
            .as_ref()
            .is_none_or(|(other, time, _)| (*other, *time) < (whole, began));
        if better {
            best = Some((whole, began, format!("{}{part}", good.name)));
        }
    }
    best.map(|(_, began, words)| (began, words))
}
