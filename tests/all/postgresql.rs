//! The parameter table of the plugin `cnpg`, against a real PostgreSQL 15: what the table says is what the server says, and what the
//! plugin takes as a value is what the server takes.
//!
//! The server is its own: a data directory of the test, single-user mode, no socket, no port. It ends with its standard input.

use std::{
    fmt::Write as _,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use bulkhead_tests::parts::Part;
use tempfile::TempDir;

const TABLE: &str = include_str!("../../plugins/cnpg/src/parameters/table.txt");
const VALUES: &str = include_str!("../../plugins/cnpg/tests/all/configuration/values.txt");

/// Columns of the table by `pg_settings`, apart by blanks. Empty where a column does not apply.
const SETTINGS: &str = "SELECT name, context, vartype, min_val, max_val, unit, array_to_string(enumvals, ',') \
                        FROM pg_settings ORDER BY name COLLATE \"C\"";

/// A new PostgreSQL 15 that nothing runs yet.
struct Postgresql {
    programs: PathBuf,
    /// The server runs as somebody else than root, who may go in there.
    folder: TempDir,
}

impl Postgresql {
    fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("bulkhead-postgresql-")
            .tempdir()
            .unwrap();
        let server = Self {
            programs: Part::Postgresql.find().unwrap(),
            folder,
        };
        if is_root() {
            let nobody = Some(NOBODY);
            std::os::unix::fs::chown(server.folder.path(), nobody, nobody).unwrap();
        }
        let mut initdb = server.program("initdb");
        initdb
            .args(["--auth=trust", "--username=postgres", "--no-sync", "-D"])
            .arg(server.data());
        let output = initdb.stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        server
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// One of its programs; not as root, which PostgreSQL refuses to run as.
    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            let id = NOBODY.to_string();
            command
                .args(["--reuid", &id, "--regid", &id, "--clear-groups"])
                .arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(self.folder.path()).env("LC_ALL", "C");
        command
    }

    /// Runs statements one after the other, also after one that fails, and returns what the server said of them.
    fn run(&self, statements: &[String]) -> String {
        // With -j a statement ends at a semicolon and an empty line.
        let mut server = self
            .program("postgres")
            .args(["--single", "-j", "-D"])
            .arg(self.data())
            .arg("postgres")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut text = statements.join(";\n\n");
        text.push_str(";\n\n");
        let mut input = server.stdin.take().unwrap();
        let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
        let output = server.wait_with_output().unwrap();
        writer.join().unwrap().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        said(&output)
    }

    /// The rows of a query, their columns apart by tabs.
    fn rows(&self, query: &str) -> Vec<Vec<String>> {
        let file = self.folder.path().join("rows");
        let target = quoted(file.to_str().unwrap());
        let log = self.run(&[format!("COPY ({query}) TO {target} WITH (NULL '')")]);
        assert!(!log.contains("ERROR"), "{log}");
        let text = std::fs::read_to_string(&file).unwrap();
        let columns = |line: &str| line.split('\t').map(str::to_owned).collect();
        text.lines().map(columns).collect()
    }
}

/// The user `nobody`, and its group on Debian.
const NOBODY: u32 = 65534;

fn is_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(&Path::new("/proc/self").metadata().unwrap()) == 0
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The lines of the table that are of version 15, in the form of [`as_line`].
fn table() -> Vec<String> {
    let of_15 = |line: &str| {
        let mut words: Vec<_> = line.split(' ').collect();
        let (from, to) = words.remove(1).split_once('-').unwrap();
        let (from, to): (u32, u32) = (from.parse().unwrap(), to.parse().unwrap());
        (from..=to).contains(&15).then(|| words.join(" "))
    };
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let mut lines: Vec<_> = lines.filter_map(of_15).collect();
    lines.sort();
    lines
}

/// A row of `pg_settings` as a line of the table.
fn as_line(row: &[String]) -> String {
    let words = row.iter().filter(|word| !word.is_empty());
    let mut line = String::new();
    for word in words {
        let space = if line.is_empty() { "" } else { " " };
        write!(line, "{space}{word}").unwrap();
    }
    // It is its own least and most, and another one in each minor release.
    match line.strip_prefix("server_version_num internal integer ") {
        Some(_) => "server_version_num internal integer - -".to_owned(),
        None => line,
    }
}

/// Name, context, type, least, most, unit and values of an enum, of every parameter there is, internal ones too.
#[test]
fn the_table_is_what_a_server_says() {
    let server = Postgresql::new();
    let rows = server.rows(SETTINGS);
    assert!(rows.len() > 340, "{}", rows.len());
    let mut real: Vec<_> = rows.iter().map(|row| as_line(row)).collect();
    let table = table();
    // Debian's own, which other builds do not have.
    let debian = "extension_destdir superuser string";
    if !real.iter().any(|line| line == debian) {
        real.push(debian.to_owned());
    }
    real.sort();
    let missing: Vec<_> = real.iter().filter(|line| !table.contains(line)).collect();
    let more: Vec<_> = table.iter().filter(|line| !real.contains(line)).collect();
    assert!(
        missing.is_empty() && more.is_empty(),
        "the server has {missing:#?}, the table has {more:#?}"
    );
    assert_eq!(table.len(), real.len());
}

/// The plugin's own test gives the same list to the plugin.
#[test]
fn a_server_takes_and_refuses_what_the_plugin_takes_and_refuses() {
    let server = Postgresql::new();
    let statement = |setting: &str| {
        let (name, value) = setting.split_once('=').unwrap();
        format!("ALTER SYSTEM SET {name} = {}", quoted(value))
    };
    let cases = VALUES.lines().filter_map(|line| line.split_once(' '));
    let cases: Vec<_> = cases
        .filter(|(verdict, _)| *verdict != "#")
        .map(|(verdict, setting)| (verdict == "takes", setting, statement(setting)))
        .collect();
    let statements: Vec<_> = cases
        .iter()
        .map(|(_, _, statement)| statement.clone())
        .collect();
    let log = server.run(&statements);
    // The server logs a statement that failed.
    let refused: Vec<_> = log
        .lines()
        .filter_map(|line| line.split_once("STATEMENT:  "))
        .map(|(_, statement)| statement.trim_end().trim_end_matches(';'))
        .collect();
    let wrong: Vec<_> = cases
        .iter()
        .filter(|(taken, _, statement)| *taken == refused.contains(&statement.as_str()))
        .map(|(_, setting, _)| setting)
        .collect();
    assert!(
        wrong.is_empty(),
        "the server says otherwise of {wrong:#?}: {log}"
    );
    assert!(refused.len() > 30, "{}", refused.len());
}
