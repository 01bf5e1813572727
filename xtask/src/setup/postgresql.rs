//! A PostgreSQL 15: the machine's own. Only its programs are used; no server of the machine is started, stopped or asked.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, bail};

use crate::command;

/// The version whose parameters the tests compare with.
const MAJOR: &str = "15";

/// Where Debian puts them, and what `pg_config` may name elsewhere.
const DEBIAN: &str = "/usr/lib/postgresql/15/bin";

/// What has to be there.
const PROGRAMS: [&str; 2] = ["initdb", "postgres"];

/// The folder with the programs. On a Debian in CI the package is installed where it is missing: a person's machine is left alone.
pub(super) fn programs() -> Result<PathBuf> {
    if let Some(folder) = found() {
        return Ok(folder);
    }
    if std::env::var_os("CI").is_some_and(|ci| !ci.is_empty()) {
        install()?;
    }
    match found() {
        Some(folder) => Ok(folder),
        None => bail!("no PostgreSQL {MAJOR}: neither `{DEBIAN}` nor `pg_config --bindir` has one"),
    }
}

fn found() -> Option<PathBuf> {
    let named = command::output(Command::new("pg_config").arg("--bindir")).ok();
    let named = named.map(|folder| PathBuf::from(folder.trim()));
    [Some(PathBuf::from(DEBIAN)), named]
        .into_iter()
        .flatten()
        .find(|folder| is_it(folder))
}

fn is_it(folder: &Path) -> bool {
    let has_all = PROGRAMS
        .iter()
        .all(|program| folder.join(program).is_file());
    has_all && version(folder).is_some_and(|version| is_major(&version))
}

fn version(folder: &Path) -> Option<String> {
    command::output(Command::new(folder.join("postgres")).arg("--version")).ok()
}

/// Of what `postgres --version` says, such as `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn is_major(version: &str) -> bool {
    let number = version.split_whitespace().nth(2).unwrap_or_default();
    number.split('.').next() == Some(MAJOR)
}

fn install() -> Result<()> {
    let apt = |arguments: &[&str]| {
        let mut apt = Command::new("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive");
        command::run(apt.args(["--quiet", "--yes"]).args(arguments))
    };
    apt(&["update"])?;
    apt(&["install", "--no-install-recommends", "postgresql-15"])
}

#[cfg(test)]
mod tests {
    use super::is_major;

    #[test]
    fn only_the_version_of_the_table_will_do() {
        assert!(is_major(
            "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"
        ));
        assert!(!is_major("postgres (PostgreSQL) 17.5"));
        assert!(!is_major("postgres (PostgreSQL) 150.1"));
        assert!(!is_major(""));
    }
}
