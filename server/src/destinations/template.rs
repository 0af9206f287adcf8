//! Renders the body that a webhook's template describes, from the envelope of an event. Pure.
//!
//! A template can't read files, include others or define macros. Its work, the memory that it takes and the size of
//! its result are bounded. A field that the event doesn't have is an error unless the template tests it, because an
//! empty text in its place would be sent unnoticed.

use std::fmt;
use std::io::{self, Write};

use app::model::body_template::{BodyTemplate, MAX_RENDERED_BYTES, MAX_TEMPLATE_FUEL, TemplateContentType};
use bytes::Bytes;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, ErrorKind, Output, State, UndefinedBehavior, Value, escape_formatter};
use serde::de::IgnoredAny;

/// The name of the escaping of forms.
const FORM: &str = "form";
/// The maximum length of an error's detail, which may quote the template.
const MAX_DETAIL_CHARS: usize = 200;

/// Why a template can't be rendered, as a sentence with the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError(String);

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Checks the syntax.
///
/// # Errors
/// The first error.
pub fn check_syntax(template: &BodyTemplate) -> Result<(), TemplateError> {
    let environment = environment(template.content_type);
    environment.template_from_str(&template.text).map(drop).map_err(|error| describe(&error, &template.text))
}

/// Renders the body.
///
/// # Errors
/// The first error, also if the result is too large, or not valid JSON where it should be.
pub fn render(template: &BodyTemplate, envelope: &[u8]) -> Result<Bytes, TemplateError> {
    let envelope: serde_json::Value =
        serde_json::from_slice(envelope).map_err(|_| TemplateError("The event is not valid JSON.".to_owned()))?;
    let environment = environment(template.content_type);
    let compiled = environment.template_from_str(&template.text).map_err(|error| describe(&error, &template.text))?;
    let mut body = BoundedBody::default();
    let rendered = compiled.render_captured_to(Value::from(Serde(&envelope)), &mut body);
    if body.is_full {
        return Err(TemplateError(format!("The body would be larger than {} KiB.", MAX_RENDERED_BYTES / 1024)));
    }
    rendered.map_err(|error| describe(&error, &template.text))?;
    if template.content_type == TemplateContentType::Json {
        serde_json::from_slice::<IgnoredAny>(&body.bytes)
            .map_err(|error| TemplateError(format!("The body is not valid JSON: {error} of the result.")))?;
    }
    Ok(body.bytes.into())
}

fn environment<'source>(content_type: TemplateContentType) -> Environment<'source> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.set_fuel(Some(MAX_TEMPLATE_FUEL));
    environment.set_auto_escape_callback(move |_| match content_type {
        TemplateContentType::Json => AutoEscape::Json,
        TemplateContentType::Form => AutoEscape::Custom(FORM.into()),
        TemplateContentType::Xml => AutoEscape::Html,
        TemplateContentType::Text => AutoEscape::None,
    });
    environment.set_formatter(write_value);
    // It prints the state of the template engine.
    environment.remove_global("debug");
    environment
}

/// Writes a value, escaped for the content type.
fn write_value(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), minijinja::Error> {
    let is_form = matches!(state.auto_escape(), AutoEscape::Custom(name) if name == FORM);
    if !is_form || value.is_undefined() {
        return escape_formatter(out, state, value);
    }
    let text = value.to_string();
    if value.is_safe() {
        return out.write_str(&text).map_err(minijinja::Error::from);
    }
    let parts = url::form_urlencoded::byte_serialize(text.as_bytes());
    parts.into_iter().try_for_each(|part| out.write_str(part)).map_err(minijinja::Error::from)
}

/// `Line 3: unknown filter (filter nothing is unknown).` For a missing field, it quotes the line.
fn describe(error: &minijinja::Error, template: &str) -> TemplateError {
    let (what, detail) = match error.kind() {
        ErrorKind::OutOfFuel => ("the template takes too much work".to_owned(), None),
        ErrorKind::UndefinedError => {
            let line = error.line().and_then(|line| template.lines().nth(line.saturating_sub(1)));
            ("the event has no such field".to_owned(), line.map(str::trim))
        }
        kind => (kind.to_string(), error.detail()),
    };
    let detail: String = detail.unwrap_or_default().chars().take(MAX_DETAIL_CHARS).collect();
    let detail = if detail.is_empty() { detail } else { format!(" ({detail})") };
    TemplateError(match error.line() {
        Some(line) => format!("Line {line}: {what}{detail}."),
        None => format!("The template fails: {what}{detail}."),
    })
}

/// A body of up to [`MAX_RENDERED_BYTES`].
#[derive(Default)]
struct BoundedBody {
    bytes: Vec<u8>,
    is_full: bool,
}

impl Write for BoundedBody {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > MAX_RENDERED_BYTES {
            self.is_full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use app::model::catalog::EventType;
    use serde_json::json;

    use super::*;

    fn rendered(text: &str, content_type: TemplateContentType) -> Result<String, String> {
        let envelope = json!({"type": "test_run.completed", "actor": null, "data": {
            "name": "\"R&D\" <4>", "counts": {"failed": 2}, "labels": ["a", "b c"], "rate": 75.5,
        }});
        let template = BodyTemplate { text: text.to_owned(), content_type };
        let body = render(&template, envelope.to_string().as_bytes()).map_err(|error| error.to_string())?;
        Ok(String::from_utf8(body.to_vec()).unwrap())
    }

    fn json_body(text: &str) -> Result<String, String> {
        rendered(text, TemplateContentType::Json)
    }

    fn text_body(text: &str) -> Result<String, String> {
        rendered(text, TemplateContentType::Text)
    }

    #[test]
    fn values_are_escaped_for_the_content_type() {
        let body =
            json_body(r#"{"text": {{ "Run " ~ data.name }}, "n": {{ data.counts.failed }}, "who": {{ actor }}}"#);
        let body: serde_json::Value = serde_json::from_str(&body.unwrap()).unwrap();
        assert_eq!(body, json!({"text": "Run \"R&D\" <4>", "n": 2, "who": null}));
        assert_eq!(json_body("{{ data.labels }}").as_deref(), Ok(r#"["a","b c"]"#));
        let form = rendered("name={{ data.name }}&n={{ data.rate }}", TemplateContentType::Form);
        assert_eq!(form.as_deref(), Ok("name=%22R%26D%22+%3C4%3E&n=75.5"));
        let xml = rendered("<n>{{ data.name }}</n>", TemplateContentType::Xml).unwrap();
        assert!(xml.contains("&amp;D") && xml.contains("&lt;4&gt;"), "{xml}");
        assert_eq!(text_body("{{ data.name }}").as_deref(), Ok("\"R&D\" <4>"));
        assert_eq!(
            text_body("{% for label in data.labels %}[{{ label|upper }}]{% endfor %}").as_deref(),
            Ok("[A][B C]")
        );
    }

    #[test]
    fn an_error_names_its_line() {
        for (text, line, expected) in [
            ("a\nb {{ data.name", 2, "syntax error"),
            ("{% if data %}", 1, "syntax error"),
            ("{\"a\":\n\n{{ data.missing }}}", 3, "the event has no such field"),
            ("\n{{ data.missing.deeper }}", 2, "the event has no such field"),
            ("\n\n{{ data.name|nothing }}", 3, "unknown filter"),
            ("{{ nothing() }}", 1, "unknown function"),
            ("{{ 1 / 0 }}", 1, "invalid operation"),
        ] {
            let error = text_body(text).unwrap_err();
            assert!(error.starts_with(&format!("Line {line}: ")) && error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn a_missing_field_can_be_tested() {
        assert_eq!(text_body("{% if data.missing %}x{% else %}y{% endif %}").as_deref(), Ok("y"));
        assert_eq!(text_body("{{ data.missing|default('none') }}").as_deref(), Ok("none"));
        assert_eq!(text_body("{% if data.missing is defined %}x{% endif %}").as_deref(), Ok(""));
    }

    #[test]
    fn a_body_of_invalid_json_is_refused() {
        assert!(json_body("{\"a\": }").is_err_and(|error| error.contains("not valid JSON: ")));
        assert!(json_body("").is_err());
        assert!(json_body(r#"{"text": "Run {{ data.name }}"}"#).is_err(), "twice in quotes");
    }

    #[test]
    fn nothing_can_be_included_or_defined() {
        for text in [
            "{% include 'x' %}",
            "{% extends 'x' %}",
            "{% import 'x' as y %}",
            "{% block a %}{% endblock %}",
            "{% macro a() %}{% endmacro %}",
        ] {
            assert!(text_body(text).is_err_and(|error| error.contains("syntax error")), "{text}");
        }
    }

    #[test]
    fn work_memory_and_size_are_bounded() {
        for text in [
            "{% for a in range(9999) %}{% for b in range(9999) %}{{ a }}{% endfor %}{% endfor %}",
            "{% set n = namespace(s='xxxxxxxx') %}{% for i in range(60) %}{% set n.s = n.s ~ n.s %}{% endfor %}",
            "{{ 'x' * 99999999 }}",
            "{{ 'x'|indent(99999999) }}",
            "{{ [1]|batch(99999999, 'x')|list }}",
            "{% for a in [[1, 1]] %}{% for b in [[a, a]] %}{% for c in [[b, b]] %}{{ [c, c, c]|tojson * 9999 }}\
             {% endfor %}{% endfor %}{% endfor %}",
        ] {
            assert!(text_body(text).is_err(), "{text}");
        }
        let fits = format!("{{{{ 'x' * {MAX_RENDERED_BYTES} }}}}");
        assert_eq!(text_body(&fits).map(|body| body.len()), Ok(MAX_RENDERED_BYTES));
        assert_eq!(text_body(&format!("{fits}x")), Err("The body would be larger than 64 KiB.".to_owned()));
    }

    #[test]
    fn every_sample_has_enough_fuel_for_its_whole_envelope() {
        let template = BodyTemplate {
            text: r#"{"type": {{ type }}, "data": {{ data }}, "copy": {{ data|tojson }}}"#.to_owned(),
            content_type: TemplateContentType::Json,
        };
        for event in EventType::ALL {
            render(&template, serde_json::to_string(&event.sample()).unwrap().as_bytes()).unwrap();
        }
        let large = json!({"type": "x", "data": {"text": "x".repeat(18_400)}});
        render(&template, large.to_string().as_bytes()).unwrap();
    }
}
