//! Programs that a person signs in: the loopback browser flow (RFC 8252 with PKCE), the device
//! flow (RFC 8628), and the refresh tokens that both end in.
//!
//! A refresh token is used once. Whoever shows one again has a copy, or had theirs copied; nobody
//! can tell which, so the whole family ends and its person signs in anew.

use std::net::Ipv6Addr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::digest::Digest;
use model::iam::{Origin, TokenScope};
use model::id::{IdentityId, SessionId};
use model::timestamp::Timestamp;
use serde_json::json;
use store::{AuthorizationCode, DeviceCode, DeviceState, Family, Person, Renewal, Tx};
use url::{Host, Url};

use super::{Granted, Ours};
use crate::audit::{Act, note};
use crate::secret::{self, SecretKind};
use crate::sign_in::as_person;
use crate::{Caller, FieldError, Result, Service, ServiceError};

/// How long a program stays signed in without being used.
const IDLE: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How long it stays signed in at all.
const LONGEST: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// How long a code of the browser flow waits.
const CODE_WAITS: Duration = Duration::from_secs(60);
/// How long a device's code waits (`enforce.md` 3.8).
const DEVICE_WAITS: Duration = Duration::from_secs(900);
/// Seconds that a device waits between two questions.
const POLL_SECONDS: u64 = 5;
/// Letters of a code that people type in: no vowels, so no words (RFC 8628, 6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// The use cases of programs that people sign in.
#[derive(Debug, Clone, Copy)]
pub struct Programs<'a>(&'a Service);

impl Service {
    /// The use cases of programs that people sign in.
    #[must_use]
    pub const fn programs(&self) -> Programs<'_> {
        Programs(self)
    }
}

/// What a device is told when it asks to be signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceStart {
    /// What it asks again with.
    pub device_code: String,
    /// What its user types in, such as `BCDF-GHJK`.
    pub user_code: String,
    /// Seconds until both end.
    pub expires_in: u64,
    /// Seconds to wait between two questions.
    pub interval: u64,
}

/// Why a device has no token (RFC 8628, 3.5).
#[derive(Debug, thiserror::Error)]
pub enum PollError {
    /// Nobody decided yet.
    #[error("nobody has confirmed the code yet")]
    Pending,
    /// It asks too often.
    #[error("wait five seconds before asking again")]
    SlowDown,
    /// Somebody said no.
    #[error("the code was refused")]
    Denied,
    /// There is no such code any more.
    #[error("the code has ended: start again")]
    Ended,
    /// Something else.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<store::StoreError> for PollError {
    fn from(error: store::StoreError) -> Self {
        Self::Service(error.into())
    }
}

impl Programs<'_> {
    /// Checks what a program asks of the browser flow: a redirect to this very machine by its
    /// address, and a challenge.
    ///
    /// # Errors
    /// Invalid fields.
    pub fn check(redirect: &str, challenge: &str) -> Result<()> {
        let mut errors = Vec::new();
        if !is_loopback(redirect) {
            let message = "Write http://127.0.0.1:PORT/… or http://[::1]:PORT/…, without a query.";
            errors.push(FieldError::new("redirect_uri", message));
        }
        let is_hash = URL_SAFE_NO_PAD.decode(challenge).is_ok_and(|bytes| bytes.len() == 32);
        if !is_hash {
            let message = "Give an S256 challenge: 43 characters of base64url.";
            errors.push(FieldError::new("code_challenge", message));
        }
        if errors.is_empty() { Ok(()) } else { Err(ServiceError::Invalid(errors)) }
    }

    /// Lets a program in that runs beside the caller's browser; gives the code for its redirect.
    ///
    /// # Errors
    /// Invalid fields; forbidden where nobody is signed in.
    pub async fn authorize(
        &self,
        caller: &Caller,
        redirect: &str,
        challenge: &str,
    ) -> Result<String> {
        let identity = caller.require_signed_in()?;
        Self::check(redirect, challenge)?;
        let code = self.0.fresh_secret(SecretKind::Authorization);
        let (mut tx, now) = self.0.begin().await?;
        let kept = AuthorizationCode {
            identity,
            challenge: challenge.to_owned(),
            redirect: redirect.to_owned(),
            expires_at: now + CODE_WAITS,
            family: None,
        };
        tx.insert_authorization_code(&secret::hash(&code), &kept).await?;
        tx.commit().await?;
        Ok(code)
    }

    /// Turns a code of the browser flow into tokens. One that is shown twice was stolen: what it
    /// gave is ended.
    ///
    /// # Errors
    /// Forbidden where the code, its redirect or its verifier is not good.
    pub async fn redeem(
        &self,
        code: &str,
        redirect: &str,
        verifier: &str,
        origin: &Origin,
    ) -> Result<Granted> {
        let wrong =
            || forbidden("The code is none, has ended, was used, or is for another program.");
        if !SecretKind::Authorization.fits(code) {
            return Err(wrong());
        }
        let hash = secret::hash(code);
        let (mut tx, now) = self.0.begin().await?;
        let kept = tx.authorization_code(&hash, now).await?.ok_or_else(wrong)?;
        if let Some(family) = kept.family {
            let whose = (kept.identity, family);
            self.end_reused(tx, whose, "authorization code", origin, now).await?;
            return Err(wrong());
        }
        let challenge = URL_SAFE_NO_PAD.encode(Digest::of(verifier.as_bytes()).as_bytes());
        if challenge != kept.challenge || redirect != kept.redirect {
            return Err(wrong());
        }
        let (granted, family) = self.begin_family(&mut tx, kept.identity, origin, now).await?;
        tx.authorization_code_used(&hash, family).await?;
        tx.commit().await?;
        self.finished(granted, kept.identity, family).await
    }

    /// Starts the device flow.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn start_device(&self, origin: &Origin) -> Result<DeviceStart> {
        let device_code = self.0.fresh_secret(SecretKind::Device);
        let user_code = self.fresh_user_code();
        let (mut tx, now) = self.0.begin().await?;
        let code = DeviceCode {
            origin: origin.clone(),
            state: DeviceState::Waiting,
            created_at: now,
            expires_at: now + DEVICE_WAITS,
            polled_at: None,
        };
        let user_hash = secret::hash(&user_code);
        tx.insert_device_code(&secret::hash(&device_code), &user_hash, &code).await?;
        tx.commit().await?;
        let expires_in = DEVICE_WAITS.as_secs();
        Ok(DeviceStart { device_code, user_code, expires_in, interval: POLL_SECONDS })
    }

    /// From where the device asks that shows this code, for its user to recognise.
    ///
    /// # Errors
    /// Not found where none waits; too many.
    pub async fn device(&self, caller: &Caller, user_code: &str) -> Result<Origin> {
        let hash = self.user_code(caller, user_code)?;
        let found = self.0.store().waiting_device(&hash, self.0.now()).await?;
        Ok(found.ok_or(ServiceError::NotFound)?.origin)
    }

    /// Lets a device in, or not.
    ///
    /// # Errors
    /// Not found where none waits; too many; forbidden where nobody is signed in.
    pub async fn decide(&self, caller: &Caller, user_code: &str, is_granted: bool) -> Result<()> {
        let identity = caller.require_signed_in()?;
        let hash = self.user_code(caller, user_code)?;
        let decision =
            if is_granted { DeviceState::Granted(identity) } else { DeviceState::Denied };
        let (mut tx, now) = self.0.begin().await?;
        if !tx.decide_device(&hash, decision, now).await? {
            return Err(ServiceError::NotFound);
        }
        let action = if is_granted { "device.confirm" } else { "device.refuse" };
        note(&mut tx, caller, None, &Act::named(action, "device"), now).await?;
        Ok(tx.commit().await?)
    }

    /// A device asks whether somebody decided.
    ///
    /// # Errors
    /// See [`PollError`].
    pub async fn poll_device(
        &self,
        device_code: &str,
        origin: &Origin,
    ) -> std::result::Result<Granted, PollError> {
        if !SecretKind::Device.fits(device_code) {
            return Err(PollError::Ended);
        }
        let hash = secret::hash(device_code);
        let (mut tx, now) = self.0.begin().await?;
        let code = tx.poll_device(&hash, now).await?;
        let code = code.filter(|code| code.expires_at > now).ok_or(PollError::Ended)?;
        let is_early = code.polled_at.is_some_and(|at| now.since(at).as_secs() < POLL_SECONDS - 1);
        match code.state {
            DeviceState::Granted(identity) => {
                tx.delete_device_code(&hash).await?;
                let (granted, family) = self.begin_family(&mut tx, identity, origin, now).await?;
                tx.commit().await?;
                Ok(self.finished(granted, identity, family).await?)
            }
            DeviceState::Denied => {
                tx.delete_device_code(&hash).await?;
                tx.commit().await?;
                Err(PollError::Denied)
            }
            DeviceState::Waiting => {
                tx.commit().await?;
                Err(if is_early { PollError::SlowDown } else { PollError::Pending })
            }
        }
    }

    /// Renews a program's token.
    ///
    /// # Errors
    /// Forbidden where the refresh token is not in force, or was used before; then its whole
    /// family is ended.
    pub async fn renew(&self, refresh_token: &str, origin: &Origin) -> Result<Granted> {
        let wrong =
            || forbidden("The refresh token is none, has ended, or was used. Sign in again.");
        if !SecretKind::Refresh.fits(refresh_token) {
            return Err(wrong());
        }
        let (mut tx, now) = self.0.begin().await?;
        let family = match tx.use_refresh_token(&secret::hash(refresh_token), now).await? {
            Renewal::Unknown => return Err(wrong()),
            Renewal::Reused(family) => {
                let whose = (family.identity, family.id);
                self.end_reused(tx, whose, "refresh token", origin, now).await?;
                return Err(wrong());
            }
            Renewal::Good(family) => family,
        };
        let person = self.0.store().identity(family.identity).await?;
        if person.is_none_or(|row| row.identity.disabled_at.is_some()) {
            return Err(wrong());
        }
        let next = self.0.fresh_secret(SecretKind::Refresh);
        let expires_at = (now + IDLE).min(family.ends_at);
        tx.insert_refresh_token(family.id, &secret::hash(&next), now, expires_at).await?;
        tx.commit().await?;
        self.finished(next, family.identity, family.id).await
    }

    /// A new family and its first refresh token.
    async fn begin_family(
        &self,
        tx: &mut Tx,
        identity: IdentityId,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<(String, SessionId)> {
        let person = self.0.store().person(identity).await?;
        let person = person.ok_or_else(|| forbidden("The account was disabled."))?;
        let family = Family {
            id: SessionId(self.0.fresh_suid()),
            identity,
            scope: TokenScope::WHOLE,
            origin: origin.clone(),
            created_at: now,
            expires_at: now + IDLE,
            ends_at: now + LONGEST,
        };
        tx.insert_family(&family).await?;
        let refresh = self.0.fresh_secret(SecretKind::Refresh);
        tx.insert_refresh_token(family.id, &secret::hash(&refresh), now, family.expires_at).await?;
        tx.identity_seen(identity, now).await?;
        let act = Act::named("sign_in.program", format!("session {}", family.id));
        note(tx, &as_person(&person, origin), None, &act, now).await?;
        Ok((refresh, family.id))
    }

    async fn finished(
        &self,
        refresh: String,
        identity: IdentityId,
        family: SessionId,
    ) -> Result<Granted> {
        let ours = Ours::identity(identity, TokenScope::WHOLE, Some(family));
        let (token, expires_at) = self.0.access_token(&ours).await?;
        Ok(Granted { token, expires_at, refresh_token: Some(refresh) })
    }

    /// Ends a family one of whose secrets was shown twice.
    async fn end_reused(
        &self,
        mut tx: Tx,
        (identity, family): (IdentityId, SessionId),
        what: &str,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<()> {
        tx.end_family(family).await?;
        let name = self.0.store().identity(identity).await?.map(|row| row.identity.name);
        let person = Person { id: identity, name: name.unwrap_or_default() };
        let act = Act::named("tokens.reuse", format!("session {family}"));
        let act = act.after(&json!({ "shownTwice": what, "ended": true }));
        note(&mut tx, &as_person(&person, origin), None, &act, now).await?;
        Ok(tx.commit().await?)
    }

    /// The hash of a code that somebody typed in; each try counts.
    fn user_code(&self, caller: &Caller, typed: &str) -> Result<Digest> {
        let bucket = crate::sign_in::Bucket::Codes(caller.identity()?);
        self.0.inner.pace.take(bucket, self.0.now())?;
        let letters: Vec<char> = typed
            .chars()
            .filter(|letter| !matches!(letter, '-' | ' '))
            .flat_map(char::to_uppercase)
            .take(9)
            .collect();
        let written: String = match letters.split_at_checked(4) {
            Some((first, second)) => first.iter().chain(&['-']).chain(second).collect(),
            None => String::new(),
        };
        Ok(secret::hash(&written))
    }

    fn fresh_user_code(&self) -> String {
        let mut letters = Vec::with_capacity(8);
        while letters.len() < 8 {
            let mut bytes = [0; 16];
            self.0.ports().randomness.fill(&mut bytes);
            // Bytes above the last multiple of twenty would make some letters likelier.
            let even = bytes.iter().filter(|byte| **byte < 240);
            let drawn = even.filter_map(|byte| LETTERS.get(usize::from(byte % 20)));
            letters.extend(drawn.map(|letter| char::from(*letter)));
        }
        let (first, second): (String, String) =
            (letters.iter().take(4).collect(), letters.iter().skip(4).take(4).collect());
        format!("{first}-{second}")
    }
}

/// Whether an address is of this very machine, by number: a name could be resolved elsewhere
/// (RFC 8252, 8.3).
fn is_loopback(redirect: &str) -> bool {
    redirect.len() <= 256
        && Url::parse(redirect).is_ok_and(|url| {
            let is_here = match url.host() {
                Some(Host::Ipv4(address)) => address.is_loopback(),
                Some(Host::Ipv6(address)) => address == Ipv6Addr::LOCALHOST,
                Some(Host::Domain(_)) | None => false,
            };
            is_here
                && url.scheme() == "http"
                && url.port().is_some()
                && url.query().is_none()
                && url.fragment().is_none()
                && url.username().is_empty()
                && url.password().is_none()
        })
}

fn forbidden(text: &str) -> ServiceError {
    ServiceError::Forbidden(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn a_program_is_answered_on_its_own_machine_only() {
        for good in ["http://127.0.0.1:4711/callback", "http://[::1]:1/", "http://127.0.0.1:65535"]
        {
            assert!(is_loopback(good), "{good}");
        }
        for bad in [
            "https://127.0.0.1:4711/",
            "http://127.0.0.1/",
            "http://localhost:4711/",
            "http://127.0.0.1.evil.example:4711/",
            "http://127.0.0.1:4711@evil.example:80/",
            "http://a@127.0.0.1:4711/",
            "http://127.0.0.1:4711/?a=b",
            "http://127.0.0.1:4711/#a",
            "http://192.0.2.1:4711/",
            "javascript:alert(1)",
            "//evil.example",
            "",
        ] {
            assert!(!is_loopback(bad), "{bad}");
        }
    }
}
