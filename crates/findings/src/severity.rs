//! How bad a vulnerability is: words, and the scores of CVSS vectors.
//!
//! The score of a vulnerability is the highest base score of all its vectors, of any version of
//! CVSS. Its severity is the one it was given; where none was given, the one of its score, by the
//! bands of CVSS 3.1, part 5 (which version 4.0 shares).

use cvss::Cvss;
use model::vulnerabilities::Severity;

/// From the word of any database: `HIGH`, `important`, `moderate`.
#[must_use]
pub fn of_word(word: &str) -> Severity {
    match word.trim().to_ascii_lowercase().as_str() {
        "critical" => Severity::Critical,
        "high" | "important" => Severity::High,
        "medium" | "moderate" => Severity::Medium,
        "low" | "minor" => Severity::Low,
        "negligible" | "none" | "info" | "informational" | "unimportant" => Severity::Negligible,
        _ => Severity::Unknown,
    }
}

/// From a score between 0 and 10.
#[must_use]
pub fn of_score(score: f64) -> Severity {
    match score {
        score if !(0.0..=10.0).contains(&score) => Severity::Unknown,
        score if score >= 9.0 => Severity::Critical,
        score if score >= 7.0 => Severity::High,
        score if score >= 4.0 => Severity::Medium,
        score if score > 0.0 => Severity::Low,
        _ => Severity::Negligible,
    }
}

/// A CVSS vector with its base score.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// The vector as written; empty where only a score was given.
    pub vector: String,
    /// Between 0 and 10.
    pub base: f64,
}

impl Score {
    /// From a vector of CVSS 2.0, 3.0, 3.1 or 4.0; `None` where it is none.
    #[must_use]
    pub fn of_vector(vector: &str) -> Option<Self> {
        let vector = vector.trim();
        if vector.len() > 512 || !vector.is_ascii() {
            return None;
        }
        // Some write version 2 in brackets.
        let plain = vector.trim_start_matches('(').trim_end_matches(')');
        let read = plain.parse::<Cvss>().ok()?;
        let base = if let Cvss::CvssV30(vector) | Cvss::CvssV31(vector) = &read {
            // Without the temporal and environmental metrics that `score` would count in.
            vector.base_score().value()
        } else {
            read.score()
        };
        (0.0..=10.0).contains(&base).then(|| Self { vector: vector.to_owned(), base })
    }

    /// From a vector, else from the score that was given beside it.
    pub(crate) fn of(vector: Option<&str>, given: Option<f64>) -> Option<Self> {
        let read = vector.and_then(Self::of_vector);
        let given = given.filter(|score| (0.0..=10.0).contains(score));
        read.or_else(|| given.map(|base| Self { vector: String::new(), base }))
    }
}

/// The highest of some base scores.
#[must_use]
pub fn highest(scores: &[Score]) -> Option<f64> {
    scores.iter().map(|score| score.base).reduce(f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_of_every_version_have_their_scores() {
        for (vector, base) in [
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
            ("CVSS:3.0/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N", 5.5),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U", 9.8),
            ("AV:N/AC:L/Au:N/C:P/I:P/A:P", 7.5),
            ("(AV:N/AC:L/Au:N/C:P/I:P/A:P)", 7.5),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 9.3),
        ] {
            let score = Score::of_vector(vector).unwrap();
            assert!((score.base - base).abs() < 0.05, "{vector}: {}", score.base);
        }
    }

    #[test]
    fn what_is_no_vector_has_no_score() {
        for vector in ["", "CVSS:3.1", "CVSS:9.9/AV:N", "AV:N", "ä/ö", &"AV:N/".repeat(200)] {
            assert_eq!(Score::of_vector(vector), None, "{vector}");
        }
        assert_eq!(Score::of(Some("x"), Some(7.1)).unwrap().base.to_string(), "7.1");
        assert_eq!(Score::of(None, Some(11.0)), None);
    }

    #[test]
    fn scores_fall_into_the_bands_of_cvss() {
        for (score, severity) in [
            (0.0, Severity::Negligible),
            (0.1, Severity::Low),
            (3.9, Severity::Low),
            (4.0, Severity::Medium),
            (6.9, Severity::Medium),
            (7.0, Severity::High),
            (8.9, Severity::High),
            (9.0, Severity::Critical),
            (10.0, Severity::Critical),
            (-1.0, Severity::Unknown),
            (f64::NAN, Severity::Unknown),
        ] {
            assert_eq!(of_score(score), severity, "{score}");
        }
        assert_eq!(of_word("Important"), Severity::High);
        assert!(Severity::Critical > Severity::High && Severity::Low > Severity::Unknown);
    }
}
