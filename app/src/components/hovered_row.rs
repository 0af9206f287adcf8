//! Keeps the row under the pointer in place while the rows above it change, so that a click doesn't hit another
//! row.

use leptos::prelude::*;

/// Scrolls by as much as `change` moves the row under the pointer, before the browser paints it.
pub fn keep_hovered_row(change: impl FnOnce()) {
    let hovered = document().query_selector("tbody tr:hover").ok().flatten();
    let row = hovered.map(|row| (row.get_bounding_client_rect().top(), row));
    change();
    let Some((before, row)) = row else { return };
    request_animation_frame(move || {
        // It may have been removed.
        if row.is_connected() {
            window().scroll_by_with_x_and_y(0.0, row.get_bounding_client_rect().top() - before);
        }
    });
}
