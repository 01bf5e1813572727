//! Starts programs, and first prints each as a line that can be pasted into a shell.
//!
//! No program is given a standard input: nothing here may wait for a person.

use std::{
    ffi::OsStr,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

/// The cargo that runs this tool, as it would run from a shell.
///
/// What cargo sets for a program that it runs is taken out: build scripts look at it (ring's does), and would run again,
/// with everything behind them, whenever a build by this tool follows one by hand.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    for (name, _) in std::env::vars_os() {
        let own =
            |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
        if name.to_str().is_some_and(own) {
            command.env_remove(name);
        }
    }
    command
}

/// Prints and runs a command with this process's output; a failing one is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", line(command));
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("cannot start `{}`", program(command)))?;
    if !status.success() {
        bail!("`{}` ended with {status}", line(command));
    }
    Ok(())
}

/// Runs a command silently and returns its standard output; a failing one is an error with the end of its stderr.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start `{}`", program(command)))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        let reason = stderr.trim().lines().last().unwrap_or("it says nothing");
        bail!("`{}` ended with {}: {reason}", line(command), output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Prints and runs a command, passes its standard output on line by line and also returns it, with whether it succeeded.
pub(crate) fn tee(command: &mut Command) -> Result<(bool, String)> {
    println!("$ {}", line(command));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{}`", program(command)))?;
    let stdout = child.stdout.take().context("the child has no stdout")?;
    let mut text = String::new();
    for read in BufReader::new(stdout).split(b'\n') {
        let read = read?;
        let read = String::from_utf8_lossy(&read);
        println!("{read}");
        text.push_str(&read);
        text.push('\n');
    }
    Ok((child.wait()?.success(), text))
}

/// A command as a person would type it: folder, variables that are set for it, program, arguments.
pub(crate) fn line(command: &Command) -> String {
    let mut words = Vec::new();
    let here = std::env::current_dir().ok();
    if let Some(folder) = command.get_current_dir()
        && Some(folder) != here.as_deref()
    {
        words.push(format!("cd {} &&", quoted(folder.as_os_str())));
    }
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            words.push(format!("{}={}", name.to_string_lossy(), quoted(value)));
        }
    }
    words.push(program(command));
    words.extend(command.get_args().map(quoted));
    words.join(" ")
}

/// The program without its folder where that folder is cargo's.
fn program(command: &Command) -> String {
    let program = Path::new(command.get_program());
    match program.file_name() {
        Some(name) if name == "cargo" => "cargo".to_owned(),
        Some(_) | None => quoted(program.as_os_str()),
    }
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.into_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_command_can_be_pasted_into_a_shell() {
        let mut command = Command::new("/somewhere/bin/cargo");
        command
            .args(["build", "-ldflags", "-X a=b"])
            .env("A", "it's")
            .current_dir("/else where");
        assert_eq!(
            line(&command),
            r"cd '/else where' && A='it'\''s' cargo build -ldflags '-X a=b'"
        );
    }

    #[test]
    fn a_failing_program_is_an_error_that_names_it_and_its_last_words() {
        let error =
            output(Command::new("sh").args(["-c", "echo no disk >&2; exit 3"])).unwrap_err();
        assert!(error.to_string().ends_with("no disk"), "{error}");
    }

    #[test]
    fn tee_returns_what_it_passes_on_even_when_the_program_fails() {
        let (success, text) =
            tee(Command::new("sh").args(["-c", "echo one; echo two; exit 1"])).unwrap();
        assert!(!success);
        assert_eq!(text, "one\ntwo\n");
    }
}
