//! The rows of a list. Each is a signal, so that a change of one doesn't render the others.

use leptos::prelude::*;

/// One row.
pub struct Row<K, T: 'static> {
    /// The key.
    pub id: K,
    /// The value.
    pub value: ArcRwSignal<T>,
    /// How often it changed while it was shown.
    pub changes: ArcRwSignal<u32>,
}

impl<K, T> Row<K, T> {
    /// The value of `data-flash`. It differs after each change, so that the animation restarts.
    pub fn flash(&self) -> impl Fn() -> Option<&'static str> + Send + Sync + use<K, T> {
        let changes = self.changes.clone();
        move || flash_of(changes.get())
    }
}

impl<K: Copy, T> Clone for Row<K, T> {
    fn clone(&self) -> Self {
        Self { id: self.id, value: self.value.clone(), changes: self.changes.clone() }
    }
}

/// Alternates between two values.
pub(super) fn flash_of(changes: u32) -> Option<&'static str> {
    match changes {
        0 => None,
        odd if odd % 2 == 1 => Some("a"),
        _ => Some("b"),
    }
}

/// The rows of a list, newest first.
pub struct Rows<K: 'static, T: 'static>(RwSignal<Vec<Row<K, T>>>);

impl<K, T> Clone for Rows<K, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, T> Copy for Rows<K, T> {}

impl<K, T> Rows<K, T>
where
    K: Copy + Ord + Send + Sync + 'static,
    T: PartialEq + Send + Sync + 'static,
{
    /// Creates the rows of a page.
    pub fn new(items: impl IntoIterator<Item = (K, T)>) -> Self {
        Self(RwSignal::new(items.into_iter().map(|(id, value)| row(id, value, 0)).collect()))
    }

    /// All rows.
    pub fn get(self) -> Vec<Row<K, T>> {
        self.0.get()
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0.with(Vec::is_empty)
    }

    /// The IDs of all rows, untracked. Empty after the user has left the page.
    pub fn ids(self) -> Vec<K> {
        self.0.try_with_untracked(|rows| rows.iter().map(|row| row.id).collect()).unwrap_or_default()
    }

    /// The row after another one, if both are shown.
    pub fn next(self, id: K) -> Option<K> {
        self.ids().into_iter().skip_while(|other| *other != id).nth(1)
    }

    /// Whether a row is shown.
    pub fn contains(self, id: K) -> bool {
        self.find(id).is_some()
    }

    /// How often a row changed while it was shown.
    pub fn changes(self, id: K) -> Option<u32> {
        self.find(id).map(|row| row.changes.get_untracked())
    }

    /// Changes a row that is shown. False if it is not.
    pub fn change(self, id: K, value: T) -> bool {
        let Some(row) = self.find(id) else { return false };
        if row.value.with_untracked(|shown| *shown != value) {
            row.value.set(value);
            row.changes.update(|changes| *changes += 1);
        }
        true
    }

    /// Changes a row, or appends it.
    pub fn push(self, id: K, value: T) {
        if self.contains(id) {
            self.change(id, value);
        } else {
            self.0.update(|rows| rows.push(row(id, value, 1)));
        }
    }

    /// Replaces the rows with a page that was read again. Rows that stay keep their elements; new
    /// and changed rows flash.
    pub fn reconcile(self, items: impl IntoIterator<Item = (K, T)>) {
        let mut all = Vec::new();
        for (id, value) in items {
            match self.find(id) {
                Some(kept) => {
                    self.change(id, value);
                    all.push(kept);
                }
                None => all.push(row(id, value, 1)),
            }
        }
        let same = |rows: &Vec<Row<K, T>>| rows.iter().map(|row| row.id).eq(all.iter().map(|row| row.id));
        if self.0.try_with_untracked(same) == Some(false) {
            self.0.set(all);
        }
    }

    /// Removes a row.
    pub fn remove(self, id: K) {
        if self.contains(id) {
            self.0.update(|rows| rows.retain(|row| row.id != id));
        }
    }

    /// The user may have left the page.
    fn find(self, id: K) -> Option<Row<K, T>> {
        self.0.try_with_untracked(|rows| rows.iter().find(|row| row.id == id).cloned()).flatten()
    }
}

fn row<K, T: Send + Sync + 'static>(id: K, value: T, changes: u32) -> Row<K, T> {
    Row { id, value: ArcRwSignal::new(value), changes: ArcRwSignal::new(changes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(rows: Rows<u32, &'static str>) -> Vec<(u32, &'static str, u32)> {
        let rows = rows.0.get_untracked();
        rows.iter().map(|row| (row.id, row.value.get_untracked(), row.changes.get_untracked())).collect()
    }

    #[test]
    fn a_change_flashes_only_its_row() {
        let owner = Owner::new();
        owner.set();
        let rows = Rows::new([(9, "a"), (5, "b")]);
        assert!(rows.change(5, "c"));
        assert!(rows.change(9, "a"));
        assert!(!rows.change(7, "x"));
        assert_eq!(shown(rows), [(9, "a", 0), (5, "c", 1)]);
    }

    #[test]
    fn rows_reconcile_with_a_new_page() {
        let owner = Owner::new();
        owner.set();
        let rows = Rows::new([(9, "a"), (5, "b"), (2, "c")]);
        let kept = rows.find(5).unwrap();
        rows.reconcile([(7, "new"), (9, "a"), (5, "changed")]);
        assert_eq!(shown(rows), [(7, "new", 1), (9, "a", 0), (5, "changed", 1)]);
        assert_eq!(kept.value.get_untracked(), "changed", "the row is the one that was on the page");
    }

    #[test]
    fn a_pushed_row_is_the_last_one() {
        let owner = Owner::new();
        owner.set();
        let rows = Rows::new([(9, "a"), (5, "b")]);
        rows.push(7, "c");
        rows.push(5, "d");
        rows.remove(9);
        assert_eq!(shown(rows), [(5, "d", 1), (7, "c", 1)]);
        assert_eq!((rows.next(5), rows.next(7), rows.next(9)), (Some(7), None, None));
    }
}
