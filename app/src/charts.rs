//! Drawings, made on the server as SVG in the console's own colours.

mod compliance;
mod ink;
mod qr_code;
mod span;

pub(crate) use compliance::compliance;
pub(crate) use qr_code::qr_code;
