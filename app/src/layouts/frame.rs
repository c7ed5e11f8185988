//! The frame: who is signed in, which group is asked about, and the page inside.

use std::future::Future;

use leptos::prelude::*;
use leptos_meta::Title;
use model::groups::Group;
use model::timestamp::Timestamp;
use server_fn::error::ServerFnUrlError;

use super::navigation::Navigation;
use super::scope_picker::ScopePicker;
use super::{OrganizationForm, Section};
use crate::api::frame::FrameContents;
use crate::api::typed::Typed;
use crate::api::{self, ApiError, request};
use crate::components::shown_error;
use crate::routes::{Address, Link, Scope};
use crate::ui::{Glyph, Icon, Notice, PageHead, Tone};

/// What a page is given: the visitor's question.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// The address it answers.
    pub(crate) address: Address,
    /// The group that is asked about.
    pub(crate) group: Group,
    /// The same as the address has it, for links.
    pub(crate) scope: Scope,
    /// Every group, for choices.
    pub(crate) groups: Vec<Group>,
    /// The time that "ago" counts from.
    pub(crate) now: Timestamp,
    /// What was typed into the page's form, where that was refused.
    pub(crate) typed: Typed,
}

/// What a page gives back: the answer.
pub(crate) struct Screen {
    title: String,
    crumbs: Vec<(String, Link)>,
    body: AnyView,
}

impl Screen {
    /// A page of that name.
    pub(crate) fn new(title: impl Into<String>, body: AnyView) -> Self {
        Self { title: title.into(), crumbs: Vec::new(), body }
    }

    /// The same page, below another thing.
    #[must_use]
    pub(crate) fn below(mut self, name: impl Into<String>, link: Link) -> Self {
        self.crumbs.push((name.into(), link));
        self
    }
}

/// A page in its frame. Whoever is not signed in is sent to the sign-in page; where there is
/// no organization yet, every page asks for one.
pub(crate) fn framed<Draw, Drawing>(section: Section, draw: Draw) -> AnyView
where
    Draw: FnOnce(Frame) -> Drawing + Send + 'static,
    Drawing: Future<Output = Result<Screen, ApiError>> + Send + 'static,
{
    let address = Address::current();
    let page = async move {
        match api::frame::frame().await {
            Err(error) => alone(&error),
            Ok(contents) if contents.groups.is_empty() => first_steps(&contents, &address),
            Ok(contents) => inside(section, contents, address, draw).await,
        }
    };
    Suspend::new(page).into_any()
}

async fn inside<Draw, Drawing>(
    section: Section,
    contents: FrameContents,
    address: Address,
    draw: Draw,
) -> AnyView
where
    Draw: FnOnce(Frame) -> Drawing + Send + 'static,
    Drawing: Future<Output = Result<Screen, ApiError>> + Send + 'static,
{
    let scope = address.scope();
    let typed = match address.text("form") {
        ticket if ticket.is_empty() => Typed::default(),
        ticket => api::typed::refused_form(ticket).await.unwrap_or_default(),
    };
    let is_known = |group: &&Group| scope.0.is_none_or(|asked| group.id == asked);
    let asked = contents.groups.iter().find(is_known).cloned();
    let screen = match &asked {
        Some(group) => {
            let frame = Frame {
                address: address.clone(),
                group: group.clone(),
                scope,
                groups: contents.groups.clone(),
                now: contents.now,
                typed: typed.clone(),
            };
            draw(frame).await
        }
        None => Err(ApiError::NotFound),
    };
    let screen = screen.unwrap_or_else(|error| {
        request::set_status(error.status());
        Screen::new("Not shown", shown_error(&error))
    });
    let Some(shown) = asked.or_else(|| contents.groups.first().cloned()) else {
        return shown_error(&ApiError::NotFound);
    };
    around(section, contents, shown, (&address, &typed), screen)
}

fn around(
    section: Section,
    contents: FrameContents,
    group: Group,
    (address, typed): (&Address, &Typed),
    screen: Screen,
) -> AnyView {
    let scope = address.scope();
    let find = address.text("find");
    view! {
        <Title text=screen.title.clone() />
        <a class="skip" href="#content">"Skip to the content"</a>
        <div class="frame">
            <Navigation current=section scope=scope person=contents.person />
            <div class="min-w-0">
                {contents.is_demo.then(demo_banner)}
                <header class="top">
                    {crumbs(screen.title, screen.crumbs)}
                    <form class="find" role="search" method="get" action="/groups">
                        {scope.0.map(|id| view! { <input type="hidden" name="group" value=id.to_string() /> })}
                        <label class="sr-only" for="find">"Find a group, cluster or policy"</label>
                        <input id="find" name="find" type="search" value=find placeholder="Find a group, cluster or policy" autocomplete="off" />
                        <kbd aria-hidden="true">"/"</kbd>
                    </form>
                    <ScopePicker groups=contents.groups scope=group section=section />
                </header>
                <main id="content" class="page" tabindex="-1">
                    {refusal(address)} {not_done(typed)}
                    {screen.body}
                </main>
            </div>
        </div>
    }
    .into_any()
}

fn crumbs(title: String, above: Vec<(String, Link)>) -> AnyView {
    let above = above.into_iter().map(|(name, link)| {
        view! { <li><a href=link.href()>{name}</a></li> }
    });
    view! {
        <nav aria-label="Where this is" class="min-w-0">
            <ol class="crumbs">
                {above.collect_view()}
                <li aria-current="page">{title}</li>
            </ol>
        </nav>
    }
    .into_any()
}

fn demo_banner() -> AnyView {
    view! {
        <aside class="demo" aria-label="Demo">
            <Glyph icon=Icon::Flask />
            <span>
                "This is the demo fleet. Its images were made and signed on this machine; every verdict is genuine."
            </span>
        </aside>
    }
    .into_any()
}

/// What a form answered that could not do its work.
fn refusal(address: &Address) -> Option<AnyView> {
    let text = address.parsed::<String>("__err")?;
    let error: ApiError = ServerFnUrlError::decode_err(&text);
    Some(view! { <Notice tone=Tone::Fail icon=Icon::Alert>{error.headline()}</Notice> }.into_any())
}

/// Why a form was refused, above it.
fn not_done(typed: &Typed) -> Option<AnyView> {
    let sentence = match typed.sentence.as_str() {
        "" => "Not done yet: look at the marked fields. Nothing was changed.".to_owned(),
        sentence => format!("Not done. {sentence}"),
    };
    let sentence = typed.is_refused().then_some(sentence)?;
    Some(view! { <Notice tone=Tone::Fail icon=Icon::Alert>{sentence}</Notice> }.into_any())
}

fn alone(error: &ApiError) -> AnyView {
    if *error != ApiError::Unauthenticated {
        // Whoever is not signed in is on the way to the sign-in page already.
        request::set_status(error.status());
    }
    view! {
        <Title text="Not shown" />
        <main id="content" class="alone"><div class="w-full max-w-[36rem]">{shown_error(error)}</div></main>
    }
    .into_any()
}

fn first_steps(contents: &FrameContents, address: &Address) -> AnyView {
    let name = address.text("name");
    let error = address.has("tried").then(|| model::groups::check_name(&name).err()).flatten();
    let is_demo = contents.is_demo;
    view! {
        <Title text="Name your organization" />
        <main id="content" class="alone">
            <section class="card w-full max-w-[32rem] p-7 grid gap-4">
                {is_demo.then(demo_banner)}
                <PageHead title="Name your organization" />
                <p class="text-ink-2">
                    "Groups, clusters and policies hang from it. Policies of a group hold for everything below."
                </p>
                <OrganizationForm name=name description=address.text("description") error=error />
            </section>
        </main>
    }
    .into_any()
}
