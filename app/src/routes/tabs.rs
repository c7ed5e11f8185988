//! The tabs of the pages that have them; a tab is part of the address.

/// What the page of one's own account shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccountTab {
    Sessions,
    Tokens,
    SignIn,
}

impl AccountTab {
    pub(crate) const ALL: [Self; 3] = [Self::Sessions, Self::Tokens, Self::SignIn];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::Tokens => "tokens",
            Self::SignIn => "sign-in",
        }
    }

    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Sessions => "Sessions",
            Self::Tokens => "Tokens",
            Self::SignIn => "Signing in",
        }
    }

    /// The tab of that text form, else the first.
    pub(crate) fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|tab| tab.as_str() == name).unwrap_or(Self::Sessions)
    }
}

/// What the page of a cluster shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClusterTab {
    Violations,
    Images,
    Workloads,
    Policies,
    Tokens,
    Change,
}

impl ClusterTab {
    pub(crate) const ALL: [Self; 6] = [
        Self::Violations,
        Self::Images,
        Self::Workloads,
        Self::Policies,
        Self::Tokens,
        Self::Change,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Violations => "violations",
            Self::Images => "images",
            Self::Workloads => "workloads",
            Self::Policies => "policies",
            Self::Tokens => "tokens",
            Self::Change => "change",
        }
    }

    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Violations => "Violations",
            Self::Images => "Images",
            Self::Workloads => "Workloads",
            Self::Policies => "Policies",
            Self::Tokens => "Tokens",
            Self::Change => "Rename, move, delete",
        }
    }

    /// The tab of that text form, else the first.
    pub(crate) fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|tab| tab.as_str() == name).unwrap_or(Self::Violations)
    }
}

/// What the page of a group shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GroupTab {
    Overview,
    Members,
    Change,
}

impl GroupTab {
    pub(crate) const ALL: [Self; 3] = [Self::Overview, Self::Members, Self::Change];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Members => "members",
            Self::Change => "change",
        }
    }

    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Overview => "What applies here",
            Self::Members => "Members",
            Self::Change => "Rename, move, delete",
        }
    }

    /// The tab of that text form, else the first.
    pub(crate) fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|tab| tab.as_str() == name).unwrap_or(Self::Overview)
    }
}

/// What the page of a policy shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PolicyTab {
    Violations,
    Clusters,
    Versions,
    Document,
    Change,
}

impl PolicyTab {
    pub(crate) const ALL: [Self; 5] =
        [Self::Violations, Self::Clusters, Self::Versions, Self::Document, Self::Change];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Violations => "violations",
            Self::Clusters => "clusters",
            Self::Versions => "versions",
            Self::Document => "document",
            Self::Change => "change",
        }
    }

    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Violations => "Violations",
            Self::Clusters => "Clusters",
            Self::Versions => "Versions",
            Self::Document => "Document",
            Self::Change => "Describe, delete",
        }
    }

    /// The tab of that text form, else the first.
    pub(crate) fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|tab| tab.as_str() == name).unwrap_or(Self::Violations)
    }
}

/// What the page of an image shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ImageTab {
    Verdicts,
    Evidence,
    Provenance,
    Packages,
    Vulnerabilities,
    RunsIn,
    Timeline,
}

impl ImageTab {
    pub(crate) const ALL: [Self; 7] = [
        Self::Verdicts,
        Self::Evidence,
        Self::Provenance,
        Self::Packages,
        Self::Vulnerabilities,
        Self::RunsIn,
        Self::Timeline,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Verdicts => "verdicts",
            Self::Evidence => "evidence",
            Self::Provenance => "provenance",
            Self::Packages => "packages",
            Self::Vulnerabilities => "vulnerabilities",
            Self::RunsIn => "runs-in",
            Self::Timeline => "timeline",
        }
    }

    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Verdicts => "Verdicts",
            Self::Evidence => "Evidence",
            Self::Provenance => "Provenance",
            Self::Packages => "Packages",
            Self::Vulnerabilities => "Vulnerabilities",
            Self::RunsIn => "Runs in",
            Self::Timeline => "Timeline",
        }
    }

    /// The tab of that text form, else the first.
    pub(crate) fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|tab| tab.as_str() == name).unwrap_or(Self::Verdicts)
    }
}
