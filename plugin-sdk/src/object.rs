//! One object read whole, and what stands in it.
//!
//! Places are JSON pointers such as `/status/phase`. As in a [`Row`](crate::row::Row), what is not there reads as empty.

use crate::{Time, row};
use serde_json::Value;

/// An object, or a part of one.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a>(pub &'a Value);

impl<'a> Object<'a> {
    /// Returns the part at a place.
    pub fn part(self, place: &str) -> Self {
        Self(self.0.pointer(place).unwrap_or(&Value::Null))
    }

    /// Returns a text; empty where there is none.
    pub fn text(self, place: &str) -> &'a str {
        self.part(place).0.as_str().unwrap_or_default()
    }

    /// Returns a number; zero where there is none: Go leaves out zeros.
    pub fn number(self, place: &str) -> u64 {
        self.part(place).0.as_u64().unwrap_or_default()
    }

    /// Returns a point in time; none where there is none.
    pub fn time(self, place: &str) -> Option<Time> {
        Time::parse(self.text(place))
    }

    /// Returns the texts of a list; none of them where there is no list.
    pub fn texts(self, place: &str) -> Vec<String> {
        row::texts(self.part(place).0)
    }

    /// Returns a yes or no; none where nothing was said.
    pub fn flag(self, place: &str) -> Option<bool> {
        self.part(place).0.as_bool()
    }

    /// Returns the items of a list; none of them where there is no list.
    pub fn items(self, place: &str) -> impl Iterator<Item = Self> {
        let list = self.part(place).0.as_array();
        list.into_iter().flatten().map(Self)
    }

    /// Returns the entries of an object whose values are texts, as `key=value`.
    pub fn pairs(self, place: &str) -> Vec<String> {
        let map = self.part(place).0.as_object();
        let entries = map.into_iter().flatten();
        entries
            .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
            .collect()
    }
}
