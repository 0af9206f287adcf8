//! The icons: one stroke, 24 units, drawn in the colour of the text. They only go with words.

use leptos::prelude::*;

/// Which icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    Bell,
    Check,
    Warning,
    Cross,
    Clock,
    Dot,
    Plus,
    Menu,
    Outbound,
    Inbound,
    External,
    Sun,
    Moon,
    Screen,
    Switch,
    Copy,
    Webhook,
    Issue,
    Info,
    Case,
    Run,
    Session,
    Up,
    Down,
    Folder,
    Key,
    People,
}

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Self::Bell => "M6 17v-6a6 6 0 0 1 12 0v6l2 2H4zM10 22h4",
            Self::Check => "M5 13l4 4L19 7",
            Self::Warning => "M12 4 2.5 20h19zM12 10v4M12 17v.5",
            Self::Cross => "M6 6l12 12M18 6 6 18",
            Self::Clock => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3 2",
            Self::Dot => "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Menu => "M4 6h16M4 12h16M4 18h16",
            Self::Outbound => "M7 17 17 7M8 7h9v9",
            Self::Inbound => "M17 7 7 17M16 17H7V8",
            Self::External => "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
            Self::Sun => {
                "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.5 1.5M17.5 17.5 19 19M19 5l-1.5 1.5M6.5 17.5 5 19"
            }
            Self::Moon => "M20 14a8 8 0 0 1-10-10 8 8 0 1 0 10 10z",
            Self::Screen => "M3 5h18v11H3zM9 20h6M12 16v4",
            Self::Switch => "M8 10l4-4 4 4M8 14l4 4 4-4",
            Self::Copy => "M9 9h11v11H9zM5 15H4V4h11v1",
            Self::Webhook => "M9 8a3 3 0 1 1 5 2l3 5M7 12l-2 3a3 3 0 1 0 4 3h6M17 15a3 3 0 1 1-1 5",
            Self::Issue => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v2",
            Self::Info => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5M12 8v.5",
            Self::Case => "M5 3h14v18H5zM9 8h6M9 12h6M9 16h3",
            Self::Run => "M3 6l1.500 1.500L7 5M3 13l1.500 1.500L7 12M11 6h10M11 13h10M11 20h10M3 20h4",
            Self::Session => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM15.500 8.500l-2 5-5 2 2-5z",
            Self::Up => "M12 19V5M6 11l6-6 6 6",
            Self::Down => "M12 5v14M6 13l6 6 6-6",
            Self::Folder => "M3 6h7l2 2h9v11H3z",
            Self::Key => "M15 3a6 6 0 1 0 5 9 6 6 0 0 0-5-9zM10.5 13.5 3 21M6 18l2 2",
            Self::People => {
                "M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM2.5 20a6.5 6.5 0 0 1 13 0M16 5.5a3.5 3.5 0 0 1 0 6.500M18 14.500a6 6 0 0 1 3.500 5.500"
            }
        }
    }
}

/// Draws an icon.
pub fn icon(which: Icon) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d=which.path()/>
        </svg>
    }
}
