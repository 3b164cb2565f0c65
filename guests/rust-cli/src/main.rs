//! A WASI 0.1 command in Rust: `rust-cli` greets, `rust-cli count [FILE]` counts words of a file or of standard input,
//! `rust-cli sort` sorts lines, `rust-cli copy FROM TO` copies a file, `rust-cli env NAME`, `rust-cli panic`.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read, Write};
use std::process::ExitCode;
use std::{env, fs};

fn count(text: &str) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word).or_default() += 1;
    }
    counts
}

fn run(args: &[&str]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match args {
        [] => writeln!(out, "Hello from Rust"),
        ["count", file @ ..] => {
            let text = match file {
                [path] => fs::read_to_string(path)?,
                _ => {
                    let mut text = String::new();
                    io::stdin().read_to_string(&mut text)?;
                    text
                }
            };
            count(&text).iter().try_for_each(|(word, n)| writeln!(out, "{n} {word}"))
        }
        ["sort"] => {
            let mut lines = io::stdin().lock().lines().collect::<io::Result<Vec<_>>>()?;
            lines.sort();
            lines.iter().try_for_each(|line| writeln!(out, "{line}"))
        }
        ["copy", from, to] => fs::copy(from, to).map(drop),
        ["env", name] => writeln!(out, "{}", env::var(name).unwrap_or_else(|_| "(unset)".into())),
        ["panic"] => panic!("as asked"),
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "unknown command")),
    }
}

fn main() -> ExitCode {
    let args: Vec<_> = env::args().skip(1).collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("rust-cli: {e}");
            ExitCode::FAILURE
        }
    }
}
