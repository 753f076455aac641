//! The protocol buffers' wire format: numbered fields, each an integer, four or eight bytes, or a string of bytes.

/// One field of a message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Field<'a> {
    /// An integer; negative ones are in two's complement.
    Integer(u64),
    /// Four bytes.
    Four([u8; 4]),
    /// Eight bytes.
    Eight([u8; 8]),
    /// Text, a message, or several numbers.
    Bytes(&'a [u8]),
}

/// Reads a message's fields in order.
pub struct Reader<'a> {
    bytes: &'a [u8],
}

/// What is wrong with a message.
pub type Damage = String;

impl<'a> Reader<'a> {
    /// Of a whole message.
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { bytes }
    }

    /// The next field with its number.
    pub fn next_field(&mut self) -> Result<Option<(u64, Field<'a>)>, Damage> {
        if self.bytes.is_empty() {
            return Ok(None);
        }
        let key = self.integer()?;
        let field = match key & 7 {
            0 => Field::Integer(self.integer()?),
            1 => Field::Eight(self.array()?),
            2 => {
                let len = self.integer()?;
                Field::Bytes(self.take(usize::try_from(len).unwrap_or(usize::MAX))?)
            }
            5 => Field::Four(self.array()?),
            other => return Err(format!("it holds a field of unknown kind {other}")),
        };
        Ok(Some((key >> 3, field)))
    }

    /// An integer of seven bits a byte, the lowest first.
    fn integer(&mut self) -> Result<u64, Damage> {
        let mut value = 0;
        for place in 0..10 {
            let [byte] = self.array()?;
            value |= u64::from(byte & 0x7f) << (7 * place);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err("it holds an integer that does not end".into())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Damage> {
        let bytes = self.take(N)?;
        bytes.try_into().map_err(|_| "it ends inside a field".into())
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], Damage> {
        let Some((taken, rest)) = self.bytes.split_at_checked(len) else {
            return Err("it ends inside a field".into());
        };
        self.bytes = rest;
        Ok(taken)
    }
}

impl<'a> Field<'a> {
    /// Text, a message, or packed numbers.
    pub fn bytes(self) -> Result<&'a [u8], Damage> {
        match self {
            Field::Bytes(bytes) => Ok(bytes),
            _ => Err("a number stands where text or a message should".into()),
        }
    }

    /// Text.
    pub fn text(self) -> Result<String, Damage> {
        String::from_utf8(self.bytes()?.to_vec()).map_err(|_| "a name is not UTF-8".into())
    }

    /// An integer.
    pub fn integer(self) -> Result<i64, Damage> {
        match self {
            Field::Integer(value) => Ok(value as i64),
            _ => Err("something else stands where an integer should".into()),
        }
    }

    /// Adds one integer, or several that are packed.
    pub fn integers(self, to: &mut Vec<i64>) -> Result<(), Damage> {
        match self {
            Field::Bytes(bytes) => {
                let mut reader = Reader::new(bytes);
                while !reader.bytes.is_empty() {
                    to.push(reader.integer()? as i64);
                }
            }
            other => to.push(other.integer()?),
        }
        Ok(())
    }

    /// Adds one f32, or several that are packed.
    pub fn floats(self, to: &mut Vec<f32>) -> Result<(), Damage> {
        match self {
            Field::Four(bytes) => to.push(f32::from_le_bytes(bytes)),
            Field::Bytes(bytes) => {
                let (whole, rest) = bytes.as_chunks::<4>();
                if !rest.is_empty() {
                    return Err("it ends inside a number".into());
                }
                to.extend(whole.iter().map(|bytes| f32::from_le_bytes(*bytes)));
            }
            _ => return Err("something else stands where a number should".into()),
        }
        Ok(())
    }
}

/// Writes a message.
#[derive(Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Adds an integer.
    pub fn integer(&mut self, number: u64, value: i64) -> &mut Self {
        self.raw(number << 3);
        self.raw(value as u64);
        self
    }

    /// Adds an f32.
    pub fn float(&mut self, number: u64, value: f32) -> &mut Self {
        self.raw(number << 3 | 5);
        self.bytes.extend(value.to_le_bytes());
        self
    }

    /// Adds text or raw bytes.
    pub fn bytes(&mut self, number: u64, value: &[u8]) -> &mut Self {
        self.raw(number << 3 | 2);
        self.raw(value.len() as u64);
        self.bytes.extend(value);
        self
    }

    /// Adds a message.
    pub fn message(&mut self, number: u64, message: &Writer) -> &mut Self {
        self.bytes(number, &message.bytes)
    }

    /// The message.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn raw(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut inner = Writer::default();
        inner.integer(3, -7).float(100_000, 0.5);
        let mut writer = Writer::default();
        writer.integer(1, 300).bytes(2, b"text").message(9, &inner);
        let bytes = writer.finish();
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.next_field(), Ok(Some((1, Field::Integer(300)))));
        assert_eq!(reader.next_field().unwrap().unwrap().1.text().unwrap(), "text");
        let (number, inner) = reader.next_field().unwrap().unwrap();
        assert_eq!((number, reader.next_field()), (9, Ok(None)));
        let mut reader = Reader::new(inner.bytes().unwrap());
        assert_eq!(reader.next_field().unwrap().unwrap().1.integer(), Ok(-7));
        let mut floats = Vec::new();
        reader.next_field().unwrap().unwrap().1.floats(&mut floats).unwrap();
        assert_eq!(floats, [0.5]);
    }

    #[test]
    fn damage_is_an_error() {
        for bytes in [
            &b"\x08"[..],
            b"\x12\x05abc",
            b"\x0d\x00\x00",
            b"\x0b",
            &[0xff; 20],
            b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
        ] {
            assert!(Reader::new(bytes).next_field().is_err(), "{bytes:?}");
        }
    }
}
