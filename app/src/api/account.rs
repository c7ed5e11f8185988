//! One's own account: where one is signed in, tokens for programs, and how one signs in.

pub(crate) mod local;
pub(crate) mod sessions;
pub(crate) mod tokens;
