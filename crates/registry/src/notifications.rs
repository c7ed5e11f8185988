//! What registries tell by themselves: the notification envelopes of the distribution project
//! (`application/vnd.docker.distribution.events.v1+json`), and which image each event is about.
//!
//! A notification proves nothing. All it can bring about is a look-up that was due anyway, so
//! whoever forges one gains a request.

use model::digest::Digest;
use model::image::Repository;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The largest envelope. Registries batch events, and each is about a kilobyte.
const LONGEST_ENVELOPE: usize = 4 * 1024 * 1024;
/// Events of one envelope.
const MOST_EVENTS: usize = 1000;

/// The envelope is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotificationError {
    /// It is too large.
    #[error("the envelope has {size} bytes, more than {LONGEST_ENVELOPE}")]
    TooLarge {
        /// How large.
        size: usize,
    },
    /// It is no such document.
    #[error("the envelope is no JSON object with \"events\": {cause}")]
    Document {
        /// What is wrong, and where.
        cause: String,
    },
    /// It holds too many events.
    #[error("the envelope has {n_events} events, more than {MOST_EVENTS}: send fewer at once")]
    TooMany {
        /// How many.
        n_events: usize,
    },
}

/// What an envelope tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notices {
    /// In the order of the events, each once.
    pub notices: Vec<Notice>,
    /// Events that tell nothing of use: pulls, mounts, blobs, and those that cannot be read.
    pub n_ignored: usize,
}

/// Something to look up again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Notice {
    /// Where.
    pub repository: Repository,
    /// The image: the one whose evidence was pushed under a tag that names it, else whatever was
    /// pushed. Without a tag that may be a referrer, whose manifest says of what
    /// ([`crate::Sources::subject_of`]).
    pub digest: Digest,
    /// The tag, where the event has one that names no other digest.
    pub tag: Option<String>,
    /// What happened.
    pub action: NoticeAction,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoticeAction {
    /// It was pushed.
    Push,
    /// It was deleted.
    Delete,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    /// Each is read by itself: one that cannot be read takes no other with it.
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Event {
    action: String,
    target: Target,
    #[serde(default)]
    request: Option<Request>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Target {
    media_type: Option<String>,
    digest: Option<String>,
    repository: Option<String>,
    tag: Option<String>,
    url: Option<String>,
}

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    host: Option<String>,
}

/// Reads an envelope. `registry` is the name under which images of this registry run; `None`
/// takes the host that each event names, which behind a proxy may be another.
///
/// # Errors
/// When the envelope as a whole is of no use. Single events that are of no use are counted.
pub fn read_notifications(
    envelope: &[u8],
    registry: Option<&str>,
) -> Result<Notices, NotificationError> {
    let size = envelope.len();
    if size > LONGEST_ENVELOPE {
        return Err(NotificationError::TooLarge { size });
    }
    let Envelope { events } = serde_json::from_slice(envelope)
        .map_err(|error| NotificationError::Document { cause: error.to_string() })?;
    let n_events = events.len();
    if n_events > MOST_EVENTS {
        return Err(NotificationError::TooMany { n_events });
    }
    let mut found = Notices::default();
    for event in events {
        match serde_json::from_str::<Event>(event.get()).ok().and_then(|it| it.notice(registry)) {
            Some(notice) if found.notices.contains(&notice) => {}
            Some(notice) => found.notices.push(notice),
            None => found.n_ignored += 1,
        }
    }
    Ok(found)
}

impl Event {
    fn notice(self, registry: Option<&str>) -> Option<Notice> {
        let action = match self.action.as_str() {
            "push" => NoticeAction::Push,
            "delete" => NoticeAction::Delete,
            _ => return None,
        };
        let Target { media_type, digest, repository, tag, url } = self.target;
        // Blobs are told of, too; what they belong to is told when its manifest comes.
        if media_type.is_some_and(|told| told == "application/octet-stream") {
            return None;
        }
        let host = self.request.and_then(|request| request.host);
        let host = registry.map(ToOwned::to_owned).or(host).or_else(|| host_of(url.as_deref()?))?;
        let repository = format!("{host}/{}", repository?).parse().ok()?;
        let named = tag.as_deref().and_then(subject_of_tag);
        let digest = match named {
            Some(digest) => digest,
            None => digest?.parse().ok()?,
        };
        let tag = tag.filter(|tag| named.is_none() && !tag.is_empty() && tag.len() <= 128);
        Some(Notice { repository, digest, tag, action })
    }
}

fn host_of(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    Some(url.authority().to_owned()).filter(|host| !host.is_empty() && !host.contains('@'))
}

/// The image that a tag belongs to: `[prefix]sha256-<hex>` with an ending such as `.sig`, `.att`
/// or `.sbom`, or with none, as the fallback tag of OCI 1.1.
fn subject_of_tag(tag: &str) -> Option<Digest> {
    let (_, rest) = tag.rsplit_once("sha256-")?;
    let (hex, ending) = rest.split_at_checked(64)?;
    let is_ending = ending.is_empty() || ending.starts_with('.');
    format!("sha256:{hex}").parse().ok().filter(|_| is_ending)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const HEX: &str = "5504f2a95018e3d8a52d80d9e1a128c6ea337581808ff9fe96f5628ce2336350";

    /// The form of the distribution project's documentation, "Notifications".
    fn event(action: &str, tag: Option<&str>) -> Value {
        json!({
            "id": "320678d8-ca14-430f-8bb6-4ca139cd83f7",
            "timestamp": "2016-03-09T14:44:26.402973972-08:00",
            "action": action,
            "target": {
                "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
                "size": 708,
                "digest": format!("sha256:{HEX}"),
                "length": 708,
                "repository": "acme/api",
                "url": format!("http://192.168.100.227:5000/v2/acme/api/manifests/sha256:{HEX}"),
                "tag": tag,
            },
            "request": {
                "id": "6df24a34-0959-4923-81ca-14f09767db19",
                "addr": "192.168.64.11:42961",
                "host": "192.168.100.227:5000",
                "method": "PUT",
                "useragent": "curl/7.38.0",
            },
            "actor": {},
            "source": { "addr": "xtal.local:5000", "instanceID": "a53db899-3b4b-4a62-a067-8dd013beaca4" },
        })
    }

    fn read(events: &[Value], registry: Option<&str>) -> Notices {
        let envelope = json!({ "events": events, "later": true }).to_string();
        read_notifications(envelope.as_bytes(), registry).unwrap()
    }

    #[test]
    fn a_push_names_the_image_under_the_host_that_was_asked() {
        let found = read(&[event("push", Some("v1")), event("push", Some("v1"))], None);
        let digest = format!("sha256:{HEX}").parse().unwrap();
        let repository: Repository = "192.168.100.227:5000/acme/api".parse().unwrap();
        let notice =
            Notice { repository, digest, tag: Some("v1".to_owned()), action: NoticeAction::Push };
        assert_eq!(found, Notices { notices: vec![notice], n_ignored: 0 });
        let named = read(&[event("delete", None)], Some("registry.corp"));
        assert_eq!(named.notices[0].repository.to_string(), "registry.corp/acme/api");
        assert_eq!(named.notices[0].action, NoticeAction::Delete);
    }

    #[test]
    fn what_is_pushed_under_a_digests_tag_belongs_to_that_image() {
        let other = Digest::of(b"other");
        for (tag, is_named) in [
            (format!("sha256-{}.sig", other.hex()), true),
            (format!("sha256-{}.att", other.hex()), true),
            (format!("sha256-{}.sbom", other.hex()), true),
            (format!("x-sha256-{}.sig", other.hex()), true),
            (format!("sha256-{}", other.hex()), true),
            (format!("sha256-{}x", other.hex()), false),
            (format!("sha256-{}", other.short()), false),
            ("sha256-".to_owned(), false),
            ("v1".to_owned(), false),
        ] {
            let notice = &read(&[event("push", Some(&tag))], None).notices[0];
            assert_eq!(notice.digest == other, is_named, "{tag}");
            assert_eq!(notice.tag.is_none(), is_named, "{tag}");
        }
    }

    #[test]
    fn events_of_no_use_are_counted_and_spoil_nothing() {
        let mut blob = event("push", None);
        blob["target"]["mediaType"] = json!("application/octet-stream");
        let mut nowhere = event("push", None);
        nowhere["target"]["repository"] = json!("../x\n");
        let mut undigested = event("push", None);
        undigested["target"]["digest"] = json!("sha512:00");
        let useless =
            [event("pull", None), event("mount", None), blob, nowhere, undigested, json!(3)];
        let mut events = useless.to_vec();
        events.insert(3, event("push", None));
        let found = read(&events, None);
        assert_eq!((found.notices.len(), found.n_ignored), (1, useless.len()));
    }

    #[test]
    fn an_envelope_that_is_none_is_refused() {
        let wrong = |bytes: &[u8]| read_notifications(bytes, None).unwrap_err();
        for text in ["", "[]", "{}", "{\"events\": 3}", "\u{0}"] {
            assert!(matches!(wrong(text.as_bytes()), NotificationError::Document { .. }), "{text}");
        }
        let many = json!({ "events": vec![json!(1); MOST_EVENTS + 1] }).to_string();
        assert!(matches!(wrong(many.as_bytes()), NotificationError::TooMany { .. }));
        let large = vec![b' '; LONGEST_ENVELOPE + 1];
        assert!(matches!(wrong(&large), NotificationError::TooLarge { .. }));
    }
}
