//! QR codes: what a telephone's camera reads from the screen.

use std::fmt::Write as _;

use qrcode::{Color, QrCode};

/// Light modules around the code, so that a camera finds its edge (ISO/IEC 18004).
const QUIET: usize = 4;

/// A text as a QR code, dark on light in either theme; `None` where it is too long for one.
pub(crate) fn qr_code(text: &str) -> Option<String> {
    let code = QrCode::new(text.as_bytes()).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|one, next| one == next) {
            let length = run.len();
            if run.first() == Some(&Color::Dark) {
                let (left, top) = (x + QUIET, y + QUIET);
                write!(path, "M{left} {top}h{length}v1h-{length}z").ok()?;
            }
            x += length;
        }
    }
    let size = width + 2 * QUIET;
    Some(format!(
        r##"<svg class="qr" viewBox="0 0 {size} {size}" role="img" aria-label="QR code for an authenticator app" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{size}v{size}H0z"/><path fill="#000" d="{path}"/></svg>"##
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_corners_and_nothing_of_the_text() {
        let drawn = qr_code("otpauth://totp/Loadline:<ada>?secret=GEZDGNBV").unwrap();
        // The upper edge of the mark in the upper left corner: seven dark modules.
        assert!(drawn.contains("M4 4h7v1h-7z"), "{drawn}");
        assert!(!drawn.contains("ada") && !drawn.contains("GEZDGNBV"), "{drawn}");
        assert_eq!(qr_code(&"x".repeat(10_000)), None);
    }
}
