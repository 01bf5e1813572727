//! Secrets that were printed as YAML, as by `kubectl get secret -o yaml`, or as JSON that was cut off.
//!
//! The keys of a Secret's data say nothing of their values, so these are masked by where they stand.

use std::sync::LazyLock;

use regex::Regex;

use super::edits::{Edits, cut, line_end, line_start};
use super::{MASK, base64};

// Compiled once for the process: a pattern costs far more to compile than to run, and these functions are pure.
static KIND: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?m)^[ \t]*(?:- )?["']?kind["']?:[ \t]*["']?Secret(?:List)?["']?[ \t]*(?:#.*)?\r?$"#,
    )
    .expect("the pattern is constant and tested")
});
static DATA: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?m)^[ \t]*(?:- )?["']?(?:data|stringData)["']?:[ \t]*(\{.*\})?[ \t]*(?:#.*)?\r?$"#,
    )
    .expect("the pattern is constant and tested")
});
static ENTRY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"^[ \t]*(?:"[^"]*"|'[^']*'|[^\s:]+):[ \t]*(?P<value>.*?)[ \t]*\r?$"#)
        .expect("the pattern is constant and tested")
});

static KIND_JSON: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\\*"kind\\*"\s*:\s*\\*"Secret(?:List)?\\*""#)
        .expect("the pattern is constant and tested")
});
static DATA_JSON: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\\*"(?:data|stringData)\\*"\s*:\s*\{([^{}]*)"#)
        .expect("the pattern is constant and tested")
});
static VALUE_JSON: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#":\s*\\*"([^"\\]+)"#).expect("the pattern is constant and tested")
});

/// Masks the values in the data of a Secret in JSON that no parser reads. `None` if there are none.
pub(super) fn clean_broken_json(text: &str) -> Option<String> {
    if !KIND_JSON.is_match(text) {
        return None;
    }
    let mut edits = Edits::default();
    for data in DATA_JSON
        .captures_iter(text)
        .filter_map(|found| found.get(1))
    {
        for value in VALUE_JSON
            .captures_iter(data.as_str())
            .filter_map(|found| found.get(1))
        {
            if !value.as_str().starts_with("<redacted") {
                edits.mask(data.start() + value.start()..data.start() + value.end());
            }
        }
    }
    edits.apply(text)
}

/// Masks the values below `data:` and `stringData:` of every document that holds a Secret. `None` if there is none.
pub(super) fn clean(text: &str) -> Option<String> {
    let mut edits = Edits::default();
    let mut from = 0;
    let mut masked_to = 0;
    // A document that holds a Secret and, in a list, other objects is masked as a whole: a ConfigMap between Secrets
    // loses its values, which costs less than telling the items apart wrongly.
    for document in documents(text) {
        if KIND.is_match(document) {
            for data in DATA.captures_iter(document) {
                // Of data within data, all was masked with the outer one.
                let Some(all) = data.get(0).filter(|all| from + all.start() >= masked_to) else {
                    continue;
                };
                match data.get(1) {
                    Some(flow) if flow.as_str() != "{}" && !flow.as_str().contains(MASK) => {
                        edits.replace(
                            from + flow.start()..from + flow.end(),
                            format!("{{{MASK:?}: {MASK:?}}}"),
                        );
                    }
                    Some(_) => {}
                    None => masked_to = mask_below(text, from + all.start(), &mut edits),
                }
            }
        }
        from += document.len();
    }
    edits.apply(text)
}

fn documents(text: &str) -> Vec<&str> {
    let mut documents = Vec::new();
    let mut from = 0;
    for (at, separator) in text.match_indices("\n---") {
        documents.push(cut(text, from..at + separator.len()));
        from = at + separator.len();
    }
    documents.push(cut(text, from..text.len()));
    documents
}

/// Masks the entries below the line at `start`, which opens a map. Returns where they end.
fn mask_below(text: &str, start: usize, edits: &mut Edits) -> usize {
    let opening = cut(text, line_start(text, start)..line_end(text, start));
    let map_depth = depth(opening);
    let mut at = line_end(text, start);
    let mut entry_depth = None;
    while at < text.len() {
        // Past the newline, which may have a carriage return before it.
        let line_from = at
            + cut(text, at..text.len())
                .find('\n')
                .map_or(text.len() - at, |newline| newline + 1);
        let line_to = line_end(text, line_from);
        let line = cut(text, line_from..line_to);
        at = line_to.max(line_from);
        if line.trim().is_empty() {
            continue;
        }
        if depth(line) <= map_depth || line.starts_with("---") {
            return line_from;
        }
        let is_entry = *entry_depth.get_or_insert(depth(line)) == depth(line);
        match ENTRY
            .captures(line)
            .filter(|_| is_entry)
            .and_then(|entry| entry.name("value"))
        {
            Some(value) => {
                let shown = value.as_str().trim_matches(['"', '\'']);
                if !shown.is_empty()
                    && !shown.starts_with(['|', '>'])
                    && !shown.starts_with("<redacted")
                {
                    let size = base64::decode(shown).map_or(shown.len(), |bytes| bytes.len());
                    edits.replace(
                        line_from + value.start()..line_from + value.end(),
                        format!("<redacted {size} bytes>"),
                    );
                }
            }
            // The lines of a block scalar.
            None if !line.trim().starts_with("<redacted") => {
                edits.mask(line_from + depth(line)..line_to);
            }
            None => {}
        }
    }
    at
}

/// Returns how far the key of a line is indented, in bytes; the dash of a list item counts.
fn depth(line: &str) -> usize {
    line.len()
        - line
            .trim_start_matches([' ', '\t'])
            .trim_start_matches("- ")
            .len()
}
