//! SQLite's errors in the store's words.

use std::path::Path;

use rusqlite::{ErrorCode, ffi};

use crate::store::StoreError;

/// Names the case by the database's own code.
pub(super) fn at(path: &Path, error: rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    let extended = error.sqlite_error().map(|error| error.extended_code);
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full { path },
        // What is mapped cannot grow.
        Some(ErrorCode::SystemIoFailure) if extended == Some(ffi::SQLITE_IOERR_SHMSIZE) => {
            StoreError::Full { path }
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            StoreError::ReadOnly { path }
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Locked { path },
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Corrupt {
            path,
            what: "it is no intact SQLite database".to_owned(),
        },
        _ => match error {
            // A column of another type than we wrote.
            rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..) => StoreError::Corrupt {
                path,
                what: error.to_string(),
            },
            error => StoreError::Io {
                path,
                source: std::io::Error::other(error),
            },
        },
    }
}
