//! What may be written of who may do what: `loadline iam …`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use model::iam::{Capability, ProofKind, RoleRef};
use model::id::{IdentityId, IdentityProviderId, InviteId, RoleBindingId};
use model::timestamp::Timestamp;

use super::Groups;

/// Identity and access.
#[derive(Debug, Subcommand)]
pub enum Iam {
    /// The tree that clusters and policies hang from.
    #[command(subcommand)]
    Groups(Groups),
    /// What there is to hold.
    #[command(subcommand)]
    Roles(Roles),
    /// Who holds which role where.
    #[command(subcommand)]
    RoleBindings(RoleBindings),
    /// People, and what can be assumed.
    #[command(subcommand)]
    Identities(Identities),
    /// Codes that make whoever brings them hold a role.
    #[command(subcommand)]
    Invites(Invites),
    /// Whose people may sign in.
    #[command(subcommand)]
    IdentityProviders(IdentityProviders),
    /// Who did what, from where, latest first.
    Audit(Audit),
}

/// Roles.
#[derive(Debug, Subcommand)]
pub enum Roles {
    /// The built-in roles, and every custom role you may see.
    List,
    /// Make a role of capabilities that you hold.
    Create {
        /// Its name.
        #[arg(value_parser = super::name)]
        name: String,
        /// The group that makes it, such as `acme`.
        #[arg(long)]
        group: String,
        /// What it holds.
        #[arg(long, value_delimiter = ',', required = true, value_name = "CAPABILITY,…")]
        capabilities: Vec<Capability>,
        /// What it is for.
        #[arg(long, default_value = "")]
        description: String,
    },
    /// Change a custom role, and with it what everybody holds who was granted it.
    Update {
        /// The role's id.
        role: RoleRef,
        /// What it holds from now on, instead of what it held.
        #[arg(long, value_delimiter = ',', conflicts_with_all = ["add", "remove"])]
        capabilities: Vec<Capability>,
        /// What it holds besides.
        #[arg(long, value_delimiter = ',')]
        add: Vec<Capability>,
        /// What it holds no more.
        #[arg(long, value_delimiter = ',')]
        remove: Vec<Capability>,
        /// What it is called from now on.
        #[arg(long)]
        name: Option<String>,
        /// What it is for.
        #[arg(long)]
        description: Option<String>,
    },
    /// Delete a custom role that nobody holds.
    Delete {
        /// The role's id.
        role: RoleRef,
    },
    /// Every capability that there is.
    Capabilities,
}

/// Role bindings.
#[derive(Debug, Subcommand)]
pub enum RoleBindings {
    /// Who holds which role at a group and below it.
    List {
        /// The group, or `/` for the whole installation [default: the first you may see].
        #[arg(long)]
        group: Option<String>,
        /// Only those of this identity.
        #[arg(long)]
        identity: Option<IdentityId>,
        /// Only those of this role.
        #[arg(long)]
        role: Option<RoleRef>,
        /// Instead: what is held above the group, and so at it.
        #[arg(long)]
        inherited: bool,
    },
    /// Grant a role; granting it again changes nothing.
    Create {
        /// Where, or `/` for the whole installation.
        #[arg(long)]
        group: String,
        /// Who.
        #[arg(long)]
        identity: IdentityId,
        /// A built-in role's name, or a custom role's id.
        #[arg(long)]
        role: RoleRef,
    },
    /// Change which role is granted.
    Update {
        /// The binding's id.
        binding: RoleBindingId,
        /// A built-in role's name, or a custom role's id.
        #[arg(long)]
        role: RoleRef,
    },
    /// Take a role away.
    Delete {
        /// The binding's id.
        binding: RoleBindingId,
    },
}

/// Identities.
#[derive(Debug, Subcommand)]
pub enum Identities {
    /// What can be assumed at a group and below it, and everybody who holds a role there.
    List {
        /// The group [default: the first you may see].
        #[arg(long)]
        group: Option<String>,
        /// Only those of this kind.
        #[arg(long, value_parser = kind, value_name = "KIND")]
        kind: Option<ProofKind>,
    },
    /// All fields of one.
    Describe {
        /// Its id.
        identity: IdentityId,
    },
    /// The person of an account.
    Lookup {
        /// Whose account it is.
        #[arg(long)]
        issuer: String,
        /// The account, as the issuer calls it.
        #[arg(long)]
        subject: String,
    },
    /// Make something that can be assumed; or, with `--person`, somebody known before they sign in.
    Create(Box<CreateIdentity>),
    /// Change how an identity is shown, or whether it can act.
    Update {
        /// Its id.
        identity: IdentityId,
        /// How it is shown.
        #[arg(long)]
        name: Option<String>,
        /// What it is for.
        #[arg(long)]
        description: Option<String>,
        /// A file with who may act as it from now on, JSON as `describe` prints it.
        #[arg(long, value_name = "FILE")]
        proof: Option<PathBuf>,
        /// Let it neither sign in nor be assumed.
        #[arg(long, conflicts_with = "enable")]
        disable: bool,
        /// Let it sign in or be assumed again.
        #[arg(long)]
        enable: bool,
    },
    /// Delete an identity with every role it holds.
    Delete {
        /// Its id.
        identity: IdentityId,
    },
    /// Make a link that signs a person in, once, within an hour; they set a password with it.
    SignInLink {
        /// The person's id.
        identity: IdentityId,
    },
}

/// `iam identities create`.
#[derive(Debug, Args)]
pub struct CreateIdentity {
    /// How it is shown.
    pub name: String,
    /// The group it belongs to.
    #[arg(long, required_unless_present = "person")]
    pub group: Option<String>,
    /// A person, known by issuer and subject; they belong to no group.
    #[arg(long, conflicts_with = "group", requires_all = ["issuer", "subject"])]
    pub person: bool,
    /// A person's address.
    #[arg(long, requires = "person")]
    pub email: Option<String>,
    /// What it is for.
    #[arg(long, default_value = "")]
    pub description: String,
    /// A file with who may act as it, as JSON; for what the other options cannot say.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["issuer", "issuer_pattern", "github_repo"])]
    pub proof: Option<PathBuf>,
    /// The issuer of tokens that it takes.
    #[arg(long, conflicts_with = "issuer_pattern")]
    pub issuer: Option<String>,
    /// A pattern of issuers.
    #[arg(long)]
    pub issuer_pattern: Option<String>,
    /// The subject of such tokens.
    #[arg(long, conflicts_with = "subject_pattern")]
    pub subject: Option<String>,
    /// A pattern of subjects.
    #[arg(long)]
    pub subject_pattern: Option<String>,
    /// The audience of such tokens [default: the installation's own address].
    #[arg(long, conflicts_with = "audience_pattern")]
    pub audience: Option<String>,
    /// A pattern of audiences.
    #[arg(long)]
    pub audience_pattern: Option<String>,
    /// The issuer's JWKS document, where nobody can reach it; counts 30 days.
    #[arg(long, value_name = "FILE", requires_all = ["issuer", "subject"])]
    pub issuer_keys: Option<PathBuf>,
    /// Until when these keys count.
    #[arg(long, requires = "issuer_keys")]
    pub expires: Option<Timestamp>,
    /// A repository of GitHub whose workflows may act as it, as `owner/name`.
    #[arg(long, value_name = "OWNER/NAME", conflicts_with_all = ["issuer", "issuer_pattern"])]
    pub github_repo: Option<String>,
    /// The ref those workflows run on.
    #[arg(long, default_value = "refs/heads/main", requires = "github_repo")]
    pub github_ref: String,
}

/// Invites.
#[derive(Debug, Subcommand)]
pub enum Invites {
    /// The invites at a group and below it, whatever became of them.
    List {
        /// The group [default: the first you may see].
        #[arg(long)]
        group: Option<String>,
    },
    /// Make an invite; prints its code once.
    Create {
        /// Where the role will be held.
        #[arg(long)]
        group: String,
        /// A built-in role's name, or a custom role's id.
        #[arg(long)]
        role: RoleRef,
        /// The only address that may accept it.
        #[arg(long)]
        email: Option<String>,
        /// Let anybody who has the code accept it, not only the first.
        #[arg(long)]
        many: bool,
        /// Until when [default: a week from now].
        #[arg(long)]
        expires: Option<Timestamp>,
    },
    /// Accept an invite: you hold its role from now on.
    Accept {
        /// The code.
        code: String,
    },
    /// Take an invite back.
    Delete {
        /// The invite's id.
        #[arg(required_unless_present = "expired")]
        invite: Option<InviteId>,
        /// Instead: delete those at a group and below it whose time is over.
        #[arg(long, conflicts_with = "invite")]
        expired: bool,
        /// The group of the expired ones [default: the first you may see].
        #[arg(long, requires = "expired")]
        group: Option<String>,
    },
}

/// Identity providers.
#[derive(Debug, Subcommand)]
pub enum IdentityProviders {
    /// The providers at a group and below it.
    List {
        /// The group [default: the first you may see].
        #[arg(long)]
        group: Option<String>,
    },
    /// Let people of a provider sign in.
    Create {
        /// The group whose provider it is.
        #[arg(long)]
        group: String,
        /// What it is.
        #[command(flatten)]
        provider: Provider,
    },
    /// Say anew what a provider is; its secret stays where none is given.
    Update {
        /// Its id.
        id: IdentityProviderId,
        /// What it is.
        #[command(flatten)]
        provider: Provider,
    },
    /// Delete a provider; what its people hold stays.
    Delete {
        /// Its id.
        id: IdentityProviderId,
    },
}

/// What an identity provider is.
#[derive(Debug, Args)]
pub struct Provider {
    /// How it is shown at sign-in.
    #[arg(long)]
    pub name: String,
    /// Free text.
    #[arg(long, default_value = "")]
    pub description: String,
    /// Its issuer, as its tokens say it.
    #[arg(long)]
    pub oidc_issuer: String,
    /// What it knows this installation as.
    #[arg(long)]
    pub oidc_client_id: String,
    /// A file that holds its client secret; on a command line others could read it.
    #[arg(long, value_name = "FILE")]
    pub oidc_client_secret_file: Option<PathBuf>,
    /// What is asked for beside `openid`.
    #[arg(long, value_delimiter = ',', default_value = "email,profile")]
    pub oidc_additional_scopes: Vec<String>,
    /// What everybody who signs in through it holds at its group.
    #[arg(long)]
    pub default_role: Option<RoleRef>,
    /// The domains of e-mail addresses that are sent to it.
    #[arg(long, value_delimiter = ',')]
    pub domains: Vec<String>,
}

/// `iam audit`.
#[derive(Debug, Args)]
pub struct Audit {
    /// The group [default: what concerns the installation as a whole].
    #[arg(long)]
    pub group: Option<String>,
    /// Only what this identity or cluster did, by its id; or `system`.
    #[arg(long)]
    pub actor: Option<String>,
    /// Only this action, such as `role_bindings.create`.
    #[arg(long)]
    pub action: Option<String>,
    /// Only from this moment on.
    #[arg(long)]
    pub from: Option<Timestamp>,
    /// Only before this moment.
    #[arg(long)]
    pub until: Option<Timestamp>,
    /// All of it as a file on standard output.
    #[arg(long, value_enum)]
    pub export: Option<Export>,
}

/// How the audit log is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Export {
    /// An entry a line, each JSON.
    Jsonl,
    /// Columns, for spreadsheets.
    Csv,
}

fn kind(text: &str) -> Result<ProofKind, String> {
    let known = ProofKind::ALL.into_iter().find(|kind| kind.as_str() == text);
    known.ok_or_else(|| {
        let names: Vec<&str> = ProofKind::ALL.into_iter().map(ProofKind::as_str).collect();
        format!("there are {}", names.join(", "))
    })
}
