use clap::Parser;

use super::Arguments;

/// As a shell splits it: at spaces outside double quotes, up to where a file is read.
fn words(command: &str) -> Vec<String> {
    let command = command.split(" < ").next().unwrap();
    let mut words = Vec::new();
    for (at, part) in command.split('"').enumerate() {
        match at % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

#[test]
fn every_command_that_the_demonstration_shows_is_one_that_tacit_understands() {
    let all = demo::commands::shown().unwrap();
    let ours: Vec<_> = all.into_iter().filter(|command| command.starts_with("tacit ")).collect();
    assert!(ours.len() > 20 && ours.iter().any(|command| command.contains(demo::SCOPE[0])));
    for command in ours {
        let read = Arguments::try_parse_from(words(&command));
        assert!(read.is_ok(), "{command}: {}", read.unwrap_err());
    }
}
