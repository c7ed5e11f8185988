//! What may be written of groups: `loadline groups …` and `loadline iam groups …`.

use clap::{Subcommand, ValueEnum};

use super::name;

/// Groups.
#[derive(Debug, Subcommand)]
pub enum Groups {
    /// Every group you may see, parents before children.
    List,
    /// Make a group; without a parent it is an organization.
    Create {
        /// Its name.
        #[arg(value_parser = name)]
        name: String,
        /// The group above, such as `acme/production`.
        #[arg(long)]
        parent: Option<String>,
        /// Free text.
        #[arg(long, default_value = "")]
        description: String,
    },
    /// Give a group another name or description.
    Update {
        /// The group, such as `acme/production`.
        group: String,
        /// Its new name.
        #[arg(long, value_parser = name)]
        name: Option<String>,
        /// Its new description.
        #[arg(long)]
        description: Option<String>,
    },
    /// Put a group with everything below it elsewhere in its organization.
    Move {
        /// The group, such as `acme/production`.
        group: String,
        /// The group above it from now on.
        #[arg(long)]
        parent: String,
        /// Say only what that would change.
        #[arg(long)]
        dry_run: bool,
    },
    /// Delete a group with everything below it; says what that changes, and does it with `--yes`.
    Delete {
        /// The group, such as `acme/production`.
        group: String,
        /// Do it.
        #[arg(long)]
        yes: bool,
    },
    /// Say how much an organization may hold, or set it.
    Limits {
        /// The organization.
        organization: String,
        /// What is limited, such as `clusters=10`.
        #[arg(long, value_delimiter = ',', value_parser = limit)]
        set: Vec<(String, u32)>,
        /// Lift every limit that is not set.
        #[arg(long)]
        reset: bool,
    },
    /// Say that an organization's name is known to be its domain.
    Verify {
        /// The organization.
        organization: String,
        /// Withdraw it.
        #[arg(long)]
        withdraw: bool,
    },
    /// Say what clusters of a group may send of env values, args and command.
    Collect {
        /// The group, such as `acme/production`.
        group: String,
        /// What they may send.
        #[arg(value_enum)]
        what: Collected,
    },
}

/// What clusters may send where secrets stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Collected {
    /// Keyed digests, which tell whether two values are equal and nothing else.
    Digests,
    /// The values, for policies that read them.
    Values,
    /// What the group above says; digests where none says anything.
    Inherit,
}

fn limit(text: &str) -> Result<(String, u32), String> {
    let wrong = || "write what is limited and how many there may be, such as clusters=10";
    let (what, number) = text.split_once('=').ok_or_else(wrong)?;
    Ok((what.to_owned(), number.parse().map_err(|_| wrong())?))
}
