//! The target `credential` of `testkit::fuzz`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| loadline_fuzz::hold("credential", bytes));
