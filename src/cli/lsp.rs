//! `postura lsp`: the checker as a language server, over standard input and output.
//!
//! A thin layer: what is wrong is what `checks lint` and `checks test` say, what may be written is
//! what [`crate::check::assist`] says. Here is only the protocol, and the documents that an editor
//! has open. It runs on one thread and needs no runtime.

mod documents;
mod position;
mod protocol;

use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use lsp_types::notification::{
    DidChangeTextDocument, DidCloseTextDocument, DidOpenTextDocument, DidSaveTextDocument,
    Exit as ExitNote, Notification as _, PublishDiagnostics,
};
use lsp_types::request::{Completion, HoverRequest, Request as _, Shutdown};
use lsp_types::{
    CompletionParams, DidChangeTextDocumentParams, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, DidSaveTextDocumentParams, HoverParams, PublishDiagnosticsParams,
    Uri,
};
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use super::{Exit, Failure};
use documents::{Depth, Documents};

/// Serves one editor until it says goodbye.
pub fn run() -> Result<Exit, Failure> {
    let (connection, threads) = Connection::stdio();
    // After a failure the reading thread may still wait for the editor; the process ends anyway.
    let end = serve(&connection)?;
    drop(connection);
    // What came was no message: the reader knows why.
    threads.join().map_err(|error| broken(&error))?;
    match end {
        End::Exit { asked } => Ok(if asked { Exit::Passed } else { Exit::Failed }),
        End::Closed => Err(broken(&"the connection ended without `exit`")),
    }
}

fn broken(error: &dyn std::fmt::Display) -> Failure {
    let help = "`postura lsp` is started by an editor; docs/editor.md tells how";
    Failure::with_help(format!("the editor breaks the protocol: {error}"), Some(help.into()))
}

/// How an editor left.
enum End {
    /// With `exit`, and whether it had asked for `shutdown` before.
    Exit { asked: bool },
    /// It went away.
    Closed,
}

fn serve(connection: &Connection) -> Result<End, Failure> {
    let (id, _) = connection.initialize_start().map_err(|error| broken(&error))?;
    let answer = json!({
        "capabilities": protocol::capabilities(),
        "serverInfo": {"name": "postura", "version": env!("CARGO_PKG_VERSION")},
    });
    connection.initialize_finish(id, answer).map_err(|error| broken(&error))?;
    let mut server = Server { connection, documents: Documents::new(), ending: false };
    for message in &connection.receiver {
        match message {
            Message::Request(request) => server.answer(request),
            Message::Notification(note) if note.method == ExitNote::METHOD => {
                return Ok(End::Exit { asked: server.ending });
            }
            Message::Notification(notification) => server.note(notification),
            Message::Response(_) => {}
        }
    }
    Ok(End::Closed)
}

struct Server<'a> {
    connection: &'a Connection,
    documents: Documents,
    /// Whether the editor asked for the end.
    ending: bool,
}

impl Server<'_> {
    fn answer(&mut self, request: Request) {
        let id = request.id.clone();
        let answer = match request.method.as_str() {
            _ if self.ending => {
                Err((ErrorCode::InvalidRequest, "`shutdown` was asked for".to_owned()))
            }
            Shutdown::METHOD => {
                self.ending = true;
                Ok(Json::Null)
            }
            Completion::METHOD => params::<CompletionParams>(request.params).map(|it| {
                let at = it.text_document_position;
                json!(self.documents.complete(&at.text_document.uri, at.position))
            }),
            HoverRequest::METHOD => params::<HoverParams>(request.params).map(|it| {
                let at = it.text_document_position_params;
                json!(self.documents.hover(&at.text_document.uri, at.position))
            }),
            method => {
                let message = format!("`{method}` is not supported");
                Err((ErrorCode::MethodNotFound, message))
            }
        };
        let response = match answer {
            Ok(result) => Response::new_ok(id, result),
            Err((code, message)) => Response::new_err(id, code as i32, message),
        };
        self.send(Message::Response(response));
    }

    fn note(&mut self, notification: Notification) {
        let Notification { method, params: json } = notification;
        // What cannot be read changes nothing: a notification has no answer.
        let changed = match method.as_str() {
            DidOpenTextDocument::METHOD => {
                params::<DidOpenTextDocumentParams>(json).ok().map(|it| {
                    let document = it.text_document;
                    self.documents.set(&document.uri, document.text);
                    (document.uri, Some(document.version), Depth::Cases)
                })
            }
            DidChangeTextDocument::METHOD => {
                params::<DidChangeTextDocumentParams>(json).ok().and_then(|it| {
                    // The whole text is sent each time; the last one is what stands there.
                    let text = it.content_changes.into_iter().next_back()?.text;
                    self.documents.set(&it.text_document.uri, text);
                    Some((it.text_document.uri, Some(it.text_document.version), Depth::Lint))
                })
            }
            DidSaveTextDocument::METHOD => params::<DidSaveTextDocumentParams>(json)
                .ok()
                .map(|it| (it.text_document.uri, None, Depth::Cases)),
            DidCloseTextDocument::METHOD => {
                params::<DidCloseTextDocumentParams>(json).ok().map(|it| {
                    self.documents.close(&it.text_document.uri);
                    (it.text_document.uri, None, Depth::Lint)
                })
            }
            _ => None,
        };
        if let Some((uri, version, depth)) = changed {
            self.publish(uri, version, depth);
        }
    }

    fn publish(&self, uri: Uri, version: Option<i32>, depth: Depth) {
        let diagnostics = self.documents.diagnostics(&uri, depth);
        let params = PublishDiagnosticsParams { uri, diagnostics, version };
        let method = PublishDiagnostics::METHOD.to_owned();
        self.send(Message::Notification(Notification::new(method, params)));
    }

    /// An editor that went away is noticed where the next message is read.
    fn send(&self, message: Message) {
        let _ = self.connection.sender.send(message);
    }
}

fn params<T: DeserializeOwned>(json: Json) -> Result<T, (ErrorCode, String)> {
    serde_json::from_value(json).map_err(|error| (ErrorCode::InvalidParams, error.to_string()))
}
