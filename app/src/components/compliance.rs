//! Compliance of anything as a load line: how many of its checks pass, of how many.

use leptos::prelude::*;
use model::compliance::Tally;

use crate::format;
use crate::ui::LoadLine;

#[component]
pub(crate) fn Compliance(tally: Tally) -> impl IntoView {
    let total = tally.total();
    if total == 0 {
        return view! { <span class="quiet">"Not covered"</span> }.into_any();
    }
    let share = |number: u64| number.saturating_mul(1000).checked_div(total).unwrap_or(0);
    let (unknown, warn, fail) =
        (share(tally.could_not_check), share(tally.warn), share(tally.fail));
    let parts = [share(tally.pass), unknown, warn, fail];
    let label = format!("{}/{}", format::count(tally.pass), format::count(total));
    let in_words = format!(
        "{} of {} pass, {} fail, {} warn, {} could not be checked",
        format::count(tally.pass),
        format::counted(total, "check"),
        format::count(tally.fail),
        format::count(tally.warn),
        format::count(tally.could_not_check)
    );
    view! {
        <span title=in_words>
            <LoadLine parts=parts label=label />
        </span>
    }
    .into_any()
}
