//! Pieces that know the domain: outcomes, verdicts, policies, clusters, images, changes.

mod access;
mod allowed;
mod capability_boxes;
mod cluster_table;
mod code_block;
mod compliance;
mod diagnostics;
mod event_sentence;
mod filter_form;
mod group_choice;
mod image_name;
mod nouns;
mod outcome;
mod policy_table;
pub(crate) mod reason;
mod sentence;
mod severity;
mod shown_error;
mod verdict_tree;
mod violation_list;
mod vulnerability_row;
pub(crate) mod yaml;

pub(crate) use access::{
    AccessPart, AccessTabs, group_name, kind_name, role_name, role_options, roles_at,
};
pub(crate) use allowed::denied;
pub(crate) use capability_boxes::CapabilityBoxes;
pub(crate) use cluster_table::{ClusterTable, status_chip};
pub(crate) use code_block::CodeBlock;
pub(crate) use compliance::Compliance;
pub(crate) use diagnostics::Diagnostics;
pub(crate) use event_sentence::EventSentence;
pub(crate) use filter_form::{
    FilterForm, MoreFields, asked_moment, clearing, either_options, moment_field, moment_notice,
    read_either,
};
pub(crate) use group_choice::{description_error, group_options};
pub(crate) use image_name::{ImageName, image_link};
pub(crate) use nouns::{Noun, nouns, verb};
pub(crate) use outcome::{ModeChip, OutcomeChip, record_chip};
pub(crate) use policy_table::PolicyTable;
pub(crate) use sentence::Sentence;
pub(crate) use severity::{
    SeverityBar, SeverityLine, counted_severities, fix_name, fix_named, fix_options,
    severity_options,
};
pub(crate) use shown_error::shown_error;
pub(crate) use verdict_tree::VerdictTree;
pub(crate) use violation_list::{Beside, ViolationList};
pub(crate) use vulnerability_row::{vulnerability_columns, vulnerability_row};
