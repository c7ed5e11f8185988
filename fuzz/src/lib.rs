//! The fuzz targets of `testkit`, for libFuzzer.

use std::cell::LazyCell;

use testkit::fuzz::{Target, targets};

thread_local! {
    static TARGETS: LazyCell<Vec<Target>> =
        LazyCell::new(|| targets().expect("the corpus can be made"));
}

/// Has a target read some bytes.
///
/// # Panics
/// When a promise of the target does not hold: libFuzzer then keeps the bytes.
pub fn hold(name: &str, bytes: &[u8]) {
    TARGETS.with(|targets| {
        let target = targets.iter().find(|target| target.name == name).expect("a known target");
        if let Err(broken) = (target.read)(bytes) {
            panic!("{name}: {broken}");
        }
    });
}
