//! The target `cvss` of `testkit::fuzz`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| loadline_fuzz::hold("cvss", bytes));
