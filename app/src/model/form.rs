//! The plain HTML forms of people who sign in, set Testbell up or accept an invitation. They
//! work without JavaScript: a refused form leads back to its page with `?error=` and the code
//! below. Only the codes travel in the address, so that no link can put words of its own onto
//! the page.

use super::named;

named! {
    /// Why a form was refused; the label is what the page says.
    FormError {
        /// No such account, or another password.
        Credentials = "credentials", "The e-mail address or the password is wrong.";
        /// Too many failed tries; `retryAfter` in the address has the seconds to wait.
        TooMany = "too_many", "That were too many tries. Wait a little, then try again.";
        /// The name is empty or too long.
        Name = "name", "Enter a name of at most 100 characters.";
        /// The address is none.
        Email = "email", "Enter an e-mail address, such as ada@example.com.";
        /// The new password is too short or too long.
        Password = "password", "Choose a password of 12 to 256 characters.";
        /// The link was used, taken back, or is older than seven days.
        InviteGone = "invite_gone", "This invitation was used or taken back, or it has run out. Ask for a new one.";
        /// Somebody has set Testbell up already.
        AlreadySetUp = "already_set_up", "Testbell has been set up already. Sign in.";
        /// The form's fields did not arrive.
        Incomplete = "incomplete", "The form did not arrive whole. Try again.";
        /// The server's own failure.
        Internal = "internal", "Something went wrong on the server. Try again; the log says what.";
    }
}

impl FormError {
    /// The field that it is about, by its name in the form; none when it is about all of them.
    #[must_use]
    pub const fn field(self) -> Option<&'static str> {
        match self {
            Self::Name | Self::Email | Self::Password => Some(self.as_str()),
            _ => None,
        }
    }
}
