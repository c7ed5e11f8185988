//! What also runs in the browser.

mod policy_editor;

pub(crate) use policy_editor::PolicyEditor;
