//! The colours of a drawing: placeholders while it is drawn, the theme's variables after.
//!
//! plotters writes colours as numbers, but a page has two themes. Each of these numbers stands
//! for one variable and is used for nothing else.

use plotters::style::RGBColor;

pub(super) const LINE: RGBColor = RGBColor(1, 1, 1);
pub(super) const LABEL: RGBColor = RGBColor(2, 2, 2);
pub(super) const ACCENT: RGBColor = RGBColor(3, 3, 3);
pub(super) const SOFT: RGBColor = RGBColor(4, 4, 4);
pub(super) const INK: RGBColor = RGBColor(5, 5, 5);
pub(super) const CARD: RGBColor = RGBColor(6, 6, 6);

const VARIABLES: [(&str, &str); 6] = [
    ("#010101", "var(--line)"),
    ("#020202", "var(--ink-3)"),
    ("#030303", "var(--accent)"),
    ("#040404", "var(--accent-soft)"),
    ("#050505", "var(--ink)"),
    ("#060606", "var(--card)"),
];

/// The drawing with the theme's colours, as wide as its place, named for screen readers.
pub(super) fn themed(svg: &str, size: (u32, u32), class: &str, label: &str) -> String {
    let inside = svg.find('>').and_then(|end| svg.split_at_checked(end.saturating_add(1)));
    let mut inside = inside.map_or("", |(_, rest)| rest).to_owned();
    for (number, variable) in VARIABLES {
        inside = inside.replace(number, variable);
    }
    let (width, height) = size;
    format!(
        "<svg class=\"{class}\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-label=\"{label}\">{inside}"
    )
}
