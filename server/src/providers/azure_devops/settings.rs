//! The hosts and project names of Azure DevOps.

/// Longer names are refused.
const MAX_REPOSITORY_BYTES: usize = 200;

/// Whether a host belongs to Azure DevOps Services.
#[must_use]
pub fn is_cloud(host: &str) -> bool {
    host == "dev.azure.com"
}

/// `organization` and `project` from `organization/project`.
#[must_use]
pub fn split(repository: &str) -> Option<(&str, &str)> {
    let is_name = |part: &str| {
        let part = part.trim();
        !part.is_empty()
            && part != "."
            && part != ".."
            && !part.contains(['/', '\\'])
            && !part.contains(char::is_control)
    };
    repository.split_once('/').filter(|(organization, project)| is_name(organization) && is_name(project))
}

/// `organization/project` from what people paste: that, or a URL of the project.
#[must_use]
pub fn repository(text: &str) -> Option<String> {
    pasted_repository(text).filter(|repository| repository.len() <= MAX_REPOSITORY_BYTES)
}

fn pasted_repository(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches('/');
    let Some(url) = text.parse::<url::Url>().ok().filter(url::Url::has_host) else {
        return split(text).map(|(organization, project)| format!("{}/{}", organization.trim(), project.trim()));
    };
    let decode = |part: &str| {
        let pair = format!("x={}", part.replace('+', "%2B").replace('&', "%26"));
        url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned())
    };
    let mut parts = url.path_segments()?.filter(|part| !part.is_empty()).filter_map(decode);
    let repository = format!("{}/{}", parts.next()?, parts.next()?);
    split(&repository).is_some().then_some(repository)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_may_be_pasted_as_its_url() {
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
