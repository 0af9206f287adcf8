//! Activity: whether an admin lets an outbound webhook send. It is separate from its health.

use serde::{Deserialize, Serialize};

use super::string_enum;
use super::webhook::HeldDeliveriesAction;

string_enum! {
    /// What happens to events while a webhook is inactive.
    WhileInactive {
        /// Their deliveries are held until it is active again.
        Hold = "hold", "Hold events";
        /// Their deliveries are cancelled. They stay in the list and can be replayed.
        Drop = "drop", "Drop events";
    }
}

/// Re-enables a disabled webhook.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EnableWebhook {
    /// What to do with the held deliveries. The default is to send them.
    #[serde(default = "send")]
    pub held_deliveries: HeldDeliveriesAction,
}

const fn send() -> HeldDeliveriesAction {
    HeldDeliveriesAction::Send
}

/// Activates an inactive webhook.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ActivateWebhook {
    /// What to do with the held deliveries. The default is to send them.
    pub held_deliveries: HeldDeliveriesAction,
}

impl Default for ActivateWebhook {
    fn default() -> Self {
        Self { held_deliveries: HeldDeliveriesAction::Send }
    }
}
