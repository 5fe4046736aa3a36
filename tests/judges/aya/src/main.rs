//! What aya makes of each CO-RE relocation of an object, one JSON line a record.
//!
//! usage: judge-aya BTF OBJECT...
//!
//! aya relocates whole objects and stops at the first error. To hear of every record, the object is given to
//! it with fewer and fewer records in `.BTF.ext`, down to one: aya takes each record by itself.

use std::{collections::HashMap, env, fs, panic, process::ExitCode};

use aya_obj::{btf::Btf, Object};
use object::{Endianness, Object as _, ObjectSection as _};

const VERSION: &str = "0.3.0";
const RECORD_SIZE: usize = 16;

/// One record of `.BTF.ext`, as it stands there.
struct Record {
    section: u32,
    bytes: [u8; RECORD_SIZE],
}

impl Record {
    fn insn_off(&self) -> usize {
        word(&self.bytes, 0) as usize
    }
}

fn word(data: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(data[at..at + 4].try_into().unwrap())
}

struct Judged {
    data: Vec<u8>,
    ext_at: usize,
    relos_at: usize,
    records: Vec<Record>,
    /// Names of sections by their offset in the strings of `.BTF`, with their index in the ELF file.
    sections: HashMap<u32, (String, usize)>,
}

impl Judged {
    fn read(data: Vec<u8>) -> Result<Self, String> {
        let file = object::File::parse(&*data).map_err(|error| error.to_string())?;
        if file.endianness() != Endianness::Little {
            return Err("not little-endian".to_owned());
        }
        let range = |name: &str| {
            let section = file.section_by_name(name).ok_or(format!("no section {name}"))?;
            let (at, size) = section.file_range().ok_or(format!("{name} is empty"))?;
            Ok::<_, String>((at as usize, size as usize))
        };
        let (btf_at, _) = range(".BTF")?;
        let (ext_at, _) = range(".BTF.ext")?;
        let strings = btf_at + (word(&data, btf_at + 4) + word(&data, btf_at + 16)) as usize;
        let relos_at = ext_at + (word(&data, ext_at + 4) + word(&data, ext_at + 24)) as usize;
        let end = relos_at + word(&data, ext_at + 28) as usize;
        let (mut records, mut sections) = (Vec::new(), HashMap::new());
        let mut at = relos_at + 4;
        while at + 8 <= end {
            let (section, count) = (word(&data, at), word(&data, at + 4) as usize);
            let name = &data[strings + section as usize..];
            let name = String::from_utf8_lossy(&name[..name.iter().position(|byte| *byte == 0).unwrap()]);
            let index = file.section_by_name(&name).map_or(0, |found| found.index().0);
            sections.insert(section, (name.into_owned(), index));
            at += 8;
            for _ in 0..count {
                let bytes = data[at..at + RECORD_SIZE].try_into().unwrap();
                records.push(Record { section, bytes });
                at += RECORD_SIZE;
            }
        }
        Ok(Self { data, ext_at, relos_at, records, sections })
    }

    /// The object with these records alone, each under a heading of its own section.
    fn with_records(&self, from: usize, to: usize) -> Vec<u8> {
        let mut relos = (RECORD_SIZE as u32).to_le_bytes().to_vec();
        let mut at = from;
        while at < to {
            let section = self.records[at].section;
            let count = self.records[at..to].iter().take_while(|record| record.section == section).count();
            relos.extend(section.to_le_bytes());
            relos.extend((count as u32).to_le_bytes());
            for record in &self.records[at..at + count] {
                relos.extend(record.bytes);
            }
            at += count;
        }
        let mut data = self.data.clone();
        data[self.relos_at..self.relos_at + relos.len()].copy_from_slice(&relos);
        let length = (relos.len() as u32).to_le_bytes();
        data[self.ext_at + 28..self.ext_at + 32].copy_from_slice(&length);
        data
    }

    /// What the records from `from` up to `to` become, or the error at which aya stops.
    fn relocate(&self, target: &Btf, from: usize, to: usize) -> Result<Vec<String>, String> {
        let data = self.with_records(from, to);
        guarded(|| {
            let mut object = Object::parse(&data).map_err(|error| with_sources(&error))?;
            object.relocate_btf(target).map_err(|error| with_sources(&error))?;
            Ok(self.records[from..to].iter().map(|record| self.code(&object, record)).collect())
        })
    }

    /// The instruction of a record, in hex; both halves of an ldimm64.
    fn code(&self, object: &Object, record: &Record) -> String {
        let index = self.sections[&record.section].1;
        for function in object.functions.values() {
            let end = function.section_offset + function.instructions.len() * 8;
            if function.section_index.0 != index || !(function.section_offset..end).contains(&record.insn_off()) {
                continue;
            }
            let at = (record.insn_off() - function.section_offset) / 8;
            // What an ldimm64 was, not what became of it: poison takes both halves.
            let was = word(&record.bytes, 0);
            let count = if self.is_wide(index, was as usize) { 2 } else { 1 };
            return function.instructions[at..at + count].iter().map(hex).collect();
        }
        String::new()
    }

    fn is_wide(&self, section: usize, insn_off: usize) -> bool {
        let file = object::File::parse(&*self.data).unwrap();
        let section = file.section_by_index(object::SectionIndex(section)).unwrap();
        section.data().unwrap()[insn_off] == 0x18
    }

    fn judge(&self, target: &Btf, from: usize, to: usize, lines: &mut Vec<(usize, Result<String, String>)>) {
        if from == to {
            return;
        }
        match self.relocate(target, from, to) {
            Ok(codes) => lines.extend((from..to).zip(codes.into_iter().map(Ok))),
            Err(error) if to - from == 1 => lines.push((from, Err(error))),
            Err(_) => {
                let middle = (from + to) / 2;
                self.judge(target, from, middle, lines);
                self.judge(target, middle, to, lines);
            }
        }
    }
}

fn hex(insn: &aya_obj::generated::bpf_insn) -> String {
    let mut text = format!("{:02x}{:02x}", insn.code, insn.dst_reg() | insn.src_reg() << 4);
    for byte in insn.off.to_le_bytes().into_iter().chain(insn.imm.to_le_bytes()) {
        text += &format!("{byte:02x}");
    }
    text
}

fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text += &format!(": {inner}");
        source = inner.source();
    }
    text
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if (letter as u32) < 0x20 => quoted += &format!("\\u{:04x}", letter as u32),
            letter => quoted.push(letter),
        }
    }
    quoted + "\""
}

/// What is said of one object: where its load ends, and a line for each record.
fn judge_object(path: &str, target: &[u8], btf: &Result<Btf, String>) {
    let head = format!(r#"{{"judge":"aya-obj {VERSION}","object":{}"#, quoted(path));
    let data = fs::read(path).expect("the object can be read");
    let load = load(&data, target, btf).map_or_else(|error| quoted(&error), |()| "null".to_owned());
    println!(r#"{head},"load_error":{load},"link_error":{}}}"#, link_error(&data));
    // A record alone may still parse where the object does not.
    let (Ok(btf), Ok(judged)) = (btf, Judged::read(data)) else {
        return;
    };
    let mut lines = Vec::new();
    judged.judge(btf, 0, judged.records.len(), &mut lines);
    for (index, line) in lines {
        let answer = match line {
            Ok(code) => format!(r#""code":"{code}""#),
            Err(error) => format!(r#""error":{}"#, quoted(&error)),
        };
        println!(r#"{head},"record":{index},{answer}}}"#);
    }
}

/// As aya's loader does it: parse, read the kernel in the object's byte order, relocate.
fn load(data: &[u8], target: &[u8], btf: &Result<Btf, String>) -> Result<(), String> {
    guarded(|| {
        let mut object = Object::parse(data).map_err(|error| with_sources(&error))?;
        if object.endianness == Endianness::Little {
            let btf = btf.as_ref().map_err(Clone::clone)?;
            object.relocate_btf(btf).map_err(|error| with_sources(&error))
        } else {
            let btf = Btf::parse(target, object.endianness).map_err(|error| with_sources(&error))?;
            object.relocate_btf(&btf).map_err(|error| with_sources(&error))
        }
    })
}

/// What is wrong once records are written: maps and functions are put in (aya's `EbpfLoader::load`).
fn link_error(data: &[u8]) -> String {
    let linked = guarded(|| {
        let mut object = Object::parse(data).map_err(|error| with_sources(&error))?;
        let sections = object.functions.keys().map(|(section, _)| *section).collect();
        let maps = std::mem::take(&mut object.maps);
        object
            .relocate_maps(maps.iter().map(|(name, map)| (name.as_str(), 1, map)), &sections)
            .map_err(|error| with_sources(&error))?;
        object.relocate_calls(&sections).map_err(|error| with_sources(&error))
    });
    linked.map_or_else(|error| quoted(&error), |()| "null".to_owned())
}

/// The result of `work`, or what it says as it panics.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    panic::catch_unwind(panic::AssertUnwindSafe(work)).unwrap_or_else(|cause| {
        let text = cause.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or("?");
        Err(format!("panic: {text}"))
    })
}

fn main() -> ExitCode {
    panic::set_hook(Box::new(|_| ()));
    let mut arguments = env::args().skip(1);
    let Some(target) = arguments.next() else {
        eprintln!("usage: judge-aya BTF OBJECT...");
        return ExitCode::from(2);
    };
    let target = fs::read(&target).expect("the BTF can be read");
    let btf = guarded(|| Btf::parse(&target, Endianness::Little).map_err(|error| with_sources(&error)));
    for object in arguments {
        judge_object(&object, &target, &btf);
    }
    ExitCode::SUCCESS
}
