//! Pieces that know nothing of clusters and policies: what every page is made of.

mod act;
mod card;
mod chip;
mod command;
mod copyable;
mod empty;
pub(crate) mod escaped;
mod field;
mod glyph;
mod heading;
mod link_row;
mod load_line;
mod notice;
mod pager;
mod table;
mod time;

pub(crate) use act::{Act, ActLink, Confirm, DeleteByName};
pub(crate) use card::{Figure, FigureCard, card_head};
pub(crate) use chip::{Chip, Tone};
pub(crate) use command::Command;
pub(crate) use copyable::Copyable;
pub(crate) use empty::{Empty, Waters};
pub(crate) use field::{
    CodeField, FilterField, LineField, LinesField, PasswordField, SelectField, SelectOption,
    TextAreaField,
};
pub(crate) use glyph::{Glyph, Icon, Mark};
pub(crate) use heading::PageHead;
pub(crate) use link_row::{Choice, Filters, Tabs};
pub(crate) use load_line::LoadLine;
pub(crate) use notice::Notice;
pub(crate) use pager::Pager;
pub(crate) use table::{Column, Table};
pub(crate) use time::{Ago, Since};
