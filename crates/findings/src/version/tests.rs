//! The published tables of each ecosystem's order, and what must hold for any versions at all.

use std::cmp::Ordering;

use proptest::prelude::*;

use super::*;

fn version(scheme: Scheme, text: &str) -> Version {
    Version::parse(scheme, text).unwrap()
}

/// Each is older than every one after it.
#[track_caller]
fn rises(scheme: Scheme, texts: &[&str]) {
    for (place, one) in texts.iter().enumerate() {
        for two in texts.iter().skip(place + 1) {
            let (left, right) = (version(scheme, one), version(scheme, two));
            assert_eq!(left.compare(&right), Some(Ordering::Less), "{scheme}: {one} < {two}");
            assert_eq!(right.compare(&left), Some(Ordering::Greater), "{scheme}: {two} > {one}");
        }
    }
}

/// All are the same version.
#[track_caller]
fn same(scheme: Scheme, texts: &[&str]) {
    for one in texts {
        for two in texts {
            assert_eq!(version(scheme, one), version(scheme, two), "{scheme}: {one} = {two}");
        }
    }
}

#[track_caller]
fn refused(scheme: Scheme, texts: &[&str]) {
    for text in texts {
        let error = Version::parse(scheme, text).unwrap_err();
        assert!(error.to_string().contains("write it as"), "{scheme}: {text}");
    }
}

#[test]
fn alpine_orders_as_apk_tools() {
    let apk = Scheme::Apk;
    rises(apk, &["1.0_alpha", "1.0_alpha1", "1.0_beta", "1.0_pre1", "1.0_rc1", "1.0_rc2", "1.0"]);
    rises(
        apk,
        &["1.0", "1.0-r1", "1.0-r2", "1.0-r10", "1.0_cvs1", "1.0_svn1", "1.0_git1", "1.0_hg1"],
    );
    rises(apk, &["1.0_hg1", "1.0_p1", "1.0_p2", "1.0a", "1.0b", "1.0.1", "1.1", "2"]);
    rises(apk, &["1.01", "1.1", "1.2", "1.10"]);
    rises(apk, &["0.1.0_alpha_pre2", "0.1.0_alpha", "2.34"]);
    rises(apk, &["3.0.8-r3", "3.0.9-r0", "3.0.10-r0", "3.1.0_alpha1-r0", "3.1.0-r0"]);
    rises(apk, &["1.0.4_p4", "1.0.5", "6.0_pre1", "6.0_p1", "6.1.0", "20050718", "20060101"]);
    rises(apk, &["1.2.3~0ab1", "1.2.3~0ab2", "1.2.3_p1"]);
    rises(apk, &["0.1_pre2", "0.1.0_alpha", "0.1.3_pre2", "0.1.4", "0.12", "0.13"]);
    same(apk, &["1.0", "01.0"]);
    let wrong = ["", "a", "1.", "1.0_x1", "1.0-1", "1.0-r", "1.0aa", "1.0-r1_p1", "1 0", "1.0~"];
    refused(apk, &wrong);
}

#[test]
fn debian_orders_as_its_manual_says() {
    let deb = Scheme::Deb;
    // deb-version(7): "~~", "~~a", "~", the empty part, "a".
    rises(deb, &["1.0~~", "1.0~~a", "1.0~", "1.0", "1.0a"]);
    rises(
        deb,
        &["1.0~beta1~svn1245", "1.0~beta1", "1.0", "1.0-1~bpo11+1", "1.0-1", "1.0-1+deb12u1"],
    );
    rises(deb, &["1.2+dfsg", "1.2.3", "1.2.4", "1.2.10", "1:0.1"]);
    rises(deb, &["2.0-1", "2.0-1ubuntu1", "2.0-1ubuntu1.1", "2.0-1.1", "2.0-2", "2.0-10"]);
    rises(deb, &["0", "0a", "0+", "0.0", "1"]);
    rises(deb, &["1.18.36-1", "1.18.36-a", "1.18.36-a.1", "1.18.36-b"]);
    same(deb, &["1.0", "0:1.0", "1.0-0", "1.00"]);
    rises(deb, &["1.0-0", "1.0-0+b1"]);
    refused(deb, &["", ":1", "a:1", "1:", "1 0", "1.0_ä"]);
}

#[test]
fn rpm_orders_as_rpmvercmp() {
    use Ordering::{Equal, Greater, Less};
    // The table of rpm's own tests (rpmvercmp.at), in its three signs.
    for (one, two, wanted) in [
        ("1.0", "1.0", Equal),
        ("1.0", "2.0", Less),
        ("2.0.1", "2.0.1a", Less),
        ("2.0.1a", "2.0.1", Greater),
        ("5.5p1", "5.5p2", Less),
        ("5.5p10", "5.5p1", Greater),
        ("10xyz", "10.1xyz", Less),
        ("xyz10", "xyz10.1", Less),
        ("xyz.4", "8", Less),
        ("xyz.4", "2", Less),
        ("5.5p2", "5.6p1", Less),
        ("5.6p1", "6.5p1", Less),
        ("6.0.rc1", "6.0", Greater),
        ("10b2", "10a1", Greater),
        ("10a2", "10b2", Less),
        ("1.0aa", "1.0a", Greater),
        ("10.0001", "10.1", Equal),
        ("10.0001", "10.0039", Less),
        ("4.999.9", "5.0", Less),
        ("20101121", "20101122", Less),
        ("2_0", "2.0", Equal),
        ("a", "a+", Equal),
        ("a+", "a_", Equal),
        ("+", "_", Equal),
        ("1.0~rc1", "1.0", Less),
        ("1.0~rc1", "1.0~rc2", Less),
        ("1.0~rc1~git123", "1.0~rc1", Less),
        ("1.0^", "1.0", Greater),
        ("1.0^git1", "1.0", Greater),
        ("1.0^git1", "1.0^git2", Less),
        ("1.0^git1", "1.01", Less),
        ("1.0^20160101", "1.0.1", Less),
        ("1.0^20160101^git1", "1.0^20160101", Greater),
        ("1.0~rc1^git1", "1.0~rc1", Greater),
        ("1.0^git1~pre", "1.0^git1", Less),
    ] {
        assert_eq!(rpm::compare(one, two), wanted, "{one} {two}");
        assert_eq!(rpm::compare(two, one), wanted.reverse(), "{two} {one}");
    }
    rises(Scheme::Rpm, &["1.0-1.el8", "1.0-1.el9", "1.0-2.el8", "1.1-1", "1:0.1-1"]);
    refused(Scheme::Rpm, &["", "x:1", "1 0", "-1"]);
}

#[test]
fn semantic_versions_order_as_semver_org_says() {
    let semantic = Scheme::Semantic;
    let part_11 = [
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "2.0.0",
        "2.1.0",
        "2.1.1",
    ];
    rises(semantic, &part_11);
    rises(
        semantic,
        &["0.9.9", "0.9.10", "1.0.0-0", "1.0.0", "1.0.0.1", "99999999999999999999.0.0"],
    );
    same(semantic, &["1.0.0+a", "1.0.0+b", "v1.0.0", "1.0", "1", "=1.0.0"]);
    same(semantic, &["1.2.3-beta", "1.2.3beta"]);
    refused(semantic, &["", "a", "1.", "1..2", "1.0-", "-1", "1.0.0-ä"]);
}

#[test]
fn python_orders_as_pep_440_says() {
    let pep440 = Scheme::Pep440;
    let summary = [
        "1.dev0",
        "1.0.dev456",
        "1.0a1",
        "1.0a2.dev456",
        "1.0a12.dev456",
        "1.0a12",
        "1.0b1.dev456",
        "1.0b2",
        "1.0b2.post345.dev456",
        "1.0b2.post345",
        "1.0rc1.dev456",
        "1.0rc1",
        "1.0",
        "1.0+abc.5",
        "1.0+abc.7",
        "1.0+5",
        "1.0.post456.dev34",
        "1.0.post456",
        "1.0.15",
        "1.1.dev1",
        "1!0.1",
    ];
    rises(pep440, &summary);
    same(pep440, &["1.0", "1", "v1.0.0", "1.0.0"]);
    same(pep440, &["1.0a1", "1.0.alpha1", "1.0-ALPHA-1", "1.0_a_1", "1.0.a.1"]);
    same(pep440, &["1.0rc1", "1.0c1", "1.0-preview_1", "1.0pre1"]);
    same(pep440, &["1.0.post1", "1.0-1", "1.0.rev1", "1.0r1"]);
    same(pep440, &["1.0+ubuntu-1", "1.0+ubuntu.1", "1.0+Ubuntu_1"]);
    refused(pep440, &["", "a", "1.0x", "1.0.dev1.post1", "1.0+", "1.0+a..b", "!1"]);
}

#[test]
fn maven_orders_as_comparable_version() {
    let maven = Scheme::Maven;
    // The list of qualifiers in ComparableVersionTest.
    rises(
        maven,
        &[
            "1-alpha2snapshot",
            "1-alpha2",
            "1-alpha-123",
            "1-beta-2",
            "1-beta123",
            "1-m2",
            "1-m11",
            "1-rc",
            "1-cr2",
            "1-rc123",
            "1-SNAPSHOT",
            "1",
            "1-sp",
            "1-sp2",
            "1-sp123",
            "1-abc",
            "1-def",
            "1-pom-1",
            "1-1-snapshot",
            "1-1",
            "1-2",
            "1-123",
        ],
    );
    // And its list of numbers.
    rises(
        maven,
        &[
            "2.0", "2.0.a", "2-1", "2.0.2", "2.0.123", "2.1.0", "2.1-a", "2.1b", "2.1-c", "2.1-1",
            "2.1.0.1", "2.2", "2.123", "11.a2", "11.a11", "11.b2", "11.b11", "11.m2", "11.m11",
            "11", "11.a", "11b", "11c", "11m",
        ],
    );
    same(maven, &["1", "1.0", "1.0.0", "1-0", "1.0-0", "1-ga", "1-final", "1.0.0-FINAL"]);
    same(maven, &["1x", "1.0.0x", "1.0.0-x"]);
    same(maven, &["1rc1", "1.0-rc-1", "1cr1"]);
    rises(maven, &["2.0-beta9", "2.0-rc1", "2.0", "2.3.1", "2.12.4", "2.15.0", "2.17.0", "2.17.1"]);
    rises(maven, &["6.1.0rc3", "6.1.0", "6.1.0x"]);
    refused(maven, &["", "1 0", "1\n0x y"]);
}

#[test]
fn go_orders_modules_and_itself() {
    let go = Scheme::Go;
    rises(
        go,
        &[
            "v0.0.0-20190101000000-abcdefabcdef",
            "v0.0.0-20191109021931-daa7c04131f5",
            "v1.2.3-0.20191109021931-daa7c04131f5",
            "v1.2.3-pre",
            "v1.2.3-pre.0.20191109021931-daa7c04131f5",
            "v1.2.3",
            "v1.2.4-0.20191109021931-daa7c04131f5",
            "v1.10.0",
            "v2.0.0+incompatible",
        ],
    );
    rises(go, &["go1.20.14", "go1.21rc2", "go1.21rc10", "go1.21.0", "go1.21.1"]);
    same(go, &["go1.22.3", "1.22.3", "v1.22.3"]);
    refused(go, &["", "go", "gopher", "(devel)"]);
}

#[test]
fn ruby_orders_as_gem_version() {
    let gem = Scheme::Gem;
    rises(gem, &["1.0.a.2", "1.0.b1", "1.0.rc1", "1.0", "1.0.1", "1.0.10", "1.1.a", "1.1"]);
    rises(gem, &["0.beta.1", "0.beta.2", "0"]);
    rises(gem, &["1.8.2.a", "1.8.2", "1.9.a", "1.9.3", "1.9.3.1"]);
    rises(gem, &["5.2.4.a", "5.2.4.rc1", "5.2.4", "5.2.4.1"]);
    same(gem, &["1.0", "1", "1.0.0"]);
    same(gem, &["1.0.0-1", "1.0.0.pre.1", "1.pre.1"]);
    same(gem, &["0.beta.1", "0.0.beta.1"]);
    refused(gem, &["", "junk", "1..2", "1.0_x", "a1"]);
}

#[test]
fn nuget_has_four_numbers_and_no_case() {
    let nuget = Scheme::NuGet;
    rises(nuget, &["1.0.0-alpha", "1.0.0-beta", "1.0.0-RC.1", "1.0.0", "1.0.0.1", "1.0.1"]);
    same(nuget, &["1.0.0-BETA", "1.0.0-beta"]);
    same(nuget, &["1.0", "1.0.0.0", "1.0.0+meta"]);
}

#[test]
fn what_has_no_ecosystem_orders_by_numbers() {
    rises(Scheme::Plain, &["1.2.3", "1.2.10", "1.3", "2", "2024-01-01"]);
    same(Scheme::Plain, &["v1.2", "1.2"]);
}

#[test]
fn versions_of_two_schemes_do_not_compare() {
    let (one, two) = (version(Scheme::Deb, "1.0"), version(Scheme::Rpm, "1.0"));
    assert_eq!(one.compare(&two), None);
    assert_ne!(one, two);
}

#[test]
fn very_long_texts_are_no_versions() {
    for scheme in ALL {
        assert!(Version::parse(scheme, &"1".repeat(LONGEST_VERSION)).is_ok(), "{scheme}");
        assert!(Version::parse(scheme, &"1".repeat(LONGEST_VERSION + 1)).is_err(), "{scheme}");
        // As deep as Maven's lists may nest.
        drop(Version::parse(scheme, &"1-".repeat(LONGEST_VERSION / 2)));
    }
}

const ALL: [Scheme; 10] = [
    Scheme::Apk,
    Scheme::Deb,
    Scheme::Rpm,
    Scheme::Semantic,
    Scheme::Pep440,
    Scheme::Maven,
    Scheme::Go,
    Scheme::Gem,
    Scheme::NuGet,
    Scheme::Plain,
];

/// Texts near to versions: pieces that mean something somewhere, in any order.
fn text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "0", "1", "2", "9", "10", "01", "00", ".", ".", "-", "_", "~", "^", "+", ":", "!", "a",
        "b", "rc", "alpha", "beta", "pre", "post", "dev", "sp", "ga", "snapshot", "x", "r1", "p",
        "git", "el9", "v", "go",
    ]);
    let tail = prop::collection::vec(piece, 0..7);
    ("[0-2]", tail).prop_map(|(first, tail)| format!("{first}{}", tail.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn two_versions_stand_to_each_other_from_both_sides(one in text(), two in text()) {
        for scheme in ALL {
            let read = |text: &str| Version::parse(scheme, text).ok();
            if let (Some(left), Some(right)) = (read(&one), read(&two)) {
                let order = left.compare(&right).unwrap();
                prop_assert_eq!(right.compare(&left), Some(order.reverse()), "{} {} {}", scheme, one, two);
                prop_assert_eq!(left.compare(&left), Some(Ordering::Equal));
            }
        }
    }

    #[test]
    fn three_versions_stand_in_a_row(one in text(), two in text(), three in text()) {
        for scheme in ALL {
            let read = [&one, &two, &three].map(|text| Version::parse(scheme, text).ok());
            let mut read: Vec<Version> = read.into_iter().flatten().collect();
            // A sort that trusts an order finds out where it does not hold.
            read.sort_by(|left, right| left.compare(right).unwrap());
            for (place, left) in read.iter().enumerate() {
                for right in read.iter().skip(place + 1) {
                    prop_assert_ne!(left.compare(right), Some(Ordering::Greater), "{} {} {} {}", scheme, one, two, three);
                }
            }
        }
    }

    #[test]
    fn a_range_holds_what_its_bounds_hold(one in text(), two in text()) {
        for scheme in ALL {
            let Ok(version) = Version::parse(scheme, &one) else { continue };
            let Ok(bound) = Version::parse(scheme, &two) else { continue };
            let Ok(range) = VersionRange::parse(scheme, &format!("<{two}")) else { continue };
            let is_less = version.compare(&bound) == Some(Ordering::Less);
            prop_assert_eq!(range.contains(&version), is_less, "{} {} {}", scheme, one, two);
        }
    }
}
