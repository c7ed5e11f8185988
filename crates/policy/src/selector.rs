//! Label selectors, as Kubernetes reads them (`policy-controller.md` 7.1).

use std::collections::{BTreeMap, BTreeSet};

use crate::written::cluster_image_policy::{LabelRequirement, LabelSelector};

/// A selector, checked: every requirement must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector(Vec<Requirement>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Requirement {
    key: String,
    operator: Operator,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Operator {
    In(BTreeSet<String>),
    NotIn(BTreeSet<String>),
    Exists,
    DoesNotExist,
}

impl Selector {
    pub(crate) fn new(written: &LabelSelector) -> Result<Self, String> {
        let mut requirements = Vec::new();
        for (key, value) in &written.match_labels {
            check_key(key)?;
            check_value(value)?;
            let operator = Operator::In(BTreeSet::from([value.clone()]));
            requirements.push(Requirement { key: key.clone(), operator });
        }
        for expression in &written.match_expressions {
            requirements.push(requirement(expression)?);
        }
        Ok(Self(requirements))
    }

    /// Whether labels are selected.
    #[must_use]
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.0.iter().all(|Requirement { key, operator }| {
            let value = labels.get(key);
            match operator {
                Operator::In(values) => value.is_some_and(|value| values.contains(value)),
                Operator::NotIn(values) => value.is_none_or(|value| !values.contains(value)),
                Operator::Exists => value.is_some(),
                Operator::DoesNotExist => value.is_none(),
            }
        })
    }
}

fn requirement(written: &LabelRequirement) -> Result<Requirement, String> {
    let LabelRequirement { key, operator, values } = written;
    check_key(key)?;
    for value in values {
        check_value(value)?;
    }
    let set: BTreeSet<String> = values.iter().cloned().collect();
    let operator = match (operator.as_str(), values.is_empty()) {
        ("In", false) => Operator::In(set),
        ("NotIn", false) => Operator::NotIn(set),
        ("Exists", true) => Operator::Exists,
        ("DoesNotExist", true) => Operator::DoesNotExist,
        ("In" | "NotIn", true) => return Err(format!("{operator} of {key} needs values")),
        ("Exists" | "DoesNotExist", false) => {
            return Err(format!("{operator} of {key} takes no values"));
        }
        _ => {
            return Err(format!(
                "{operator} is no operator: write In, NotIn, Exists or DoesNotExist"
            ));
        }
    };
    Ok(Requirement { key: key.clone(), operator })
}

/// `[prefix/]name`: a DNS name, and up to 63 letters, digits, `-`, `_`, `.`.
fn check_key(key: &str) -> Result<(), String> {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    let is_prefix = prefix.is_none_or(|prefix| {
        !prefix.is_empty()
            && prefix.len() <= 253
            && prefix.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.')
            })
    });
    if name.is_empty() || !is_name(name) || !is_prefix {
        return Err(format!("{key} is no label"));
    }
    Ok(())
}

fn check_value(value: &str) -> Result<(), String> {
    if value.is_empty() || is_name(value) {
        Ok(())
    } else {
        Err(format!("{value} is no label value"))
    }
}

fn is_name(name: &str) -> bool {
    let is_outer = |character: char| character.is_ascii_alphanumeric();
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    name.len() <= 63
        && name.starts_with(is_outer)
        && name.ends_with(is_outer)
        && name.bytes().all(is_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requirement(key: &str, operator: &str, values: &[&str]) -> LabelSelector {
        LabelSelector {
            match_expressions: vec![LabelRequirement {
                key: key.to_owned(),
                operator: operator.to_owned(),
                values: values.iter().map(|&value| value.to_owned()).collect(),
            }],
            ..LabelSelector::default()
        }
    }

    #[test]
    fn spec_7_1_requirements_hold_as_in_kubernetes() {
        let labels = BTreeMap::from([("app".to_owned(), "api".to_owned())]);
        for (key, operator, values, holds) in [
            ("app", "In", vec!["api", "web"], true),
            ("app", "In", vec!["web"], false),
            ("tier", "In", vec!["web"], false),
            ("app", "NotIn", vec!["web"], true),
            ("tier", "NotIn", vec!["web"], true),
            ("app", "NotIn", vec!["api"], false),
            ("app", "Exists", vec![], true),
            ("tier", "Exists", vec![], false),
            ("tier", "DoesNotExist", vec![], true),
        ] {
            let selector = Selector::new(&requirement(key, operator, &values)).unwrap();
            assert_eq!(selector.matches(&labels), holds, "{key} {operator} {values:?}");
        }
        assert!(Selector::new(&LabelSelector::default()).unwrap().matches(&labels));
    }

    #[test]
    fn spec_7_1_selectors_that_kubernetes_refuses_are_refused() {
        for (key, operator, values) in [
            ("", "Exists", vec![]),
            ("a b", "Exists", vec![]),
            ("Acme/app", "Exists", vec![]),
            ("app", "In", vec![]),
            ("app", "Exists", vec!["x"]),
            ("app", "Equals", vec!["x"]),
            ("app", "In", vec!["-x"]),
        ] {
            assert!(
                Selector::new(&requirement(key, operator, &values)).is_err(),
                "{key} {operator}"
            );
        }
    }
}
