//! `postura lsp` as an editor runs it: the protocol over standard input and output.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value as Json, json};

/// An editor.
struct Editor {
    server: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    requests: i64,
}

impl Editor {
    fn start() -> Self {
        let mut server = Command::new(env!("CARGO_BIN_EXE_postura"))
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (server.stdin.take().unwrap(), server.stdout.take().unwrap());
        let mut editor = Self { server, input, output: BufReader::new(output), requests: 0 };
        let answer = editor.ask("initialize", json!({"capabilities": {}}));
        let can = &answer["result"]["capabilities"];
        assert_eq!(can["positionEncoding"], "utf-16");
        assert_eq!(can["hoverProvider"], true);
        editor.tell("initialized", json!({}));
        editor
    }

    fn send(&mut self, message: &Json) {
        let body = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        self.input.flush().unwrap();
    }

    fn tell(&mut self, method: &str, params: Json) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Asks and takes the answer, the whole of it.
    fn ask(&mut self, method: &str, params: Json) -> Json {
        self.requests += 1;
        let id = self.requests;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        let answer = self.receive();
        assert_eq!(answer["id"], id, "{answer}");
        answer
    }

    fn receive(&mut self) -> Json {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert_ne!(self.output.read_line(&mut line).unwrap(), 0, "the server ended");
            match line.trim().split_once(": ") {
                Some(("Content-Length", value)) => length = value.parse().unwrap(),
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    /// What the server says about a document, right after it changed.
    fn diagnostics(&mut self, uri: &str) -> Vec<Json> {
        let message = self.receive();
        assert_eq!(message["method"], "textDocument/publishDiagnostics", "{message}");
        assert_eq!(message["params"]["uri"], uri);
        message["params"]["diagnostics"].as_array().unwrap().clone()
    }

    fn open(&mut self, uri: &str, text: &str) -> Vec<Json> {
        let document = json!({"uri": uri, "languageId": "yaml", "version": 1, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": document}));
        self.diagnostics(uri)
    }

    fn change(&mut self, uri: &str, text: &str) -> Vec<Json> {
        let document = json!({"uri": uri, "version": 2});
        let params = json!({"textDocument": document, "contentChanges": [{"text": text}]});
        self.tell("textDocument/didChange", params);
        self.diagnostics(uri)
    }

    /// Asks about the place of `|` in a text, after the document got that text without it.
    fn at_cursor(&mut self, method: &str, uri: &str, text: &str) -> Json {
        let (before, after) = text.split_once('|').unwrap();
        self.change(uri, &format!("{before}{after}"));
        let line = before.matches('\n').count();
        let character = before.rsplit('\n').next().unwrap().encode_utf16().count();
        let position = json!({"line": line, "character": character});
        let params = json!({"textDocument": {"uri": uri}, "position": position});
        self.ask(method, params)["result"].take()
    }

    fn end(mut self) {
        assert_eq!(self.ask("shutdown", Json::Null)["result"], Json::Null);
        self.tell("exit", Json::Null);
        assert_eq!(self.server.wait().unwrap().code(), Some(0));
    }
}

const URI: &str = "file:///work%20space/sg-no-ssh-open.yaml";

fn shipped() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("checks/sg/sg-no-ssh-open.yaml");
    std::fs::read_to_string(path).unwrap()
}

fn labels(answer: &Json) -> Vec<&str> {
    answer.as_array().unwrap().iter().map(|it| it["label"].as_str().unwrap()).collect()
}

#[test]
fn mistakes_appear_while_typing_and_go_when_they_are_mended() {
    let mut editor = Editor::start();
    let good = shipped();
    assert_eq!(editor.open(URI, &good), Vec::<Json>::new());

    // Two UTF-16 units before the mistake that are four bytes and one character.
    let bad = good.replace("severity: high", "severity: \"😀\" ");
    let found = editor.change(URI, &bad);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["range"]["start"]["character"], 10);
    assert_eq!(found[0]["range"]["end"]["character"], 14, "quotes and a surrogate pair");
    assert_eq!(found[0]["severity"], 1);
    assert_eq!(found[0]["source"], "postura");

    let found = editor.change(
        URI,
        &good.replace("resource: AWS::EC2::SecurityGroup", "resource: AWS::EC2::SecurityGrup"),
    );
    let message = found[0]["message"].as_str().unwrap();
    assert!(message.contains("did you mean `AWS::EC2::SecurityGroup`?"), "{message}");

    assert_eq!(editor.change(URI, &good), Vec::<Json>::new());
    let wrong = good.replacen("verdict: pass", "verdict: fail", 1);
    editor.change(URI, &wrong);
    editor.tell("textDocument/didSave", json!({"textDocument": {"uri": URI}}));
    let found = editor.diagnostics(URI);
    let message = found[0]["message"].as_str().unwrap();
    assert!(message.contains("expected fail, found pass"), "{message}");

    editor.tell("textDocument/didClose", json!({"textDocument": {"uri": URI}}));
    assert_eq!(editor.diagnostics(URI), Vec::<Json>::new());
    // Other YAML is none of its business.
    assert_eq!(editor.open("file:///a.yaml", "name: x\nfoo: [1\n"), Vec::<Json>::new());
    editor.end();
}

#[test]
fn fields_functions_and_words_are_offered_and_explained() {
    let mut editor = Editor::start();
    let uri = "untitled:one";
    editor.open(uri, "");
    let head = "id: one-check\nresource: AWS::EC2::SecurityGroup\nexpect:\n";
    let complete = "textDocument/completion";

    let text = format!(
        "{head}  - none: rule in group.ingress\n    where: rule.protocol == \"😀\" && rule.pro|"
    );
    let answer = editor.at_cursor(complete, uri, &text);
    let offered = labels(&answer);
    assert!(offered.contains(&"protocol") && offered.contains(&"covers"), "{offered:?}");
    let protocol = answer.as_array().unwrap().iter().find(|it| it["label"] == "protocol").unwrap();
    assert_eq!(protocol["textEdit"]["newText"], "protocol");
    let range = &protocol["textEdit"]["range"];
    assert_eq!(range["start"], json!({"line": 4, "character": 41}));
    assert_eq!(range["end"], json!({"line": 4, "character": 44}));
    let documentation = protocol["documentation"]["value"].as_str().unwrap();
    assert!(documentation.contains("Read with what it is part of."), "{documentation}");

    let answer = editor.at_cursor(complete, uri, &format!("{head}  - that: size|"));
    assert!(labels(&answer).contains(&"group") && labels(&answer).contains(&"size"));
    let answer = editor.at_cursor(complete, uri, "id: one-check\nsev|");
    assert!(labels(&answer).contains(&"severity"));
    let answer = editor.at_cursor(complete, uri, "severity: |");
    assert_eq!(labels(&answer), ["info", "low", "medium", "high", "critical"]);

    let hover = "textDocument/hover";
    let answer = editor.at_cursor(hover, uri, &format!("{head}  - that: group.is_def|ault"));
    let doc = answer["contents"]["value"].as_str().unwrap();
    assert!(doc.contains("AWS::EC2::SecurityGroup.is_default"), "{doc}");
    assert!(doc.ends_with("Computed from `name`."), "{doc}");
    assert_eq!(answer["range"]["start"], json!({"line": 3, "character": 16}));
    assert_eq!(editor.at_cursor(hover, uri, "title: noth|ing"), Json::Null);

    let unknown = editor.ask("textDocument/rename", json!({}));
    assert_eq!(unknown["error"]["code"], -32601);
    editor.end();
}

#[test]
fn an_editor_that_breaks_off_is_told_in_one_sentence() {
    let mut server = Command::new(env!("CARGO_BIN_EXE_postura"))
        .arg("lsp")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(server.stdin.take());
    let output = server.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("error: the editor breaks the protocol: "), "{said}");
}

#[test]
fn the_end_comes_in_two_steps() {
    let mut editor = Editor::start();
    assert_eq!(editor.ask("shutdown", Json::Null)["result"], Json::Null);
    let late = editor.ask("textDocument/hover", json!({}));
    assert_eq!(late["error"]["code"], -32600);
    editor.tell("exit", Json::Null);
    assert_eq!(editor.server.wait().unwrap().code(), Some(0));

    let mut editor = Editor::start();
    editor.tell("exit", Json::Null);
    assert_eq!(editor.server.wait().unwrap().code(), Some(1));
}

#[test]
fn what_is_no_message_is_told() {
    let mut editor = Editor::start();
    editor.input.write_all(b"Content-Length: 9\r\n\r\n{no json}").unwrap();
    editor.input.flush().unwrap();
    let output = editor.server.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("key must be a string"), "{said}");
}

#[test]
fn a_text_of_brackets_is_no_burden() {
    let mut editor = Editor::start();
    editor.open(URI, "resource: x\n");
    let text = format!("a: {}b|", "[".repeat(100_000));
    assert_eq!(editor.at_cursor("textDocument/hover", URI, &text), Json::Null);
    editor.end();
}
