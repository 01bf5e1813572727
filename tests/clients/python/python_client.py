"""One MCP session over stdio with the Python SDK, reported as JSON on stdout.

Usage: python_client.py legacy|auto ACTIONS ANSWERS PROGRAM [ARGUMENT...]
ACTIONS is a JSON list of {"call": TOOL, "arguments": {...}} and {"abandon": TOOL, "arguments": {...}}.
ANSWERS is a JSON list of what the person says to the server's questions, each a result of elicitation/create; null where there
is no person who could be asked.
"""

import json
import os
import sys
from typing import Any

import anyio
import mcp_types as types
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client


async def call(client: Client, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    progress: list[dict[str, Any]] = []

    async def on_progress(done: float, total: float | None, message: str | None) -> None:
        progress.append({"progress": done, "total": total, "message": message})

    try:
        result = await client.call_tool(tool, arguments, progress_callback=on_progress)
    except MCPError as error:
        return {"error": {"code": error.error.code, "message": error.error.message}, "progress": progress}
    return {"result": result.model_dump(mode="json", by_alias=True, exclude_none=True), "progress": progress}


async def abandon(client: Client, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Starts a call, gives it up, and shows that the session goes on."""
    abandoned = False
    with anyio.move_on_after(0.5) as scope:
        await client.call_tool(tool, arguments)
    abandoned = scope.cancelled_caught
    tools = await client.list_tools(cache_mode="bypass")
    return {"abandoned": abandoned, "tools_afterwards": len(tools.tools)}


async def main(mode: str, actions: list[dict[str, Any]], answers: list[dict[str, Any]] | None, command: list[str]) -> None:
    questions: list[dict[str, Any]] = []

    async def ask(context: Any, params: types.ElicitRequestParams) -> types.ElicitResult | types.ErrorData:
        questions.append(params.model_dump(mode="json", by_alias=True, exclude_none=True))
        if not answers:
            return types.ErrorData(code=types.INTERNAL_ERROR, message="the person has nothing to say")
        return types.ElicitResult.model_validate(answers.pop(0))

    server = StdioServerParameters(command=command[0], args=command[1:], env=dict(os.environ))
    callback = None if answers is None else ask
    async with Client(stdio_client(server), mode=mode, elicitation_callback=callback) as client:
        tools = await client.list_tools()
        report: dict[str, Any] = {
            "version": client.protocol_version,
            "server": client.server_info.model_dump(mode="json", exclude_none=True) if client.server_info else None,
            "tools": [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in tools.tools],
            "actions": [],
            "questions": questions,
        }
        for action in actions:
            if "call" in action:
                done = await call(client, action["call"], action["arguments"])
            else:
                done = await abandon(client, action["abandon"], action["arguments"])
            report["actions"].append(done)
    json.dump(report, sys.stdout)


anyio.run(main, sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3]), sys.argv[4:])
