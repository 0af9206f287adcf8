//! Line icons in the current colour, 16 units with strokes of 1.5. The server writes the shapes
//! once per page, and each icon refers to its shape.

use leptos::prelude::*;

/// Declares the icons, each with the ID and path of its symbol.
macro_rules! icons {
    ($($name:ident $id:literal $path:literal)*) => {
        /// An icon.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Icon {
            $($name,)*
        }

        impl Icon {
            const fn href(self) -> &'static str {
                match self {
                    $(Self::$name => concat!("#i-", $id),)*
                }
            }
        }

        /// The symbols that [`icon`] refers to. They go to the end of the document.
        #[cfg(feature = "ssr")]
        pub fn icon_sprite() -> impl IntoView {
            let symbols = [$((concat!("i-", $id), $path),)*];
            let symbols = symbols
                .map(|(id, path)| view! { <symbol id=id viewBox="0 0 16 16"><path d=path/></symbol> })
                .into_iter()
                .collect_view();
            view! { <svg hidden="" aria-hidden="true">{symbols}</svg> }
        }
    };
}

icons! {
    Bell "bell" "M4 11.5V7a4 4 0 0 1 8 0v4.5l1.25 1h-10.5zM6.5 14.5h3"
    Book "book" "M8 4v9.5M8 4C6.5 2.9 4.5 2.5 2 2.5v10c2.5 0 4.5.4 6 1.5 1.5-1.1 3.5-1.5 6-1.5v-10c-2.5 0-4.5.4-6 1.5z"
    Case "case" "M2 4l1.25 1.25L5.5 3M2 11l1.25 1.25L5.5 10M8 4.25h6M8 11.25h6"
    Chat "chat" "M2.5 3h11v8H8l-3 2.5V11H2.5z"
    Check "check" "M3 8.5l3.25 3.25L13 5"
    ChevronDown "chevron-down" "M4 6.25L8 10l4-3.75"
    ChevronUp "chevron-up" "M4 9.75L8 6l4 3.75"
    Clock "clock" "M8 2.25a5.75 5.75 0 1 0 0 11.5 5.75 5.75 0 0 0 0-11.5zM8 5v3.25l2 1.25"
    Copy "copy" "M6 6h7.5v7.5H6zM3.5 10h-1V2.5H10v1"
    Cross "cross" "M4 4l8 8M12 4l-8 8"
    Dot "dot" "M8 6.75a1.25 1.25 0 1 0 0 2.5 1.25 1.25 0 0 0 0-2.5z"
    Down "down" "M8 3v10M4 9l4 4 4-4"
    Edit "edit" "M10.5 3L13 5.5 6 12.5l-3 .5.5-3z"
    External "external" "M9.5 2.5h4v4M13.5 2.5L7.5 8.5M12 9v4.5H2.5V4H7"
    Folder "folder" "M2 3.5h4L7.5 5H14v8H2z"
    Generic "generic" "M6 2.5c-2 0-2 1-2 2.5S4 8 2.5 8C4 8 4 9.5 4 11s0 2.5 2 2.5M10 2.5c2 0 2 1 2 2.5s0 3 1.5 3C12 8 12 9.5 12 11s0 2.5-2 2.5"
    Branch "branch" "M4.5 2.25a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM4.5 10.75a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM11.5 3.75a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM4.5 5.25v5.5M11.5 6.75c0 2.5-2.5 2.75-6 4.25"
    Hash "hash" "M6.25 2.5l-1.5 11M11.25 2.5l-1.5 11M2.75 6h11M2.25 10h11"
    Inbound "inbound" "M11 5l-6 6M10 11H5V6"
    Inbox "inbox" "M2.5 9l2-6h7l2 6v4h-11zM2.5 9h3l1 1.5h3l1-1.5h3"
    Info "info" "M8 2.25a5.75 5.75 0 1 0 0 11.5 5.75 5.75 0 0 0 0-11.5zM8 7.5v3.25M8 5.25v.01"
    Issue "issue" "M8 2.25a5.75 5.75 0 1 0 0 11.5 5.75 5.75 0 0 0 0-11.5zM8 6.75a1.25 1.25 0 1 0 0 2.5 1.25 1.25 0 0 0 0-2.5z"
    Key "key" "M5.25 8a2.75 2.75 0 1 0 0 5.5 2.75 2.75 0 0 0 0-5.5zM7.25 8.75L13 3M10.75 5.25l1.75 1.75"
    Log "log" "M3.5 2.5h9v11h-9zM6 5.5h4M6 8h4M6 10.5h2"
    Menu "menu" "M2.5 4.5h11M2.5 8h11M2.5 11.5h11"
    Moon "moon" "M13.25 9.5A5.5 5.5 0 0 1 6.5 2.75a5.5 5.5 0 1 0 6.75 6.75z"
    More "more" "M3.25 7.9h.5v.2h-.5zM7.75 7.9h.5v.2h-.5zM12.25 7.9h.5v.2h-.5z"
    Off "off" "M8 2.25a5.75 5.75 0 1 0 0 11.5 5.75 5.75 0 0 0 0-11.5zM4 4l8 8"
    Outbound "outbound" "M5 11l6-6M6 5h5v5"
    Pause "pause" "M8 2.25a5.75 5.75 0 1 0 0 11.5 5.75 5.75 0 0 0 0-11.5zM6.5 6v4M9.5 6v4"
    People "people" "M6 2.75a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM1.5 13.5a4.5 4.5 0 0 1 9 0M10.75 2.95a2.5 2.5 0 0 1 0 4.6M12.25 9.75a4.5 4.5 0 0 1 2.25 3.75"
    Plug "plug" "M6 2v3M10 2v3M4 5h8v2.5a4 4 0 0 1-8 0zM8 11.5V14"
    Plus "plus" "M8 3.25v9.5M3.25 8h9.5"
    Replay "replay" "M13 8a5 5 0 1 1-1.5-3.55L13 6M13 2.75V6H9.75"
    Run "run" "M8 2.25a5.75 5.75 0 1 0 0 11.5 5.75 5.75 0 0 0 0-11.5zM6.75 5.5v5l3.75-2.5z"
    Screen "screen" "M2 3h12v8H2zM5.5 13.5h5M8 11v2.5"
    Search "search" "M7 2.75a4.25 4.25 0 1 0 0 8.5 4.25 4.25 0 0 0 0-8.5zM10.25 10.25L13.5 13.5"
    Send "send" "M13.75 2.25L2 6.75l4.75 2.5L9.25 14zM6.75 9.25l7-7"
    Session "session" "M8 2.25a5.75 5.75 0 1 0 0 11.5 5.75 5.75 0 0 0 0-11.5zM10.5 5.5L9 9l-3.5 1.5L7 7z"
    Shield "shield" "M8 1.75l5 1.75V8c0 3-2 5.25-5 6.25C5 13.25 3 11 3 8V3.5zM6.25 6.25l3.5 3.5M9.75 6.25l-3.5 3.5"
    SignOut "sign-out" "M6.5 2.5h-4v11h4M10.5 5l3 3-3 3M13.5 8H6"
    Sliders "sliders" "M10 2.75a1.75 1.75 0 1 0 0 3.5 1.75 1.75 0 0 0 0-3.5zM6 9.75a1.75 1.75 0 1 0 0 3.5 1.75 1.75 0 0 0 0-3.5zM2.5 4.5h5.75M11.75 4.5h1.75M2.5 11.5h1.75M7.75 11.5h5.75"
    Sun "sun" "M8 5.25a2.75 2.75 0 1 0 0 5.5 2.75 2.75 0 0 0 0-5.5zM8 1.5v1.25M8 13.25v1.25M1.5 8h1.25M13.25 8h1.25M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9"
    Switch "switch" "M5.25 6L8 3.25 10.75 6M5.25 10L8 12.75 10.75 10"
    Trash "trash" "M3 4.5h10M6.25 4.5v-2h3.5v2M4.25 4.5l.5 9h6.5l.5-9"
    Up "up" "M8 13V3M4 7l4-4 4 4"
    User "user" "M8 2.5a2.75 2.75 0 1 0 0 5.5 2.75 2.75 0 0 0 0-5.5zM2.75 13.5a5.25 5.25 0 0 1 10.5 0"
    Warning "warning" "M8 2.25l6.25 11.25H1.75zM8 6.5v3M8 11.5v.01"
    Webhook "webhook" "M8 2.25a1.75 1.75 0 1 0 0 3.5 1.75 1.75 0 0 0 0-3.5zM3.75 10a1.75 1.75 0 1 0 0 3.5 1.75 1.75 0 0 0 0-3.5zM12.25 10a1.75 1.75 0 1 0 0 3.5 1.75 1.75 0 0 0 0-3.5zM7.1 5.5l-2.5 4.7M8.9 5.5l2.5 4.7M5.5 11.75h5"
}

/// An icon. It is decorative, so it needs text next to it or a labelled button around it.
pub fn icon(which: Icon) -> impl IntoView {
    view! { <svg class="icon" aria-hidden="true"><use_ href=which.href()/></svg> }
}
