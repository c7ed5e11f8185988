//! Identity and access: who calls, what each role allows, how one signs in.

mod caller;
pub mod matrix;
mod sign_in;

pub use caller::Caller;
pub(crate) use caller::is_below;
