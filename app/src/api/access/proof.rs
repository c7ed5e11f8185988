//! From the fields of a form to who may act as an identity.

use std::collections::BTreeMap;

use model::iam::{AwsMatch, ClaimMatch, Matcher, Proof, ServicePrincipal, StaticKeys};
use model::timestamp::Timestamp;
use service::FieldError;

use super::identities::ProofForm;
use crate::routes;

/// The proof that the fields describe. Whether it makes sense is the use case's to say; here is
/// told only what cannot be read at all.
pub(super) fn read(form: &ProofForm) -> Result<Proof, Vec<FieldError>> {
    let text = |field: &str| field.trim().to_owned();
    match form.kind.as_str() {
        "person" => Ok(Proof::Person { issuer: text(&form.issuer), subject: text(&form.subject) }),
        "claim_match" => Ok(Proof::ClaimMatch(ClaimMatch {
            issuer: required(&form.issuer, &form.issuer_match),
            subject: required(&form.subject, &form.subject_match),
            audience: matcher(&form.audience, &form.audience_match),
            claims: claims(&form.claims).map_err(|wrong| vec![wrong])?,
        })),
        "static" => Ok(Proof::Static(static_keys(form)?)),
        "aws" => Ok(Proof::Aws(AwsMatch {
            account: text(&form.account),
            arn: matcher(&form.arn, &form.arn_match),
            user_id: matcher(&form.user_id, &form.user_id_match),
        })),
        "service_principal" => Ok(Proof::ServicePrincipal { principal: principal(form)? }),
        _ => Err(vec![FieldError::new("kind", "Choose what may act as it.")]),
    }
}

fn required(text: &str, how: &str) -> Matcher {
    let text = text.trim().to_owned();
    if how == "pattern" { Matcher::Pattern(text) } else { Matcher::Exact(text) }
}

/// What may be left empty.
fn matcher(text: &str, how: &str) -> Option<Matcher> {
    (!text.trim().is_empty()).then(|| required(text, how))
}

/// Claims as lines: `name = text` is exact, `name ~ pattern` a pattern.
fn claims(text: &str) -> Result<BTreeMap<String, Matcher>, FieldError> {
    let mut claims = BTreeMap::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let place = line.find(['=', '~']);
        let parts = place.and_then(|place| Some((line.get(..place)?, line.get(place..)?)));
        let named =
            parts.map(|(name, rest)| (name.trim(), rest)).filter(|(name, _)| !name.is_empty());
        let Some((name, rest)) = named else {
            let number = number.saturating_add(1);
            let message = format!(
                "Line {number} is no claim: write a line such as environment = production, or ref ~ refs/tags/.*"
            );
            return Err(FieldError::new("claims", message));
        };
        let how = if rest.starts_with('~') { "pattern" } else { "exact" };
        let value = rest.get(1..).unwrap_or_default();
        if claims.insert(name.to_owned(), required(value, how)).is_some() {
            let message = format!("{name} stands there twice. Keep one line of it.");
            return Err(FieldError::new("claims", message));
        }
    }
    Ok(claims)
}

fn static_keys(form: &ProofForm) -> Result<StaticKeys, Vec<FieldError>> {
    let mut errors = Vec::new();
    let keys = serde_json::from_str(&form.keys).unwrap_or_else(|error| {
        let message = format!("This is no JSON document: {error}. Paste the issuer's JWKS.");
        errors.push(FieldError::new("keys", message));
        serde_json::Value::Null
    });
    let expires = form.expires.trim();
    let expires_at = match routes::read_moment(expires, routes::END_OF_DAY) {
        _ if expires.is_empty() => Timestamp::FOREVER,
        Some(at) => at,
        None => {
            errors.push(FieldError::new("expires", routes::SUCH_A_MOMENT));
            Timestamp::FOREVER
        }
    };
    if !errors.is_empty() {
        return Err(errors);
    }
    let (issuer, subject) = (form.issuer.trim().to_owned(), form.subject.trim().to_owned());
    Ok(StaticKeys { issuer, subject, keys, expires_at })
}

fn principal(form: &ProofForm) -> Result<ServicePrincipal, Vec<FieldError>> {
    match form.principal.as_str() {
        "verifier" => Ok(ServicePrincipal::Verifier),
        "ingester" => Ok(ServicePrincipal::Ingester),
        "catalog_syncer" => Ok(ServicePrincipal::CatalogSyncer),
        _ => Err(vec![FieldError::new("principal", "Choose a part of the control plane.")]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_read_line_by_line() {
        let read = claims("environment = production\n\nref ~ refs/tags/.*=x\n").unwrap();
        assert_eq!(read["environment"], Matcher::Exact("production".to_owned()));
        assert_eq!(read["ref"], Matcher::Pattern("refs/tags/.*=x".to_owned()));
        for (wrong, says) in
            [("a = b\nnothing", "Line 2"), ("= b", "Line 1"), ("a=b\na=c", "twice")]
        {
            assert!(claims(wrong).unwrap_err().message.contains(says), "{wrong}");
        }
    }

    #[test]
    fn every_kind_of_the_form_is_read() {
        let form = |kind: &str| ProofForm {
            kind: kind.to_owned(),
            issuer: " https://a.example ".to_owned(),
            subject: "s".to_owned(),
            subject_match: "pattern".to_owned(),
            keys: r#"{"keys":[]}"#.to_owned(),
            principal: "verifier".to_owned(),
            ..ProofForm::default()
        };
        for kind in model::iam::ProofKind::ALL {
            assert_eq!(read(&form(kind.as_str())).unwrap().kind(), kind);
        }
        let Proof::ClaimMatch(claims) = read(&form("claim_match")).unwrap() else { panic!() };
        assert_eq!(claims.issuer, Matcher::Exact("https://a.example".to_owned()));
        assert_eq!(claims.subject, Matcher::Pattern("s".to_owned()));
        assert_eq!(claims.audience, None);
        assert_eq!(read(&form("root")).unwrap_err()[0].field, "kind");
        let wrong =
            ProofForm { keys: "{".to_owned(), expires: "soon".to_owned(), ..form("static") };
        let fields: Vec<String> =
            read(&wrong).unwrap_err().into_iter().map(|it| it.field).collect();
        assert_eq!(fields, ["keys", "expires"]);
    }
}
