//! The frame around every page, and the plain layout of the few that stand alone.

mod alone;
mod first_organization;
mod frame;
mod navigation;
mod scope_picker;

pub(crate) use alone::Alone;
pub(crate) use first_organization::OrganizationForm;
pub(crate) use frame::{Frame, Screen, framed};
pub(crate) use navigation::Section;
