//! PEM as policies carry it: its frame and its outermost ASN.1, no cryptography.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// One block of a PEM text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block<'a> {
    pub(crate) label: &'a str,
    pub(crate) content: Vec<u8>,
}

/// The blocks of a text that holds nothing else; `None` where that is not so.
pub(crate) fn blocks(text: &str) -> Option<Vec<Block<'_>>> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut blocks = Vec::new();
    while let Some(first) = lines.next() {
        let label = first.strip_prefix("-----BEGIN ")?.strip_suffix("-----")?;
        let mut body = String::new();
        loop {
            let line = lines.next()?;
            if let Some(end) = line.strip_prefix("-----END ") {
                if end.strip_suffix("-----")? != label {
                    return None;
                }
                break;
            }
            body.push_str(line);
        }
        blocks.push(Block { label, content: STANDARD.decode(body).ok()? });
    }
    Some(blocks)
}

/// Whether the text is one PEM public key.
pub(crate) fn is_public_key(text: &str) -> bool {
    let Some(blocks) = blocks(text) else { return false };
    match blocks.as_slice() {
        [block] => {
            matches!(block.label, "PUBLIC KEY" | "RSA PUBLIC KEY") && is_sequence(&block.content)
        }
        _ => false,
    }
}

/// Whether the text is one or more PEM certificates.
pub(crate) fn are_certificates(text: &str) -> bool {
    let is_certificate =
        |block: &Block<'_>| block.label == "CERTIFICATE" && is_sequence(&block.content);
    blocks(text).is_some_and(|blocks| !blocks.is_empty() && blocks.iter().all(is_certificate))
}

/// The text inside one more layer of base64, in which line breaks do not count, as in Go.
pub(crate) fn unwrapped(text: &str) -> Option<String> {
    let compact: String =
        text.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    String::from_utf8(STANDARD.decode(compact).ok()?).ok()
}

/// Whether the bytes are one DER sequence and nothing after it.
fn is_sequence(bytes: &[u8]) -> bool {
    let Some((&[0x30, first], rest)) = bytes.split_first_chunk() else { return false };
    if first < 0x80 {
        return rest.len() == usize::from(first);
    }
    let Some((length, content)) = rest.split_at_checked(usize::from(first & 0x7f)) else {
        return false;
    };
    let is_short = (1..=4).contains(&length.len());
    let length = length.iter().fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte));
    is_short && content.len() == length
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "-----BEGIN PUBLIC KEY-----\n\
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaEOVJCFtduYr3xqTxeRWSW32CY/s\n\
        TBNZj4oIUPl8JvhVPJ1TKDPlNcuT4YphSt6t3yOmMvkdQbCj8broX6vijw==\n\
        -----END PUBLIC KEY-----\n";

    #[test]
    fn one_public_key_is_one_public_key() {
        assert!(is_public_key(KEY));
        assert!(is_public_key(&KEY.replace("PUBLIC", "RSA PUBLIC")));
        assert!(is_public_key(&KEY.replace('\n', "\r\n")));
        for wrong in [
            String::new(),
            "---some key data----".to_owned(),
            format!("{KEY}{KEY}"),
            format!("hello\n{KEY}"),
            KEY.replace("PUBLIC KEY", "CERTIFICATE"),
            KEY.replace("PUBLIC KEY", "PRIVATE KEY"),
            KEY.replace("MFkw", "MFgw"),
            KEY.replace("-----END PUBLIC KEY-----", ""),
            KEY.replace("MFkw", "!"),
        ] {
            assert!(!is_public_key(&wrong), "{wrong}");
        }
    }

    #[test]
    fn certificates_may_be_several() {
        let one = KEY.replace("PUBLIC KEY", "CERTIFICATE");
        assert!(are_certificates(&one));
        assert!(are_certificates(&format!("{one}{one}")));
        assert!(!are_certificates(&format!("{one}{KEY}")));
        assert!(!are_certificates(""));
    }
}
