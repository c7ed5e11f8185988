//! Bills of materials of both families, whole and broken, and written again.

use super::*;
use crate::problem::MOST_PROBLEMS;

const SPDX_2: &str = include_str!("tests/spdx-2.3.json");
const SPDX_3: &str = include_str!("tests/spdx-3.0.json");
const CYCLONEDX: &str = include_str!("tests/cyclonedx-1.6.json");
const CYCLONEDX_XML: &str = include_str!("tests/cyclonedx-1.4.xml");

const ALL: [&str; 4] = [SPDX_2, SPDX_3, CYCLONEDX, CYCLONEDX_XML];

fn read(text: &str) -> Sbom {
    Sbom::read(text.as_bytes()).unwrap()
}

/// The edges by the names of their ends, so that a test can be read.
fn edges(sbom: &Sbom) -> Vec<String> {
    let name = |node: Node| match node {
        Node::Document => "document".to_owned(),
        Node::Package(at) => sbom.packages[at as usize].name.clone(),
        Node::File(at) => sbom.files[at as usize].name.clone(),
    };
    let edge = |edge: &Edge| format!("{} {} {}", name(edge.from), edge.kind, name(edge.to));
    let mut told: Vec<String> = sbom.edges.iter().map(edge).collect();
    told.sort();
    told
}

fn named<'a>(sbom: &'a Sbom, name: &str) -> &'a Package {
    sbom.packages.iter().find(|package| package.name == name).unwrap()
}

#[test]
fn spdx_2_is_read() {
    let sbom = read(SPDX_2);
    assert_eq!((sbom.format, sbom.spec_version.as_str()), (Format::Spdx, "2.3"));
    assert_eq!(sbom.tools, ["syft-1.0.0"]);
    assert_eq!(sbom.authors, ["Acme, Inc"]);
    assert!(sbom.problems.is_empty(), "{:?}", sbom.problems);
    let openssl = named(&sbom, "libssl3");
    assert_eq!(openssl.version.as_deref(), Some("3.0.11-1~deb12u2"));
    assert_eq!(openssl.ecosystem, Some(Ecosystem::Debian));
    assert_eq!(openssl.licences, ["Apache-2.0", "the OpenSSL terms"]);
    assert_eq!(openssl.supplier.as_deref(), Some("Debian OpenSSL Team (team@example.test)"));
    assert_eq!(openssl.cpe.as_deref(), Some("cpe:2.3:a:openssl:libssl3:3.0.11:*:*:*:*:*:*:*"));
    assert_eq!(openssl.hashes, [("sha256".to_owned(), "ab".repeat(32))]);
    assert_eq!(openssl.n_files, 1);
    assert_eq!(sbom.files[0].types, ["BINARY"]);
    assert_eq!(
        edges(&sbom),
        [
            "document DESCRIBES image",
            "image CONTAINS libc6",
            "image CONTAINS libssl3",
            "libssl3 CONTAINS /usr/lib/libssl.so.3",
            "libssl3 DEPENDS_ON libc6",
            "libssl3 GENERATED_FROM libc6",
        ]
    );
}

#[test]
fn spdx_3_says_the_same_in_other_words() {
    let sbom = read(SPDX_3);
    assert_eq!(sbom.spec_version, "3.0.1");
    assert_eq!(sbom.tools, ["syft"]);
    assert_eq!(sbom.authors, ["Acme"]);
    let requests = named(&sbom, "requests");
    assert_eq!(requests.version.as_deref(), Some("2.31.0"));
    assert_eq!(requests.purl.as_deref(), Some("pkg:pypi/requests@2.31.0"));
    assert_eq!(requests.ecosystem, Some(Ecosystem::PyPi));
    assert_eq!(requests.licences, ["Apache-2.0"]);
    assert_eq!(requests.supplier.as_deref(), Some("Acme"));
    assert_eq!(requests.kind, PackageKind::Library);
    assert_eq!(
        edges(&sbom),
        [
            "document DESCRIBES app",
            "app CONTAINS /app/main.py",
            "app DEPENDS_ON requests",
            "app GENERATED_FROM requests",
        ]
        .map(str::to_owned)
        .into_iter()
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect::<Vec<_>>()
    );
}

#[test]
fn cyclonedx_is_read() {
    let sbom = read(CYCLONEDX);
    assert_eq!((sbom.format, sbom.spec_version.as_str()), (Format::CycloneDx, "1.6"));
    assert_eq!(sbom.tools, ["aquasecurity trivy 0.50.0"]);
    assert_eq!(sbom.name.as_deref(), Some("ghcr.io/acme/api"));
    let log4j = named(&sbom, "org.apache.logging.log4j/log4j-core");
    assert_eq!(log4j.version.as_deref(), Some("2.17.0"));
    assert_eq!(log4j.licences, ["Apache-2.0"]);
    assert_eq!(log4j.ecosystem, Some(Ecosystem::Maven));
    assert_eq!(named(&sbom, "debian").kind, PackageKind::OperatingSystem);
    assert_eq!(sbom.files[0].name, "/app/app.jar");
    assert_eq!(
        edges(&sbom),
        [
            "debian CONTAINS libc6",
            "document DESCRIBES ghcr.io/acme/api",
            "ghcr.io/acme/api CONTAINS /app/app.jar",
            "ghcr.io/acme/api CONTAINS debian",
            "ghcr.io/acme/api CONTAINS org.apache.logging.log4j/log4j-core",
            "ghcr.io/acme/api DEPENDS_ON org.apache.logging.log4j/log4j-core",
        ]
    );
    assert_eq!(
        sbom.described().map(|each| each.name.as_str()).collect::<Vec<_>>(),
        ["ghcr.io/acme/api"]
    );
}

#[test]
fn cyclonedx_is_read_from_xml_too() {
    let sbom = read(CYCLONEDX_XML);
    assert!(sbom.problems.is_empty(), "{:?}", sbom.problems);
    assert_eq!(sbom.spec_version, "1.4");
    assert_eq!(sbom.document.as_deref(), Some("urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79"));
    assert_eq!(sbom.tools, ["acme builder 1.0"]);
    assert!(sbom.created_at.is_some());
    let commons = named(&sbom, "org.apache.commons/commons-text");
    assert_eq!(commons.licences, ["Apache-2.0", "Terms & <conditions>"]);
    assert_eq!(commons.hashes, [("sha1".to_owned(), "c0ffee".to_owned())]);
    assert_eq!(commons.supplier.as_deref(), Some("Apache"));
    assert_eq!(
        edges(&sbom),
        [
            "app CONTAINS org.apache.commons/commons-text",
            "app DEPENDS_ON org.apache.commons/commons-text",
            "document DESCRIBES app",
            "org.apache.commons/commons-text CONTAINS shaded",
        ]
    );
    assert_eq!(sbom.packages.len(), 3, "ancestors and tools are no packages");
}

#[test]
fn what_breaks_off_is_what_was_read_until_there() {
    for text in ALL {
        let whole = read(text);
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            match Sbom::read(&text.as_bytes()[..end]) {
                Ok(part) => {
                    assert!(part.packages.len() <= whole.packages.len());
                    // Blanks at the end are no loss.
                    let is_whole = text.get(end..).unwrap().trim().is_empty();
                    assert_eq!(part.is_truncated, !is_whole, "{end}");
                    assert_eq!(part.problems.is_empty(), is_whole, "{end}");
                }
                Err(error) => assert!(end < 600, "{end}: {error}"),
            }
        }
    }
    let end = SPDX_2.find("\"relationships\"").unwrap();
    let part = Sbom::read(&SPDX_2.as_bytes()[..end]).unwrap();
    assert_eq!(part.packages.len(), 3);
    assert!(part.problems.iter().any(|each| each.to_string().starts_with("line ")));
}

#[test]
fn limits_end_in_a_state_that_says_so() {
    let limits = Limits { packages: 2, files: 0, edges: 1, ..Limits::default() };
    for text in ALL {
        let sbom = Sbom::read_within(text.as_bytes(), limits).unwrap();
        assert!(sbom.is_truncated);
        assert!(sbom.packages.len() <= 2 && sbom.files.is_empty() && sbom.edges.len() <= 1);
        let told: Vec<String> = sbom.problems.iter().map(ToString::to_string).collect();
        assert!(told.iter().any(|each| each.contains("are more than the")), "{told:?}");
    }
    let limits = Limits { bytes: 10, ..Limits::default() };
    let error = Sbom::read_within(SPDX_2.as_bytes(), limits).unwrap_err();
    assert!(matches!(error, Unreadable::TooLarge { limit: 10, .. }));
}

#[test]
fn packages_beyond_the_limit_cost_nothing() {
    let one = r#"{"type":"library","name":"a","components":[{"name":"b"}]},"#;
    let text = format!(r#"{{"bomFormat":"CycloneDX","components":[{}{{}}]}}"#, one.repeat(50_000));
    let limits = Limits { packages: 1_000, ..Limits::default() };
    let sbom = Sbom::read_within(text.as_bytes(), limits).unwrap();
    assert_eq!(sbom.packages.len(), 1_000);
    let told = sbom.problems.iter().next().unwrap().to_string();
    assert_eq!(told, "packages: 100001 are more than the 1000 that are read");
}

#[test]
fn cycles_are_nothing_special() {
    let text = r#"{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","packages":[
        {"SPDXID":"SPDXRef-a","name":"a"},{"SPDXID":"SPDXRef-b","name":"b"}],"relationships":[
        {"spdxElementId":"SPDXRef-a","relationshipType":"CONTAINS","relatedSpdxElement":"SPDXRef-b"},
        {"spdxElementId":"SPDXRef-b","relationshipType":"CONTAINS","relatedSpdxElement":"SPDXRef-a"},
        {"spdxElementId":"SPDXRef-a","relationshipType":"CONTAINS","relatedSpdxElement":"SPDXRef-a"}
        ]}"#;
    let sbom = read(text);
    assert_eq!(sbom.edges.len(), 3);
    let again = Sbom::read(&sbom.to_cyclonedx(IMPRINT).unwrap()).unwrap();
    assert_eq!(again.packages.len(), 2);
}

#[test]
fn odd_parts_are_told_and_the_rest_is_read() {
    let text = r#"{"spdxVersion":2.3,"name":["x"],"packages":[1,{"name":"a","checksums":"no",
        "externalRefs":[null,{"referenceType":"purl","referenceLocator":7}]},"b"],
        "files":{},"relationships":[{"spdxElementId":"SPDXRef-a","relationshipType":"CONTAINS",
        "relatedSpdxElement":"SPDXRef-gone"},[]],"creationInfo":5}"#;
    let sbom = read(text);
    assert_eq!(sbom.packages.len(), 1);
    let told: Vec<String> = sbom.problems.iter().map(ToString::to_string).collect();
    for wanted in
        ["packages[0]: is no object", "packages[2]", "files: is no list", "relationships[1]"]
    {
        assert!(told.iter().any(|each| each.starts_with(wanted)), "{wanted}: {told:?}");
    }
    assert!(told.iter().any(|each| each.contains("name what is not in the document")), "{told:?}");
    for (field, other) in
        [("metadata", "5"), ("metadata", "[1]"), ("components", "true"), ("dependencies", "{}")]
    {
        let text =
            format!(r#"{{"bomFormat":"CycloneDX","{field}":{other},"serialNumber":"urn:uuid:1"}}"#);
        let sbom = read(&text);
        assert_eq!((sbom.problems.count(), sbom.is_truncated), (1, false), "{field} {other}");
        assert!(sbom.document.is_some(), "{field} {other}");
    }
    let many = format!(r#"{{"spdxVersion":"","packages":[{}1]}}"#, "1,".repeat(500));
    assert_eq!(read(&many).problems.iter().count(), MOST_PROBLEMS);
}

#[test]
fn what_is_no_bill_says_what_would_be_one() {
    for text in ["", "  ", "hello", "{}", "[1]", r#"{"bomFormat":"x"}"#, "<html/>", "<bom", "\u{0}"]
    {
        let error = Sbom::read(text.as_bytes()).unwrap_err().to_string();
        let is_told = ["bom", "line ", "byte "].iter().any(|word| error.contains(word));
        assert!(is_told, "{text}: {error}");
    }
    assert!(Sbom::read(b"<bom>\xff</bom>").is_err());
}

#[test]
fn xml_expands_nothing_and_nests_within_a_limit() {
    let bomb = "<!DOCTYPE bom [<!ENTITY a \"b\">]><bom><components/></bom>";
    let error = Sbom::read(bomb.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("document type"), "{error}");
    let entity = "<bom><components><component type=\"library\"><name>&a;</name>";
    assert!(read(entity).is_truncated);
    let deep = format!("<bom>{}", "<a>".repeat(10_000));
    assert!(read(&deep).is_truncated);
    let json = format!(
        r#"{{"bomFormat":"CycloneDX","components":{}"#,
        r#"[{"components":"#.repeat(10_000)
    );
    assert!(read(&json).is_truncated);
}

#[test]
fn bills_that_are_made_to_cost_are_written_quickly() {
    // Many of one id, each inside what is inside it, with a licence of its own.
    let package = |at: usize| {
        format!(
            r#"{{"SPDXID":"SPDXRef-a","name":"{at}","licenseDeclared":"words {at}"}},
            {{"SPDXID":"SPDXRef-{at}","name":"{at}"}}"#
        )
    };
    let edge = |from: &str, to: &str| {
        format!(
            r#"{{"spdxElementId":"SPDXRef-{from}","relationshipType":"CONTAINS","relatedSpdxElement":"SPDXRef-{to}"}}"#
        )
    };
    let n = 5_000;
    let packages: Vec<String> = (0..n).map(package).collect();
    let down = (0..n).map(|at| edge("a", &at.to_string()));
    let up = (0..n).map(|at| edge(&at.to_string(), "a"));
    let edges: Vec<String> = down.chain(up).collect();
    let text = format!(
        r#"{{"spdxVersion":"SPDX-2.3","packages":[{}],"relationships":[{}]}}"#,
        packages.join(","),
        edges.join(",")
    );
    let sbom = read(&text);
    assert_eq!((sbom.packages.len(), sbom.edges.len()), (2 * n, 2 * n));
    for written in [sbom.to_spdx(IMPRINT).unwrap(), sbom.to_cyclonedx(IMPRINT).unwrap()] {
        assert_eq!(Sbom::read(&written).unwrap().packages.len(), 2 * n);
    }
}

#[test]
fn nesting_beyond_the_limit_is_written_flat() {
    let n = 60;
    let edge = |at: usize| {
        format!(
            r#"{{"spdxElementId":"SPDXRef-{at}","relationshipType":"CONTAINS","relatedSpdxElement":"SPDXRef-{}"}}"#,
            at + 1
        )
    };
    let packages: Vec<String> =
        (0..=n).map(|at| format!(r#"{{"SPDXID":"SPDXRef-{at}","name":"{at}"}}"#)).collect();
    let (edges, back): (Vec<String>, Vec<String>) =
        ((0..n).map(edge).collect(), (0..n).rev().map(edge).collect());
    for edges in [edges, back] {
        let text = format!(
            r#"{{"spdxVersion":"SPDX-2.3","packages":[{}],"relationships":[{}]}}"#,
            packages.join(","),
            edges.join(",")
        );
        let again = Sbom::read(&read(&text).to_cyclonedx(IMPRINT).unwrap()).unwrap();
        assert_eq!(again.packages.len(), n + 1);
        assert!(again.problems.is_empty() && again.edges.len() > n / 2, "{}", again.edges.len());
    }
}

const IMPRINT: Imprint<'_> = Imprint {
    at: Timestamp::from_seconds(1_790_000_000),
    tool: "loadline-0.1.0",
    namespace: "https://loadline.example.test/sboms/1",
};

/// What both families can say.
fn essence(sbom: &Sbom) -> Vec<Package> {
    let one = |each: &Package| Package {
        name: each.name.clone(),
        version: each.version.clone(),
        purl: each.purl.clone(),
        licences: each.licences.clone(),
        ..Package::default()
    };
    let mut all: Vec<_> = sbom.packages.iter().map(one).collect();
    all.sort_by(|one, two| one.name.cmp(&two.name));
    all
}

#[test]
fn what_is_written_reads_as_the_same() {
    for text in ALL {
        let sbom = read(text);
        let spdx = sbom.to_spdx(IMPRINT).unwrap();
        assert_eq!(spdx, sbom.to_spdx(IMPRINT).unwrap());
        let again = Sbom::read(&spdx).unwrap();
        assert_eq!(edges(&again), edges(&sbom));
        assert!(again.problems.is_empty(), "{:?}", again.problems);
        assert_eq!(again.files.len(), sbom.files.len());
        assert_eq!(again.created_at, Some(IMPRINT.at));
        // SPDX joins several licences into one expression.
        let names = |sbom: &Sbom| {
            let without = |package| Package { licences: Vec::new(), ..package };
            essence(sbom).into_iter().map(without).collect::<Vec<_>>()
        };
        assert_eq!(names(&again), names(&sbom));

        let cyclonedx = sbom.to_cyclonedx(IMPRINT).unwrap();
        let again = Sbom::read(&cyclonedx).unwrap();
        assert_eq!(essence(&again), essence(&sbom));
        assert!(again.problems.is_empty(), "{:?}", again.problems);
        // CycloneDX has no word for what something was made from.
        let mut kept = edges(&sbom);
        kept.retain(|edge| !edge.contains("GENERATED_FROM"));
        let written = edges(&again);
        assert!(kept.iter().all(|edge| written.contains(edge)), "{kept:?} {written:?}");
    }
}

#[test]
fn a_licence_that_is_no_expression_keeps_its_words() {
    let text = r#"{"bomFormat":"CycloneDX","components":[{"name":"a","licenses":
        [{"license":{"name":"the terms, v2"}}]}]}"#;
    let again = Sbom::read(&read(text).to_spdx(IMPRINT).unwrap()).unwrap();
    assert_eq!(again.packages[0].licences, ["the terms, v2"]);
}
