//! Module paths of states, and paths of directories.

/// The names of the modules of an instance path, without indexes: `net` and `sub` of
/// `module.net[0].module.sub["a.b"]`.
pub(super) fn modules(path: &str) -> Vec<String> {
    let (mut parts, mut current) = (Vec::new(), String::new());
    let mut characters = path.chars();
    while let Some(character) = characters.next() {
        match character {
            '.' => parts.push(std::mem::take(&mut current)),
            '[' => skip_index(&mut characters),
            _ => current.push(character),
        }
    }
    parts.push(current);
    let pairs = parts.chunks(2).filter_map(|pair| match pair {
        [word, name] if word == "module" => Some(name.clone()),
        _ => None,
    });
    pairs.collect()
}

/// Skips an index up to its bracket; a key in quotes may hold dots, brackets and escaped quotes.
fn skip_index(characters: &mut std::str::Chars<'_>) {
    let mut quoted = false;
    while let Some(character) = characters.next() {
        match character {
            '"' => quoted = !quoted,
            '\\' if quoted => {
                characters.next();
            }
            ']' if !quoted => return,
            _ => {}
        }
    }
}

/// A path from a directory, without `.` and `..`; `None` where it leaves the checkout.
pub fn join(directory: &str, path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains('\\') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in directory.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_are_no_part_of_a_module() {
        assert_eq!(modules(""), Vec::<String>::new());
        assert_eq!(modules("module.net"), ["net"]);
        assert_eq!(modules("module.net[0].module.sub[\"a.b\"]"), ["net", "sub"]);
        assert_eq!(modules(r#"module.a["x\"].module.b"].module.c"#), ["a", "c"]);
        assert_eq!(modules("module.a[\"open"), ["a"]);
    }

    #[test]
    fn paths_stay_in_the_checkout() {
        assert_eq!(join("", ".").as_deref(), Some(""));
        assert_eq!(join("infra/prod", "./../modules//net").as_deref(), Some("infra/modules/net"));
        assert_eq!(join("infra", "../../etc"), None);
        assert_eq!(join("infra", "/etc"), None);
        assert_eq!(join("infra", "..\\etc"), None);
    }
}
