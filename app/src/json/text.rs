//! The codec of responses and errors: JSON, decoded from text. The data of a server-rendered page is text too,
//! so the browser needs only one deserializer per model.

use server_fn::codec::Post;
use server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType};

use super::{Malformed, from_json};

/// Encodes and decodes JSON as text.
pub type Text = Post<JsonText>;

pub struct JsonText;

impl ContentType for JsonText {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for JsonText {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: serde::Serialize> Encodes<T> for JsonText {
    type Error = serde_json::Error;

    fn encode(output: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_vec(output).map(Bytes::from)
    }
}

impl<T: serde::de::DeserializeOwned> Decodes<T> for JsonText {
    type Error = Malformed;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        from_json(&String::from_utf8_lossy(&bytes))
    }
}
