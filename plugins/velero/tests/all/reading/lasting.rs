//! What stays the same of an answer: ages, times and cron expressions depend on when a test runs.

/// Puts `AGE`, `TIME` and `CRON` for what depends on the clock, and two blanks for the padding around it.
pub(super) fn lasting(text: &str) -> String {
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn line(line: &str) -> String {
    let indent = line.len() - line.trim_start().len();
    let cells = line
        .split("  ")
        .map(str::trim)
        .filter(|cell| !cell.is_empty());
    let cells = cells.map(|cell| match is_cron(cell) {
        true => "CRON".to_owned(),
        false => cell.split(' ').map(word).collect::<Vec<_>>().join(" "),
    });
    format!("{:indent$}{}", "", cells.collect::<Vec<_>>().join("  "))
}

fn is_cron(cell: &str) -> bool {
    cell.trim_matches(|c| "\",".contains(c)).split(' ').count() == 5 && cell.contains(" * *")
}

fn word(word: &str) -> String {
    let bare = word.trim_matches(|c: char| "\"`,:;()".contains(c));
    let lasts = |text: &str| word.replace(bare, text);
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if bare.contains("Z/") {
        return "TOKEN".to_owned();
    }
    if let Some((name, end)) = bare.rsplit_once('-')
        && end.len() == 14
        && digits(end)
    {
        return lasts(&format!("{name}-TIME"));
    }
    if bare.len() == 20 && bare.ends_with('Z') {
        return lasts("TIME");
    }
    let unit = |c: char| "smhdy".contains(c);
    let is_age = bare.starts_with(|c: char| c.is_ascii_digit())
        && bare.ends_with(unit)
        && bare.chars().all(|c| c.is_ascii_digit() || unit(c));
    // Durations that are written in an object have all three.
    let is_written = bare.contains("h0m0s");
    match is_age && !is_written {
        true => lasts("AGE"),
        false => word.to_owned(),
    }
}
