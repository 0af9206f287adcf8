//! When the deliveries of a webhook are retried, in which order and how fast they are sent, and when the webhook is
//! disabled.

use leptos::prelude::*;

use crate::components::dynamic::{ShowWhen, dynamic};
use crate::components::field::{FieldError, SelectField, TextField};
use crate::components::hydration::use_hydrated_effect;
use crate::components::icon::{Icon, icon};
use crate::error::Error;
use crate::local_time;
use crate::model::delivery_policy::{CUSTOM, DeliveryPolicy, RETRY_PRESETS, delays_of, delays_text};
use crate::model::rate_limit::RatePeriod;

/// The fields, closed at first: most webhooks have the default policy.
pub fn policy_fields(policy: DeliveryPolicy, error: Signal<Option<Error>>) -> AnyView {
    let first = policy.preset().map_or(CUSTOM, |preset| preset.value);
    let selected = RwSignal::new(first.to_owned());
    let custom = RwSignal::new(delays_text(&policy.retry_delays));
    let options = RETRY_PRESETS.iter().map(|preset| (preset.value.to_owned(), preset.label.to_owned()));
    let options = options.chain([(CUSTOM.to_owned(), "Custom".to_owned())]).collect();
    let is_custom = Memo::new(move |_| selected.with(|selected| selected == CUSTOM));
    // The server doesn't know the zone, and the form starts as the server rendered it.
    let local = RwSignal::new(false);
    use_hydrated_effect(move || local.set(true));
    let schedule = move || {
        if !local.get() {
            return String::new();
        }
        let delays = selected.with(|selected| custom.with(|custom| delays_of(selected, custom)));
        delays.map(|delays| clock_times(&delays)).unwrap_or_default()
    };
    view! {
        <details class="disclosure">
            <summary>{icon(Icon::ChevronDown)}"Retries and health"</summary>
            <div on:change=move |event| selected.set(event_target_value(&event))>
                <SelectField name="policy[retries]" label="Retries" options value=first/>
            </div>
            <ShowWhen when=is_custom>
                <div on:input=move |event| custom.set(event_target_value(&event))>
                    <TextField
                        name="policy[custom_retries]"
                        label="Delays"
                        value=custom.get_untracked()
                        hint="For example: 10 s, 5 min, 2 h. At most 20 retries and 7 days."
                        error
                    />
                </div>
            </ShowWhen>
            <FieldError name="retryDelays" error/>
            <p class="hint">{dynamic(schedule)}</p>
            <label class="choice">
                <input type="checkbox" name="policy[retry_client_errors]" value="true" checked=policy.retry_client_errors/>
                <span>"Also retry 4xx responses other than 408, 425 and 429"</span>
            </label>
            <div class="columns">
                <TextField name="policy[timeout]" wire="timeoutSeconds" label="Timeout (s)" kind="number" value=policy.timeout_seconds.to_string() hint="1 to 30" error/>
                <TextField name="policy[degraded_after]" wire="degradedAfter" label="Degraded after" kind="number" value=policy.degraded_after.to_string() hint="Consecutive failed deliveries" error/>
                <TextField name="policy[disabled_after]" wire="disabledAfter" label="Disabled after" kind="number" value=policy.disabled_after.to_string() hint="Consecutive failed deliveries; 0 for never" error/>
                <TextField name="policy[disabled_after_hours]" wire="disabledAfterHours" label="Disabled after hours" kind="number" value=policy.disabled_after_hours.to_string() hint="Of failures only; 0 for never" error/>
            </div>
            <label class="choice">
                <input type="checkbox" name="policy[auto_recovery]" value="true" checked=policy.auto_recovery/>
                <span>"When disabled, try the oldest held delivery after 5 min, 15 min, 1 h and 6 h, and enable the webhook if it succeeds"</span>
            </label>
        </details>
        {order_fields(&policy, error)}
    }
    .into_any()
}

/// In which order and how fast deliveries are sent.
fn order_fields(policy: &DeliveryPolicy, error: Signal<Option<Error>>) -> AnyView {
    let limit = if policy.rate_limit > 0 { policy.rate_limit.to_string() } else { String::new() };
    let periods = RatePeriod::ALL.iter().map(|period| (period.as_str().to_owned(), period.label().to_owned()));
    view! {
        <details class="disclosure">
            <summary>{icon(Icon::ChevronDown)}"Order and rate limit"</summary>
            <label class="choice">
                <input type="checkbox" name="policy[ordered]" value="true" checked=policy.ordered/>
                <span>"Send in order for each subject"<span class="hint">"The next event of a run, an issue, … waits until the previous one is delivered or exhausted. Other subjects don't wait. Applies to new deliveries."</span></span>
            </label>
            <div class="columns">
                <TextField name="policy[rate_limit]" wire="rateLimit" label="Rate limit" kind="number" value=limit hint="Leave it blank for no limit." error/>
                <SelectField name="policy[rate_period]" label="Period" options=periods.collect() value=policy.rate_period.as_str()/>
            </div>
        </details>
    }
    .into_any()
}

/// "Attempts at 14:00:00, 14:00:05, 14:05:05", if the first one is made now.
fn clock_times(delays: &[u32]) -> String {
    let mut after = 0_u32;
    let later = delays.iter().map(|delay| {
        after = after.saturating_add(*delay);
        local_time::clock_after(after)
    });
    let times: Vec<_> = [local_time::clock_after(0)].into_iter().chain(later.collect::<Vec<_>>()).collect();
    format!("An event that happens now would be sent at {}.", times.join(", "))
}
