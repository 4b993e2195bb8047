//! Server-sent events out of a stream of bytes that is cut anywhere. Source of the format: the HTML standard, "Server-sent
//! events", "Parsing an event stream".
//!
//! Two allowances: an event that the end of the stream cuts off is delivered, since some servers leave the closing blank
//! line out, and a field `error` counts as data, which older servers of llama.cpp send.

/// Bytes of one event: an answer's last event can repeat the whole prompt's settings, but never more.
const MAX_EVENT: usize = 1 << 20;

/// An event is longer than any server has reason to send.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Overlong;

/// Takes bytes, gives the data of whole events.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// The line that is not complete yet.
    line: Vec<u8>,
    /// Data of the event that is not complete yet; `None` before its first line of data.
    data: Option<Vec<u8>>,
    /// The last byte was a carriage return: a line feed that follows belongs to the same line end.
    after_return: bool,
    /// A byte order mark may still come.
    begun: bool,
}

impl Decoder {
    /// Takes more bytes; appends the data of each event that they complete.
    ///
    /// # Errors
    /// When an event is longer than any has to be.
    pub(super) fn push(&mut self, bytes: &[u8], events: &mut Vec<String>) -> Result<(), Overlong> {
        for &byte in bytes {
            let line_feed_of_pair = std::mem::replace(&mut self.after_return, byte == b'\r') && byte == b'\n';
            match byte {
                b'\n' if line_feed_of_pair => {}
                b'\n' | b'\r' => self.end_line(events),
                _ => self.line.push(byte),
            }
            if self.line.len() + self.data.as_ref().map_or(0, Vec::len) > MAX_EVENT {
                return Err(Overlong);
            }
        }
        Ok(())
    }

    /// The end of the stream: the data of an event that was not closed.
    pub(super) fn finish(mut self) -> Option<String> {
        let mut events = Vec::new();
        self.end_line(&mut events);
        self.end_event(&mut events);
        events.pop()
    }

    fn end_line(&mut self, events: &mut Vec<String>) {
        let line = std::mem::take(&mut self.line);
        let mut line = line.as_slice();
        if !std::mem::replace(&mut self.begun, true) {
            line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        }
        if line.is_empty() {
            self.end_event(events);
            return;
        }
        let colon = line.iter().position(|byte| *byte == b':');
        let (field, value) = colon.map_or((line, &line[line.len()..]), |at| (&line[..at], &line[at + 1..]));
        // Comments have an empty field name; names and ids of events say nothing here.
        if field == b"data" || field == b"error" {
            let value = value.strip_prefix(b" ").unwrap_or(value);
            match &mut self.data {
                Some(data) => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
                None => self.data = Some(value.to_vec()),
            }
        }
    }

    fn end_event(&mut self, events: &mut Vec<String>) {
        // Whole events are whole characters; what is no UTF-8 then was none when it was sent.
        events.extend(self.data.take().map(|data| String::from_utf8_lossy(&data).into_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::{Decoder, MAX_EVENT, Overlong};

    /// Every way to cut the stream in two gives the same events.
    fn check(stream: &str, expect: &[&str]) {
        for cut in 0..=stream.len() {
            let mut decoder = Decoder::default();
            let mut events = Vec::new();
            let (head, tail) = stream.as_bytes().split_at(cut);
            decoder.push(head, &mut events).unwrap();
            decoder.push(tail, &mut events).unwrap();
            events.extend(decoder.finish());
            assert_eq!(events, expect, "cut at {cut}");
        }
    }

    #[test]
    fn events() {
        check("data: a\n\ndata: b\n\n", &["a", "b"]);
        check("data: {\"text\":\"é😀\"}\r\n\r\ndata: [DONE]\r\n\r\n", &["{\"text\":\"é😀\"}", "[DONE]"]);
        check("data:a\rdata:  b\r\rdata\n\n", &["a\n b", ""]);
        check("\u{feff}data: a\n\n", &["a"]);
        check(": ping\n\nevent: message\nid: 7\nretry: 1\ndata: a\n\n", &["a"]);
        check("data: not closed", &["not closed"]);
        check("error: {\"message\":\"x\"}\n\n", &["{\"message\":\"x\"}"]);
        check("\n\n\r\n", &[]);
        check("", &[]);
    }

    #[test]
    fn an_endless_event_is_refused() {
        let mut decoder = Decoder::default();
        let mut events = Vec::new();
        let line = [b'x'; 1000];
        let result = (0..=MAX_EVENT / line.len()).try_for_each(|_| decoder.push(&line, &mut events));
        assert_eq!((result, events.len()), (Err(Overlong), 0));
        let mut decoder = Decoder::default();
        let lines = b"data: 123456789\n".repeat(100);
        let result = (0..=MAX_EVENT / 1000).try_for_each(|_| decoder.push(&lines, &mut events));
        assert_eq!((result, events.len()), (Err(Overlong), 0));
    }
}
