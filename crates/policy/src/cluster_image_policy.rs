//! ClusterImagePolicy: which images it covers and who may vouch for them.

use model::image::Image;
use model::policies::Mode;

use crate::authority::{self, Authority};
use crate::diagnostics::{Diagnostics, quoted};
use crate::fields::Fields;
use crate::glob::{Glob, GlobError, Names};

/// A policy, checked.
#[derive(Debug, Clone)]
pub struct ClusterImagePolicy {
    /// `metadata.name`.
    pub name: String,
    /// `spec.mode`.
    pub mode: Mode,
    /// Which images it covers; any one glob is enough.
    pub images: Vec<Glob>,
    /// Who may vouch for them; any one authority is enough.
    pub authorities: Vec<Authority>,
    /// Whether `spec.match` limits it to some workloads, which this version cannot evaluate.
    pub has_match: bool,
    /// Whether it has a `spec.policy`, which may refuse what an authority vouches for and which
    /// this version cannot evaluate.
    pub has_policy: bool,
}

impl ClusterImagePolicy {
    /// The first glob that covers an image.
    #[must_use]
    pub fn covering_glob(&self, image: &Image) -> Option<&Glob> {
        let names = Names::of(image);
        self.images.iter().find(|glob| glob.matches_any(&names))
    }
}

/// Reads the `spec` of a policy of that name.
pub(crate) fn read(
    name: String,
    mut spec: Fields<'_>,
    diagnostics: &mut Diagnostics,
) -> ClusterImagePolicy {
    let images = globs(&mut spec, diagnostics);
    let authorities = authority::read::all(&mut spec, diagnostics);
    let mode = mode(&mut spec, diagnostics);
    let has_match = !spec.list("match", diagnostics).is_empty();
    let has_policy = spec.map("policy", diagnostics).is_some();
    let policy = ClusterImagePolicy { name, mode, images, authorities, has_match, has_policy };
    warn_of_not_supported(&policy, &spec, diagnostics);
    spec.finish(diagnostics);
    policy
}

fn globs(spec: &mut Fields<'_>, diagnostics: &mut Diagnostics) -> Vec<Glob> {
    let advice = "Write which images the policy covers, such as ghcr.io/acme/**.";
    let images = spec.maps("images", diagnostics);
    if spec.is_blank_list("images") {
        spec.say_missing(&["images"], advice, diagnostics);
    }
    let mut globs = Vec::new();
    for mut image in images {
        match image.text("glob", diagnostics) {
            Some(text) => match Glob::new(text.value) {
                Ok(glob) => {
                    if let Some(warning) = glob.warning() {
                        diagnostics.warning(text.at, "glob-covers-nothing", warning);
                    }
                    globs.push(glob);
                }
                Err(error) => {
                    let path = image.path_of("glob");
                    diagnostics.error(
                        text.at,
                        "glob-invalid",
                        invalid_glob(text.value, &path, &error),
                    );
                }
            },
            None if image.is_blank("glob") => image.say_missing(&["glob"], advice, diagnostics),
            None => {}
        }
        image.finish(diagnostics);
    }
    globs
}

fn invalid_glob(glob: &str, path: &str, error: &GlobError) -> String {
    let error = quoted_error(error);
    format!(
        "invalid value: {}: {path}: glob is invalid: {error}. Write letters, digits and - _ : / . @ \
         with * for part of a name and ** for any part.",
        quoted(glob)
    )
}

fn quoted_error(error: &GlobError) -> String {
    match error {
        GlobError::Character(glob) => format!("invalid glob \"{}\"", quoted(glob)),
        GlobError::Syntax | GlobError::TooLong => error.to_string(),
    }
}

fn mode(spec: &mut Fields<'_>, diagnostics: &mut Diagnostics) -> Mode {
    let Some(text) = spec.text("mode", diagnostics) else { return Mode::default() };
    Mode::from_name(text.value).unwrap_or_else(|| {
        let message = format!(
            "invalid value: {}: {}: unsupported mode. Write enforce or warn.",
            quoted(text.value),
            spec.path_of("mode")
        );
        diagnostics.error(text.at, "mode-invalid", message);
        Mode::default()
    })
}

/// An author should learn of this while writing, not from a fleet that cannot be checked.
fn warn_of_not_supported(
    policy: &ClusterImagePolicy,
    spec: &Fields<'_>,
    diagnostics: &mut Diagnostics,
) {
    let of_authorities = policy.authorities.iter().flat_map(|authority| &authority.not_supported);
    let fields = of_authorities.map(|field| ("authorities", field.as_str()));
    let own = [("match", policy.has_match), ("policy", policy.has_policy)];
    let own = own.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| (name, name));
    for (name, field) in fields.chain(own) {
        let message = format!(
            "this version of Loadline cannot check {field}: where it decides, images show as could \
             not check"
        );
        diagnostics.warning(spec.place_of(name), "not-supported", message);
    }
}
