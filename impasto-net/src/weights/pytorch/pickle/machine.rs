//! The stack machine that a pickle is a program for.

use super::{Global, Object, Storage, Value, known};
use std::{
    collections::HashMap,
    io::{Read, Take},
    rc::Rc,
};

/// Bytes accepted in one pickle.
const LARGEST: u64 = 1 << 26;

/// Interprets one pickle: its objects and the value that it is of, or what is wrong with it.
pub fn run(stream: &mut impl Read) -> Result<(Vec<Object>, Value), String> {
    let stream = stream.take(LARGEST);
    let (objects, stack, marks, memo) = (Vec::new(), Vec::new(), Vec::new(), HashMap::new());
    let mut machine = Machine { stream, objects, stack, marks, memo };
    let root = machine.run()?;
    Ok((machine.objects, root))
}

/// The interpreter's state.
struct Machine<'a, R> {
    stream: Take<&'a mut R>,
    objects: Vec<Object>,
    stack: Vec<Value>,
    marks: Vec<usize>,
    memo: HashMap<u32, Value>,
}

impl<R: Read> Machine<'_, R> {
    fn run(&mut self) -> Result<Value, String> {
        loop {
            let [code] = self.bytes()?;
            match code {
                b'.' => return self.pop(),
                // PROTO, FRAME
                0x80 => drop(self.bytes::<1>()?),
                0x95 => drop(self.bytes::<8>()?),
                // NONE, NEWTRUE, NEWFALSE
                b'N' => self.stack.push(Value::None),
                0x88 => self.stack.push(Value::Bool(true)),
                0x89 => self.stack.push(Value::Bool(false)),
                // BININT, BININT1, BININT2, LONG1, BINFLOAT
                b'J' => self.integer(|bytes: [u8; 4]| i32::from_le_bytes(bytes).into())?,
                b'K' => self.integer(|[byte]: [u8; 1]| byte.into())?,
                b'M' => self.integer(|bytes: [u8; 2]| u16::from_le_bytes(bytes).into())?,
                0x8a => self.long()?,
                b'G' => {
                    self.bytes::<8>()?;
                    self.stack.push(Value::Other);
                }
                // BINUNICODE, SHORT_BINUNICODE, BINUNICODE8, and BINSTRING, SHORT_BINSTRING of Python 2
                b'X' | b'T' => self.text(4)?,
                0x8c | b'U' => self.text(1)?,
                0x8d => self.text(8)?,
                // BINBYTES, SHORT_BINBYTES
                b'B' => self.skip(4)?,
                b'C' => self.skip(1)?,
                // MARK, EMPTY_TUPLE, TUPLE1 to 3, TUPLE
                b'(' => self.marks.push(self.stack.len()),
                b')' => self.push(Object::Sequence(Vec::new())),
                count @ 0x85..=0x87 => {
                    let start =
                        self.stack.len().checked_sub(usize::from(count - 0x84)).ok_or_else(damaged)?;
                    let parts = self.stack.split_off(start);
                    self.push(Object::Sequence(parts));
                }
                b't' => {
                    let parts = self.pop_to_mark()?;
                    self.push(Object::Sequence(parts));
                }
                // EMPTY_LIST, APPEND, APPENDS
                b']' => self.push(Object::Sequence(Vec::new())),
                b'a' => {
                    let part = self.pop()?;
                    self.append(vec![part])?;
                }
                b'e' => {
                    let parts = self.pop_to_mark()?;
                    self.append(parts)?;
                }
                // EMPTY_DICT, SETITEM, SETITEMS
                b'}' => self.push(Object::Dict(Vec::new())),
                b's' => {
                    let (value, key) = (self.pop()?, self.pop()?);
                    self.set_items(vec![key, value])?;
                }
                b'u' => {
                    let parts = self.pop_to_mark()?;
                    self.set_items(parts)?;
                }
                // BINPUT, LONG_BINPUT, MEMOIZE, BINGET, LONG_BINGET
                b'q' => {
                    let [place] = self.bytes()?;
                    self.memorise(place.into())?;
                }
                b'r' => {
                    let place = u32::from_le_bytes(self.bytes()?);
                    self.memorise(place)?;
                }
                0x94 => self.memorise(self.memo.len() as u32)?,
                b'h' => {
                    let [place] = self.bytes()?;
                    self.recall(place.into())?;
                }
                b'j' => {
                    let place = u32::from_le_bytes(self.bytes()?);
                    self.recall(place)?;
                }
                // GLOBAL, STACK_GLOBAL, REDUCE, BUILD, BINPERSID
                b'c' => {
                    let (module, name) = (self.line()?, self.line()?);
                    self.stack.push(Value::Global(known(&module, &name)?));
                }
                0x93 => {
                    let (name, module) = (self.pop_text()?, self.pop_text()?);
                    self.stack.push(Value::Global(known(&module, &name)?));
                }
                b'R' => self.reduce()?,
                // Attributes of an OrderedDict or a tensor: nothing that a network's weights depend on.
                b'b' => drop(self.pop()?),
                b'Q' => self.persistent()?,
                other => {
                    return Err(format!(
                        "its pickle holds operation {other:#04x}, which no state_dict needs"
                    ));
                }
            }
        }
    }

    /// The next bytes of the pickle.
    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let mut bytes = [0; N];
        self.stream.read_exact(&mut bytes).map_err(|_| ends())?;
        Ok(bytes)
    }

    /// As many bytes as the next `width` bytes say.
    fn counted(&mut self, width: usize) -> Result<Vec<u8>, String> {
        let mut count = [0; 8];
        self.stream.read_exact(&mut count[..width]).map_err(|_| ends())?;
        let count = u64::from_le_bytes(count);
        // Grows with what is there, not with what is declared.
        let mut bytes = Vec::new();
        self.stream.by_ref().take(count).read_to_end(&mut bytes).map_err(|_| ends())?;
        if bytes.len() as u64 == count { Ok(bytes) } else { Err(ends()) }
    }

    /// The bytes up to the end of the line.
    fn line(&mut self) -> Result<String, String> {
        let mut line = Vec::new();
        loop {
            match self.bytes()? {
                [b'\n'] => return String::from_utf8(line).map_err(|_| damaged()),
                [byte] => line.push(byte),
            }
        }
    }

    fn push(&mut self, object: Object) {
        self.stack.push(Value::Object(self.objects.len()));
        self.objects.push(object);
    }

    fn pop(&mut self) -> Result<Value, String> {
        // What lies below the last mark belongs to an unfinished tuple, list or dictionary.
        if self.marks.last().is_some_and(|&mark| mark >= self.stack.len()) {
            return Err(damaged());
        }
        self.stack.pop().ok_or_else(damaged)
    }

    fn pop_to_mark(&mut self) -> Result<Vec<Value>, String> {
        let mark = self.marks.pop().filter(|&mark| mark <= self.stack.len()).ok_or_else(damaged)?;
        Ok(self.stack.split_off(mark))
    }

    fn pop_text(&mut self) -> Result<Rc<str>, String> {
        match self.pop()? {
            Value::Object(place) => match self.objects.get(place) {
                Some(Object::Text(text)) => Ok(Rc::clone(text)),
                _ => Err(damaged()),
            },
            _ => Err(damaged()),
        }
    }

    fn integer<const N: usize>(&mut self, value: impl Fn([u8; N]) -> i64) -> Result<(), String> {
        let bytes = self.bytes()?;
        self.stack.push(Value::Int(value(bytes)));
        Ok(())
    }

    /// An integer of as many bytes as the next byte says, in two's complement.
    fn long(&mut self) -> Result<(), String> {
        let bytes = self.counted(1)?;
        let value = match bytes.last() {
            Some(&last) if bytes.len() <= 8 => {
                let mut full = [if last >= 0x80 { 0xff } else { 0 }; 8];
                full[..bytes.len()].copy_from_slice(&bytes);
                Value::Int(i64::from_le_bytes(full))
            }
            Some(_) => Value::Other,
            None => Value::Int(0),
        };
        self.stack.push(value);
        Ok(())
    }

    fn text(&mut self, width: usize) -> Result<(), String> {
        let bytes = self.counted(width)?;
        let text = String::from_utf8(bytes).map_err(|_| damaged())?;
        self.push(Object::Text(text.into()));
        Ok(())
    }

    fn skip(&mut self, width: usize) -> Result<(), String> {
        self.counted(width)?;
        self.stack.push(Value::Other);
        Ok(())
    }

    fn top(&mut self) -> Result<&mut Object, String> {
        match self.stack.last() {
            Some(&Value::Object(place)) => self.objects.get_mut(place).ok_or_else(damaged),
            _ => Err(damaged()),
        }
    }

    fn append(&mut self, parts: Vec<Value>) -> Result<(), String> {
        match self.top()? {
            Object::Sequence(sequence) => sequence.extend(parts),
            _ => return Err(damaged()),
        }
        Ok(())
    }

    fn set_items(&mut self, parts: Vec<Value>) -> Result<(), String> {
        let (pairs, []) = parts.as_chunks() else { return Err(damaged()) };
        match self.top()? {
            Object::Dict(entries) => entries.extend(pairs.iter().map(|&[key, value]| (key, value))),
            _ => return Err(damaged()),
        }
        Ok(())
    }

    fn memorise(&mut self, place: u32) -> Result<(), String> {
        let value = *self.stack.last().ok_or_else(damaged)?;
        self.memo.insert(place, value);
        Ok(())
    }

    fn recall(&mut self, place: u32) -> Result<(), String> {
        self.stack.push(*self.memo.get(&place).ok_or_else(damaged)?);
        Ok(())
    }

    /// What a call of a known name with these arguments stands for.
    fn reduce(&mut self) -> Result<(), String> {
        let arguments = self.pop()?;
        let callee = self.pop()?;
        // Objects are shared by reference: only the few values that matter are copied.
        match (callee, self.sequence(arguments)?) {
            (Value::Global(Global::OrderedDict), []) => self.push(Object::Dict(Vec::new())),
            (Value::Global(Global::RebuildTensor), &[storage, offset, shape, stride, ..]) => {
                self.push(Object::Tensor([storage, offset, shape, stride]));
            }
            (Value::Global(Global::Parameter | Global::Size), &[value, ..]) => self.stack.push(value),
            _ => return Err(damaged()),
        }
        Ok(())
    }

    /// A storage from its identifier: the word `storage`, class, key, device, number of values, and in the format
    /// before version 1.6 a view that is always `None`.
    fn persistent(&mut self) -> Result<(), String> {
        let identifier = self.pop()?;
        let (&[_, Value::Global(Global::Storage(element)), Value::Object(key), _, Value::Int(count)]
        | &[
            _,
            Value::Global(Global::Storage(element)),
            Value::Object(key),
            _,
            Value::Int(count),
            Value::None,
        ]) = self.sequence(identifier)?
        else {
            return Err(damaged());
        };
        let (Some(Object::Text(key)), Ok(count)) = (self.objects.get(key), usize::try_from(count)) else {
            return Err(damaged());
        };
        let key = Rc::clone(key);
        self.push(Object::Storage(Storage { key, element, count }));
        Ok(())
    }

    fn sequence(&self, value: Value) -> Result<&[Value], String> {
        match value {
            Value::Object(place) => match self.objects.get(place) {
                Some(Object::Sequence(parts)) => Ok(parts),
                _ => Err(damaged()),
            },
            _ => Err(damaged()),
        }
    }
}

fn ends() -> String {
    "it ends inside the description of its tensors".to_owned()
}

fn damaged() -> String {
    "the description of its tensors is damaged".to_owned()
}
