//! Images: the list, and everything that is known of one.

mod cards;
mod detail;
mod files;
mod filter;
mod headline;
mod list;
mod lookups;
mod piece;
mod provenance;
mod tab_evidence;
mod tab_packages;
mod tab_provenance;
mod tab_runs_in;
mod tab_timeline;
mod tab_verdicts;
mod tab_vulnerabilities;
mod timeline;

pub(crate) use detail::ImagePage;
pub(crate) use list::ImagesPage;
