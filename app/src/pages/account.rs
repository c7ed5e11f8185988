//! One's own account: sessions, tokens for programs, and how one signs in.

mod codes;
mod detail;
mod new_token;
mod tab_sessions;
mod tab_sign_in;
mod tab_tokens;
mod token_made;

pub(crate) use codes::CodesPage;
pub(crate) use detail::AccountPage;
pub(crate) use new_token::NewTokenPage;
pub(crate) use token_made::TokenMadePage;
