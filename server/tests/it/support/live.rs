//! A browser's side of the live stream: Server-Sent Events over HTTP.

use std::collections::VecDeque;

use app::model::id::ProjectId;
use app::model::people::{Actor, CreateToken};
use app::service::People;
use reqwest::{RequestBuilder, Response};
use serde_json::Value;

use super::{PATIENCE, TestServer};

/// One message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    pub event: String,
    pub id: Option<String>,
    pub data: Value,
}

impl Message {
    /// Whether the browser is told to read everything again.
    pub fn is_gap(&self) -> bool {
        self.event == "sync" && self.data["missed"] == true
    }
}

/// An open stream.
pub struct Stream {
    response: Response,
    /// What has come and is no whole message yet.
    text: String,
    whole: VecDeque<Message>,
}

impl Stream {
    /// Opens what is asked for.
    pub async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        Self { response, text: String::new(), whole: VecDeque::new() }
    }

    pub fn header(&self, name: &str) -> &str {
        self.response.headers()[name].to_str().unwrap()
    }

    /// The next message, or `None` at the end of the stream.
    pub async fn next(&mut self) -> Option<Message> {
        let reading = async {
            while self.whole.is_empty() {
                let chunk = self.response.chunk().await.unwrap()?;
                self.text.push_str(std::str::from_utf8(&chunk).unwrap());
                while let Some(end) = self.text.find("\n\n") {
                    let message: String = self.text.drain(..end + 2).collect();
                    self.whole.extend(parse(&message));
                }
            }
            self.whole.pop_front()
        };
        tokio::time::timeout(PATIENCE, reading).await.expect("a message or the end in time")
    }

    /// Waits for the end. Until then nothing may come but a gap: on PostgreSQL a node that has just
    /// started says one when it begins to listen to others.
    pub async fn ends(&mut self) {
        while let Some(message) = self.next().await {
            assert!(message.is_gap(), "{message:?}");
        }
    }

    /// Everything until a message is as wanted; it is the last.
    pub async fn until(&mut self, wanted: impl Fn(&Message) -> bool) -> Vec<Message> {
        let mut all = Vec::new();
        loop {
            let message = self.next().await.unwrap_or_else(|| panic!("the stream ended after {all:?}"));
            all.push(message);
            if all.last().is_some_and(&wanted) {
                return all;
            }
        }
    }
}

/// `None` for a comment.
fn parse(text: &str) -> Option<Message> {
    let mut message = Message::default();
    for (name, value) in text.lines().filter_map(|line| line.split_once(": ")) {
        match name {
            "event" => message.event = value.to_owned(),
            "id" => message.id = Some(value.to_owned()),
            "data" => message.data = serde_json::from_str(value).unwrap(),
            _ => {}
        }
    }
    (!message.event.is_empty()).then_some(message)
}

impl TestServer {
    /// A user's request for the stream of a project.
    pub async fn stream_request(&self, user: &Actor, project: ProjectId) -> RequestBuilder {
        let new = CreateToken { name: "stream".into(), expires_in_days: None };
        let token = self.core.create_token(user, new).await.unwrap().secret;
        self.http.get(self.url(&format!("/api/issues/stream?projectId={project}"))).bearer_auth(token)
    }

    /// An open stream whose first message has come.
    pub async fn stream(&self, user: &Actor, project: ProjectId) -> Stream {
        let mut stream = Stream::of(self.stream_request(user, project).await).await;
        assert_eq!(stream.next().await.unwrap().event, "sync");
        stream
    }
}
