//! The functions that a module calls, all of them known. The engine finds an unknown one only when
//! an evaluation comes to it; Rego's own compiler refuses the module, and so is a misspelling told
//! while the policy is written and not when a pod waits.

use std::collections::BTreeSet;

use anyhow::{Result, anyhow};
use regorus::unstable::{BUILTINS, Expr, Import, Module, Rule, RuleHead, Span};
use regorus::utils::get_path_string;

use super::has_function;
use super::walk::Walk;

/// The first call, as one reads, of a function that is neither the module's nor the language's.
pub(super) fn first_unknown(module: &Module) -> Result<Option<(String, &Span)>> {
    let package = get_path_string(&module.package.refr, Some("data"))?;
    let mut own = BTreeSet::new();
    for rule in &module.policy {
        own.extend(function(rule, &package)?);
    }
    let mut unknown = Vec::new();
    for expression in Walk::over(module) {
        let Expr::Call { span, fcn, .. } = expression else { continue };
        let name = get_path_string(fcn, None)
            .map_err(|_| anyhow!(span.error("only a function that has a name can be called")))?;
        let is_own = written_out(&name, &package, &module.imports)?
            .into_iter()
            .any(|path| own.contains(&path));
        if !is_own && !is_of_language(&name) {
            unknown.push((name, span));
        }
    }
    Ok(unknown.into_iter().min_by_key(|(_, span)| span.start))
}

fn is_of_language(name: &str) -> bool {
    name == "print" || BUILTINS.contains_key(name) || has_function(name)
}

/// The path of the function that a rule defines, if it does.
fn function(rule: &Rule, package: &str) -> Result<Option<String>> {
    let named = match rule {
        Rule::Spec { head: RuleHead::Func { refr, .. }, .. } => Some(refr),
        Rule::Default { refr, args, .. } if !args.is_empty() => Some(refr),
        Rule::Spec { .. } | Rule::Default { .. } => None,
    };
    named.map(|named| get_path_string(named, Some(package))).transpose()
}

/// The paths that a name may stand for: its own, one within the package, one that is imported.
fn written_out(name: &str, package: &str, imports: &[Import]) -> Result<Vec<String>> {
    let mut paths = vec![name.to_owned(), format!("{package}.{name}")];
    let (root, rest) = name.split_once('.').unwrap_or((name, ""));
    for import in imports {
        let path = get_path_string(&import.refr, None)?;
        let alias = import.r#as.as_ref().map(|alias| alias.text().to_owned());
        let alias = alias.or_else(|| path.rsplit('.').next().map(str::to_owned));
        if alias.as_deref() == Some(root) {
            paths.push(if rest.is_empty() { path } else { format!("{path}.{rest}") });
        }
    }
    Ok(paths)
}
