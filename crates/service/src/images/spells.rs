//! The times at which an image had a piece of evidence. Intervals that touch are one: a look-up
//! that finds something new writes everything beside it anew, though it never went away.

use model::digest::Digest;
use model::evidence::LookupTarget;
use model::image::Image;
use model::images::PastEvidence;
use model::timestamp::Timestamp;
use store::{EndedPiece, StoredPiece};

/// Has each piece begin where it really did, and gives what is gone, the latest first. `ended`
/// holds the latest first.
pub(super) fn joined(
    image: &Image,
    pieces: &mut [StoredPiece],
    mut ended: Vec<EndedPiece>,
) -> Vec<PastEvidence> {
    for StoredPiece { target, piece, since, .. } in pieces {
        *since = beginning(&mut ended, (target, piece.digest), *since);
    }
    let mut past = Vec::new();
    while !ended.is_empty() {
        let last = ended.remove(0);
        let since = beginning(&mut ended, (&last.target, last.digest), last.since);
        past.push(PastEvidence {
            kind: last.kind,
            digest: last.digest,
            place: last.target.place_of(image),
            since,
            until: last.until,
        });
    }
    past
}

/// The start of an interval and of everything before it that touches it, which is taken out.
fn beginning(
    ended: &mut Vec<EndedPiece>,
    (target, digest): (&LookupTarget, Digest),
    mut since: Timestamp,
) -> Timestamp {
    let touches = |before: &EndedPiece, since| {
        before.until == since && before.digest == digest && before.target == *target
    };
    while let Some(place) = ended.iter().position(|before| touches(before, since)) {
        let before = ended.remove(place);
        if before.since >= since {
            break;
        }
        since = before.since;
    }
    since
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use model::evidence::{EvidenceKind, EvidencePiece, LookupKind};

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(second)
    }

    fn target() -> LookupTarget {
        LookupTarget::beside_image(LookupKind::Signatures)
    }

    fn ended(name: &str, since: i64, until: i64) -> EndedPiece {
        EndedPiece {
            target: target(),
            kind: EvidenceKind::CosignSignature,
            digest: Digest::of(name.as_bytes()),
            since: at(since),
            until: at(until),
        }
    }

    fn present(name: &str, since: i64) -> StoredPiece {
        let piece = EvidencePiece {
            kind: EvidenceKind::CosignSignature,
            media_type: String::new(),
            digest: Digest::of(name.as_bytes()),
            bytes: Vec::new(),
            annotations: BTreeMap::new(),
        };
        StoredPiece { target: target(), piece, since: at(since), until: Timestamp::FOREVER }
    }

    #[test]
    fn what_was_only_written_anew_never_went_away() {
        let image: Image = format!("a.test/api@{}", Digest::of(b"api")).parse().unwrap();
        let mut pieces = [present("stays", 30), present("came", 30)];
        let before = vec![ended("stays", 20, 30), ended("gone", 10, 20), ended("stays", 10, 20)];
        let past = joined(&image, &mut pieces, before);
        assert_eq!(pieces.map(|stored| stored.since), [at(10), at(30)]);
        assert_eq!(past.len(), 1);
        assert_eq!((past[0].digest, past[0].until), (Digest::of(b"gone"), at(20)));
    }

    #[test]
    fn a_piece_that_came_back_was_away_between() {
        let image: Image = format!("a.test/api@{}", Digest::of(b"api")).parse().unwrap();
        let mut pieces = [present("back", 30)];
        let before = vec![ended("back", 15, 20), ended("back", 10, 15)];
        let past = joined(&image, &mut pieces, before);
        assert_eq!(pieces[0].since, at(30));
        let spans: Vec<_> = past.iter().map(|each| (each.since, each.until)).collect();
        assert_eq!(spans, [(at(10), at(20))]);
    }
}
