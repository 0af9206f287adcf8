//! `/admin/email`: the mail server, for system admins.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::api;
use crate::api::email_settings::{RemoveEmailSettings, SaveEmailSettings, SendTestEmail};
use crate::components::confirm::Confirm;
use crate::components::dynamic::{awaited, dynamic};
use crate::components::failure::{FormError, PageError};
use crate::components::field::{SelectField, Submit, TextField};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::components::skeleton::Skeleton;
use crate::components::toast::use_toasts;
use crate::model::email_settings::{EmailSettings, EmailTest, SmtpEncryption};
use crate::page_resource::PageResource;
use crate::pages::settings_changes::SettingsChanges;

#[component]
pub fn EmailServer() -> impl IntoView {
    let settings = PageResource::new(|| (), |()| api::email_settings::read_email_settings());
    let changes = SettingsChanges::follow(api::email_settings::read_email_settings, move || settings.refetch());
    // Created here, so that its result stays when the form shows other settings.
    let test = PageAction::<SendTestEmail>::new();
    view! {
        <Title text="Email"/>
        <header class="page-head">
            <div>
                <h1>"Email"</h1>
                <p class="lead">"Project admins get an email when a webhook is disabled or works again."</p>
            </div>
        </header>
        {changes.note()}
        <Transition fallback=|| view! { <Skeleton/> }>
            {awaited(move || async move {
                match settings.await {
                    Ok(stored) => view! { <Form stored changes test changed=move |stored| settings.show(Ok(stored))/> }.into_any(),
                    Err(error) => view! { <PageError error what="the email settings"/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Form(
    stored: Option<EmailSettings>,
    changes: SettingsChanges<Option<EmailSettings>>,
    test: PageAction<SendTestEmail>,
    #[prop(into)] changed: Callback<Option<EmailSettings>>,
) -> impl IntoView {
    let toasts = use_toasts();
    let (save, remove) = (PageAction::<SaveEmailSettings>::new(), PageAction::<RemoveEmailSettings>::new());
    let confirm_open = RwSignal::new(false);
    let form = NodeRef::new();
    changes.reset(form);
    changes.shows(stored.clone());
    save.on_success(move |settings| {
        toasts.done("Email settings saved");
        changed.run(Some(settings));
    });
    remove.on_success(move |()| {
        confirm_open.set(false);
        toasts.done("Email settings removed");
        test.clear();
        changed.run(None);
    });
    let error = save.error();
    let is_stored = stored.is_some();
    let first = stored.unwrap_or(EmailSettings {
        host: String::new(),
        port: 587,
        encryption: SmtpEncryption::StartTls,
        username: None,
        from: String::new(),
    });
    let encryptions = SmtpEncryption::ALL.iter().map(|one| (one.as_str().to_owned(), one.label().to_owned())).collect();
    let password_hint = if first.username.is_some() { "Leave it empty to keep the stored password." } else { "" };
    let test_error = test.error();
    // A test during a save would use either settings.
    let (saving, testing) = (save.pending(), test.pending());
    view! {
        <section class="card" on:input=move |_| changes.edit(0)>
            <h2>"Mail server (SMTP)"</h2>
            <PageForm action=save node_ref=form>
                <FormError error/>
                <div class="columns">
                    <TextField name="host" label="Host" value=first.host placeholder="smtp.example.com" required=true error/>
                    <TextField name="port" label="Port" kind="number" value=first.port.to_string() required=true error/>
                    <SelectField name="encryption" label="Encryption" options=encryptions value=first.encryption.as_str()/>
                    <TextField name="from" label="From" value=first.from placeholder="Testbell <testbell@example.com>" required=true error/>
                    <TextField name="username" label="Username" value=first.username.unwrap_or_default() hint="Empty if the server needs none." error/>
                    <TextField name="password" label="Password" kind="password" autocomplete="new-password" hint=password_hint error/>
                </div>
                <div class="actions start">
                    <Submit pending=save.pending()>"Save"</Submit>
                    {is_stored.then(|| view! {
                        <button type="button" class="button" disabled=move || saving.get() || testing.get() on:click=move |_| test.dispatch(SendTestEmail {})>
                            "Send test email"
                        </button>
                        <button type="button" class="button quiet" on:click=move |_| confirm_open.set(true)>"Remove"</button>
                    })}
                </div>
            </PageForm>
            <div role="status">
                {dynamic(move || test.output().map(test_result))}
            </div>
            <FormError error=test_error/>
        </section>
        <Confirm
            open=confirm_open
            title="Remove the email settings?"
            consequences=vec!["No emails are sent any more. Notifications in Testbell stay.".to_owned()]
            confirm_label="Remove"
            pending=remove.pending()
            error=remove.error()
            on_confirm=move |()| remove.dispatch(RemoveEmailSettings {})
        />
    }
}

fn test_result(test: EmailTest) -> AnyView {
    match test.error {
        None => view! { <p class="hint">"The mail server accepted a test email to "{test.recipient}"."</p> }.into_any(),
        Some(error) => view! { <p class="note bad" dir="auto">{error}</p> }.into_any(),
    }
}
