//! After registering: the token, once, and the line to run.

use leptos::prelude::*;
use model::id::ClusterId;
use protocol::api::ClusterCredential;

use crate::api::clusters::Connection;
use crate::api::{self, ApiError};
use crate::layouts::{Frame, Screen, Section, framed};
use crate::routes::{self, ClusterTab};
use crate::ui::{Command, Icon, Notice, PageHead, Tone, card_head};

/// Everything that `loadline clusters ingest` reads, in one go.
const KINDS: &str =
    "pods,deployments,replicasets,statefulsets,daemonsets,jobs,cronjobs,namespaces,nodes";

#[component]
pub(crate) fn ConnectPage() -> impl IntoView {
    framed(Section::Clusters, |frame: Frame| async move {
        let id: ClusterId = frame.address.id().ok_or(ApiError::NotFound)?;
        let contents = api::clusters::take_connection(id, frame.address.text("ticket")).await?;
        let name = contents.cluster.name.clone();
        let clusters = routes::clusters(frame.scope);
        let cluster = routes::cluster(frame.scope, id);
        let screen = Screen::new("Connect", body(&frame, contents));
        Ok(screen.below("Clusters", clusters).below(name, cluster))
    })
}

fn body(frame: &Frame, contents: Connection) -> AnyView {
    let Connection { cluster, credential, server } = contents;
    let token = match credential {
        Some(credential) => shown_once(credential),
        None => gone(frame, cluster.id),
    };
    let setup = format!("export LOADLINE_SERVER={server} LOADLINE_TOKEN=…");
    let ingest = format!(
        "kubectl get {KINDS} -A -o json | loadline clusters ingest {} --file -",
        shell_word(&cluster.name)
    );
    view! {
        <PageHead title=format!("Connect {}", cluster.name) />
        <div class="grid gap-4.5 max-w-[54rem]">
            {token}
            <section class="card">
                {card_head("Report what runs", ().into_any())}
                <div class="grid gap-3 px-4.5 pb-4.5">
                    <p class="text-ink-2">
                        "Wherever kubectl reaches the cluster: say where this server is and paste the token, then send everything."
                    </p>
                    <Command line=setup />
                    <Command line=ingest />
                    <p class="quiet">
                        "Run it again whenever you like, such as from cron: what is gone is noticed, what is there already costs nothing. Values of environment variables, arguments and commands leave the cluster as digests only."
                    </p>
                </div>
            </section>
            <a class="button justify-self-start" href=routes::cluster(frame.scope, cluster.id).href()>
                {format!("Go to {}", cluster.name)}
            </a>
        </div>
    }
    .into_any()
}

fn shown_once(credential: ClusterCredential) -> AnyView {
    view! {
        <section class="card">
            {card_head("Its token", ().into_any())}
            <div class="grid gap-3 px-4.5 pb-4.5">
                <Notice tone=Tone::Warn icon=Icon::Key>
                    "This is shown once. Loadline keeps only a hash of it; if it is lost, make another and revoke this one."
                </Notice>
                <Command line=credential.token />
            </div>
        </section>
    }
    .into_any()
}

fn gone(frame: &Frame, id: ClusterId) -> AnyView {
    let tokens = routes::cluster_tab(frame.scope, id, ClusterTab::Tokens).href();
    view! {
        <section class="card">
            {card_head("Its token", ().into_any())}
            <div class="grid gap-3 px-4.5 pb-4.5">
                <p class="text-ink-2">
                    "The token was shown before and cannot be shown again. If it is lost, make another and revoke the old one."
                </p>
                <a class="button justify-self-start" href=tokens>"Go to its tokens"</a>
            </div>
        </section>
    }
    .into_any()
}

/// A name as a shell reads it as one word. Names hold no quotes.
fn shell_word(name: &str) -> String {
    if name.contains(' ') { format!("'{name}'") } else { name.to_owned() }
}
