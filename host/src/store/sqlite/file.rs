//! The database's file: private to its user, opened as it must be.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::{errors, schema};
use crate::store::StoreError;

/// Opens the file, and makes it and its folder where they are missing.
pub(super) fn open(path: &Path, busy: Duration) -> Result<Connection, StoreError> {
    make(path)?;
    let failed = |error| errors::at(path, error);
    let folder = path.parent().unwrap_or(Path::new("."));
    let folder = fs::canonicalize(folder).map_err(|error| io_at(folder, error))?;
    // The folder may be a link, the file not: it could lead to where others write.
    let real = folder.join(path.file_name().unwrap_or_default());
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let mut connection = Connection::open_with_flags(real, flags).map_err(failed)?;
    connection.busy_timeout(busy).map_err(failed)?;
    connection
        .pragma_update(None, "journal_mode", "wal")
        .and_then(|()| connection.pragma_update(None, "synchronous", "full"))
        .and_then(|()| connection.pragma_update(None, "foreign_keys", true))
        // What is removed is overwritten.
        .and_then(|()| connection.pragma_update(None, "secure_delete", true))
        // Text of the schema cannot call functions, should others have written it.
        .and_then(|()| connection.pragma_update(None, "trusted_schema", false))
        .map_err(failed)?;
    schema::migrate(&mut connection, path, &schema::STEPS)?;
    Ok(connection)
}

fn make(path: &Path) -> Result<(), StoreError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| io_at(folder, error))?;
    private(folder, fs::metadata(folder))?;
    // SQLite gives the files beside it the same mode.
    let made = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path);
    made.map_err(|error| io_at(path, error))?;
    private(path, fs::symlink_metadata(path))
}

fn private(path: &Path, metadata: io::Result<fs::Metadata>) -> Result<(), StoreError> {
    let metadata = metadata.map_err(|error| io_at(path, error))?;
    let foreign = metadata.uid() != rustix::process::geteuid().as_raw();
    let mode = metadata.mode() & 0o777;
    if foreign || mode & 0o077 != 0 {
        return Err(StoreError::Exposed {
            path: path.to_owned(),
            mode,
        });
    }
    Ok(())
}

pub(super) fn io_at(path: &Path, error: io::Error) -> StoreError {
    let path = path.to_owned();
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            StoreError::ReadOnly { path }
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full { path },
        _ => StoreError::Io {
            path,
            source: error,
        },
    }
}
