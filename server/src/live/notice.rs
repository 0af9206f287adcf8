//! What nodes say to each other, and the text of it: a notification of PostgreSQL carries the
//! epoch of who says it and as much as there is room for.

use app::model::id::{ProjectId, UserId};
use app::model::live::Change;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// PostgreSQL takes less than 8000 bytes (<https://www.postgresql.org/docs/current/sql-notify.html>).
const MOST: usize = 7999;

/// What a hub is told once it is durable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Said {
    /// Something changed.
    Changed(Change),
    /// A user may no longer read a project.
    Removed {
        /// Which project.
        project_id: ProjectId,
        /// Who.
        user_id: UserId,
    },
}

/// One notification as it is read.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Notice {
    /// The epoch of the node.
    pub from: String,
    /// Whether something that was to be said before is lost.
    pub missed: bool,
    /// In the order it happened.
    pub said: Vec<Said>,
}

/// The same as it is written.
#[derive(Serialize)]
struct Outgoing<'a> {
    from: &'a str,
    missed: bool,
    said: &'a [Box<RawValue>],
}

/// The texts of as few notifications as say it all; a loss is said first, and once.
///
/// # Errors
/// None for what is plain data; the caller takes one for a loss.
pub(super) fn pack(from: &str, missed: bool, said: &[Said]) -> serde_json::Result<Vec<String>> {
    let parts = said.iter().map(serde_json::value::to_raw_value).collect::<serde_json::Result<Vec<_>>>()?;
    let around = serde_json::to_string(&Outgoing { from, missed: false, said: &[] })?.len();
    let mut texts = Vec::new();
    let mut rest = parts.as_slice();
    let mut missed = missed;
    while missed || !rest.is_empty() {
        let (now, later) = rest.split_at(fitting(rest, MOST - around));
        texts.push(serde_json::to_string(&Outgoing { from, missed, said: now })?);
        (missed, rest) = (false, later);
    }
    Ok(texts)
}

/// How many of `parts` have room in so many bytes with a comma each; at least one, if there is one.
fn fitting(parts: &[Box<RawValue>], room: usize) -> usize {
    let mut used = 0;
    let fit = parts.iter().take_while(|part| {
        used += part.get().len() + 1;
        used <= room
    });
    fit.count().max(1).min(parts.len())
}

#[cfg(test)]
mod tests {
    use app::model::id::IssueId;
    use app::model::live::What;
    use uuid::Uuid;

    use super::*;

    fn changes(count: u128) -> Vec<Said> {
        let project_id = ProjectId(Uuid::from_u128(7));
        let what = |n| What::IssueUpdated { issue_id: IssueId(Uuid::from_u128(n)) };
        (0..count).map(|n| Said::Changed(Change { project_id, what: what(n) })).collect()
    }

    fn read(texts: &[String]) -> Vec<Notice> {
        texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
    }

    #[test]
    fn what_is_packed_is_read_as_it_was() {
        let removed = Said::Removed { project_id: ProjectId(Uuid::from_u128(1)), user_id: UserId(Uuid::from_u128(2)) };
        let said = [changes(1), vec![removed]].concat();
        let texts = pack("e1", false, &said).unwrap();
        assert_eq!(read(&texts), [Notice { from: "e1".into(), missed: false, said }]);
    }

    #[test]
    fn a_burst_takes_few_notifications_that_postgresql_accepts_in_its_order() {
        let said = changes(500);
        let texts = pack("0123456789abcdef", true, &said).unwrap();
        assert!(texts.iter().all(|text| text.len() <= MOST));
        assert!(texts[..texts.len() - 1].iter().all(|text| text.len() > MOST - 200), "each but the last is full");
        let notices = read(&texts);
        assert_eq!(notices.iter().filter(|notice| notice.missed).count(), 1);
        assert!(notices[0].missed);
        assert_eq!(notices.into_iter().flat_map(|notice| notice.said).collect::<Vec<_>>(), said);
    }

    #[test]
    fn a_loss_is_said_alone_and_nothing_is_not_said() {
        assert_eq!(pack("e", true, &[]).unwrap(), [r#"{"from":"e","missed":true,"said":[]}"#]);
        assert!(pack("e", false, &[]).unwrap().is_empty());
    }

    #[test]
    fn what_a_newer_node_says_and_this_one_does_not_know_is_refused_and_not_guessed() {
        let newer = r#"{"from":"e","missed":false,"said":[{"renamed":{}}]}"#;
        assert!(serde_json::from_str::<Notice>(newer).is_err());
        assert!(serde_json::from_str::<Notice>("x").is_err());
    }
}
