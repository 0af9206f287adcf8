//! A client of the live stream.

use std::collections::VecDeque;

use app::model::id::ProjectId;
use app::model::people::{Actor, CreateToken};
use app::service::People;
use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use server::live::SequencedChange;
use tokio::sync::broadcast;

use super::{TEST_TIMEOUT, TestServer};

/// One message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    pub event: String,
    pub id: Option<String>,
    pub data: Value,
}

impl Message {
    /// Whether the browser has to refetch.
    pub fn is_gap(&self) -> bool {
        self.event == "sync" && self.data["missed"] == true
    }
}

/// An open stream.
pub struct Stream {
    response: Response,
    /// The beginning of an incomplete message.
    text: String,
    whole: VecDeque<Message>,
}

impl Stream {
    /// Opens a stream.
    pub async fn open(request: RequestBuilder) -> Self {
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
        tokio::time::timeout(TEST_TIMEOUT, reading).await.expect("a message or the end in time")
    }

    /// Waits for the end. Until then only gaps may arrive: on PostgreSQL another node reports one when it starts.
    pub async fn ends(&mut self) {
        while let Some(message) = self.next().await {
            assert!(message.is_gap(), "{message:?}");
        }
    }

    /// All messages up to the first that matches.
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
    /// The changes of a project from now on.
    pub fn changes(&self, project: ProjectId) -> broadcast::Receiver<SequencedChange> {
        self.state.hub.subscribe(&[project], None).channels.remove(0).1
    }

    /// A user's request for the stream of a project.
    pub async fn stream_request(&self, user: &Actor, project: ProjectId) -> RequestBuilder {
        self.stream_at(user, &format!("projectId={project}")).await
    }

    /// The same after the event `since`.
    pub async fn stream_request_since(&self, user: &Actor, project: ProjectId, since: &str) -> RequestBuilder {
        self.stream_at(user, &format!("projectId={project}&since={since}")).await
    }

    /// The same with another query.
    pub async fn stream_at(&self, user: &Actor, query: &str) -> RequestBuilder {
        let new = CreateToken { name: "stream".into(), never_expires: true, ..CreateToken::default() };
        let token = self.state.create_token(user, new).await.unwrap().secret;
        self.http.get(self.url(&format!("/api/issues/stream?{query}"))).bearer_auth(token)
    }

    /// An open stream whose first message has arrived.
    pub async fn stream(&self, user: &Actor, project: ProjectId) -> Stream {
        let mut stream = Stream::open(self.stream_request(user, project).await).await;
        assert_eq!(stream.next().await.unwrap().event, "sync");
        stream
    }
}
