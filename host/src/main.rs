//! The `bulkhead` program: arguments in, exit code out.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    // With two providers compiled in by some dependency, rustls would panic at the first connection.
    if rustls::crypto::ring::default_provider()
        .install_default()
        .is_err()
    {
        // Only possible where another was installed before `main`.
        eprintln!("bulkhead: a TLS provider was installed before the program began");
    }
    bulkhead::cli::run(bulkhead::cli::Arguments::parse())
}
