//! What the tests share: folders with the binary at hand, the simulated judge as a process, servers with one canned answer,
//! and real data where it is there.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::Value;

/// A folder of its own, in which the binary is run.
pub(crate) struct Folder {
    temp: tempfile::TempDir,
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self { temp: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).unwrap()
    }

    /// The lines of a file of JSON lines.
    pub(crate) fn lines(&self, name: &str) -> Vec<Value> {
        self.read(name).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The binary in this folder, without the keys of whoever runs the tests.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tribunal"));
        command
            .args(arguments)
            .current_dir(self.temp.path())
            .env_remove("TRIBUNAL_API_KEY")
            .env_remove("COLUMNS")
            .env("NO_COLOR", "1");
        command
    }

    /// Runs the binary to its end.
    pub(crate) fn tribunal(&self, arguments: &str) -> Done {
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        run(self.command(&arguments))
    }

    /// Runs the binary, which must end well.
    #[track_caller]
    pub(crate) fn succeed(&self, arguments: &str) -> Done {
        let done = self.tribunal(arguments);
        assert_eq!(done.code, Some(0), "tribunal {arguments}: {done:?}");
        done
    }
}

/// Runs a command to its end.
pub(crate) fn run(mut command: Command) -> Done {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Done { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// A folder of real data beside the project, or where `TRIBUNAL_SHARED_DATA` says; `None`, and a line that says so past the
/// test harness, where it is not there.
pub(crate) fn shared_data(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let path = std::env::var_os("TRIBUNAL_SHARED_DATA").map_or_else(beside, PathBuf::from).join(name);
    if path.is_dir() {
        return Some(path);
    }
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    tell(&format!("skipped: {test}: no {}", path.display()));
    None
}

/// Says something past the test harness, which keeps what passing tests print to itself.
pub(crate) fn tell(line: &str) {
    std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}

/// Where the embedded sample's files are.
pub(crate) fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sample")
}

/// A strategy file of the tests.
pub(crate) fn strategy(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/strategies").join(name).display().to_string()
}

/// The record of a task and group in a cell of `report.json`, among subsets and groups.
#[track_caller]
pub(crate) fn record<'a>(cell: &'a Value, task: &str, group: &str) -> &'a Value {
    let records = ["subsets", "groups"].into_iter().flat_map(|list| cell[list].as_array().unwrap());
    let mut found = records.filter(|record| record["task"] == task && record["group"] == group);
    found.next().unwrap_or_else(|| panic!("no record of {task} {group}"))
}

/// `tribunal mock` as a process of its own.
pub(crate) struct MockProcess {
    child: Child,
    pub(crate) base_url: String,
}

impl MockProcess {
    pub(crate) fn start(folder: &Folder, options: &[&str]) -> Self {
        let arguments: Vec<&str> = ["mock", "--port", "0"].into_iter().chain(options.iter().copied()).collect();
        let mut command = folder.command(&arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut base_url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut base_url).unwrap();
        Self { child, base_url: base_url.trim().to_owned() }
    }

    /// What it has seen and done so far, as `GET /stats` tells.
    pub(crate) fn stats(&self) -> Value {
        let address = self.base_url.strip_prefix("http://").unwrap().strip_suffix("/v1").unwrap();
        let mut connection = TcpStream::connect(address).unwrap();
        write!(connection, "GET /stats HTTP/1.1\r\nhost: mock\r\nconnection: close\r\n\r\n").unwrap();
        let mut response = String::new();
        connection.read_to_string(&mut response).unwrap();
        serde_json::from_str(response.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    /// Ends it; answers with the number of chat requests that it received.
    pub(crate) fn requests(mut self) -> usize {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        let line = said.lines().find(|line| line.ends_with("chat requests were received")).unwrap();
        line.split_whitespace().next().unwrap().replace(',', "").parse().unwrap()
    }
}

impl Drop for MockProcess {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that gives every request the same answer, and keeps the requests.
pub(crate) struct Canned {
    pub(crate) base_url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Canned {
    pub(crate) fn start(status: &'static str, content_type: &'static str, body: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&requests);
        // It ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, head) =
                    (Arc::clone(&kept), format!("HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\n"));
                std::thread::spawn(move || answer(&stream, &head, body, &kept));
            }
        });
        Self { base_url, requests }
    }

    /// An endpoint that prefers the first slot.
    pub(crate) fn judge() -> Self {
        let body = r#"{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"[[A]]"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}"#;
        Self::start("200 OK", "application/json", body)
    }

    /// Heads and bodies of the requests so far, each as one text.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// The bodies of the requests so far, sorted.
    pub(crate) fn bodies(&self) -> Vec<String> {
        let body = |request: String| request.split_once("\r\n\r\n").unwrap().1.to_owned();
        let mut bodies: Vec<String> = self.requests().into_iter().map(body).collect();
        bodies.sort();
        bodies
    }
}

fn answer(stream: &TcpStream, head: &str, body: &str, kept: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (mut request, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        request.push_str(&line);
        if line.trim().is_empty() {
            break;
        }
    }
    let mut sent = vec![0; length];
    reader.read_exact(&mut sent).ok()?;
    request.push_str(&String::from_utf8(sent).ok()?);
    kept.lock().ok()?.push(request);
    let length = body.len();
    write!(&mut &*stream, "{head}content-length: {length}\r\nconnection: close\r\n\r\n{body}").ok()
}

/// An address on which nobody listens.
pub(crate) fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/v1", listener.local_addr().unwrap())
}

/// Whether a text stands in any file of a folder, however deep.
pub(crate) fn holds(folder: &std::path::Path, text: &str) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds(&path, text);
        }
        let bytes = std::fs::read(&path).unwrap();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}
