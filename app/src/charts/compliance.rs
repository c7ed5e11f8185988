//! Compliance over time: a step for each change, and the load line's mark where it floats now.

use model::compliance::TrendPoint;
use model::timestamp::Timestamp;
use plotters::coord::Shift;
use plotters::prelude::{
    Circle, DrawingArea, DrawingAreaErrorKind, IntoDrawingArea, IntoFont, PathElement, Polygon,
    SVGBackend, Text,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, RGBColor, TextStyle};

use super::ink::{self, themed};
use super::span::{Span, in_words};
use crate::api::overview::Chart;
use crate::format;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// The trend drawn for wide and for narrow screens; `None` where nothing was ever covered.
pub(crate) fn compliance(points: &[TrendPoint], now: Timestamp) -> Option<Chart> {
    let span = Span::of(points, now)?;
    let label = in_words(points, &span);
    let draw = |size: (u32, u32), class: &str| {
        let mut svg = String::new();
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let drawn = Plot::new(size, span).draw(&area, points);
        drop(area);
        drawn.ok().map(|()| themed(&svg, size, class, &label))
    };
    Some(Chart { wide: draw((780, 218), "wide")?, narrow: draw((360, 200), "narrow")? })
}

/// Where things lie in the drawing.
struct Plot {
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
    span: Span,
}

impl Plot {
    fn new((width, height): (u32, u32), span: Span) -> Self {
        let edge = |length: u32, space: i32| i32::try_from(length).unwrap_or(0) - space;
        Self { left: 42, right: edge(width, 20), top: 14, bottom: edge(height, 28), span }
    }

    fn draw(&self, area: &Area<'_>, points: &[TrendPoint]) -> Drawn {
        self.draw_scale(area)?;
        let runs = self.runs(points);
        for run in &runs {
            self.draw_run(area, run)?;
        }
        if let Some(end) = runs.last().and_then(|run| run.last()) {
            draw_mark(area, *end)?;
        }
        area.present()
    }

    fn draw_scale(&self, area: &Area<'_>) -> Drawn {
        let middle = u64::midpoint(self.span.floor, 1000);
        for value in [self.span.floor, middle, 1000] {
            let y = self.y(value);
            area.draw(&PathElement::new(vec![(self.left, y), (self.right, y)], ink::LINE))?;
            let style = label(HPos::Right, VPos::Center);
            area.draw(&Text::new(format::percent(value), (self.left - 8, y), style))?;
        }
        let (from, to) = (self.span.from, self.span.to);
        let ticks = [(from, HPos::Left), (self.span.middle(), HPos::Center), (to, HPos::Right)];
        for (at, anchor) in ticks {
            let text = if at == to { "now".to_owned() } else { self.span.tick(at) };
            let place = (self.x(at), self.bottom + 10);
            area.draw(&Text::new(text, place, label(anchor, VPos::Top)))?;
        }
        Ok(())
    }

    fn draw_run(&self, area: &Area<'_>, run: &[(i32, i32)]) -> Drawn {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { return Ok(()) };
        let mut below = run.to_vec();
        below.push((last.0, self.bottom));
        below.push((first.0, self.bottom));
        area.draw(&Polygon::new(below, ink::SOFT.mix(0.7)))?;
        area.draw(&PathElement::new(run.to_vec(), ink::ACCENT.stroke_width(2)))
    }

    /// The steps, apart where nothing was covered in between.
    fn runs(&self, points: &[TrendPoint]) -> Vec<Vec<(i32, i32)>> {
        let mut runs: Vec<Vec<(i32, i32)>> = Vec::new();
        let mut is_open = false;
        let ends = points.iter().skip(1).map(|next| next.at).chain([self.span.to]);
        for (point, end) in points.iter().zip(ends) {
            let Some(value) = point.tally.permille() else {
                is_open = false;
                continue;
            };
            if !is_open {
                runs.push(Vec::new());
                is_open = true;
            }
            let y = self.y(value);
            if let Some(run) = runs.last_mut() {
                extend_step(run, (self.x(point.at), y), (self.x(end), y));
            }
        }
        runs
    }

    fn x(&self, at: Timestamp) -> i32 {
        let width = i64::from(self.right - self.left);
        let along = self.span.along(at).saturating_mul(width) / 1_000_000;
        self.left + i32::try_from(along).unwrap_or(0)
    }

    fn y(&self, permille: u64) -> i32 {
        let room = 1000_u64.saturating_sub(self.span.floor).max(1);
        let above = permille.saturating_sub(self.span.floor).min(room);
        let height = u64::try_from(self.bottom - self.top).unwrap_or(0);
        self.bottom - i32::try_from(above.saturating_mul(height) / room).unwrap_or(0)
    }
}

/// Adds a step; one that goes on as the last one did makes that one longer.
fn extend_step(run: &mut Vec<(i32, i32)>, from: (i32, i32), to: (i32, i32)) {
    if run.last().is_some_and(|last| last.1 == from.1) {
        run.pop();
    } else {
        run.push(from);
    }
    run.push(to);
}

/// A circle with a line through it: where she floats now.
fn draw_mark(area: &Area<'_>, (x, y): (i32, i32)) -> Drawn {
    area.draw(&Circle::new((x, y), 6, ink::CARD.filled()))?;
    area.draw(&Circle::new((x, y), 6, ink::INK.stroke_width(2)))?;
    area.draw(&PathElement::new(vec![(x - 12, y), (x + 12, y)], ink::INK.stroke_width(2)))
}

fn label<'a>(horizontal: HPos, vertical: VPos) -> TextStyle<'a> {
    let colour: RGBColor = ink::LABEL;
    ("sans-serif", 14).into_font().color(&colour).pos(Pos::new(horizontal, vertical))
}

#[cfg(test)]
mod tests {
    use model::compliance::Tally;

    use super::*;

    fn point(seconds: i64, pass: u64, fail: u64) -> TrendPoint {
        let tally = Tally { pass, fail, ..Tally::default() };
        TrendPoint { at: Timestamp::from_seconds(seconds), tally }
    }

    #[test]
    fn nothing_covered_is_no_drawing() {
        assert_eq!(compliance(&[point(0, 0, 0)], Timestamp::from_seconds(10)), None);
        assert_eq!(compliance(&[], Timestamp::from_seconds(10)), None);
    }

    #[test]
    fn a_drawing_names_its_ends_and_uses_the_themes_colours_only() {
        let points = [point(0, 1, 1), point(86_400 * 9, 3, 1)];
        let chart = compliance(&points, Timestamp::from_seconds(86_400 * 10)).unwrap();
        assert!(chart.wide.contains("first 50%, now 75%"), "{}", chart.wide);
        assert!(chart.wide.contains("var(--accent)") && !chart.wide.contains("\"#0"));
    }

    #[test]
    fn a_stretch_without_anything_covered_is_a_gap() {
        let points = [point(0, 1, 0), point(10, 0, 0), point(20, 1, 0)];
        let span = Span::of(&points, Timestamp::from_seconds(30)).unwrap();
        assert_eq!(Plot::new((780, 218), span).runs(&points).len(), 2);
    }
}
