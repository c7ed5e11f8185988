//! Builders that many people use, and how they run builds.

/// How a builder runs builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hosting {
    /// On machines of the one who builds.
    OwnMachines,
    /// As a service, where the build can reach what signs its provenance.
    Hosted,
    /// As a service that keeps builds apart from what signs their provenance.
    Isolated,
}

/// A builder by the start of its id.
struct Builder {
    start: &'static str,
    name: &'static str,
    hosting: Hosting,
}

/// The longest start that fits decides, so the more special stand first.
const BUILDERS: [Builder; 12] = [
    Builder {
        start: "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/",
        name: "slsa-github-generator",
        hosting: Hosting::Isolated,
    },
    Builder {
        start: "https://github.com/docker/github-builder/.github/workflows/",
        name: "Docker's GitHub builder",
        hosting: Hosting::Isolated,
    },
    Builder {
        start: "https://github.com/actions/runner/self-hosted",
        name: "a self-hosted runner of GitHub Actions",
        hosting: Hosting::OwnMachines,
    },
    Builder {
        start: "https://github.com/actions/runner",
        name: "GitHub Actions",
        hosting: Hosting::Hosted,
    },
    Builder {
        start: "https://github.com/Attestations/GitHubHostedActions",
        name: "GitHub Actions",
        hosting: Hosting::Hosted,
    },
    Builder {
        start: "https://github.com/Attestations/SelfHostedActions",
        name: "a self-hosted runner of GitHub Actions",
        hosting: Hosting::OwnMachines,
    },
    Builder {
        start: "https://cloudbuild.googleapis.com/GoogleHostedWorker",
        name: "Google Cloud Build",
        hosting: Hosting::Isolated,
    },
    Builder {
        start: "https://cloudbuild.googleapis.com/",
        name: "Google Cloud Build",
        hosting: Hosting::Hosted,
    },
    Builder { start: "https://gitlab.com/", name: "GitLab", hosting: Hosting::Hosted },
    Builder {
        start: "https://tekton.dev/chains/",
        name: "Tekton Chains",
        hosting: Hosting::OwnMachines,
    },
    Builder {
        start: "https://mobyproject.org/buildkit",
        name: "BuildKit",
        hosting: Hosting::OwnMachines,
    },
    Builder { start: "https://github.com/buildkite/", name: "Buildkite", hosting: Hosting::Hosted },
];

/// The name of a builder and how it runs builds, where it is known.
pub(super) fn find(id: &str) -> Option<(&'static str, Hosting)> {
    if let Some(known) = BUILDERS.iter().find(|builder| id.starts_with(builder.start)) {
        return Some((known.name, known.hosting));
    }
    // A workflow that stands for itself: GitHub's artifact attestations name it as the builder.
    let is_workflow = id.starts_with("https://github.com/") && id.contains("/.github/workflows/");
    is_workflow.then_some(("GitHub Actions", Hosting::Hosted))
}
