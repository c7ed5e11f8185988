//! Tokens and codes that were handed out, and the keys that sign. Secrets arrive here as hashes,
//! private keys sealed.

mod codes;
mod families;
mod personal;
mod signing_keys;

pub use codes::{AuthorizationCode, DeviceCode, DeviceState};
pub use families::{Family, Renewal};
pub use personal::PersonalToken;
pub use signing_keys::SigningKeyRow;
