//! Documents about images: how fast a large bill of materials is read, on one core.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use findings::sbom::Sbom;

const N_PACKAGES: usize = 5_000;
const N_BYTES: usize = 5_000_000;

pub(crate) fn run() -> Result<()> {
    for (format, text) in [("SPDX", spdx()), ("CycloneDX", cyclonedx())] {
        let mut best = Duration::MAX;
        for _ in 0..5 {
            let started = Instant::now();
            let sbom = black_box(Sbom::read(black_box(text.as_bytes()))?);
            best = best.min(started.elapsed());
            ensure!(sbom.packages.len() == N_PACKAGES, "{} packages", sbom.packages.len());
        }
        super::row(
            &format!("SBOM of 5 MB with 5,000 packages read, {format}"),
            "≤ 250 ms",
            &format!("{:.1} ms", best.as_secs_f64() * 1_000.0),
        );
    }
    Ok(())
}

/// Words that fill a package up to its share of the document, as descriptions do.
fn filling(written: usize) -> String {
    "many words ".repeat((N_BYTES / N_PACKAGES).saturating_sub(written) / 11)
}

pub(crate) fn spdx() -> String {
    let mut text =
        r#"{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","packages":["#.to_owned();
    for at in 0..N_PACKAGES {
        let comma = if at == 0 { "" } else { "," };
        let _ = write!(
            text,
            r#"{comma}{{"SPDXID":"SPDXRef-{at}","name":"package-{at}","versionInfo":"1.{at}.0","licenseDeclared":"MIT","externalRefs":[{{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:npm/package-{at}@1.{at}.0"}}],"checksums":[{{"algorithm":"SHA256","checksumValue":"{at:064}"}}],"description":"{}"}}"#,
            filling(480)
        );
    }
    text.push_str(r#"],"relationships":["#);
    for at in 1..N_PACKAGES {
        let comma = if at == 1 { "" } else { "," };
        let _ = write!(
            text,
            r#"{comma}{{"spdxElementId":"SPDXRef-0","relationshipType":"CONTAINS","relatedSpdxElement":"SPDXRef-{at}"}}"#
        );
    }
    text.push_str("]}");
    text
}

fn cyclonedx() -> String {
    let mut text = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":["#.to_owned();
    for at in 0..N_PACKAGES {
        let comma = if at == 0 { "" } else { "," };
        let _ = write!(
            text,
            r#"{comma}{{"bom-ref":"{at}","type":"library","name":"package-{at}","version":"1.{at}.0","purl":"pkg:npm/package-{at}@1.{at}.0","licenses":[{{"license":{{"id":"MIT"}}}}],"hashes":[{{"alg":"SHA-256","content":"{at:064}"}}],"description":"{}"}}"#,
            filling(340)
        );
    }
    text.push_str(r#"],"dependencies":["#);
    for at in 1..N_PACKAGES {
        let comma = if at == 1 { "" } else { "," };
        let _ = write!(text, r#"{comma}{{"ref":"0","dependsOn":["{at}"]}}"#);
    }
    text.push_str("]}");
    text
}
