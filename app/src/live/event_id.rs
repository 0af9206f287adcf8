//! The ID of a live event: the epoch of the server process, and a number within it.

/// An ID, e.g. `3f2a9c-17`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventId {
    epoch: String,
    number: u64,
}

impl EventId {
    /// Parses an ID as the server writes it.
    pub fn parse(text: &str) -> Option<Self> {
        let (epoch, number) = text.rsplit_once('-')?;
        Some(Self { epoch: epoch.to_owned(), number: number.parse().ok()? })
    }

    /// Whether this event is `other` or an earlier one. IDs of different epochs can't be compared.
    pub fn is_up_to(&self, other: &Self) -> bool {
        self.epoch == other.epoch && self.number <= other.number
    }
}

/// The older of two IDs; `first` if they can't be compared.
pub fn older(first: Option<String>, second: Option<String>) -> Option<String> {
    let parsed = |id: &Option<String>| id.as_deref().and_then(EventId::parse);
    match (parsed(&first), parsed(&second)) {
        (Some(one), Some(other)) if other.is_up_to(&one) => second,
        _ if first.is_none() => second,
        _ => first,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn the_older_event_is_found_within_one_epoch() {
        assert_eq!(older(id("a-9"), id("a-10")), id("a-9"));
        assert_eq!(older(id("a-10"), id("a-9")), id("a-9"));
        assert_eq!(older(id("a-10"), id("b-9")), id("a-10"));
        assert_eq!(older(id("a-10"), None), id("a-10"));
        assert_eq!(older(None, id("a-10")), id("a-10"));
        assert_eq!(older(id("nonsense"), id("a-1")), id("nonsense"));
    }
}
