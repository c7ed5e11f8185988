//! Drawings, made on the server as SVG in the console's own colours.

mod compliance;
mod ink;
mod span;

pub(crate) use compliance::compliance;
