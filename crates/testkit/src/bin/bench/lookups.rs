//! Look-ups repeated at a registry on this machine: 10,000 images, nothing changed since.

use std::time::Instant;

use anyhow::Result;
use egress::{Egress, EgressRules};
use futures::{StreamExt as _, stream};
use model::evidence::{LookupKind, LookupTarget};
use model::image::Image;
use registry::{Answer, Limits, SIMPLE_SIGNING, Sources};
use testkit::registry::{Layer, Registry, Settings};

const N_IMAGES: usize = 10_000;
const AT_ONCE: usize = 16;

pub(crate) async fn run() -> Result<()> {
    let registry = Registry::start(Settings::default()).await?;
    let host = registry.host();
    let images: Vec<Image> = (0..N_IMAGES)
        .map(|at| {
            let digest = model::digest::Digest::of(format!("image {at}").as_bytes());
            Ok(format!("{host}/acme/app-{at}@{digest}").parse()?)
        })
        .collect::<Result<_>>()?;
    for image in &images {
        let tag = format!("sha256-{}.sig", image.digest.hex());
        let layer = Layer::new(SIMPLE_SIGNING, b"a claim");
        registry.content(|content| content.layers(image.repository.path(), &tag, &[layer]));
    }
    let rules = EgressRules {
        allow_private: vec![host.clone()],
        plain_http: vec![host.clone()],
        ..EgressRules::default()
    };
    let limits = Limits { per_second: None, at_once: AT_ONCE, ..Limits::default() };
    let sources = Sources::new(Egress::new(rules)?, Vec::new(), limits);
    let target = LookupTarget::beside_image(LookupKind::Signatures);
    let first = stream::iter(&images)
        .map(|image| sources.look_up(image, &target, None))
        .buffered(AT_ONCE)
        .collect::<Vec<_>>()
        .await;
    let mut known = Vec::with_capacity(first.len());
    for lookup in first {
        match lookup.answer? {
            Answer::Found { validator, .. } => known.push(validator),
            Answer::Unchanged => known.push(None),
        }
    }
    let started = Instant::now();
    let again = stream::iter(images.iter().zip(&known))
        .map(|(image, known)| async {
            let mut n_unchanged = 0_usize;
            for kind in [
                LookupKind::Signatures,
                LookupKind::Attestations,
                LookupKind::Sboms,
                LookupKind::Referrers,
            ] {
                let target = LookupTarget::beside_image(kind);
                let known = known.as_ref().filter(|_| kind == LookupKind::Signatures);
                let lookup = sources.look_up(image, &target, known).await;
                n_unchanged += usize::from(matches!(lookup.answer, Ok(Answer::Unchanged)));
            }
            n_unchanged
        })
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<usize>>()
        .await;
    let n_unchanged: usize = again.into_iter().sum();
    anyhow::ensure!(n_unchanged >= N_IMAGES, "{n_unchanged} signatures were recognised");
    super::row(
        "10,000 images looked up again, four places each, limit lifted",
        "≤ 10 min",
        &format!("{:.1} s", started.elapsed().as_secs_f64()),
    );
    let memory = crate::process::own_memory("VmHWM")?;
    super::row("peak memory of that, registry included", "≤ 512 MB", &format!("{memory} MB"));
    Ok(())
}
