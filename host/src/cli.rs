//! Commands. `serve` is the only place that wires the parts; the others look at them.
//!
//! A command's answer goes to stdout, everything else to stderr. Exit codes: 0 done, 1 failed, 2 the configuration is wrong.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "commands answer a person in a terminal"
)]

mod approvals;
mod approve;
mod approver;
mod audit;
mod check;
mod demo;
mod denials;
mod doctor;
mod grants;
mod init;
mod plugins;
mod policy;
mod rbac;
mod serve;
mod terminal;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::backend::cluster::ConnectError;
use crate::config::{self, Config, Environment, Problems};
use crate::plugin::Cache;

/// One MCP server for Kubernetes whose tools are sandboxed WebAssembly plugins.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve MCP over stdin and stdout.
    Serve(Chosen),
    /// Serve MCP over an embedded cluster that needs no set-up.
    Demo {
        /// A configuration in place of the shipped one; its cluster is the embedded one all the same
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Read the configuration, compile the plugins, and say what each may do.
    Check(Chosen),
    /// Write a commented configuration for the current context.
    Init(init::Init),
    /// Print what each plugin may do, or how another configuration differs in it.
    Grants(grants::Grants),
    /// Print the least Kubernetes RBAC that the plugins' grants need.
    Rbac(rbac::Rbac),
    /// Say what would not work, and why.
    Doctor(Chosen),
    /// Make the key of a person who decides on changes.
    #[command(subcommand)]
    Approver(approver::Approver),
    /// List the changes that can be decided on or applied.
    Approvals(approvals::Approvals),
    /// Show a change, and approve it with your key.
    Approve(approve::Approve),
    /// Show a change, and decline it with your key.
    Decline(approve::Decline),
    /// Look at what happened, and whether the record of it still holds.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// List what was denied, each with the grant that would allow it.
    Denials(denials::Denials),
    /// Look at plugins; `inspect FILE` at one that is not configured.
    Plugins(plugins::Plugins),
    /// Try the policy that says how risky a change is.
    #[command(subcommand)]
    Policy(policy::Command),
    /// Compile a component: what Bulkhead starts itself as, so that compiling costs the server no memory.
    #[command(hide = true)]
    Compile {
        from: PathBuf,
        to: PathBuf,
        digest: String,
    },
}

/// Which configuration, and which cluster.
#[derive(Debug, Clone, clap::Args)]
struct Chosen {
    /// The configuration [default: $BULKHEAD_CONFIG, else bulkhead/config.toml in the user's configuration folder].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The kubeconfig's context, instead of the configuration's.
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
}

impl Chosen {
    fn load(&self, environment: &Environment) -> Result<Config, Stop> {
        let path = match &self.config {
            Some(path) => path.clone(),
            None => config::default_path(environment).ok_or_else(|| {
                anyhow::anyhow!("there is no configuration: give --config FILE, or write one with `bulkhead init`")
            })?,
        };
        let mut config = config::load(&path, environment)?;
        if self.context.is_some() {
            config.cluster.context.clone_from(&self.context);
        }
        Ok(config)
    }
}

/// Why a command ended early.
#[derive(Debug)]
enum Stop {
    Config(Problems),
    Other(anyhow::Error),
    /// Said already.
    Said,
}

impl From<Problems> for Stop {
    fn from(problems: Problems) -> Self {
        Self::Config(problems)
    }
}

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::Other(error.into())
    }
}

impl From<ConnectError> for Stop {
    fn from(error: ConnectError) -> Self {
        Self::Other(error.into())
    }
}

/// Runs a command to its end.
#[must_use]
pub fn run(arguments: Arguments) -> ExitCode {
    let environment = Environment::read();
    log_to_stderr(&environment);
    crate::fault::arm(&environment);
    let outcome = match arguments.command {
        Command::Serve(chosen) => serve::run(&chosen, environment),
        Command::Demo { config } => demo::run(config, environment),
        Command::Check(chosen) => check::run(&chosen, environment),
        Command::Init(init) => init::run(&init, &environment),
        Command::Grants(grants) => grants::run(&grants, &environment),
        Command::Rbac(rbac) => rbac::run(rbac, environment),
        Command::Doctor(chosen) => doctor::run(&chosen, environment),
        Command::Approver(approver) => approver::run(approver, &environment),
        Command::Approvals(approvals) => approvals::run(&approvals, &environment),
        Command::Approve(approve) => approve::approve(approve, &environment),
        Command::Decline(decline) => approve::decline(decline, &environment),
        Command::Audit(audit) => audit::run(audit, &environment),
        Command::Denials(denials) => denials::run(&denials, &environment),
        Command::Plugins(plugins) => plugins::run(plugins, environment),
        Command::Policy(policy) => policy::run(&policy, &environment),
        Command::Compile { from, to, digest } => {
            crate::plugin::compile_file(&from, &to, &digest).map_err(Stop::Other)
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::Said) => ExitCode::FAILURE,
        Err(Stop::Config(problems)) => {
            eprintln!("{problems}");
            ExitCode::from(2)
        }
        Err(Stop::Other(error)) => {
            eprintln!("bulkhead: {}", crate::failure::chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

/// Logs to stderr, since stdout is the protocol.
fn log_to_stderr(environment: &Environment) {
    let filter = tracing_subscriber::EnvFilter::try_new(
        environment
            .bulkhead_log
            .as_deref()
            .unwrap_or("warn,bulkhead=info"),
    )
    .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,bulkhead=info"));
    let logger = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(!environment.no_color && std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_target(false)
        .finish();
    // Only a second call could fail, and there is none.
    drop(tracing::subscriber::set_global_default(logger));
}

/// The threads that everything runs on. They look for new events after every few polls, so that a guest that uses up its
/// ticks delays a message by milliseconds and not by as many ticks as a worker has polls between two looks.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    let workers = std::thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 8));
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .event_interval(4)
        .enable_all()
        .build()
}

fn open_cache(config: &Config) -> Result<Cache, Stop> {
    let compiler = std::env::current_exe()?;
    let runtime = &config.runtime;
    Cache::open(
        &config.directories.cache,
        compiler,
        runtime.compile_timeout,
        runtime.max_calls,
    )
    .map_err(said)
}

/// A failure as the end of a command, with its next step.
fn said(failure: crate::failure::Failure) -> Stop {
    eprintln!("bulkhead: {}", crate::failure::chain(&failure));
    if let Some(fix) = &failure.fix {
        eprintln!("  fix: {fix}");
    }
    Stop::Said
}

fn beside_program(name: &str) -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    Some(program.parent().unwrap_or(Path::new("/")).join(name)).filter(|path| path.exists())
}
