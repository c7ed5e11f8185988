//! A page without the frame: what somebody sees who is not signed in, or is lost.

use leptos::prelude::*;

use crate::ui::Mark;

#[component]
pub(crate) fn Alone(children: Children) -> impl IntoView {
    view! {
        <main id="content" class="alone">
            <section class="card w-full max-w-[28rem] p-7 grid gap-4">
                <div class="brand p-0!">
                    <Mark />
                    <span>"Loadline"</span>
                </div>
                {children()}
            </section>
        </main>
    }
}
