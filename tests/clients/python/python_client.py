"""One MCP session over stdio with the Python SDK, reported as JSON on stdout.

Usage: python_client.py legacy|auto ACTIONS PROGRAM [ARGUMENT...]
ACTIONS is a JSON list of {"call": TOOL, "arguments": {...}} and {"abandon": TOOL, "arguments": {...}}.
"""

import json
import os
import sys
from typing import Any

import anyio
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


async def main(mode: str, actions: list[dict[str, Any]], command: list[str]) -> None:
    server = StdioServerParameters(command=command[0], args=command[1:], env=dict(os.environ))
    async with Client(stdio_client(server), mode=mode) as client:
        tools = await client.list_tools()
        report: dict[str, Any] = {
            "version": client.protocol_version,
            "server": client.server_info.model_dump(mode="json", exclude_none=True) if client.server_info else None,
            "tools": [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in tools.tools],
            "actions": [],
        }
        for action in actions:
            if "call" in action:
                done = await call(client, action["call"], action["arguments"])
            else:
                done = await abandon(client, action["abandon"], action["arguments"])
            report["actions"].append(done)
    json.dump(report, sys.stdout)


anyio.run(main, sys.argv[1], json.loads(sys.argv[2]), sys.argv[3:])
