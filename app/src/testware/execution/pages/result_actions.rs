//! The actions of a result: edit and delete.

use std::sync::Arc;

use leptos::prelude::*;

use crate::components::confirm::Confirm;
use crate::components::dynamic::dynamic_value;
use crate::components::icon::{Icon, icon};
use crate::components::live_table::TableRow;
use crate::components::menu::Menu;
use crate::components::page_action::PageAction;
use crate::components::toast::use_toasts;
use crate::model::catalog::CatalogSubject;
use crate::model::id::ResultId;
use crate::testware::result::TestResult;
use crate::testware::result::api::DeleteResult;
use crate::url_state::{UrlState, use_url_state};

/// The last cell of each result, while its run or session is `open`.
pub type ActionsCell = Arc<dyn Fn(TableRow) -> AnyView + Send + Sync>;

/// The cell with the menu of a result, and the dialog that asks before one is deleted.
pub fn result_actions(open: Memo<bool>, changed: Callback<()>) -> (ActionsCell, AnyView) {
    let (toasts, url_state) = (use_toasts(), use_url_state());
    let asked = RwSignal::new(None::<ResultId>);
    let confirm_open = RwSignal::new(false);
    let delete = PageAction::<DeleteResult>::new();
    delete.on_success(move |()| {
        confirm_open.set(false);
        toasts.done("Result deleted");
        changed.run(());
    });
    let ask = Callback::new(move |id| {
        asked.set(Some(id));
        confirm_open.set(true);
    });
    let dialog = view! {
        <Confirm
            open=confirm_open
            title="Delete this result?".to_owned()
            consequences=vec![TestResult::SPEC.deletion.to_owned()]
            confirm_label="Delete result".to_owned()
            pending=delete.pending()
            error=delete.error()
            on_confirm=move |()| {
                if let Some(id) = asked.get_untracked() {
                    delete.dispatch(DeleteResult { id });
                }
            }
        />
    };
    (Arc::new(move |row| cell(row, url_state, open, ask)), dialog.into_any())
}

fn cell(row: TableRow, url_state: UrlState, open: Memo<bool>, ask: Callback<ResultId>) -> AnyView {
    let TableRow::Result(result) = row else { return ().into_any() };
    let id = result.id;
    let of = result.case_key.unwrap_or_else(|| result.status.label().to_ascii_lowercase());
    let value = id.to_string();
    let href = move || url_state.with(&[("result", Some(&value))]);
    view! {
        <td class="actions-cell">
            <span hidden=dynamic_value(move || !open.get())>
                <Menu id=format!("menu-{id}") label=format!("Actions of the result of {of}")>
                    <a href=dynamic_value(href) data-noscroll="">{icon(Icon::Edit)}"Edit result"</a>
                    <hr/>
                    <button type="button" class="danger" on:click=move |_| ask.run(id)>{icon(Icon::Trash)}"Delete result"</button>
                </Menu>
            </span>
        </td>
    }
    .into_any()
}
