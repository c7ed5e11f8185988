//! One-time codes of authenticator apps: TOTP (RFC 6238) with SHA-1, six digits, 30 seconds,
//! which is what every such app takes.

use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use data_encoding::BASE32_NOPAD;
use url::form_urlencoded::byte_serialize;

/// Bytes of a secret: as long as the hash (RFC 4226, 4).
pub const SECRET_BYTES: usize = 20;
/// Seconds that a code counts.
const STEP_SECONDS: i64 = 30;

/// The step that a moment, in seconds since the epoch, lies in.
#[must_use]
pub const fn step_at(seconds: i64) -> i64 {
    seconds.div_euclid(STEP_SECONDS)
}

/// The code of a step.
#[must_use]
pub fn code(secret: &[u8], step: i64) -> String {
    let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = sign(&key, &step.to_be_bytes());
    // Dynamic truncation (RFC 4226, 5.3): the last four bits say where four bytes are taken from.
    let bytes = tag.as_ref();
    let start = usize::from(bytes.last().copied().unwrap_or_default() & 0x0f);
    let taken = bytes.get(start..).and_then(<[u8]>::first_chunk::<4>).copied().unwrap_or_default();
    let number = u32::from_be_bytes(taken) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// The address that an authenticator app reads a secret from.
#[must_use]
pub fn address(secret: &[u8], account: &str) -> String {
    let account: String = byte_serialize(account.as_bytes()).collect();
    // `+` for a space is a form's way; in a path it is a plus.
    let account = account.replace('+', "%20");
    let secret = BASE32_NOPAD.encode(secret);
    format!("otpauth://totp/Loadline:{account}?secret={secret}&issuer=Loadline")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_rfc() {
        // RFC 6238, appendix B, of whose eight digits ours are the last six.
        let secret = b"12345678901234567890";
        for (seconds, right) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(secret, step_at(seconds)), right, "{seconds}");
        }
    }

    #[test]
    fn an_app_can_read_the_address() {
        let address = address(b"12345678901234567890", "ada lovelace@acme.example");
        assert_eq!(
            address,
            "otpauth://totp/Loadline:ada%20lovelace%40acme.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Loadline"
        );
    }
}
