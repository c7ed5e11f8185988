//! `loadline iam roles` and `loadline iam role-bindings`.

use model::iam::{Capability, CapabilitySet, Role, RoleBinding, RoleBindingRow};
use protocol::iam::{CreateRole, CreateRoleBinding, Placed, UpdateRole, UpdateRoleBinding};

use crate::arguments::{Format, RoleBindings, Roles};
use crate::client::Client;
use crate::commands::borrowed;
use crate::error::CommandError;
use crate::output;

pub(super) async fn run(client: &Client, verb: Roles, format: Format) -> Result<(), CommandError> {
    match verb {
        Roles::List => {
            let roles: Vec<Placed<Role>> = client.get("api/v1/roles", &[]).await?;
            output::list(format, &roles, &["ID", "NAME", "GROUP", "DESCRIPTION"], |role| {
                vec![
                    role.noun.id.to_string(),
                    role.noun.name.clone(),
                    role.group_name.clone().unwrap_or_default(),
                    role.noun.description.clone(),
                ]
            })
        }
        Roles::Create { name, group, capabilities, description } => {
            let request = CreateRole { group, name, description, capabilities };
            let role: Placed<Role> = client.post("api/v1/roles", &request).await?;
            output::line(&format!("Made role {} ({})", role.noun.name, role.noun.id))
        }
        Roles::Update { role, capabilities, add, remove, name, description } => {
            let path = format!("api/v1/roles/{role}");
            let Placed { noun: before, .. } = client.get::<Placed<Role>>(&path, &[]).await?;
            let replaced: CapabilitySet = match capabilities.is_empty() {
                true => before.capabilities,
                false => capabilities.into_iter().collect(),
            };
            let (add, remove): (CapabilitySet, CapabilitySet) =
                (add.into_iter().collect(), remove.into_iter().collect());
            let request = UpdateRole {
                name: name.unwrap_or(before.name),
                description: description.unwrap_or(before.description),
                capabilities: replaced.union(add).without(remove).into(),
            };
            let after: Placed<Role> = client.put(&path, &request).await?;
            let names: Vec<&str> = after.noun.capabilities.iter().map(Capability::as_str).collect();
            output::line(&format!("{} now holds {}", after.noun.name, names.join(", ")))
        }
        Roles::Delete { role } => {
            client.delete(&format!("api/v1/roles/{role}")).await?;
            output::line(&format!("Deleted role {role}"))
        }
        Roles::Capabilities => {
            output::list(format, Capability::ALL, &["CAPABILITY"], |one| vec![one.to_string()])
        }
    }
}

pub(super) async fn bindings(
    client: &Client,
    verb: RoleBindings,
    format: Format,
) -> Result<(), CommandError> {
    match verb {
        RoleBindings::List { group, identity, role, inherited } => {
            let query = [
                ("group", group.unwrap_or_default()),
                ("identity", identity.map(|id| id.to_string()).unwrap_or_default()),
                ("role", role.map(|role| role.to_string()).unwrap_or_default()),
                ("inherited", if inherited { "true".to_owned() } else { String::new() }),
            ];
            let path = "api/v1/role-bindings";
            let rows: Vec<RoleBindingRow> = client.rows(path, &borrowed(&query)).await?;
            output::list(format, &rows, &["ID", "IDENTITY", "ROLE", "GROUP", "SINCE"], |row| {
                vec![
                    row.binding.id.to_string(),
                    row.identity_name.clone(),
                    row.role_name.clone(),
                    row.group_name.clone().unwrap_or_else(|| "/".to_owned()),
                    row.binding.created_at.to_string(),
                ]
            })
        }
        RoleBindings::Create { group, identity, role } => {
            let request = CreateRoleBinding { group, identity, role };
            let made: RoleBinding = client.post("api/v1/role-bindings", &request).await?;
            output::line(&format!("{identity} holds {role} (binding {})", made.id))
        }
        RoleBindings::Update { binding, role } => {
            let path = format!("api/v1/role-bindings/{binding}");
            let after: RoleBinding = client.patch(&path, &UpdateRoleBinding { role }).await?;
            output::line(&format!("{} now holds {}", after.identity, after.role))
        }
        RoleBindings::Delete { binding } => {
            client.delete(&format!("api/v1/role-bindings/{binding}")).await?;
            output::line(&format!("Deleted binding {binding}"))
        }
    }
}
