//! The plain HTML forms: sign-in, setup, invite and password reset. They work without JavaScript. A
//! refused form redirects back to its page with `?error=` and one of the codes below. Only the code
//! is in the URL, so that no link can put its own text onto the page.

use super::string_enum;

string_enum! {
    /// Why a form was refused. The label is the message on the page.
    FormError {
        /// Unknown account or wrong password.
        Credentials = "credentials", "Wrong email address or password.";
        /// Too many failed attempts; `retryAfter` in the URL has the seconds to wait.
        TooMany = "too_many", "Too many attempts. Try again later.";
        /// The name is empty or too long.
        Name = "name", "Enter a name of at most 100 characters.";
        /// The email address is invalid.
        Email = "email", "Enter an email address, e.g. ada@example.com.";
        /// The new password is too short or too long.
        Password = "password", "Choose a password of 12 to 256 characters.";
        /// The new password is too easy to guess.
        CommonPassword = "common_password", "This password is too easy to guess. Choose another one, e.g. four random words.";
        /// The link was used or revoked, or is older than seven days.
        InviteGone = "invite_gone", "This invite was used or revoked, or it has expired. Ask for a new one.";
        /// The link was used or replaced, or is older than a day.
        ResetGone = "reset_gone", "This link was used or replaced, or it has expired. Ask for a new one.";
        /// There is no single sign-on.
        NoSingleSignOn = "no_single_sign_on", "Single sign-on is not set up. Use your password.";
        /// No single sign-on was started in this browser, or it took too long.
        SignInExpired = "sign_in_expired", "This sign-in took too long, or it was started in another tab or browser. Try again.";
        /// The provider doesn't respond.
        ProviderUnavailable = "provider_unavailable", "The sign-in provider is not available. Try again later, or use your password.";
        /// The provider or the user denied access.
        ProviderDenied = "provider_denied", "The sign-in provider denied access.";
        /// The provider reports an error, or sends an invalid response.
        ProviderFailed = "provider_failed", "The sign-in provider sent an invalid response. Ask a system admin to check the log.";
        /// The provider has not verified the email address.
        UnverifiedEmail = "unverified_email", "Your email address is not verified at the sign-in provider. Verify it there and try again.";
        /// Nobody has the email address.
        NoAccount = "no_account", "You have no account here. Ask a project admin for an invite.";
        /// The account is deactivated.
        Deactivated = "deactivated", "Your account is deactivated. Ask a system admin.";
        /// The account is linked to another identity.
        OtherIdentity = "other_identity", "Your account is linked to another user of the sign-in provider. Ask a system admin to unlink it.";
        /// Testbell is already set up.
        AlreadySetUp = "already_set_up", "Testbell is already set up. Sign in.";
        /// The form's fields are incomplete.
        Incomplete = "incomplete", "The form was incomplete. Try again.";
        /// A failure of the server.
        Internal = "internal", "Something went wrong on the server. Try again.";
    }
}

impl FormError {
    /// The name of the field with the error; none if it is about the whole form.
    #[must_use]
    pub const fn field(self) -> Option<&'static str> {
        match self {
            Self::Name | Self::Email | Self::Password => Some(self.as_str()),
            Self::CommonPassword => Some(Self::Password.as_str()),
            _ => None,
        }
    }
}
