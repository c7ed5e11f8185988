//! Text from outside on its way into messages and keys.

/// The longest piece of somebody else's text that a message repeats.
const LONGEST_QUOTE: usize = 1024;

/// At most the first thousand characters.
pub(crate) fn shortened(text: &str) -> String {
    text.chars().take(LONGEST_QUOTE).collect()
}

/// Every PEM block. Blank lines inside a block are let be, as in Go; the library would take
/// them for the end of its headers.
fn blocks(text: &[u8]) -> Result<Vec<pem::Pem>, String> {
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let text = lines.collect::<Vec<_>>().join(&b'\n');
    pem::parse_many(text).map_err(|error| shortened(&error.to_string()))
}

/// The first PEM block whose label is one of `labels`, and that label's index.
pub(crate) fn pem_block(text: &[u8], labels: &[&str]) -> Result<(usize, Vec<u8>), String> {
    let blocks = blocks(text)?;
    blocks
        .into_iter()
        .find_map(|block| {
            let index = labels.iter().position(|label| *label == block.tag())?;
            Some((index, block.into_contents()))
        })
        .ok_or_else(|| format!("no PEM block labelled {}", labels.join(" or ")))
}

/// Every PEM block labelled `CERTIFICATE`.
pub(crate) fn pem_certificates(text: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let blocks = blocks(text)?;
    let certificates: Vec<_> = blocks
        .into_iter()
        .filter(|block| block.tag() == "CERTIFICATE")
        .map(pem::Pem::into_contents)
        .collect();
    match certificates.is_empty() {
        true => Err("no PEM block labelled CERTIFICATE".to_owned()),
        false => Ok(certificates),
    }
}
