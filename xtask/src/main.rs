//! The development loop. Every step prints the plain command that it runs, so that it can be run without this tool.
//!
//! Nothing here knows what a tool or a plugin does: it builds, starts and compares what others wrote.
#![expect(
    clippy::print_stdout,
    reason = "a tool for a terminal; the host's stdout rule is not about it"
)]

mod build;
mod check;
mod command;
mod demo;
mod invariants;
mod new_plugin;
mod parts;
mod setup;
mod shrink;
mod steps;
mod test;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use build::Profile;
use workspace::Workspace;

/// The development loop of Bulkhead.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what building and testing need: the wasm target, a real kube-apiserver and the types of the operators (by Go), a
    /// Python MCP client, a Node one and `wasm-opt` (by npm).
    Setup,
    /// Build plugins and host and fill a folder: an optimised host in `dist/`, with --dev a quickly built one in `target/dist/`.
    Build {
        /// Build the host quickly, to be debugged.
        #[arg(long)]
        dev: bool,
    },
    /// Build, then watch an MCP session find out why a workload of the embedded demo cluster is broken.
    Demo,
    /// Build and test everything, with the real parts that this machine can have.
    Test {
        /// Only tests whose name contains this.
        filter: Option<String>,
    },
    /// Formatting, the rules of the architecture, lints, unit tests and documentation: quick, for before a commit.
    Check,
    /// Accept new snapshots and rewrite the generated files; read the diff afterwards.
    Bless {
        /// Only tests whose name contains this.
        filter: Option<String>,
    },
    /// Make plugins/NAME from examples/hello-rust.
    NewPlugin {
        /// `[a-z][a-z0-9-]*`, at most 32 characters.
        name: String,
    },
    /// Measure an optimised build and print a table.
    Bench {
        /// In its place: kill a host so often while it changes a real API server, and see that nothing is applied twice.
        #[arg(long, value_name = "NUMBER")]
        kills: Option<u32>,
    },
}

fn main() -> ExitCode {
    match run(&Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: &Task) -> Result<()> {
    let workspace = Workspace::load()?;
    match task {
        Task::Setup => setup::run(&workspace),
        Task::Build { dev } => {
            setup::wasm_target()?;
            let profile = if *dev { Profile::Dev } else { Profile::Release };
            let dist = build::dist(&workspace, profile)?;
            println!("filled {}", dist.display());
            Ok(())
        }
        Task::Demo => demo::run(&workspace),
        Task::Test { filter } => test::run(&workspace, filter.as_deref()),
        Task::Check => check::run(&workspace),
        Task::Bless { filter } => test::bless(&workspace, filter.as_deref()),
        Task::NewPlugin { name } => new_plugin::run(&workspace, name),
        Task::Bench { kills: Some(kills) } => test::kills(&workspace, *kills),
        Task::Bench { kills: None } => {
            setup::wasm_target()?;
            let dist = build::dist(&workspace, Profile::Release)?;
            build::bench(&workspace, &dist)
        }
    }
}
