// Answers requests, takes messages, runs at times: whatever calls it, it is a program with arguments, environment, standard input and output.
use std::{env, io};

fn main() -> io::Result<()> {
    if env::var("REQUEST_METHOD").is_ok() {
        println!("Content-Type: text/plain\n\nHello, {}", env::var("PATH_INFO").unwrap_or_default());
    } else {
        println!("called by {}", env::var("WINDHOVER_TRIGGER").unwrap_or_default());
    }
    io::copy(&mut io::stdin(), &mut io::stdout())?;
    Ok(())
}
