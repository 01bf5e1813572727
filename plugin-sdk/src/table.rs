//! Tables, as a model reads them and as a value: the same cells.

use schemars::JsonSchema;
use serde::Serialize;

/// The longest cell, in characters.
const WIDEST: usize = 160;

/// Columns and rows of text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Table {
    /// Headings.
    pub columns: Vec<String>,
    /// A cell per column.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub fn new(columns: &[&str]) -> Self {
        Self {
            columns: columns.iter().map(|column| (*column).to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row. Cells become single lines, and long ones are cut.
    pub fn push(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows
            .push(cells.into_iter().map(|cell| one_line(&cell)).collect());
    }

    /// Returns how many bytes an answer with the table takes, as text and as a value.
    pub fn bytes(&self) -> usize {
        // Two quotes and a comma around each cell.
        let cells: usize = self.rows.iter().flatten().map(|cell| cell.len() + 3).sum();
        self.text().len() + cells
    }

    /// Leaves out columns in which no row has anything.
    pub fn without_empty_columns(mut self) -> Self {
        for column in (0..self.columns.len()).rev() {
            let empty = self
                .rows
                .iter()
                .all(|row| row.get(column).is_none_or(String::is_empty));
            if empty {
                self.columns.remove(column);
                for row in &mut self.rows {
                    row.remove(column);
                }
            }
        }
        self
    }

    /// Returns the table as lines: columns padded, the last one not.
    pub fn text(&self) -> String {
        let mut widths = vec![0; self.columns.len()];
        for row in std::iter::once(&self.columns).chain(&self.rows) {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let line = |row: &Vec<String>| {
            let padded: Vec<_> = row
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            padded.join("  ").trim_end().to_owned()
        };
        std::iter::once(&self.columns)
            .chain(&self.rows)
            .map(line)
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// Returns the text as one line, cut behind 160 characters.
pub fn one_line(text: &str) -> String {
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(WIDEST) {
        line.truncate(end);
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::{Table, one_line};

    #[test]
    fn columns_are_padded_to_their_widest_cell_and_no_line_ends_in_blanks() {
        let mut table = Table::new(&["NAME", "AGE"]);
        table.push(["a-longer-name".to_owned(), "3d".to_owned()]);
        table.push(["b".to_owned(), String::new()]);
        assert_eq!(table.text(), "NAME           AGE\na-longer-name  3d\nb");
    }

    #[test]
    fn a_column_without_any_cell_is_left_out() {
        let mut table = Table::new(&["NAME", "STATUS", "AGE"]);
        table.push(["a".to_owned(), String::new(), "3d".to_owned()]);
        assert_eq!(table.without_empty_columns().text(), "NAME  AGE\na     3d");
    }

    #[test]
    fn a_cell_is_one_line_and_not_long() {
        assert_eq!(one_line(" a\n  b\tc "), "a b c");
        assert_eq!(one_line(&"ä".repeat(200)).chars().count(), 161);
    }
}
