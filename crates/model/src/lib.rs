//! The nouns of Loadline and their ids: what every other crate speaks of.
//!
//! Ring 0: nothing here reads a clock, makes a random number, or does I/O, so the same types
//! serve the server, the command line, the agent and the browser. A type lives here when two
//! crates must mean the same thing by it; how it is stored, fetched, judged or drawn lives
//! with whoever does that.
//!
//! | module | holds |
//! |---|---|
//! | [`id`] | UID, SUID and UIDP, and the typed ids built from them |
//! | [`timestamp`] | moments in microseconds since the Unix epoch |
//! | [`page`] | cursor paging, the same for every list |
//! | [`digest`], [`image`] | content digests and image references |
//! | [`groups`], [`clusters`], [`inventory`] | what is there: the tree, the clusters, what runs |
//! | [`policies`] | policies and their versions as the control plane keeps them |
//! | [`evidence`] | what was found for an image, verified or refused |
//! | [`images`], [`packages`], [`vulnerabilities`] | what is known of what runs |
//! | [`verdict`] | the four outcomes and the tree of reasons |
//! | [`compliance`] | how much of a scope passes |
//! | [`events`] | what changed, in order |
//! | [`iam`] | who is asking and what they may do |

pub mod clusters;
pub mod compliance;
pub mod digest;
pub mod events;
pub mod evidence;
pub mod groups;
pub mod iam;
pub mod id;
pub mod image;
pub mod images;
pub mod inventory;
#[cfg(feature = "openapi")]
mod openapi;
pub mod packages;
pub mod page;
pub mod policies;
pub mod timestamp;
pub mod trust;
pub mod verdict;
pub mod vulnerabilities;
