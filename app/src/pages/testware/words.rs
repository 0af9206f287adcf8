//! What the pages say of each kind.

use crate::components::icon::Icon;
use crate::model::item::Kind;
use crate::model::live::What;

/// The words of one kind.
pub struct Words {
    /// The heading of the list.
    pub title: &'static str,
    /// What the list is for.
    pub lead: &'static str,
    /// One of them, within a sentence.
    pub one: &'static str,
    /// What an empty list says.
    pub none: &'static str,
    /// What to do then.
    pub first_step: &'static str,
    /// What stands for no progress.
    pub empty: &'static str,
    /// What its text is called.
    pub text: &'static str,
    /// What its text is for.
    pub text_hint: &'static str,
}

const CASE: Words = Words {
    title: "Cases",
    lead: "What is to be tested, and how.",
    one: "case",
    none: "No case yet",
    first_step: "A case says what to do, step by step, and what should happen. Test runs are put together from cases.",
    empty: "",
    text: "Preconditions",
    text_hint: "What must be so before it begins.",
};

const RUN: Words = Words {
    title: "Test runs",
    lead: "Cases that are tested together, and what they came to.",
    one: "test run",
    none: "No test run yet",
    first_step: "Put cases together, for a release or a build, and add a result to each as it is tested.",
    empty: "No cases",
    text: "Description",
    text_hint: "",
};

const SESSION: Words = Words {
    title: "Sessions",
    lead: "Exploratory testing: a charter, a time box, and what was found.",
    one: "session",
    none: "No session yet",
    first_step: "Say what to explore and for how long, then note what you find as you go.",
    empty: "No results",
    text: "Charter",
    text_hint: "What is explored, with what, and to find out what.",
};

impl Kind {
    /// What the pages say of it.
    pub const fn words(self) -> &'static Words {
        match self {
            Self::Case => &CASE,
            Self::Run => &RUN,
            Self::Session => &SESSION,
        }
    }

    /// Its icon.
    pub const fn sign(self) -> Icon {
        match self {
            Self::Case => Icon::Case,
            Self::Run => Icon::Run,
            Self::Session => Icon::Session,
        }
    }

    /// Whether a change is one of its kind.
    pub const fn concerns(self, what: &What) -> bool {
        matches!(
            (self, what),
            (Self::Case, What::CaseChanged { .. })
                | (Self::Run, What::RunChanged { .. })
                | (Self::Session, What::SessionChanged { .. })
        )
    }
}
