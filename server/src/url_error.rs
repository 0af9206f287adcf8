//! The error of a form that was sent without script. leptos puts it into the URL of the page
//! (`?__path=...&__err=...`), which shows it next to the form. Anyone can write such a URL, so it has no
//! text: pages show only errors from [`Error::without_details`].

use app::error::Error;
use axum::http::Uri;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use leptos::server_fn::error::{FromServerFnError, ServerFnUrlError};
use url::Url;
use url::form_urlencoded::{Serializer, parse};

const ERROR: &str = "__err";
const PATH: &str = "__path";

/// The URL of a page with the error of a function.
pub fn add(page: &str, function: &str, error: &Error) -> Option<String> {
    let mut page = page.to_owned();
    ServerFnUrlError::<Error>::strip_error_info(&mut page);
    let url = ServerFnUrlError::new(function, error.without_details()).to_url(&page).ok()?;
    Some(url.into())
}

/// A redirect without the text of its error; `None` if it has no error.
pub fn without_details(location: &str) -> Option<String> {
    let url = Url::parse(location).ok()?;
    let find = |wanted: &str| {
        // The last one is the newest.
        url.query_pairs().filter(|(name, _)| name == wanted).last().map(|(_, value)| value.into_owned())
    };
    let (error, function) = (find(ERROR)?, find(PATH)?);
    add(location, &function, &ServerFnUrlError::<Error>::decode_err(&error))
}

/// The clean URL to redirect to, if the URL has an error that Testbell did not write.
pub fn cleaned(uri: &Uri) -> Option<String> {
    let query = uri.query().unwrap_or_default();
    let pairs: Vec<_> = parse(query.as_bytes()).collect();
    let errors: Vec<_> = pairs.iter().filter(|(name, _)| name == ERROR).map(|(_, value)| value).collect();
    if errors.is_empty() || (errors.len() == 1 && is_own(errors[0])) {
        return None;
    }
    let mut kept = Serializer::new(String::new());
    kept.extend_pairs(pairs.iter().filter(|(name, _)| name != ERROR && name != PATH));
    // A second slash at the beginning would lead to another host.
    let path = uri.path().trim_start_matches('/');
    let kept = kept.finish();
    Some(if kept.is_empty() { format!("/{path}") } else { format!("/{path}?{kept}") })
}

fn is_own(text: &str) -> bool {
    let error = ServerFnUrlError::<Error>::decode_err(text);
    error == error.without_details() && URL_SAFE.encode(error.ser()) == text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(error: &Error) -> String {
        URL_SAFE.encode(error.ser())
    }

    fn page(error: &str) -> Option<String> {
        cleaned(&format!("/projects?tab=x&__path=%2Fui%2Fx&__err={error}").parse().unwrap())
    }

    #[test]
    fn an_error_with_a_text_is_removed() {
        let forged = Error::conflict("Your account is locked. Call us.");
        for error in [encoded(&forged), encoded(&Error::field("name", "Call us.")), "x".to_owned(), String::new()] {
            assert_eq!(page(&error).as_deref(), Some("/projects?tab=x"));
        }
        let twice = format!("{0}&__err={0}", encoded(&Error::NotFound));
        assert_eq!(page(&twice).as_deref(), Some("/projects?tab=x"));
    }

    #[test]
    fn an_own_error_is_kept() {
        for error in [Error::field("name", "x"), Error::conflict("x"), Error::NotFound, Error::Internal] {
            assert_eq!(page(&encoded(&error.without_details())), None);
        }
    }

    #[test]
    fn a_clean_url_stays_on_this_host() {
        let uri = "//evil.example/x?__err=x".parse::<Uri>();
        assert!(uri.is_err() || cleaned(&uri.unwrap()).unwrap().starts_with("/evil"));
    }

    #[test]
    fn a_redirect_has_only_the_kind_and_the_fields() {
        let forged = Error::field("name", "Taken by Eve.");
        let to = ServerFnUrlError::new("/ui/x", forged.clone()).to_url("http://a.example/p?q=1").unwrap();
        let clean = without_details(to.as_str()).unwrap();
        assert!(clean.contains(&serde_urlencoded::to_string([("__err", encoded(&forged.without_details()))]).unwrap()));
        assert_eq!(without_details("http://a.example/p?q=1"), None);
    }
}
