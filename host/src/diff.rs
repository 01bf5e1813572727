//! What differs between two objects.

use serde::{Deserialize, Serialize};

/// One changed value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Line {
    /// Where, in the syntax of [`crate::projection`].
    pub path: String,
    /// JSON text; none where nothing stood there.
    pub before: Option<String>,
    /// JSON text; none where nothing stands there any more.
    pub after: Option<String>,
}
