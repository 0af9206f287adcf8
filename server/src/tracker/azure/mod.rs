//! Azure DevOps Services and Server
//! (<https://learn.microsoft.com/rest/api/azure/devops/wit/work-items>).

mod client;
mod html;
pub mod item;

pub use client::Client;
pub use item::{Field, WorkItem};

/// Whether a host is one of Azure DevOps Services.
#[must_use]
pub fn is_cloud(host: &str) -> bool {
    host == "dev.azure.com"
}

/// `organisation` and `project` out of `organisation/project`.
#[must_use]
pub fn split(repository: &str) -> Option<(&str, &str)> {
    let whole = |part: &str| {
        let part = part.trim();
        !part.is_empty()
            && part != "."
            && part != ".."
            && !part.contains(['/', '\\'])
            && !part.contains(char::is_control)
    };
    repository.split_once('/').filter(|(organisation, project)| whole(organisation) && whole(project))
}

/// `organisation/project` out of what people paste: that, or an address of the project.
#[must_use]
pub fn repository(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches('/');
    let Some(url) = text.parse::<url::Url>().ok().filter(url::Url::has_host) else {
        return split(text).map(|(organisation, project)| format!("{}/{}", organisation.trim(), project.trim()));
    };
    let of_path = |part: &str| {
        let pair = format!("x={}", part.replace('+', "%2B").replace('&', "%26"));
        url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned())
    };
    let mut parts = url.path_segments()?.filter(|part| !part.is_empty()).filter_map(of_path);
    let repository = format!("{}/{}", parts.next()?, parts.next()?);
    split(&repository).is_some().then_some(repository)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_may_be_pasted_as_its_address() {
        for (text, expected) in [
            ("acme/Check out", Some("acme/Check out")),
            (" https://dev.azure.com/acme/Check%20out/_boards ", Some("acme/Check out")),
            ("https://dev.azure.com/acme", None),
            ("acme", None),
            ("acme/../x", None),
            ("acme/..", None),
        ] {
            assert_eq!(repository(text).as_deref(), expected, "{text}");
        }
    }
}
