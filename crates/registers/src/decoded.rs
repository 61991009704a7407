//! A text file as a stream of UTF-8, whatever it was written in.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek};

use encoding_rs::{Decoder, DecoderResult, GB18030, UTF_8};
use serde::Serialize;

/// How a text file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Encoding {
    /// UTF-8.
    #[serde(rename = "utf-8")]
    Utf8,
    /// UTF-8 with a byte order mark.
    #[serde(rename = "utf-8-bom")]
    Utf8Bom,
    /// GB18030, which holds GBK and GB2312.
    #[serde(rename = "gb18030")]
    Gb18030,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::Utf8Bom => "UTF-8 with BOM",
            Self::Gb18030 => "GB18030",
        })
    }
}

impl Encoding {
    /// A byte order mark means UTF-8; without one, UTF-8 if every byte of the file fits, GB18030
    /// otherwise. Reads the file once, in pieces, and goes back to the start.
    pub(crate) fn of(file: &mut File) -> io::Result<Self> {
        file.rewind()?;
        let mut piece = vec![0; PIECE];
        let mut kept = 0;
        let mut first = true;
        let encoding = loop {
            let read = read_some(file, &mut piece[kept..])?;
            let filled = kept + read;
            if first && piece[..filled].starts_with(BOM) {
                break Self::Utf8Bom;
            }
            first = false;
            match std::str::from_utf8(&piece[..filled]) {
                Ok(_) if read == 0 => break Self::Utf8,
                Ok(_) => kept = 0,
                // A character may lie across two pieces; at the end of the file it may not.
                Err(error) if error.error_len().is_none() && read > 0 => {
                    piece.copy_within(error.valid_up_to()..filled, 0);
                    kept = filled - error.valid_up_to();
                }
                Err(_) => break Self::Gb18030,
            }
        };
        file.rewind()?;
        Ok(encoding)
    }
}

/// A text file as a stream of UTF-8, without a byte order mark.
pub(crate) struct Decoded {
    file: File,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_range: std::ops::Range<usize>,
    text: Vec<u8>,
    text_range: std::ops::Range<usize>,
    state: State,
}

enum State {
    ExpectFirst,
    ExpectMore,
    ExpectFlush,
    /// Hand out what was decoded, then say that the rest is malformed.
    ExpectFault,
    Finish,
}

/// What can go wrong between a file and its text.
pub(crate) enum Fault {
    Read(io::Error),
    /// The bytes after the text handed out so far are not of the file's encoding.
    Malformed,
}

impl Decoded {
    pub(crate) fn new(file: File, encoding: Encoding) -> Self {
        let decoder = match encoding {
            Encoding::Utf8 | Encoding::Utf8Bom => UTF_8.new_decoder_without_bom_handling(),
            Encoding::Gb18030 => GB18030.new_decoder_without_bom_handling(),
        };
        Self {
            file,
            decoder,
            raw: vec![0; PIECE],
            raw_range: 0..0,
            // Two bytes of GB18030 become at most three of UTF-8.
            text: vec![0; 2 * PIECE],
            text_range: 0..0,
            state: State::ExpectFirst,
        }
    }

    /// The text that is ready; empty only at the end of the file.
    pub(crate) fn available(&mut self) -> Result<&[u8], Fault> {
        while self.text_range.is_empty() && !matches!(self.state, State::Finish) {
            self.decode()?;
        }
        Ok(&self.text[self.text_range.clone()])
    }

    /// Drops the first `count` bytes of what is ready.
    pub(crate) fn consume(&mut self, count: usize) {
        self.text_range.start = self.text_range.end.min(self.text_range.start + count);
    }

    fn decode(&mut self) -> Result<(), Fault> {
        if matches!(self.state, State::ExpectFault) {
            return Err(Fault::Malformed);
        }
        if self.raw_range.is_empty() && matches!(self.state, State::ExpectFirst | State::ExpectMore)
        {
            let read = read_some(&mut self.file, &mut self.raw).map_err(Fault::Read)?;
            self.raw_range = 0..read;
            if read == 0 {
                self.state = State::ExpectFlush;
            }
        }
        let last = matches!(self.state, State::ExpectFlush);
        let raw = &self.raw[self.raw_range.clone()];
        let (result, read, written) =
            self.decoder.decode_to_utf8_without_replacement(raw, &mut self.text, last);
        self.raw_range.start += read;
        self.text_range = 0..written;
        if matches!(self.state, State::ExpectFirst) && written > 0 {
            if self.text[..written].starts_with(BOM) {
                self.text_range.start = BOM.len();
            }
            self.state = State::ExpectMore;
        }
        match result {
            DecoderResult::InputEmpty if last => self.state = State::Finish,
            DecoderResult::InputEmpty | DecoderResult::OutputFull => {}
            // What came before is handed out first, so that the caller knows the line.
            DecoderResult::Malformed(..) => self.state = State::ExpectFault,
        }
        Ok(())
    }
}

const PIECE: usize = 64 * 1024;

/// The byte order mark in UTF-8.
const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Fills as much of `place` as the file has.
fn read_some(file: &mut File, place: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < place.len() {
        match file.read(&mut place[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
