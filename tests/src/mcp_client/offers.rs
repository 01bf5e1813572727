//! What a server offers beside tools: resources, templates, prompts, completion.

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::{Answer, McpClient};

/// More pages than any list in these tests has.
const PAGES: usize = 16;

impl McpClient {
    /// Every page of a list, such as `resources/templates/list`: one vector a page, in the server's order.
    ///
    /// # Errors
    /// As [`McpClient::request`], and where an answer is an error, or there is no end of pages.
    pub fn pages(&mut self, method: &str) -> Result<Vec<Vec<Value>>> {
        let mut pages = Vec::new();
        let mut params = json!({});
        while pages.len() < PAGES {
            let result = match self.request(method, params)? {
                Ok(result) => result,
                Err(error) => bail!("{method} failed: {error:?}"),
            };
            let items = ["tools", "resources", "resourceTemplates", "prompts"]
                .iter()
                .find_map(|key| result[key].as_array());
            pages.push(items.cloned().context("a list without its items")?);
            match result["nextCursor"].as_str() {
                Some(cursor) => params = json!({ "cursor": cursor }),
                None => return Ok(pages),
            }
        }
        bail!("{method} has more than {PAGES} pages")
    }

    /// A list as a whole, in the server's order.
    ///
    /// # Errors
    /// As [`McpClient::pages`].
    pub fn list(&mut self, method: &str) -> Result<Vec<Value>> {
        Ok(self.pages(method)?.concat())
    }

    /// Reads a resource.
    ///
    /// # Errors
    /// As [`McpClient::request`].
    pub fn read_resource(&mut self, uri: &str) -> Result<Answer> {
        self.request("resources/read", json!({ "uri": uri }))
    }

    /// Fills in a prompt.
    ///
    /// # Errors
    /// As [`McpClient::request`].
    pub fn get_prompt(&mut self, name: &str, arguments: Value) -> Result<Answer> {
        let params = json!({ "name": name, "arguments": arguments });
        self.request("prompts/get", params)
    }

    /// Completes an argument of a prompt.
    ///
    /// # Errors
    /// As [`McpClient::request`].
    pub fn complete_prompt(&mut self, name: &str, argument: &str, value: &str) -> Result<Answer> {
        let of = json!({ "type": "ref/prompt", "name": name });
        self.complete(&of, (argument, value), &json!({}))
    }

    /// Completes a variable of a resource template.
    ///
    /// # Errors
    /// As [`McpClient::request`].
    pub fn complete_template(
        &mut self,
        uri_template: &str,
        variable: &str,
        value: &str,
    ) -> Result<Answer> {
        let of = json!({ "type": "ref/resource", "uri": uri_template });
        self.complete(&of, (variable, value), &json!({}))
    }

    /// Completes an argument of a prompt or a variable of a template, with those that were filled in before by name.
    ///
    /// # Errors
    /// As [`McpClient::request`].
    pub fn complete(
        &mut self,
        of: &Value,
        (argument, value): (&str, &str),
        before: &Value,
    ) -> Result<Answer> {
        let argument = json!({ "name": argument, "value": value });
        let context = json!({ "arguments": before });
        self.request(
            "completion/complete",
            json!({ "ref": of, "argument": argument, "context": context }),
        )
    }
}
