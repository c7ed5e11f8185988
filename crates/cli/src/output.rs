//! What people see: lines, tables, JSON and YAML.

use std::io::{self, Write as _};

use comfy_table::{Row, Table};
use model::compliance::Tally;
use model::timestamp::Timestamp;
use serde::Serialize;

use crate::arguments::Format;
use crate::error::CommandError;

/// Prints a line of result.
///
/// # Errors
/// When standard output cannot be written; a closed pipe is one of the cases.
pub fn line(text: &str) -> Result<(), CommandError> {
    writeln!(io::stdout().lock(), "{}", printable(text)).map_err(CommandError::Output)
}

/// Prints bytes as they are: for scripts, where every byte counts.
///
/// # Errors
/// As [`line`].
pub fn raw(bytes: &[u8]) -> Result<(), CommandError> {
    io::stdout().lock().write_all(bytes).map_err(CommandError::Output)
}

/// Prints a line beside the result, on standard error.
pub fn say(text: &str) {
    // Where standard error is gone there is nobody left to tell.
    let _written = writeln!(io::stderr().lock(), "{}", printable(text));
}

/// Prints a list: the columns that `row` makes of each entry, or all fields of all entries.
///
/// # Errors
/// When standard output cannot be written.
pub fn list<T: Serialize>(
    format: Format,
    entries: &[T],
    header: &[&str],
    row: impl Fn(&T) -> Vec<String>,
) -> Result<(), CommandError> {
    match format {
        Format::Table => {
            let rows: Vec<Vec<String>> = entries.iter().map(row).collect();
            line(&table(header, &rows))
        }
        Format::Json | Format::Yaml => one(format, entries),
    }
}

/// Prints all fields of something; a table of one thing is its JSON.
///
/// # Errors
/// When standard output cannot be written.
pub fn one<T: Serialize + ?Sized>(format: Format, thing: &T) -> Result<(), CommandError> {
    line(&written(format, thing).map_err(CommandError::Output)?)
}

fn written<T: Serialize + ?Sized>(format: Format, thing: &T) -> io::Result<String> {
    match format {
        Format::Table | Format::Json => Ok(serde_json::to_string_pretty(thing)?),
        Format::Yaml => serde_saphyr::to_string(&thing)
            .map(|text| text.trim_end().to_owned())
            .map_err(io::Error::other),
    }
}

/// Columns under upper-case headings, two blanks apart, without lines: easy to read, and to cut.
fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(Row::from(header.to_vec()));
    for row in rows {
        table.add_row(row.iter().map(|cell| printable(cell)).collect::<Vec<_>>());
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}

/// The text without control characters: names and messages come from elsewhere, and a
/// terminal obeys what it is sent.
#[must_use]
pub fn printable(text: &str) -> String {
    let is_safe = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    text.chars().filter(is_safe).collect()
}

/// A share of passing pairs, as `7/8`; `—` where no policy covers anything.
#[must_use]
pub fn compliance(tally: &Tally) -> String {
    match tally.total() {
        0 => "—".to_owned(),
        total => format!("{}/{total}", tally.pass),
    }
}

/// A moment to the second; `never` where there was none.
#[must_use]
pub fn moment(at: Option<Timestamp>) -> String {
    let to_the_second = |at: Timestamp| Timestamp::from_seconds(at.as_seconds()).to_string();
    at.map_or_else(|| "never".to_owned(), to_the_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_plain_columns() {
        let rows =
            [["api", "2"], ["a-longer-name", "10"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(
            table(&["NAME", "PODS"], &rows),
            "NAME           PODS\napi            2\na-longer-name  10"
        );
    }

    #[test]
    fn json_and_yaml_read_back_as_the_same_entries() {
        let entries = vec![("api".to_owned(), 2_u64), ("a-longer-name".to_owned(), 10)];
        let json = written(Format::Json, &entries).unwrap();
        let yaml = written(Format::Yaml, &entries).unwrap();
        assert_eq!(serde_json::from_str::<Vec<(String, u64)>>(&json).unwrap(), entries);
        assert_eq!(serde_saphyr::from_str::<Vec<(String, u64)>>(&yaml).unwrap(), entries);
    }

    #[test]
    fn a_terminal_is_not_commanded_by_names() {
        assert_eq!(printable("a\u{1b}[2Jb\u{7}\n\tc"), "a[2Jb\n\tc");
    }

    #[test]
    fn nothing_covered_is_no_share() {
        assert_eq!(compliance(&Tally::default()), "—");
        assert_eq!(compliance(&Tally { pass: 7, could_not_check: 1, ..Tally::default() }), "7/8");
    }
}
