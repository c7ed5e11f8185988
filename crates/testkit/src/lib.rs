//! Fleets made from a seed: the same seed gives the same clusters, images and reports, so a
//! figure measured today can be measured again.
//!
//! For tests and benches only; nothing that ships depends on it.

pub mod fleet;
pub mod fuzz;
pub mod registry;
pub mod seed;

pub use fleet::{Fleet, Shape};
pub use seed::Seed;
