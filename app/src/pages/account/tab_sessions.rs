//! Where one is signed in, in browsers and on command lines; ending that.

use leptos::prelude::*;
use model::iam::{Session, SessionKind};

use crate::api::{self, ApiError};
use crate::format;
use crate::layouts::Frame;
use crate::ui::{Ago, Chip, Column, Confirm, Icon, Table, Tone, card_head};

pub(super) async fn show(frame: &Frame) -> Result<(String, AnyView), ApiError> {
    let sessions = api::account::sessions::list().await?;
    let n_others = sessions.iter().filter(|session| !session.is_current).count();
    let n_others = u64::try_from(n_others).unwrap_or(u64::MAX);
    let title = match n_others {
        0 => "You are signed in here and nowhere else".to_owned(),
        n => format!("You are signed in here and at {} more", format::counted(n, "place")),
    };
    let others = (n_others > 0).then(|| {
        let button = format!("End {}", format::counted(n_others, "other session"));
        view! {
            <Confirm
                open="End all other sessions…"
                label="End all other sessions of yours"
                consequence="Every other browser and command line of yours is signed out at once. Tokens for programs go on."
                action="/api/console/end_other_sessions"
                fields=Vec::new()
                button=button
            />
        }
    });
    let columns = vec![
        Column::Text("What"),
        Column::Text("From"),
        Column::Number("Signed in"),
        Column::Number("Last used"),
        Column::Text("Ends if not used"),
        Column::Text("Action"),
    ];
    let rows = sessions.into_iter().map(|session| row(frame, session)).collect_view();
    let content = view! {
        <section class="card">
            {card_head("Where you are signed in", ().into_any())}
            <Table caption="Where you are signed in" columns=columns>
                {rows}
            </Table>
            <div class="grid gap-2 p-4.5">
                {others}
                <p class="quiet">
                    "You do not know one of them? End it, then change your password under \"Signing in\" and revoke tokens that you do not know."
                </p>
            </div>
        </section>
    };
    Ok((title, content.into_any()))
}

fn row(frame: &Frame, session: Session) -> AnyView {
    let agent = session.origin.user_agent.unwrap_or_default();
    let known = browser(&agent).filter(|_| session.kind == SessionKind::Browser);
    // What it says of itself is long: it is shown where nothing shorter can be told.
    let said = known.is_none().then(|| {
        view! {
            <br />
            <span class="quiet wrap-anywhere">{agent.clone()}</span>
        }
    });
    let what = known.unwrap_or_else(|| match session.kind {
        SessionKind::Browser => "A browser".to_owned(),
        SessionKind::Program => "Command line".to_owned(),
    });
    let address = session.origin.address.map(|address| address.to_string());
    let here = session.is_current.then(|| {
        view! { <Chip tone=Tone::Pass icon=Icon::Check label="This one" /> }
    });
    let label =
        format!("End the session of {what}, signed in {}", format::moment(session.created_at));
    let action = match session.is_current {
        true => view! {
            <form method="post" action="/sign-out">
                <button type="submit" class="link cursor-pointer whitespace-nowrap">
                    "Sign out here"
                </button>
            </form>
        }
        .into_any(),
        false => view! {
            <Confirm
                open="End…"
                label=label
                consequence="It is signed out at once."
                action="/api/console/end_session"
                fields=vec![("id", session.id.to_string())]
                button="End the session"
            />
        }
        .into_any(),
    };
    view! {
        <tr>
            <td>
                <b class="whitespace-nowrap" title=agent>
                    {what}
                </b>
                " "
                {here}
                {said}
            </td>
            <td>{address.unwrap_or_else(|| "Not known".to_owned())}</td>
            <td class="num"><Ago now=frame.now at=session.created_at /></td>
            <td class="num"><Ago now=frame.now at=session.used_at /></td>
            <td>
                <time datetime=session.expires_at.to_string()>{format::moment(session.expires_at)}</time>
            </td>
            <td>{action}</td>
        </tr>
    }
    .into_any()
}

/// A browser and its system, as people call them; `None` where that cannot be told. What a browser
/// says of itself names others too, the more particular one first.
fn browser(agent: &str) -> Option<String> {
    let called = |names: &[(&str, &'static str)]| {
        names.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name)
    };
    let browser = called(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ])?;
    let system = called(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    Some(match system {
        Some(system) => format!("{browser} on {system}"),
        None => browser.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_told_by_what_only_it_says() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
        assert_eq!(browser(chrome).as_deref(), Some("Chrome on Linux"));
        assert_eq!(browser(&format!("{chrome} Edg/156.0")).as_deref(), Some("Edge on Linux"));
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19 Safari/604.1";
        assert_eq!(browser(safari).as_deref(), Some("Safari on iPhone"));
        assert_eq!(browser("Firefox/140.0").as_deref(), Some("Firefox"));
        assert_eq!(browser("curl/8.9"), None);
    }
}
