//! What a registry wants to see: the `WWW-Authenticate` header.

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;

/// How to be let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// With a token from somewhere.
    Bearer {
        /// Who hands it out.
        realm: String,
        /// For whom.
        service: Option<String>,
    },
    /// With user name and password.
    Basic,
}

/// The challenge to answer: a token where that is possible, since it works without credentials
/// and is good for one repository only.
pub(crate) fn strongest(headers: &HeaderMap) -> Option<Challenge> {
    let texts = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|text| text.to_str().ok());
    let offered: Vec<Offer> = texts.flat_map(offers).collect();
    let bearer = offered.iter().find_map(Offer::as_bearer);
    bearer
        .or_else(|| offered.iter().any(|offer| offer.scheme == "basic").then_some(Challenge::Basic))
}

#[derive(Debug)]
struct Offer {
    scheme: String,
    parameters: Vec<(String, String)>,
}

impl Offer {
    fn as_bearer(&self) -> Option<Challenge> {
        let parameter = |name: &str| {
            let found = self.parameters.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone())
        };
        let realm = parameter("realm").filter(|_| self.scheme == "bearer")?;
        Some(Challenge::Bearer { realm, service: parameter("service") })
    }
}

/// One header may hold several challenges; commas separate both them and their parameters.
fn offers(text: &str) -> Vec<Offer> {
    let mut offers: Vec<Offer> = Vec::new();
    for item in split_outside_quotes(text) {
        let item = item.trim();
        let (head, rest) = item.split_once(' ').unwrap_or((item, ""));
        let is_scheme = !head.is_empty() && !head.contains('=');
        if is_scheme {
            offers.push(Offer { scheme: head.to_ascii_lowercase(), parameters: Vec::new() });
        }
        let parameter = if is_scheme { rest.trim() } else { item };
        if let (Some(offer), Some((key, value))) = (offers.last_mut(), parameter.split_once('=')) {
            offer.parameters.push((key.trim().to_ascii_lowercase(), unquoted(value.trim())));
        }
    }
    offers
}

fn split_outside_quotes(text: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let (mut is_quoted, mut is_escaped) = (false, false);
    for character in text.chars() {
        if character == ',' && !is_quoted {
            items.push(String::new());
            continue;
        }
        is_quoted ^= character == '"' && !is_escaped;
        is_escaped = character == '\\' && is_quoted && !is_escaped;
        if let Some(item) = items.last_mut() {
            item.push(character);
        }
    }
    items
}

fn unquoted(value: &str) -> String {
    let inner = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    let Some(inner) = inner else { return value.to_owned() };
    let mut is_escaped = false;
    let keep = |character: &char| {
        is_escaped = *character == '\\' && !is_escaped;
        !is_escaped
    };
    inner.chars().filter(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Option<Challenge> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(WWW_AUTHENTICATE, value.parse().unwrap());
        }
        strongest(&headers)
    }

    fn bearer(realm: &str, service: Option<&str>) -> Option<Challenge> {
        let service = service.map(ToOwned::to_owned);
        Some(Challenge::Bearer { realm: realm.to_owned(), service })
    }

    #[test]
    fn registries_ask_in_many_ways() {
        let hub = r#"Bearer realm="https://auth.test/token",service="r.test",scope="a:b,c""#;
        assert_eq!(of(&[hub]), bearer("https://auth.test/token", Some("r.test")));
        assert_eq!(of(&["bearer realm=https://a.test/t"]), bearer("https://a.test/t", None));
        let both = r#"Basic realm="x, y", Bearer service="s" , realm="https://a.test/\"t""#;
        assert_eq!(of(&[both]), bearer("https://a.test/\"t", Some("s")));
        assert_eq!(of(&["Negotiate", "BASIC realm=\"x\""]), Some(Challenge::Basic));
    }

    #[test]
    fn what_cannot_be_answered_is_no_challenge() {
        for value in ["", "Negotiate", "Bearer", "Bearer service=\"s\"", "realm=\"x\"", ",,\"="] {
            assert_eq!(of(&[value]), None, "{value}");
        }
        assert_eq!(of(&[]), None);
    }
}
