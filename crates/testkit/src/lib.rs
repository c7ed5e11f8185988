//! Fleets made from a seed: the same seed gives the same clusters, images and reports, so a
//! figure measured today can be measured again; foreign bytes and policies from a seed, for what
//! reads them.
//!
//! Services on loopback, for what speaks to them: registries, and a Sigstore with its issuer. Other
//! people's programs, for a second opinion.
//!
//! For tests and benches only; nothing that ships depends on it.

pub mod differ;
pub mod docker_registry;
pub mod fleet;
pub mod fuzz;
pub mod registry;
pub mod second_opinion;
pub mod seed;
pub mod sigstore;
pub mod skips;

pub use docker_registry::DockerRegistry;
pub use fleet::{Fleet, Shape};
pub use seed::Seed;
pub use skips::skipped;
