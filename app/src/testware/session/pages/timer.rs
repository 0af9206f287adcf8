//! The timer of a session on its page: the time, the time box, and one button.

use chrono::{DateTime, Utc};
use leptos::html;
use leptos::prelude::*;

use crate::components::dynamic::{ShowWhen, dynamic, dynamic_value};
use crate::components::failure::FormError;
use crate::components::icon::{Icon, icon};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::components::relative_time::use_ticking_time;
use crate::testware::item::{Execution, Timer};
use crate::testware::session::api::SetSessionTimer;
use crate::time;

/// The section. While the timer runs, the browser counts on from the server's value.
#[component]
pub fn SessionTimer(execution: RwSignal<Execution>, open: Memo<bool>, changed: Callback<()>) -> impl IntoView {
    let (id, project) = execution.with_untracked(|execution| (execution.item.id, execution.item.project_id));
    let timer = Memo::new(move |_| execution.with(|execution| execution.timer).unwrap_or_default());
    let time_box = Memo::new(move |_| execution.with(|execution| execution.time_box_minutes));
    let running = Memo::new(move |_| timer.get().started_at.is_some());
    let now = use_ticking_time(running.into());
    let set = PageAction::<SetSessionTimer>::new();
    let button = NodeRef::<html::Button>::new();
    set.on_success(move |()| {
        changed.run(());
        // It was disabled for a moment, and lost the focus.
        request_animation_frame(move || {
            if let Some(button) = button.get_untracked() {
                let _ = button.focus();
            }
        });
    });
    let label = move || if running.get() { "Stop timer" } else { "Start timer" };
    let of_box =
        move || time_box.get().map(|minutes| format!("of {}", time::duration_text(minutes.saturating_mul(60))));
    view! {
        <section class="card session-timer">
            <h2 id="timer-heading">"Timer"</h2>
            // Screen readers read a timer on request only.
            <p>
                <span class="elapsed" role="timer" aria-labelledby="timer-heading">{dynamic(move || time::timer_text(elapsed(timer.get(), now.get())))}</span>
                <span class="hint">{dynamic(of_box)}</span>
            </p>
            <ShowWhen when=move || open.get()>
                <PageForm action=set class="timer-form">
                    <FormError error=set.error()/>
                    <input type="hidden" name="project" value=project.to_string()/>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <input type="hidden" name="running" value=dynamic_value(move || (!running.get()).to_string())/>
                    <button node_ref=button type="submit" class="button" disabled=set.pending()>
                        {dynamic(move || icon(if running.get() { Icon::Pause } else { Icon::Clock }))}{dynamic(label)}
                    </button>
                </PageForm>
            </ShowWhen>
        </section>
    }
}

/// The seconds on the timer.
fn elapsed(timer: Timer, now: DateTime<Utc>) -> u32 {
    // The clocks of browser and server differ a little.
    let running = timer.started_at.map_or(0, |start| (now - start).num_seconds().max(0));
    timer.elapsed_seconds.saturating_add(u32::try_from(running).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_timer_counts_on_from_its_last_stop() {
        let at = |seconds: i64| DateTime::from_timestamp(1_795_183_267 + seconds, 0).unwrap();
        let stopped = Timer { elapsed_seconds: 90, started_at: None };
        assert_eq!(elapsed(stopped, at(500)), 90);
        let running = Timer { started_at: Some(at(0)), ..stopped };
        assert_eq!((elapsed(running, at(30)), elapsed(running, at(-2))), (120, 90));
    }
}
