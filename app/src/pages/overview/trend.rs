//! Compliance over time: drawn, and as a table.

use leptos::prelude::*;
use model::compliance::{Overview, TrendPoint};

use crate::api::overview::Chart;
use crate::format;
use crate::ui::{Column, Glyph, Icon, Table, card_head};

/// Rows that the table shows, latest first.
const LATEST: usize = 30;

pub(super) fn card(overview: &Overview, chart: Option<Chart>) -> AnyView {
    let Some(chart) = chart else {
        return view! {
            <section class="card">
                {card_head("Compliance over time", ().into_any())}
                <p class="px-4.5 pb-4 text-ink-2">"Nothing was checked yet, so there is nothing to draw."</p>
            </section>
        }
        .into_any();
    };
    view! {
        <section class="card">
            {card_head("Compliance over time", ().into_any())}
            <div class="chart px-4.5" inner_html=format!("{}{}", chart.wide, chart.narrow)></div>
            <details class="show px-4.5 pb-3">
                <summary>
                    <Glyph icon=Icon::ChevronRight />
                    "Show as a table"
                </summary>
                {table(&overview.trend)}
            </details>
        </section>
    }
    .into_any()
}

fn table(points: &[TrendPoint]) -> AnyView {
    let columns = vec![
        Column::Text("From"),
        Column::Number("Compliance"),
        Column::Number("Pass"),
        Column::Number("Warn"),
        Column::Number("Fail"),
        Column::Number("Could not check"),
    ];
    let row = |point: &TrendPoint| {
        let tally = point.tally;
        let share = tally.permille().map_or_else(|| "–".to_owned(), format::percent);
        view! {
            <tr>
                <td>{format::moment(point.at)}</td>
                <td class="num">{share}</td>
                <td class="num">{format::count(tally.pass)}</td>
                <td class="num">{format::count(tally.warn)}</td>
                <td class="num">{format::count(tally.fail)}</td>
                <td class="num">{format::count(tally.could_not_check)}</td>
            </tr>
        }
    };
    let rows = points.iter().rev().take(LATEST).map(row).collect_view();
    view! {
        <Table caption="Compliance over time, the latest changes first" columns=columns>
            {rows}
        </Table>
    }
    .into_any()
}
