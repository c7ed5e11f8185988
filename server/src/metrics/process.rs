//! What the kernel says of this process, by the names that Prometheus' own clients use. Only Linux
//! tells it this way; elsewhere there is nothing.

use std::fs;

/// The pages of memory that `statm` counts in, and the ticks of `stat`; both have been these on
/// every platform that we build for since before there was Rust.
const PAGE_BYTES: u64 = 4096;
const TICKS_A_SECOND: u64 = 100;

/// Where `stat` has its numbers, counted after the name in parentheses.
const USER_TICKS: usize = 11;
const SYSTEM_TICKS: usize = 12;

/// The numbers as text, each with its type and unit.
pub(super) fn text() -> String {
    let resident = fs::read_to_string("/proc/self/statm").ok().and_then(|text| resident(&text));
    let seconds = fs::read_to_string("/proc/self/stat").ok().and_then(|text| seconds(&text));
    let files = fs::read_dir("/proc/self/fd").ok().map(Iterator::count);
    let mut text = String::new();
    if let Some(bytes) = resident {
        text.push_str(&format!(
            "# TYPE process_resident_memory_bytes gauge\n# UNIT process_resident_memory_bytes bytes\n\
             process_resident_memory_bytes {bytes}\n"
        ));
    }
    if let Some(seconds) = seconds {
        text.push_str(&format!(
            "# TYPE process_cpu_seconds counter\n# UNIT process_cpu_seconds seconds\n\
             process_cpu_seconds_total {seconds}\n"
        ));
    }
    if let Some(files) = files {
        text.push_str(&format!("# TYPE process_open_fds gauge\nprocess_open_fds {files}\n"));
    }
    text
}

/// The second number of `statm`.
fn resident(statm: &str) -> Option<u64> {
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    pages.checked_mul(PAGE_BYTES)
}

fn seconds(stat: &str) -> Option<String> {
    // The name may hold blanks and parentheses; the last one ends it.
    let (_, rest) = stat.rsplit_once(')')?;
    let numbers: Vec<&str> = rest.split_whitespace().collect();
    let number = |place: usize| numbers.get(place)?.parse::<u64>().ok();
    let ticks = number(USER_TICKS)?.checked_add(number(SYSTEM_TICKS)?)?;
    Some(format!("{}.{:02}", ticks / TICKS_A_SECOND, ticks % TICKS_A_SECOND))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_numbers_are_read_whatever_the_program_is_called() {
        let stat = "42 (a) b) S 1 2 3 4 5 6 7 8 9 10 150 75 0 0 20 0 1 0 5 0 0";
        assert_eq!(seconds(stat).as_deref(), Some("2.25"));
        assert_eq!(resident("900 25 3 1 0 5 0"), Some(102_400));
        assert_eq!(resident(""), None);
        assert_eq!(seconds("42"), None);
    }
}
