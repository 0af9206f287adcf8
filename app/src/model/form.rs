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
