//! Passwords, as argon2id hashes in the PHC string form.

use std::sync::OnceLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use zxcvbn::{Score, zxcvbn};

/// No hash could be made of a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed")]
pub struct PasswordError;

/// Hashes a password under a fresh salt: argon2id with 19 MiB, two passes, one lane, which is
/// what OWASP's cheat sheet asks for at least. Takes tens of milliseconds of one core.
///
/// # Errors
/// When the system gives no random bytes.
pub fn hash(password: &str) -> Result<String, PasswordError> {
    let hashed = Argon2::default().hash_password(password.as_bytes()).map_err(|_| PasswordError)?;
    Ok(hashed.to_string())
}

/// Whether a password is the one of a hash. Without a hash the same work is done in vain: whoever
/// measures the time learns nothing of which accounts there are.
#[must_use]
pub fn verify(password: &str, hashed: Option<&str>) -> bool {
    static NOBODYS: OnceLock<Option<String>> = OnceLock::new();
    let nobodys = || NOBODYS.get_or_init(|| hash("nobody's").ok()).as_deref();
    let Some(against) = hashed.or_else(nobodys) else { return false };
    let Ok(parsed) = PasswordHash::new(against) else { return false };
    let is_right = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
    is_right && hashed.is_some()
}

/// Whether a password would be found by somebody who guesses cleverly: a common one, a run on the
/// keyboard, a date, a repetition, or what is known of its owner (`about`), also where letters are
/// swapped for digits. As zxcvbn estimates it, fewer than 10⁸ guesses.
#[must_use]
pub fn is_guessed(password: &str, about: &[&str]) -> bool {
    zxcvbn(password, about).score() < Score::Three
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_itself_is_right() {
        let hashed = hash("correct horse").unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
        assert_ne!(hashed, hash("correct horse").unwrap());
        assert!(verify("correct horse", Some(&hashed)));
        assert!(!verify("correct horsf", Some(&hashed)));
        assert!(!verify("nobody's", None));
        assert!(!verify("", Some("no hash")));
    }
    #[test]
    fn what_everybody_tries_first_is_guessed_and_a_few_plain_words_are_not() {
        let about = ["ada@acme.example", "ada", "acme.example"];
        for common in [
            "password1234",
            "P@ssw0rd1234",
            "passwordpassword",
            "qwertyuiop123",
            "123456789012",
            "letmeinletmein",
            "aaaaaaaaaaaaaaaa",
            "abcdefghijklmnop",
            "adaacme.example",
        ] {
            assert!(is_guessed(common, &about), "{common}");
        }
        for fine in ["four plain words here", "correct horse battery staple", "vT9#kq2Lx!mw"] {
            assert!(!is_guessed(fine, &about), "{fine}");
        }
    }
}
