//! Runs code with the type of a subject: [`with_subject`] for all testware, [`with_execution`] for what has a state
//! and results. Both follow the list of subjects.
//!
//! [`with_subject`]: crate::with_subject
//! [`with_execution`]: crate::with_execution

use super::Subject;

impl Subject {
    /// Whether it is testware: its items are created here and share their services and pages.
    #[must_use]
    pub const fn is_testware(self) -> bool {
        crate::with_subject!(self, T => true, else false)
    }

    /// Whether its items have a state and results, and can be completed.
    #[must_use]
    pub const fn is_execution(self) -> bool {
        crate::with_execution!(self, T => true, else false)
    }
}

/// Runs `$code` with `$T` as the type of a subject of testware, or `$other` for another subject.
#[macro_export]
macro_rules! with_subject {
    ($subject:expr, $T:ident => $code:expr, else $other:expr) => {
        $crate::subjects!([$crate::match_subject] ($subject, $T, item: $code, execution: $code, other: $other))
    };
}

/// Runs `$code` with `$T` as the type of a subject with a state and results, or `$other` for another
/// subject.
#[macro_export]
macro_rules! with_execution {
    ($subject:expr, $T:ident => $code:expr, else $other:expr) => {
        $crate::subjects!([$crate::match_subject] ($subject, $T, item: $other, execution: $code, other: $other))
    };
}

/// Runs one of three expressions, by what the list says about a subject.
#[doc(hidden)]
#[macro_export]
macro_rules! match_subject {
    (
        ($subject:expr, $T:ident, item: $of_item:expr, execution: $of_execution:expr, other: $of_other:expr)
        $($name:ident: $(item($item:path))? $(execution($execution:path))? $(issue($issue:path))? $(webhook($webhook:path))? $(part($part:path))? $(custom($custom:path))? { $($entry:tt)* })+
    ) => {
        match $subject {
            // Each subject has one of these.
            $($crate::model::catalog::Subject::$name =>
                $({
                    #[allow(dead_code, reason = "code that is the same for all subjects names no type")]
                    type $T = $item;
                    $of_item
                })?
                $({
                    #[allow(dead_code, reason = "code that is the same for all subjects names no type")]
                    type $T = $execution;
                    $of_execution
                })?
                $({
                    #[allow(dead_code, reason = "issues have code of their own")]
                    type $T = $issue;
                    $of_other
                })?
                $({
                    #[allow(dead_code, reason = "webhooks have code of their own")]
                    type $T = $webhook;
                    $of_other
                })?
                $({
                    #[allow(dead_code, reason = "parts have code of their own")]
                    type $T = $part;
                    $of_other
                })?
                $({
                    #[allow(dead_code, reason = "custom events have code of their own")]
                    type $T = $custom;
                    $of_other
                })?
            )+
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::Verb;

    #[test]
    fn what_can_be_completed_says_what_that_means() {
        for &subject in Subject::ALL {
            assert_eq!(subject.spec().completion.is_some(), subject.has(Verb::Completed), "{subject}");
            assert!(subject.has(Verb::Completed) || !subject.is_execution(), "{subject}");
            assert_eq!(subject.spec().abort.is_some(), subject.has(Verb::Aborted), "{subject}");
        }
    }
}
