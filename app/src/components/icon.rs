//! Line icons in the text color: 16 units, strokes 1.5 wide. The server writes their shapes
//! into each page once. The browser only refers to them.

use leptos::prelude::*;

pub use crate::model::icon::Icon;

/// The symbols that [`icon`] refers to, and the pattern of hatched areas, for the end of the document.
#[cfg(feature = "ssr")]
pub fn icon_sprite() -> impl IntoView {
    let symbols = Icon::ALL
        .iter()
        .map(|&which| {
            let id = which.href().trim_start_matches('#');
            view! { <symbol id=id viewBox="0 0 16 16"><path d=shape(which)/></symbol> }
        })
        .collect_view();
    // A pattern of an element that isn't rendered would not be drawn.
    view! {
        <svg class="sprite" aria-hidden="true">
            {symbols}
            <pattern id="hatch" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <rect class="ground" width="4" height="4"/>
                <rect class="stripe" width="2" height="4"/>
            </pattern>
        </svg>
    }
}

/// An icon. It is decorative, so it needs text next to it or a labeled button around it.
pub fn icon(which: Icon) -> impl IntoView {
    view! { <svg class="icon" aria-hidden="true"><use_ href=which.href()/></svg> }
}

/// The path of its symbol.
#[cfg(feature = "ssr")]
const fn shape(icon: Icon) -> &'static str {
    match icon {
        Icon::Bell => "M4 11.5V7a4 4 0 0 1 8 0v4.5l1.25 1h-10.5zM6.5 14.5h3",
        Icon::Block => "M8 2.25a5.75 5.75 0 1 0 0 11.5 5.75 5.75 0 0 0 0-11.5zM5.5 8h5",
        Icon::Book => {
            "M8 4v9.5M8 4C6.5 2.9 4.5 2.5 2 2.5v10c2.5 0 4.5.4 6 1.5 1.5-1.1 3.5-1.5 6-1.5v-10c-2.5 0-4.5.4-6 1.5z"
        }
        Icon::Case => "M2 4l1.25 1.25L5.5 3M2 11l1.25 1.25L5.5 10M8 4.25h6M8 11.25h6",
        Icon::Chat => "M2.5 3h11v8H8l-3 2.5V11H2.5z",
        Icon::Check => "M3 8.5l3.25 3.25L13 5",
        Icon::ChevronDown => "M4 6.25L8 10l4-3.75",
        Icon::ChevronRight => "M6.25 4L10 8l-3.75 4",
        Icon::ChevronUp => "M4 9.75L8 6l4 3.75",
        Icon::Clock => "M8 2.25a5.75 5.75 0 1 0 0 11.5 5.75 5.75 0 0 0 0-11.5zM8 5v3.25l2 1.25",
        Icon::Copy => "M6 6h7.5v7.5H6zM3.5 10h-1V2.5H10v1",
        Icon::Cross => "M4 4l8 8M12 4l-8 8",
        Icon::Dashboard => "M2.5 2.5H7v6H2.5zM9.5 2.5h4v3.5h-4zM9.5 8.5h4v5h-4zM2.5 11H7v2.5H2.5z",
        Icon::Discord => "M2.75 9.5V8a5.25 5.25 0 0 1 10.5 0v1.5M2.75 9H5v4H2.75zM11 9h2.25v4H11z",
        Icon::Down => "M8 3v10M4 9l4 4 4-4",
        Icon::Edit => "M10.5 3L13 5.5 6 12.5l-3 .5.5-3z",
        Icon::External => "M9.5 2.5h4v4M13.5 2.5L7.5 8.5M12 9v4.5H2.5V4H7",
        Icon::Flag => "M3.5 14V2.5M3.5 3h9l-2 3 2 3h-9",
        Icon::Folder => "M2 3.5h4L7.5 5H14v8H2z",
        Icon::Generic => {
            "M6 2.5c-2 0-2 1-2 2.5S4 8 2.5 8C4 8 4 9.5 4 11s0 2.5 2 2.5M10 2.5c2 0 2 1 2 2.5s0 3 1.5 3C12 8 12 9.5 12 11s0 2.5-2 2.5"
        }
        Icon::Branch => {
            "M4.5 2.25a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM4.5 10.75a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM11.5 3.75a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM4.5 5.25v5.5M11.5 6.75c0 2.5-2.5 2.75-6 4.25"
        }
        Icon::Hash => "M6.25 2.5l-1.5 11M11.25 2.5l-1.5 11M2.75 6h11M2.25 10h11",
        Icon::Inbound => "M11 5l-6 6M10 11H5V6",
        Icon::Inbox => "M2.5 9l2-6h7l2 6v4h-11zM2.5 9h3l1 1.5h3l1-1.5h3",
        Icon::Info => "M8 2.25a5.75 5.75 0 1 0 0 11.5 5.75 5.75 0 0 0 0-11.5zM8 7.5v3.25M8 5.25v.01",
        Icon::Issue => {
            "M8 2.25a5.75 5.75 0 1 0 0 11.5 5.75 5.75 0 0 0 0-11.5zM8 6.75a1.25 1.25 0 1 0 0 2.5 1.25 1.25 0 0 0 0-2.5z"
        }
        Icon::Jenkins => "M2 3h12v10H2zM4.75 6l2 2-2 2M8.25 10.25h3",
        Icon::Job => "M2.5 2.5h11v11h-11zM6.5 5.5v5l4-2.5z",
        Icon::Key => "M5.25 8a2.75 2.75 0 1 0 0 5.5 2.75 2.75 0 0 0 0-5.5zM7.25 8.75L13 3M10.75 5.25l1.75 1.75",
        Icon::Log => "M3.5 2.5h9v11h-9zM6 5.5h4M6 8h4M6 10.5h2",
        Icon::Menu => "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
        Icon::Moon => "M13.25 9.5A5.5 5.5 0 0 1 6.5 2.75a5.5 5.5 0 1 0 6.75 6.75z",
        Icon::More => "M3.25 7.9h.5v.2h-.5zM7.75 7.9h.5v.2h-.5zM12.25 7.9h.5v.2h-.5z",
        Icon::Off => "M8 2.25a5.75 5.75 0 1 0 0 11.5 5.75 5.75 0 0 0 0-11.5zM4 4l8 8",
        Icon::Outbound => "M5 11l6-6M6 5h5v5",
        Icon::Pause => "M8 2.25a5.75 5.75 0 1 0 0 11.5 5.75 5.75 0 0 0 0-11.5zM6.5 6v4M9.5 6v4",
        Icon::People => {
            "M6 2.75a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM1.5 13.5a4.5 4.5 0 0 1 9 0M10.75 2.95a2.5 2.5 0 0 1 0 4.6M12.25 9.75a4.5 4.5 0 0 1 2.25 3.75"
        }
        Icon::Plug => "M6 2v3M10 2v3M4 5h8v2.5a4 4 0 0 1-8 0zM8 11.5V14",
        Icon::Plus => "M8 3.25v9.5M3.25 8h9.5",
        Icon::Radio => {
            "M8 6.75a1.25 1.25 0 1 0 0 2.5 1.25 1.25 0 0 0 0-2.5zM4.75 4.75a4.6 4.6 0 0 0 0 6.5M11.25 4.75a4.6 4.6 0 0 1 0 6.5"
        }
        Icon::Replay => "M13 8a5 5 0 1 1-1.5-3.55L13 6M13 2.75V6H9.75",
        Icon::Run => "M8 2.25a5.75 5.75 0 1 0 0 11.5 5.75 5.75 0 0 0 0-11.5zM6.75 5.5v5l3.75-2.5z",
        Icon::Screen => "M2 3h12v8H2zM5.5 13.5h5M8 11v2.5",
        Icon::Search => "M7 2.75a4.25 4.25 0 1 0 0 8.5 4.25 4.25 0 0 0 0-8.5zM10.25 10.25L13.5 13.5",
        Icon::Send => "M13.75 2.25L2 6.75l4.75 2.5L9.25 14zM6.75 9.25l7-7",
        Icon::Session => "M8 2.25a5.75 5.75 0 1 0 0 11.5 5.75 5.75 0 0 0 0-11.5zM10.5 5.5L9 9l-3.5 1.5L7 7z",
        Icon::Shield => "M8 1.75l5 1.75V8c0 3-2 5.25-5 6.25C5 13.25 3 11 3 8V3.5zM5.75 8l1.6 1.6 3-3.2",
        Icon::ShieldCross => {
            "M8 1.75l5 1.75V8c0 3-2 5.25-5 6.25C5 13.25 3 11 3 8V3.5zM6.25 6.25l3.5 3.5M9.75 6.25l-3.5 3.5"
        }
        Icon::SignOut => "M6.5 2.5h-4v11h4M10.5 5l3 3-3 3M13.5 8H6",
        Icon::Skip => "M3.5 4l5.5 4-5.5 4zM12 4v8",
        Icon::Sliders => {
            "M10 2.75a1.75 1.75 0 1 0 0 3.5 1.75 1.75 0 0 0 0-3.5zM6 9.75a1.75 1.75 0 1 0 0 3.5 1.75 1.75 0 0 0 0-3.5zM2.5 4.5h5.75M11.75 4.5h1.75M2.5 11.5h1.75M7.75 11.5h5.75"
        }
        Icon::Sun => {
            "M8 5.25a2.75 2.75 0 1 0 0 5.5 2.75 2.75 0 0 0 0-5.5zM8 1.5v1.25M8 13.25v1.25M1.5 8h1.25M13.25 8h1.25M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9"
        }
        Icon::Switch => "M5.25 6L8 3.25 10.75 6M5.25 10L8 12.75 10.75 10",
        Icon::Teams => "M2.5 2.5h11v11h-11zM5.5 5.75h5M8 5.75V11",
        Icon::Todo => {
            "M8 2.25A5.75 5.75 0 0 1 10.2 2.69M12.07 3.93A5.75 5.75 0 0 1 13.31 5.8M13.75 8A5.75 5.75 0 0 1 13.31 10.2M12.07 12.07A5.75 5.75 0 0 1 10.2 13.31M8 13.75A5.75 5.75 0 0 1 5.8 13.31M3.93 12.07A5.75 5.75 0 0 1 2.69 10.2M2.25 8A5.75 5.75 0 0 1 2.69 5.8M3.93 3.93A5.75 5.75 0 0 1 5.8 2.69"
        }
        Icon::Tree => "M2.5 2.5h4v3h-4zM9.5 6.5h4v3h-4zM9.5 11.5h4v3h-4zM4.5 5.5V13h5M4.5 8h5",
        Icon::Trash => "M3 4.5h10M6.25 4.5v-2h3.5v2M4.25 4.5l.5 9h6.5l.5-9",
        Icon::Up => "M8 13V3M4 7l4-4 4 4",
        Icon::User => "M8 2.5a2.75 2.75 0 1 0 0 5.5 2.75 2.75 0 0 0 0-5.5zM2.75 13.5a5.25 5.25 0 0 1 10.5 0",
        Icon::Warning => "M8 2.25l6.25 11.25H1.75zM8 6.5v3M8 11.5v.01",
        Icon::Webhook => {
            "M8 2.25a1.75 1.75 0 1 0 0 3.5 1.75 1.75 0 0 0 0-3.5zM3.75 10a1.75 1.75 0 1 0 0 3.5 1.75 1.75 0 0 0 0-3.5zM12.25 10a1.75 1.75 0 1 0 0 3.5 1.75 1.75 0 0 0 0-3.5zM7.1 5.5l-2.5 4.7M8.9 5.5l2.5 4.7M5.5 11.75h5"
        }
    }
}
