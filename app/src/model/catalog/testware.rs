//! The type of each subject of testware. A new subject is an arm of [`match_subject`]; code that
//! differs between the types runs through [`with_subject`] or [`with_execution`].
//!
//! [`match_subject`]: crate::match_subject
//! [`with_subject`]: crate::with_subject
//! [`with_execution`]: crate::with_execution

use super::Subject;

impl Subject {
    /// Whether it is testware: its items are created here and share their services and pages.
    #[must_use]
    pub const fn is_testware(self) -> bool {
        crate::with_subject!(self, T => true, Issue => false)
    }

    /// Whether its items have a state and results, and can be completed.
    #[must_use]
    pub const fn is_execution(self) -> bool {
        crate::with_execution!(self, T => true, else false)
    }
}

/// Runs `$code` with `$T` as the type of a subject of testware, or `$issue` for issues.
#[macro_export]
macro_rules! with_subject {
    ($subject:expr, $T:ident => $code:expr, Issue => $issue:expr) => {
        $crate::match_subject!($subject, $T, item => $code, execution => $code, issue => $issue)
    };
}

/// Runs `$code` with `$T` as the type of a subject with a state and results, or `$other` for another
/// subject.
#[macro_export]
macro_rules! with_execution {
    ($subject:expr, $T:ident => $code:expr, else $other:expr) => {
        $crate::match_subject!($subject, $T, item => $other, execution => $code, issue => $other)
    };
}

/// The list of subjects: the type of each, and whether it is an item or an execution.
#[doc(hidden)]
#[macro_export]
macro_rules! match_subject {
    ($subject:expr, $T:ident, item => $item:expr, execution => $execution:expr, issue => $issue:expr) => {
        match $subject {
            $crate::model::catalog::Subject::Case => {
                #[allow(dead_code, reason = "code that is the same for all subjects names no type")]
                type $T = $crate::testware::case::TestCase;
                $item
            }
            $crate::model::catalog::Subject::TestRun => {
                #[allow(dead_code, reason = "code that is the same for all subjects names no type")]
                type $T = $crate::testware::run::TestRun;
                $execution
            }
            $crate::model::catalog::Subject::Session => {
                #[allow(dead_code, reason = "code that is the same for all subjects names no type")]
                type $T = $crate::testware::session::TestSession;
                $execution
            }
            $crate::model::catalog::Subject::Issue => $issue,
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_executions_can_be_completed() {
        for &subject in Subject::ALL {
            assert_eq!(subject.spec().completion.is_some(), subject.is_execution(), "{subject}");
        }
    }
}
