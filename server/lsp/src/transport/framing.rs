//! The base protocol's frames: a header with `Content-Length`, an empty line, the body.
//!
//! Reading never fails on what a client sends. A broken header is reported as [`Frame::Malformed`] and reading goes on
//! at the next header that makes sense.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};

/// Largest body accepted, in bytes. A larger number is no message but a sign that the stream is out of step.
const MAX_BODY: usize = 256 << 20;

/// Longest header line kept, in bytes.
const MAX_LINE: usize = 16 << 10;

/// What the stream held.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// A message's body.
    Body(Vec<u8>),
    /// Something that is no frame.
    Malformed(&'static str),
}

/// Reads frames.
pub(super) struct FrameReader<R> {
    input: BufReader<R>,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input: BufReader::new(input) }
    }

    /// The next frame; `None` at the end of the input.
    ///
    /// # Errors
    /// When the input fails.
    pub(super) async fn next(&mut self) -> io::Result<Option<Frame>> {
        let mut length = None;
        let mut in_header = false;
        loop {
            let Some(line) = self.line().await? else { return Ok(None) };
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches(['\r', '\n']);
            if line.is_empty() {
                match length {
                    Some(length) => return self.body(length).await,
                    None if in_header => return Ok(Some(Frame::Malformed("a header without Content-Length"))),
                    // Between messages an empty line does no harm.
                    None => continue,
                }
            }
            match header(line) {
                Header::Length(value) if value <= MAX_BODY => length = Some(value),
                Header::Length(_) => return Ok(Some(Frame::Malformed("a Content-Length beyond all reason"))),
                Header::Other => {}
                Header::Garbage => return Ok(Some(Frame::Malformed("a line that is no header"))),
            }
            in_header = true;
        }
    }

    /// One line with its end, cut at [`MAX_LINE`].
    async fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        loop {
            let buffer = self.input.fill_buf().await?;
            if buffer.is_empty() {
                return Ok(None);
            }
            let end = buffer.iter().position(|&byte| byte == b'\n').map(|at| at + 1);
            let taken = end.unwrap_or(buffer.len());
            let room = MAX_LINE.saturating_sub(line.len());
            line.extend_from_slice(&buffer[..taken.min(room)]);
            self.input.consume(taken);
            if end.is_some() {
                return Ok(Some(line));
            }
        }
    }

    async fn body(&mut self, length: usize) -> io::Result<Option<Frame>> {
        let mut body = Vec::new();
        (&mut self.input).take(length as u64).read_to_end(&mut body).await?;
        Ok((body.len() == length).then_some(Frame::Body(body)))
    }
}

enum Header {
    Length(usize),
    Other,
    Garbage,
}

/// Reads a header line. `Content-Length` is found behind other text too: the rest of a body whose length was given too
/// small stands right before it.
fn header(line: &str) -> Header {
    const NAME: &str = "content-length:";
    let lower = line.to_ascii_lowercase();
    if let Some(at) = lower.rfind(NAME) {
        return line[at + NAME.len()..].trim().parse().map_or(Header::Garbage, Header::Length);
    }
    let is_name =
        |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match line.split_once(':') {
        Some((name, _)) if is_name(name) => Header::Other,
        _ => Header::Garbage,
    }
}

#[cfg(test)]
mod tests {
    use super::{Frame, FrameReader};

    async fn check(input: &str, expected: &[Result<&str, &'static str>]) {
        let mut reader = FrameReader::new(input.as_bytes());
        let mut frames = Vec::new();
        while let Some(frame) = reader.next().await.expect("memory does not fail") {
            frames.push(frame);
        }
        let expected: Vec<_> = expected
            .iter()
            .map(|frame| match *frame {
                Ok(body) => Frame::Body(body.as_bytes().to_vec()),
                Err(problem) => Frame::Malformed(problem),
            })
            .collect();
        assert_eq!(frames, expected, "{input:?}");
    }

    #[tokio::test]
    async fn frames_are_read() {
        check("", &[]).await;
        check("Content-Length: 2\r\n\r\n{}", &[Ok("{}")]).await;
        check("content-length:2\n\n{}\r\n\r\nContent-Length: 0\r\n\r\n", &[Ok("{}"), Ok("")]).await;
        check("Content-Type: application/vscode-jsonrpc\r\nContent-Length: 2\r\n\r\n{}", &[Ok("{}")]).await;
        check("Content-Length: 6\r\n\r\n\"ä→", &[Ok("\"ä→")]).await;
    }

    #[tokio::test]
    async fn reading_goes_on_behind_what_is_no_frame() {
        let good = "Content-Length: 2\r\n\r\n{}";
        let no_length = Err("a header without Content-Length");
        let no_header = Err("a line that is no header");
        check(&format!("X-Y: 1\r\n\r\n{good}"), &[no_length, Ok("{}")]).await;
        check(&format!("Content-Length: -5\r\n{good}"), &[no_header, Ok("{}")]).await;
        check(&format!("{{\"jsonrpc\":\"2.0\"}}\n{good}"), &[no_header, Ok("{}")]).await;
        let huge = "Content-Length: 99999999999\r\n";
        check(&format!("{huge}{good}"), &[Err("a Content-Length beyond all reason"), Ok("{}")]).await;
        check(&format!("Content-Length: 1\r\n\r\n{{}}{good}"), &[Ok("{"), Ok("{}")]).await;
    }

    #[tokio::test]
    async fn a_body_cut_off_by_the_end_is_no_frame() {
        check("Content-Length: 10\r\n\r\n{}", &[]).await;
        check("Content-Length: 10", &[]).await;
    }
}
