//! Choosing a group in a form, and the one rule of free texts that forms share.

use model::groups::Group;
use model::id::GroupId;

use crate::ui::SelectOption;

/// Characters of a description, at most; the service has the last word.
const LONGEST_DESCRIPTION: usize = 2_000;

/// Every group as an option, by its name path.
pub(crate) fn group_options(groups: &[Group], chosen: Option<GroupId>) -> Vec<SelectOption> {
    let option = |group: &Group| SelectOption {
        value: group.id.to_string(),
        label: group.name_path(),
        is_selected: chosen == Some(group.id),
    };
    groups.iter().map(option).collect()
}

/// What is wrong with a description that was sent before.
pub(crate) fn description_error(description: &str) -> Option<String> {
    let is_long = description.chars().count() > LONGEST_DESCRIPTION;
    let is_control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if is_long {
        return Some(format!("A description has at most {LONGEST_DESCRIPTION} characters."));
    }
    description
        .contains(is_control)
        .then(|| "A description holds no control characters.".to_owned())
}
