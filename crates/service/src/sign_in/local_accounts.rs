//! Local accounts: a name, a password and one-time codes, for installations without a provider.
//!
//! Whoever guesses learns nothing: a name that nobody has, a wrong password and a wrong code are
//! answered by the same words after the same work. Guessing is slowed down by address and by
//! account, and the owner of an account is never shut out by it: where they signed in from
//! before, only their own tries count.

use std::time::Duration;

use authentication::{one_time_code, password};
use model::digest::Digest;
use model::iam::Origin;
use model::id::IdentityId;
use model::timestamp::Timestamp;
use protocol::credentials::{AccountState, CodeSecret};
use store::LocalAccount;

use super::as_person;
use super::pace::{Bucket, Network};
use super::vouching::{self, PasswordChange};
use crate::audit::{Act, note};
use crate::tokens::internal;
use crate::{Caller, FieldError, Result, Service, ServiceError};

/// Characters of a password: as few as a person can still choose well, as many as anybody wants.
const SHORTEST_PASSWORD: usize = 12;
const LONGEST_PASSWORD: usize = 256;
/// Characters of a name, at most.
const LONGEST_NAME: usize = 254;
/// How long an address stays known.
const ADDRESS_IS_KNOWN: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// The use cases of local accounts.
#[derive(Debug, Clone, Copy)]
pub struct LocalAccounts<'a>(&'a Service);

impl Service {
    /// The use cases of local accounts.
    #[must_use]
    pub const fn local_accounts(&self) -> LocalAccounts<'_> {
        LocalAccounts(self)
    }
}

impl LocalAccounts<'_> {
    /// Whether people may sign in by a name and a password at all.
    #[must_use]
    pub fn are_on(&self) -> bool {
        self.0.inner.settings.has_local_accounts
    }

    /// Signs a person in.
    ///
    /// # Errors
    /// Unauthenticated, whatever was wrong; too many.
    pub async fn sign_in(
        &self,
        name: &str,
        password: &str,
        code: &str,
        origin: &Origin,
    ) -> Result<IdentityId> {
        self.require_on()?;
        let name = written(name);
        let now = self.0.now();
        let network = origin.address.map(Network::of);
        let account = self.0.store().local_account(&name).await?;
        let buckets = self.take(&name, account.as_ref(), network, now).await?;
        let is_right =
            self.verify(password, account.as_ref().map(|it| it.password.clone())).await?;
        let step = self.step_of(account.as_ref(), code, now)?;
        let (mut tx, now) = self.0.begin().await?;
        let mut signed_in = account.filter(|_| is_right && !matches!(step, Step::Wrong));
        if let (Some(account), Step::Right(step)) = (&signed_in, step)
            && !tx.use_code_step(account.identity, step).await?
        {
            signed_in = None;
        }
        let Some(account) = signed_in else {
            // The name is not repeated: people type their password into the wrong field.
            let caller = Caller::system("sign-in").asking_from(origin.clone());
            note(&mut tx, &caller, None, &Act::named("sign_in.refused", "local account"), now)
                .await?;
            tx.commit().await?;
            return Err(ServiceError::Unauthenticated);
        };
        if let Some(network) = network {
            let since = now - ADDRESS_IS_KNOWN;
            tx.known_address(account.identity, &network.to_string(), now, since).await?;
        }
        let person = self.0.store().person(account.identity).await?;
        let person = person.ok_or(ServiceError::Unauthenticated)?;
        tx.identity_seen(person.id, now).await?;
        let act = Act::named("sign_in.local", format!("identity {}", person.id));
        note(&mut tx, &as_person(&person, origin), None, &act, now).await?;
        tx.commit().await?;
        buckets.iter().for_each(|bucket| self.0.inner.pace.refill(bucket));
        Ok(person.id)
    }

    /// Counts a try. Gives the buckets that are filled again if it was good.
    async fn take(
        &self,
        name: &str,
        account: Option<&LocalAccount>,
        network: Option<Network>,
        now: Timestamp,
    ) -> Result<Vec<Bucket>> {
        let pace = &self.0.inner.pace;
        let key = Digest::of(name.as_bytes());
        let own = Bucket::AccountFrom(key, network);
        pace.take(own.clone(), now)?;
        pace.take(Bucket::Address(network), now)?;
        // Asked of every name, also of one that nobody has: the time must tell nothing.
        let nobody = IdentityId(model::id::Suid::from_column(0));
        let identity = account.map_or(nobody, |it| it.identity);
        let text = network.map(|network| network.to_string()).unwrap_or_default();
        let since = now - ADDRESS_IS_KNOWN;
        if !self.0.store().is_known_address(identity, &text, since).await? {
            pace.take(Bucket::Account(key), now)?;
        }
        Ok(vec![own])
    }

    /// Hashing is for threads that may block, and few at once: each takes 19 MiB.
    async fn verify(&self, password: &str, hashed: Option<String>) -> Result<bool> {
        if password.chars().count() > LONGEST_PASSWORD {
            return Ok(false);
        }
        let _turn = self.0.inner.hashing.acquire().await.map_err(internal)?;
        let password = password.to_owned();
        let verified =
            tokio::task::spawn_blocking(move || password::verify(&password, hashed.as_deref()));
        verified.await.map_err(internal)
    }

    /// The step of a code: this one, the one before and the one after count, for clocks differ.
    fn step_of(&self, account: Option<&LocalAccount>, code: &str, now: Timestamp) -> Result<Step> {
        let Some(account) = account.filter(|account| account.codes_from.is_some()) else {
            return Ok(Step::NotAsked);
        };
        Ok(self.matching(account, code, now)?.map_or(Step::Wrong, Step::Right))
    }

    fn matching(&self, account: &LocalAccount, code: &str, now: Timestamp) -> Result<Option<i64>> {
        let Some(sealed) = &account.code_secret else { return Ok(None) };
        let place = sealed_for(account.identity);
        let opened = self.0.ports().sealing.open(&place, sealed);
        let secret = opened.map_err(|error| ServiceError::Unavailable(error.to_string()))?;
        let present = one_time_code::step_at(now.as_seconds());
        let typed: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
        let mut found = None;
        // All three, whichever fits: the time does not tell.
        for step in [present.saturating_sub(1), present, present.saturating_add(1)] {
            let right = one_time_code::code(&secret, step);
            if Digest::of(right.as_bytes()) == Digest::of(typed.as_bytes()) {
                found = Some(step);
            }
        }
        Ok(found)
    }

    /// The caller's own account.
    ///
    /// # Errors
    /// Forbidden to clusters and the control plane.
    pub async fn state(&self, caller: &Caller) -> Result<AccountState> {
        let account = self.0.store().local_account_of(caller.identity()?).await?;
        Ok(AccountState {
            asks_for_codes: account.as_ref().is_some_and(|it| it.codes_from.is_some()),
            name: account.map(|account| account.name),
        })
    }

    /// What it takes the caller to set a password.
    ///
    /// # Errors
    /// Forbidden where nobody is signed in.
    pub async fn password_change(&self, caller: &Caller) -> Result<PasswordChange> {
        let account = self.0.store().local_account_of(caller.require_signed_in()?).await?;
        Ok(PasswordChange::of(caller, account.is_some(), self.0.now()))
    }

    /// Whether the caller switches codes off without showing one: a fresh link vouches for them.
    #[must_use]
    pub fn ends_codes_by_link(&self, caller: &Caller) -> bool {
        vouching::is_vouched_for(caller, self.0.now())
    }

    /// Gives the caller a name and a password, or others than they have. Every other session of
    /// theirs ends.
    ///
    /// # Errors
    /// Invalid fields, a wrong present password among them; a conflict where the name is
    /// another's; forbidden where nobody is signed in, or nothing vouches for them.
    pub async fn set_password(
        &self,
        caller: &Caller,
        name: &str,
        new: &str,
        present: Option<&str>,
    ) -> Result<()> {
        self.require_on()?;
        let identity = caller.require_signed_in()?;
        let before = self.0.store().local_account_of(identity).await?;
        let change = PasswordChange::of(caller, before.is_some(), self.0.now());
        if change == PasswordChange::Refused {
            return Err(ServiceError::Forbidden(
                "A first password takes a one-time link. Ask an owner for one, and sign in by it."
                    .to_owned(),
            ));
        }
        let name = written(name);
        let errors: Vec<FieldError> =
            wrong_name(&name).into_iter().chain(self.wrong_password(&name, new).await?).collect();
        if !errors.is_empty() {
            return Err(ServiceError::Invalid(errors));
        }
        if let (Some(before), PasswordChange::ByPresent) = (&before, change) {
            let network = caller.origin().address.map(Network::of);
            let key = Digest::of(before.name.as_bytes());
            self.0.inner.pace.take(Bucket::AccountFrom(key, network), self.0.now())?;
            let present = present.unwrap_or_default();
            if !self.verify(present, Some(before.password.clone())).await? {
                let message = "That is not your present password.";
                return Err(ServiceError::Invalid(vec![FieldError::new("present", message)]));
            }
        }
        let hashed = self.hashed(new).await?;
        let account = LocalAccount {
            identity,
            name: name.clone(),
            password: hashed,
            code_secret: before.as_ref().and_then(|it| it.code_secret.clone()),
            codes_from: before.as_ref().and_then(|it| it.codes_from),
            code_step: before.as_ref().and_then(|it| it.code_step),
        };
        let (mut tx, now) = self.0.begin().await?;
        let put = tx.put_local_account(&account, now).await;
        put.map_err(|error| match error.is_conflict() {
            true => ServiceError::Conflict(format!("The name {name} is somebody else's.")),
            false => error.into(),
        })?;
        let target = format!("identity {identity}");
        let act = match (before, change) {
            (Some(before), PasswordChange::ByLink) => {
                Act::named("local_account.reset_password", target).before(&before.name)
            }
            (Some(before), _) => {
                Act::named("local_account.set_password", target).before(&before.name)
            }
            (None, _) => Act::named("local_account.set_password", target),
        };
        note(&mut tx, caller, None, &act.after(&name), now).await?;
        tx.commit().await?;
        self.0.sessions().end_others(caller).await?;
        Ok(())
    }

    /// Makes the secret of one-time codes. They are asked for once the first one was shown.
    ///
    /// # Errors
    /// A conflict where codes are asked for already, or there is no account; forbidden where
    /// nobody is signed in.
    pub async fn begin_codes(&self, caller: &Caller) -> Result<CodeSecret> {
        let mut account = self.own(caller).await?;
        if account.codes_from.is_some() {
            return Err(ServiceError::Conflict(
                "Codes are asked for already. Switch them off first.".to_owned(),
            ));
        }
        let mut secret = [0; one_time_code::SECRET_BYTES];
        self.0.ports().randomness.fill(&mut secret);
        let sealed = self.0.ports().sealing.seal(&sealed_for(account.identity), &secret);
        let sealed = sealed.map_err(|error| ServiceError::Unavailable(error.to_string()))?;
        account.code_secret = Some(sealed);
        account.code_step = None;
        let (mut tx, now) = self.0.begin().await?;
        tx.put_local_account(&account, now).await?;
        tx.commit().await?;
        Ok(CodeSecret { address: one_time_code::address(&secret, &account.name) })
    }

    /// Has codes asked for from now on, by showing the first one.
    ///
    /// # Errors
    /// An invalid code; forbidden where nobody is signed in.
    pub async fn confirm_codes(&self, caller: &Caller, code: &str) -> Result<()> {
        self.change_codes(caller, code, Switch::On).await
    }

    /// Has codes asked for no more, by showing one; or without, where a fresh link vouches for
    /// whoever lost the app that makes them.
    ///
    /// # Errors
    /// An invalid code; forbidden where nobody is signed in.
    pub async fn end_codes(&self, caller: &Caller, code: &str) -> Result<()> {
        if !code.trim().is_empty() || !self.ends_codes_by_link(caller) {
            return self.change_codes(caller, code, Switch::Off).await;
        }
        let mut account = self.own(caller).await?;
        account.codes_from = None;
        account.code_secret = None;
        let (mut tx, now) = self.0.begin().await?;
        tx.put_local_account(&account, now).await?;
        let target = format!("identity {}", account.identity);
        note(&mut tx, caller, None, &Act::named("local_account.reset_codes", target), now).await?;
        Ok(tx.commit().await?)
    }

    async fn change_codes(&self, caller: &Caller, code: &str, switch: Switch) -> Result<()> {
        let mut account = self.own(caller).await?;
        self.0.inner.pace.take(Bucket::Codes(account.identity), self.0.now())?;
        let step = self.matching(&account, code, self.0.now())?;
        let (mut tx, now) = self.0.begin().await?;
        let is_fresh = match step {
            Some(step) => tx.use_code_step(account.identity, step).await?,
            None => false,
        };
        let Some(step) = step.filter(|_| is_fresh) else {
            let message = "That is no code of yours that still counts. Wait for the next one.";
            return Err(ServiceError::Invalid(vec![FieldError::new("code", message)]));
        };
        account.code_step = Some(step);
        let action = match switch {
            Switch::On => {
                account.codes_from = Some(now);
                "local_account.codes_on"
            }
            Switch::Off => {
                account.codes_from = None;
                account.code_secret = None;
                "local_account.codes_off"
            }
        };
        tx.put_local_account(&account, now).await?;
        let act = Act::named(action, format!("identity {}", account.identity));
        note(&mut tx, caller, None, &act, now).await?;
        Ok(tx.commit().await?)
    }

    /// What is wrong with a password: its length, or that it is guessed. What it is made of is
    /// nobody's business (OWASP ASVS 5, 6.2).
    async fn wrong_password(&self, name: &str, password: &str) -> Result<Option<FieldError>> {
        let length = password.chars().count();
        if !(SHORTEST_PASSWORD..=LONGEST_PASSWORD).contains(&length) {
            let message = format!(
                "A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters. A few words are easy to keep."
            );
            return Ok(Some(FieldError::new("password", message)));
        }
        let (name, password) = (name.to_owned(), password.to_owned());
        let _turn = self.0.inner.hashing.acquire().await.map_err(internal)?;
        let guessed = tokio::task::spawn_blocking(move || {
            let parts = name.split('@').chain([name.as_str(), "loadline"]);
            password::is_guessed(&password, &parts.collect::<Vec<_>>())
        });
        let message = "That password is guessed at once. Choose a few words that have nothing to do with you.";
        let is_guessed = guessed.await.map_err(internal)?;
        Ok(is_guessed.then(|| FieldError::new("password", message)))
    }

    async fn own(&self, caller: &Caller) -> Result<LocalAccount> {
        self.require_on()?;
        let account = self.0.store().local_account_of(caller.require_signed_in()?).await?;
        account.ok_or_else(|| ServiceError::Conflict("Set a password first.".to_owned()))
    }

    async fn hashed(&self, password: &str) -> Result<String> {
        let _turn = self.0.inner.hashing.acquire().await.map_err(internal)?;
        let password = password.to_owned();
        let hashed = tokio::task::spawn_blocking(move || password::hash(&password));
        hashed.await.map_err(internal)?.map_err(internal)
    }

    fn require_on(&self) -> Result<()> {
        if self.are_on() {
            return Ok(());
        }
        Err(ServiceError::Forbidden(
            "Local accounts are switched off here. Sign in by your provider.".to_owned(),
        ))
    }
}

/// What came of a code.
#[derive(Debug, Clone, Copy)]
enum Step {
    NotAsked,
    Right(i64),
    Wrong,
}

#[derive(Debug, Clone, Copy)]
enum Switch {
    On,
    Off,
}

/// As it is kept: case does not tell names apart.
fn written(name: &str) -> String {
    name.trim().to_lowercase()
}

fn wrong_name(name: &str) -> Option<FieldError> {
    let is_right = (1..=LONGEST_NAME).contains(&name.chars().count())
        && !name.chars().any(|letter| letter.is_control() || letter.is_whitespace());
    let message = "Write a name or an e-mail address, without blanks.";
    (!is_right).then(|| FieldError::new("name", message))
}

/// What the secret of somebody's codes is sealed for.
fn sealed_for(identity: IdentityId) -> String {
    format!("one-time codes of {identity}")
}
