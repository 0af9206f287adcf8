//! The names of the icons. Registries name the icons of subjects, trackers and destinations;
//! `components::icon` draws them.

/// Declares the icons, each with the ID of its symbol.
macro_rules! icons {
    ($($name:ident $id:literal)*) => {
        /// An icon.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Icon {
            $(#[doc = $id] $name,)*
        }

        impl Icon {
            /// All icons.
            #[cfg(feature = "ssr")]
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The reference to its symbol, e.g. `#i-bell`.
            #[must_use]
            pub const fn href(self) -> &'static str {
                match self { $(Self::$name => concat!("#i-", $id),)* }
            }
        }
    };
}

icons! {
    Bell "bell"
    Block "block"
    Book "book"
    Case "case"
    Chat "chat"
    Check "check"
    ChevronDown "chevron-down"
    ChevronRight "chevron-right"
    ChevronUp "chevron-up"
    Clock "clock"
    Copy "copy"
    Cross "cross"
    Dashboard "dashboard"
    Discord "discord"
    Down "down"
    Edit "edit"
    External "external"
    Flag "flag"
    Folder "folder"
    Generic "generic"
    Branch "branch"
    Hash "hash"
    Inbound "inbound"
    Inbox "inbox"
    Info "info"
    Issue "issue"
    Jenkins "jenkins"
    Job "job"
    Key "key"
    Log "log"
    Menu "menu"
    Moon "moon"
    More "more"
    Off "off"
    Outbound "outbound"
    Pause "pause"
    People "people"
    Plug "plug"
    Plus "plus"
    Radio "radio"
    Replay "replay"
    Run "run"
    Screen "screen"
    Search "search"
    Send "send"
    Session "session"
    Shield "shield"
    ShieldCross "shield-cross"
    SignOut "sign-out"
    Skip "skip"
    Sliders "sliders"
    Sun "sun"
    Switch "switch"
    Teams "teams"
    Todo "todo"
    Trash "trash"
    Tree "tree"
    Up "up"
    User "user"
    Warning "warning"
    Webhook "webhook"
}
