//! Bills of materials that syft writes, against what syft itself says it found.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;

use findings::sbom::{PackageKind, Sbom};
use registry::{LayoutWriter, tar_layer};
use serde_json::{Value, json};
use testkit::skipped;

/// Names syft, where it is installed.
const VARIABLE: &str = "LOADLINE_PEER_SYFT";

/// A root file system with packages of five ecosystems: an epoch, a scope, a tilde and a plus.
const FILES: [(&str, &str); 8] = [
    (
        "etc/os-release",
        "ID=debian\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n\
         PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n",
    ),
    (
        "var/lib/dpkg/status",
        "Package: libc6\nStatus: install ok installed\nMaintainer: A <a@example.com>\n\
         Architecture: amd64\nSource: glibc\nVersion: 2.36-9+deb12u9\nDescription: c\n\n\
         Package: vim-common\nStatus: install ok installed\nMaintainer: A <a@example.com>\n\
         Architecture: all\nSource: vim\nVersion: 2:9.0.1378-2~bpo\nDescription: v\n\n",
    ),
    (
        "app/package-lock.json",
        r#"{"name":"app","version":"1.0.0","lockfileVersion":3,"requires":true,"packages":{
            "":{"name":"app","version":"1.0.0","dependencies":{"left-pad":"1.2.0"}},
            "node_modules/left-pad":{"version":"1.2.0","license":"WTFPL"},
            "node_modules/@types/node":{"version":"20.11.0-rc.1","license":"MIT"}}}"#,
    ),
    (
        "usr/lib/python3/dist-packages/requests-2.32.3.dist-info/METADATA",
        "Metadata-Version: 2.1\nName: requests\nVersion: 2.32.3\nLicense: Apache-2.0\n",
    ),
    (
        "usr/lib/python3/dist-packages/requests-2.32.3.dist-info/RECORD",
        "requests/__init__.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n",
    ),
    (
        "usr/lib/node_modules/@babel/core/package.json",
        r#"{"name":"@babel/core","version":"7.24.0","license":"MIT","main":"lib/index.js"}"#,
    ),
    (
        "app/Cargo.lock",
        "version = 3\n\n[[package]]\nname = \"serde\"\nversion = \"1.0.219+meta\"\n",
    ),
    (
        "app/go.mod",
        "module example.com/app\n\ngo 1.22\n\nrequire github.com/acme/pkg/v2 v2.1.0+incompatible\n",
    ),
];

/// Name, version and package URL.
type Listed = (String, String, String);

/// What a document lists but what it is about and the system underneath, in order.
fn ours(path: &Path) -> Vec<Listed> {
    let sbom = Sbom::read(&std::fs::read(path).unwrap()).unwrap();
    assert!(!sbom.is_truncated, "{path:?}");
    let described: Vec<_> = sbom.described().map(|package| package.id.clone()).collect();
    let is_listed = |package: &&findings::sbom::Package| {
        let is_system = package.kind == PackageKind::OperatingSystem;
        !is_system && !described.contains(&package.id)
    };
    let listed = sbom.packages.iter().filter(is_listed).map(|package| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        (package.name.clone(), text(&package.version), text(&package.purl))
    });
    let mut listed: Vec<Listed> = listed.collect();
    listed.sort();
    listed
}

/// What syft says it found.
fn theirs(path: &Path) -> Vec<Listed> {
    let said: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let listed = said["artifacts"].as_array().unwrap().iter();
    let mut listed: Vec<Listed> =
        listed.map(|it| (text(&it["name"]), text(&it["version"]), text(&it["purl"]))).collect();
    listed.sort();
    listed
}

#[test]
fn what_syft_lists_is_read_from_every_format_it_writes() {
    let Some(syft) = std::env::var_os(VARIABLE) else {
        return skipped("SBOMs by syft: LOADLINE_PEER_SYFT does not name it").unwrap();
    };
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    for (name, text) in FILES {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let layout = LayoutWriter::create(&folder.path().join("layout")).unwrap();
    let repository = "registry.test/acme/api".parse().unwrap();
    let files: Vec<_> = FILES.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    let config = json!({ "architecture": "amd64", "os": "linux", "config": {} });
    layout.add_image(&repository, "v1", &config, &[tar_layer(&files).unwrap()]).unwrap();
    // Of an image, lock files are no evidence that something is installed.
    for (source, n_listed) in [("dir:root", 8), ("oci-dir:layout", 4)] {
        let mut command = Command::new(&syft);
        command.current_dir(folder.path()).args(["scan", "--quiet", source]);
        command.env("SYFT_CHECK_FOR_APP_UPDATE", "false").env("HOME", folder.path());
        for format in ["syft-json=it.json", "cyclonedx-json=c.json", "cyclonedx-xml=c.xml"] {
            command.args(["-o", format]);
        }
        let output = command.args(["-o", "spdx-json=s.json"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = theirs(&folder.path().join("it.json"));
        assert!(said.len() >= n_listed, "{said:?}");
        for name in ["c.json", "c.xml", "s.json"] {
            assert_eq!(ours(&folder.path().join(name)), said, "{name} of {source}");
        }
    }
}
