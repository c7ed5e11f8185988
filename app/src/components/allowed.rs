//! What a visitor may do, told beside what they may not.

use model::iam::{Capability, CapabilitySet};

/// Why something cannot be done by whoever holds no more than this; `None` where it can.
pub(crate) fn denied(held: CapabilitySet, needed: Capability, place: &str) -> Option<String> {
    (!held.contains(needed))
        .then(|| format!("You need {needed} at {place}. Ask an owner of {place}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_names_what_is_missing_and_whom_to_ask() {
        let held = CapabilitySet::of(&[Capability::RolesList]);
        assert_eq!(denied(held, Capability::RolesList, "acme"), None);
        let wanted = "You need roles.create at acme. Ask an owner of acme.";
        assert_eq!(denied(held, Capability::RolesCreate, "acme").as_deref(), Some(wanted));
    }
}
