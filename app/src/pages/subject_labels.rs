//! The texts on the pages of each subject.

use leptos::prelude::*;

use crate::components::empty::Empty;
use crate::components::icon::Icon;
use crate::model::catalog::Subject;
use crate::model::id::ProjectId;

/// The texts of one subject.
pub struct SubjectLabels {
    /// Its value in the URL, e.g. `?new=run`.
    pub param: &'static str,
    /// What its list is for.
    pub lead: &'static str,
    /// What to do in an empty list.
    pub first_step: &'static str,
    /// Shown instead of an empty progress bar.
    pub no_progress: &'static str,
    /// The label of its long text field.
    pub text: &'static str,
    /// The hint of its long text field.
    pub text_hint: &'static str,
}

const CASE: SubjectLabels = SubjectLabels {
    param: "case",
    lead: "What to test and how.",
    first_step: "Describe what to do and what to expect, step by step. Then add the case to a test run.",
    no_progress: "",
    text: "Preconditions",
    text_hint: "",
};

const ISSUE: SubjectLabels = SubjectLabels {
    param: "issue",
    lead: "Issues created here or synced from your tracker.",
    first_step: "",
    no_progress: "",
    text: "Description",
    text_hint: "Supports Markdown",
};

const RUN: SubjectLabels = SubjectLabels {
    param: "run",
    lead: "Run a set of cases and record results.",
    first_step: "Pick the cases for a release or a build, and record a result for each.",
    no_progress: "No cases",
    text: "Description",
    text_hint: "Supports Markdown",
};

const SESSION: SubjectLabels = SubjectLabels {
    param: "session",
    lead: "Explore within a time box, guided by a charter.",
    first_step: "Set a mission and a time box, and record results as you explore.",
    no_progress: "No results",
    text: "Charter",
    text_hint: "Mission of this session",
};

impl Subject {
    /// The texts on its pages.
    pub const fn labels(self) -> &'static SubjectLabels {
        match self {
            Self::Case => &CASE,
            Self::Issue => &ISSUE,
            Self::TestRun => &RUN,
            Self::Session => &SESSION,
        }
    }

    /// Its icon.
    pub const fn icon(self) -> Icon {
        match self {
            Self::Case => Icon::Case,
            Self::Issue => Icon::Issue,
            Self::TestRun => Icon::Run,
            Self::Session => Icon::Session,
        }
    }

    /// The name of the list within a sentence, e.g. "test runs".
    pub fn plural(self) -> String {
        self.label().to_lowercase()
    }
}

/// The empty state of a list whose filters match nothing.
pub fn no_matches(subject: Subject, project: ProjectId) -> AnyView {
    view! {
        <Empty icon=subject.icon() title=format!("No {} match these filters", subject.plural())>
            <a class="button" href=subject.list_path(project)>"Clear filters"</a>
        </Empty>
    }
    .into_any()
}
