//! The document around every page, and the table of routes.

use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, path};

use crate::api::request::{self, PageScripts};
use crate::pages;
use crate::ui::escaped;

/// The HTML document that the server renders an address into.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let scripts = request::page_scripts();
    request::protect();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=request::theme().attribute()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="description" content="Whether what runs in your clusters may run, and why." />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="preload" href="/fonts/inter.woff2" r#as="font" r#type="font/woff2" crossorigin="" />
                <link rel="stylesheet" href=format!("/{}/{}.css", options.site_pkg_dir, options.output_name) />
                <script type="module" src="/loadline.js" nonce=leptos::nonce::use_nonce()></script>
                {match scripts {
                    PageScripts::Islands => {
                        view! {
                            <AutoReload options=options.clone() />
                            <HydrationScripts options=options islands=true />
                        }
                            .into_any()
                    }
                    PageScripts::None => view! { <AutoReload options=options /> }.into_any(),
                }}
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// The console's pages by address.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title formatter=|title: String| {
            let title = escaped::title(&title);
            if title.is_empty() { "Loadline".to_owned() } else { format!("{title} · Loadline") }
        } />
        <Router>
            <Routes fallback=pages::NotFoundPage>
                <Route path=path!("/") view=pages::OverviewPage ssr=SsrMode::Async />
                <Route path=path!("/clusters") view=pages::ClustersPage ssr=SsrMode::Async />
                <Route path=path!("/clusters/new") view=pages::NewClusterPage ssr=SsrMode::Async />
                <Route path=path!("/clusters/:id") view=pages::ClusterPage ssr=SsrMode::Async />
                <Route
                    path=path!("/clusters/:id/connect")
                    view=pages::ConnectPage
                    ssr=SsrMode::Async
                />
                <Route path=path!("/images") view=pages::ImagesPage ssr=SsrMode::Async />
                <Route path=path!("/images/one") view=pages::ImagePage ssr=SsrMode::Async />
                <Route path=path!("/packages") view=pages::PackagesPage ssr=SsrMode::Async />
                <Route path=path!("/packages/where") view=pages::HoldersPage ssr=SsrMode::Async />
                <Route
                    path=path!("/vulnerabilities")
                    view=pages::VulnerabilitiesPage
                    ssr=SsrMode::Async
                />
                <Route path=path!("/policies") view=pages::PoliciesPage ssr=SsrMode::Async />
                <Route path=path!("/policies/new") view=pages::NewPolicyPage ssr=SsrMode::Async />
                <Route path=path!("/policies/:id") view=pages::PolicyPage ssr=SsrMode::Async />
                <Route path=path!("/groups") view=pages::GroupsPage ssr=SsrMode::Async />
                <Route path=path!("/groups/new") view=pages::NewGroupPage ssr=SsrMode::Async />
                <Route path=path!("/groups/:id") view=pages::GroupPage ssr=SsrMode::Async />
                <Route path=path!("/people") view=pages::PeoplePage ssr=SsrMode::Async />
                <Route path=path!("/people/new") view=pages::NewIdentityPage ssr=SsrMode::Async />
                <Route path=path!("/people/:id") view=pages::IdentityPage ssr=SsrMode::Async />
                <Route path=path!("/roles") view=pages::RolesPage ssr=SsrMode::Async />
                <Route path=path!("/roles/new") view=pages::NewRolePage ssr=SsrMode::Async />
                <Route path=path!("/roles/:id") view=pages::RolePage ssr=SsrMode::Async />
                <Route path=path!("/roles/:id/edit") view=pages::EditRolePage ssr=SsrMode::Async />
                <Route path=path!("/invites") view=pages::InvitesPage ssr=SsrMode::Async />
                <Route path=path!("/invites/new") view=pages::NewInvitePage ssr=SsrMode::Async />
                <Route path=path!("/invites/made") view=pages::InviteMadePage ssr=SsrMode::Async />
                <Route path=path!("/invites/accept") view=pages::AcceptInvitePage ssr=SsrMode::Async />
                <Route path=path!("/providers") view=pages::ProvidersPage ssr=SsrMode::Async />
                <Route path=path!("/providers/new") view=pages::NewProviderPage ssr=SsrMode::Async />
                <Route path=path!("/providers/:id") view=pages::ProviderPage ssr=SsrMode::Async />
                <Route path=path!("/people/:id/link") view=pages::SignInLinkPage ssr=SsrMode::Async />
                <Route path=path!("/account") view=pages::AccountPage ssr=SsrMode::Async />
                <Route path=path!("/account/tokens/new") view=pages::NewTokenPage ssr=SsrMode::Async />
                <Route
                    path=path!("/account/tokens/made")
                    view=pages::TokenMadePage
                    ssr=SsrMode::Async
                />
                <Route path=path!("/account/codes") view=pages::CodesPage ssr=SsrMode::Async />
                <Route path=path!("/events") view=pages::EventsPage ssr=SsrMode::Async />
                <Route path=path!("/audit") view=pages::AuditPage ssr=SsrMode::Async />
                <Route path=path!("/settings/trust") view=pages::TrustPage ssr=SsrMode::Async />
                <Route
                    path=path!("/api/reference")
                    view=pages::ReferencePage
                    ssr=SsrMode::Async
                />
                <Route path=path!("/api/problems") view=pages::ProblemsPage ssr=SsrMode::Async />
                <Route path=path!("/sign-in") view=pages::SignInPage ssr=SsrMode::Async />
                <Route path=path!("/authorize") view=pages::AuthorizePage ssr=SsrMode::Async />
                <Route path=path!("/activate") view=pages::ActivatePage ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
}
