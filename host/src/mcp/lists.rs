//! The four lists, in a stable order, page by page.
//!
//! A cursor names the last item of a page, so that a list that changed between two pages repeats nothing and skips nothing that
//! was there all the time.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rmcp::ErrorData;
use rmcp::model::{
    ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult,
    PaginatedRequestParams, Prompt as McpPrompt, PromptArgument as McpArgument, Resource,
    ResourceTemplate, Tool as McpTool, ToolAnnotations,
};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::Value;

use super::era;
use crate::plugin::{Prompt, ResourceEntry, TemplateEntry, Tool};
use crate::registry::Offer;

/// Items of one page. More than clients that read one page alone will meet.
const PAGE: usize = 100;

/// Which list a cursor is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    Tools,
    Resources,
    Templates,
    Prompts,
}

/// One page of items by their names.
struct Page<'a, T> {
    items: Vec<(&'a str, T)>,
    /// The cursor of the next; none behind the last one.
    next: Option<String>,
}

impl List {
    fn as_str(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Resources => "resources",
            Self::Templates => "templates",
            Self::Prompts => "prompts",
        }
    }

    fn cursor(self, last: &str) -> String {
        URL_SAFE_NO_PAD.encode(format!("{} {last}", self.as_str()))
    }

    /// Returns the last item of the page before.
    fn last(self, cursor: &str) -> Result<String, ErrorData> {
        let read = || {
            let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
            let text = String::from_utf8(bytes).ok()?;
            let (list, last) = text.split_once(' ')?;
            (list == self.as_str()).then(|| last.to_owned())
        };
        read().ok_or_else(|| {
            let list = self.as_str();
            ErrorData::invalid_params(
                format!("the cursor is none of the list of {list}: use `nextCursor` of its last page, or begin without one"),
                None,
            )
        })
    }

    /// Returns one page of items that are sorted by their names.
    fn page<'a, T>(
        self,
        items: impl Iterator<Item = (&'a str, T)>,
        request: Option<&PaginatedRequestParams>,
    ) -> Result<Page<'a, T>, ErrorData> {
        let cursor = request.and_then(|request| request.cursor.as_deref());
        let last = cursor.map(|cursor| self.last(cursor)).transpose()?;
        let is_before = |(name, _): &(&str, T)| last.as_deref().is_some_and(|last| *name <= last);
        let mut rest = items.skip_while(is_before);
        let items: Vec<_> = rest.by_ref().take(PAGE).collect();
        let more = rest.next().is_some();
        let last = items.last().filter(|_| more);
        let next = last.map(|(name, _)| self.cursor(name));
        Ok(Page { items, next })
    }
}

pub(super) fn tools(
    offer: &Offer,
    request: Option<PaginatedRequestParams>,
    context: &RequestContext<RoleServer>,
) -> Result<ListToolsResult, ErrorData> {
    let page = List::Tools.page(offer.tools(), request.as_ref())?;
    let (ttl_ms, cache_scope) = era::freshness(context);
    let tools = page
        .items
        .into_iter()
        .map(|(name, entry)| tool(name, entry.tool()));
    Ok(ListToolsResult {
        next_cursor: page.next,
        ttl_ms,
        cache_scope,
        ..ListToolsResult::with_all_items(tools.collect())
    })
}

pub(super) fn resources(
    offer: &Offer,
    request: Option<PaginatedRequestParams>,
    context: &RequestContext<RoleServer>,
) -> Result<ListResourcesResult, ErrorData> {
    let page = List::Resources.page(offer.resources(), request.as_ref())?;
    let (ttl_ms, cache_scope) = era::freshness(context);
    let resources = page.items.into_iter().map(|(_, entry)| resource(entry));
    Ok(ListResourcesResult {
        next_cursor: page.next,
        ttl_ms,
        cache_scope,
        ..ListResourcesResult::with_all_items(resources.collect())
    })
}

pub(super) fn templates(
    offer: &Offer,
    request: Option<PaginatedRequestParams>,
    context: &RequestContext<RoleServer>,
) -> Result<ListResourceTemplatesResult, ErrorData> {
    let page = List::Templates.page(offer.templates(), request.as_ref())?;
    let (ttl_ms, cache_scope) = era::freshness(context);
    let templates = page.items.into_iter().map(|(_, entry)| template(entry));
    Ok(ListResourceTemplatesResult {
        next_cursor: page.next,
        ttl_ms,
        cache_scope,
        ..ListResourceTemplatesResult::with_all_items(templates.collect())
    })
}

pub(super) fn prompts(
    offer: &Offer,
    request: Option<PaginatedRequestParams>,
    context: &RequestContext<RoleServer>,
) -> Result<ListPromptsResult, ErrorData> {
    let page = List::Prompts.page(offer.prompts(), request.as_ref())?;
    let (ttl_ms, cache_scope) = era::freshness(context);
    let prompts = page
        .items
        .into_iter()
        .map(|(name, entry)| prompt(name, entry));
    Ok(ListPromptsResult {
        next_cursor: page.next,
        ttl_ms,
        cache_scope,
        ..ListPromptsResult::with_all_items(prompts.collect())
    })
}

fn tool(name: &str, tool: &Tool) -> McpTool {
    let schema = |value: &Value| Arc::new(value.as_object().cloned().unwrap_or_default());
    // True by construction: in a call of a `read` tool the host refuses what changes.
    let annotations = ToolAnnotations::with_title(tool.title.clone())
        .read_only(!tool.changes)
        .destructive(tool.changes)
        .idempotent(tool.idempotent)
        .open_world(false);
    let listed = McpTool::new(
        name.to_owned(),
        tool.description.clone(),
        schema(&tool.input_schema),
    )
    .with_title(tool.title.clone())
    .with_annotations(annotations);
    match &tool.output_schema {
        Some(output) => listed.with_raw_output_schema(schema(output)),
        None => listed,
    }
}

fn resource(entry: &ResourceEntry) -> Resource {
    let mut listed = Resource::new(&entry.uri, &entry.name).with_description(&entry.description);
    listed.title = said(&entry.title);
    listed.mime_type = said(&entry.mime_type);
    listed
}

fn template(entry: &TemplateEntry) -> ResourceTemplate {
    let mut listed = ResourceTemplate::new(entry.uri_template.as_str(), &entry.name)
        .with_description(&entry.description);
    listed.title = said(&entry.title);
    listed.mime_type = said(&entry.mime_type);
    listed
}

fn prompt(name: &str, prompt: &Prompt) -> McpPrompt {
    let arguments = prompt.arguments.iter().map(|argument| {
        McpArgument::new(&argument.name)
            .with_description(&argument.description)
            .with_required(argument.required)
    });
    let mut listed = McpPrompt::new(name, Some(&prompt.description), Some(arguments.collect()));
    listed.title = said(&prompt.title);
    listed
}

/// None where a plugin says nothing.
fn said(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|n| format!("tool_{n:03}")).collect()
    }

    fn page(names: &[String], cursor: Option<String>) -> (Vec<String>, Option<String>) {
        let request =
            cursor.map(|cursor| PaginatedRequestParams::default().with_cursor(Some(cursor)));
        let items = names.iter().map(|name| (name.as_str(), ()));
        let page = List::Tools.page(items, request.as_ref()).unwrap();
        (
            page.items
                .into_iter()
                .map(|(name, ())| name.to_owned())
                .collect(),
            page.next,
        )
    }

    #[test]
    fn pages_together_are_the_list() {
        for count in [0, 1, PAGE, PAGE + 1, 2 * PAGE, 2 * PAGE + 1] {
            let names = names(count);
            let (mut all, mut next) = page(&names, None);
            while let Some(cursor) = next {
                let (more, behind) = page(&names, Some(cursor));
                assert!(!more.is_empty() && more.len() <= PAGE);
                all.extend(more);
                next = behind;
            }
            assert_eq!(all, names);
        }
    }

    #[test]
    fn a_list_that_changed_between_two_pages_goes_on_behind_the_last_item() {
        let before = names(PAGE + 5);
        let (_, next) = page(&before, None);
        // The last item of the page is gone, and another came before it.
        let mut after = before.clone();
        after.remove(PAGE - 1);
        after.insert(0, "a_new_one".to_owned());
        let (rest, _) = page(&after, next);
        assert_eq!(rest, before[PAGE..]);
    }

    #[test]
    fn a_cursor_of_another_list_or_of_nobody_is_refused() {
        let of_prompts = List::Prompts.cursor("tour");
        for wrong in ["", "tools x", "%%%", "dG9vbHM", &of_prompts, "2"] {
            let error = List::Tools.last(wrong).unwrap_err();
            assert_eq!(
                error.code,
                rmcp::model::ErrorCode::INVALID_PARAMS,
                "{wrong}"
            );
        }
        assert_eq!(List::Prompts.last(&of_prompts).unwrap(), "tour");
    }
}
