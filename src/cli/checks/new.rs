//! `postura checks new`: a starting file that passes `lint` and `test` as it is.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::check::CheckId;
use crate::cli::exit::shown;
use crate::cli::library::{embedded, load};
use crate::cli::{Exit, Failure};
use crate::resources::MODEL;
use crate::schema::{Kind, Origin, RecordType, Type};

/// Arguments of `postura checks new`.
#[derive(Debug, clap::Args)]
pub struct NewArgs {
    /// The new check's id, such as `s3-bucket-has-owner`: lower-case words joined by hyphens.
    id: String,
    /// The type of resource that it tests; told by the id where this is left out.
    #[arg(long, value_name = "TYPE")]
    resource: Option<String>,
    /// Write to this file, or to ID.yaml in this directory. [default: standard output]
    #[arg(long, value_name = "FILE|DIR")]
    out: Option<PathBuf>,
}

/// Writes the file.
pub fn run(args: &NewArgs) -> Result<Exit, Failure> {
    let id: CheckId = args.id.parse().map_err(|error| Failure::new(format!("{error}")))?;
    if load(embedded())?.find(id.as_str()).is_some() {
        let help = "ids are never used twice; `postura checks show` tells what it does";
        return Err(Failure::with_help(format!("the id `{id}` is taken"), Some(help.into())));
    }
    let name = match &args.resource {
        Some(name) => super::list::resource_type(name)?,
        None => guess(&id)?,
    };
    let Some(record) = MODEL.catalog.find(name) else {
        return Err(Failure::new(format!("there is no resource type `{name}`")));
    };
    let text = starting_file(&id, record);
    match &args.out {
        None => io::stdout().write_all(text.as_bytes())?,
        Some(path) => write_new(path, &id, &text)?,
    }
    Ok(Exit::Passed)
}

/// Writes a file that is not there yet.
fn write_new(path: &Path, id: &CheckId, text: &str) -> Result<(), Failure> {
    let wanted = format!("{id}.yaml");
    let path = if path.is_dir() { path.join(&wanted) } else { path.to_owned() };
    if path.file_name().and_then(|name| name.to_str()) != Some(&wanted) {
        // What has no extension, or ends in `/`, was meant as a directory.
        let (message, help) = if path.extension().is_none() {
            (format!("there is no directory `{}`", shown(&path)), "make it first, or name a file")
        } else {
            (format!("`{}` is not named as the check", shown(&path)), "name it")
        };
        return Err(Failure::with_help(message, Some(format!("{help} `{wanted}`"))));
    }
    let cannot = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Failure::new(format!("`{}` is there already, nothing was written", path.display()))
        }
        _ => Failure::writing(&path, &error),
    };
    let mut file = File::create_new(&path).map_err(cannot)?;
    file.write_all(text.as_bytes()).map_err(cannot)?;
    writeln!(io::stdout(), "{}", path.display())?;
    Ok(())
}

/// The type whose service and name stand in an id.
fn guess(id: &CheckId) -> Result<&'static str, Failure> {
    let words: Vec<&str> = id.as_str().split('-').collect();
    let scored: Vec<(usize, &str)> =
        MODEL.catalog.iter().map(|record| (score(&words, record), record.name)).collect();
    let best = scored.iter().map(|(score, _)| *score).max().unwrap_or_default();
    let fits = |(score, _): &&(usize, &str)| *score == best && best > 0;
    let named: Vec<&str> = scored.iter().filter(fits).map(|(_, name)| *name).collect();
    if let [only] = named.as_slice() {
        return Ok(only);
    }
    let types = if named.is_empty() {
        MODEL.catalog.iter().map(|record| record.name).collect()
    } else {
        named
    };
    let message = format!("the id `{id}` does not tell which type of resource it tests");
    Err(Failure::with_help(
        message,
        Some(format!("add --resource with one of {}", types.join(", "))),
    ))
}

/// How well the words of an id name a type: its service, its alias, the words of its name, or the
/// letters that they begin with, as in `sg`.
fn score(words: &[&str], record: &RecordType) -> usize {
    let name = record.name.rsplit("::").next().unwrap_or_default();
    let (mut parts, mut before) = (Vec::<String>::new(), false);
    for letter in name.chars() {
        // A run of capitals, as in VPC, is one word.
        match parts.last_mut() {
            Some(part) if !letter.is_uppercase() || before => {
                part.push(letter.to_ascii_lowercase())
            }
            _ => parts.push(letter.to_ascii_lowercase().to_string()),
        }
        before = letter.is_uppercase();
    }
    let initials: String = parts.iter().filter_map(|part| part.chars().next()).collect();
    let has = |word: &str| words.contains(&word);
    let named = has(record.alias) || parts.iter().all(|part| has(part));
    4 * usize::from(named || parts.len() > 1 && has(&initials))
        + 2 * usize::from(words.first() == Some(&record.service().as_str()))
        + parts.iter().filter(|part| has(part)).count()
}

/// What a starting file says of one type.
struct Start {
    title: String,
    params: &'static str,
    expect: String,
    otherwise: String,
    remedy: &'static str,
    good: String,
    bad: String,
    field: &'static str,
    action: &'static str,
}

impl Start {
    fn new(record: &RecordType) -> Self {
        let alias = record.alias;
        let read = |name: &str| match record.field(name).map(|(_, field)| field.origin) {
            Some(Origin::Read([call, ..])) => call.actions.first().copied(),
            _ => None,
        };
        let id = match record.kind {
            Kind::Resource { id, .. } => id,
            Kind::Part { .. } => "name",
        };
        let tagged = record.field("tags").is_some_and(|(_, field)| !field.optional);
        if let (true, Some(action)) = (tagged, read("tags")) {
            return Self {
                title: "Resources have an owner tag".into(),
                params: "  key: {type: string, default: owner, about: the tag that must be there}",
                expect: format!(
                    "  - some: tag in {alias}.tags\n    where: tag.key == params.key and tag.value != \"\""
                ),
                otherwise: format!("{{{alias}.{id}}} has no tag {{params.key}}"),
                remedy: "Add the tag.",
                good: format!("{{{id}: example, tags: [{{key: owner, value: payments}}]}}"),
                bad: format!("{{{id}: example, tags: []}}"),
                field: "tags",
                action,
            };
        }
        Self {
            title: "Names begin as agreed".into(),
            params: "  prefix: {type: string, default: prod-, about: how names begin}",
            expect: format!("  - that: {alias}.{id}.startsWith(params.prefix)"),
            otherwise: format!("{{{alias}.{id}}} does not begin with {{params.prefix}}"),
            remedy: "Choose another name.",
            good: format!("{{{id}: prod-example}}"),
            bad: format!("{{{id}: example}}"),
            field: id,
            action: read(id).unwrap_or("service:Action"),
        }
    }
}

/// The text of a starting file.
pub fn starting_file(id: &CheckId, record: &RecordType) -> String {
    let Start { title, params, expect, otherwise, remedy, good, bad, field, action } =
        Start::new(record);
    let (alias, resource) = (record.alias, record.name);
    let fields = fields(record);
    format!(
        r#"# `postura checks schema > check.schema.json` lets editors complete this file and check it:
# yaml-language-server: $schema=./check.schema.json

# The file's name without .yaml. Never renamed: findings and exceptions refer to it.
id: {id}
# The posture that is wanted, so that "fail" reads right beside it.
title: {title}
# critical, high, medium, low or info.
severity: low
# One finding a resource of this type. Expressions call it `{alias}`.
resource: {resource}
categories: [hygiene]
description: Looks at each resource of this type.
risk: Nobody knows whom to ask.

# Values that a policy may change, for all resources or by account, region and tag.
params:
{params}

# Conditions that all hold for the resources that this check speaks about; delete what is not needed.
# applies_when:
#   - {alias}.account.id != "111122223333"

# What must hold. Forms: `that: condition`, and over lists `none`, `every`, `some`, `one: x in list`
# with `where: condition`. `when: condition` makes an assertion count only then. Fields of `{alias}`:
{fields}
expect:
{expect}
    otherwise: "{otherwise}"

remediation:
  text: {remedy}
# Requirements that this check speaks to, such as cis-aws-7.0/6.2.
controls: []

# At least one case that passes, one that fails, one that is unknown. `postura checks test` also hides
# every part of each: the verdict may only stay or become unknown.
tests:
  - name: as it should be
    given: {good}
    verdict: pass
  - name: as it should not be
    given: {bad}
    verdict: fail
  - name: it cannot be read
    given: {{{field}: {{$unknown: "{action} AccessDenied"}}}}
    verdict: unknown
"#
    )
}

/// The names and types of fields, as comment lines.
fn fields(record: &RecordType) -> String {
    let mut lines = vec!["#  ".to_owned()];
    for field in record.fields {
        let ty = match field.ty {
            Type::Enum(_) => "string".to_owned(),
            other => other.to_string(),
        };
        let word = format!(" {}: {ty};", field.name);
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() <= 98 => line.push_str(&word),
            _ => lines.push(format!("#  {word}")),
        }
    }
    lines.join("\n").trim_end_matches(';').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{case, compile, lint};
    use crate::diagnostic::SourceFile;

    #[test]
    fn a_starting_file_of_every_type_passes_lint_and_test() {
        for record in MODEL.catalog.iter() {
            let id: CheckId = "a-new-check".parse().unwrap();
            let text = starting_file(&id, record);
            let (check, found) = compile(&SourceFile::new("a-new-check.yaml", text), MODEL.catalog);
            assert!(found.is_empty(), "{found:?}");
            let check = check.unwrap();
            assert!(lint(&check).is_empty(), "{:?}", lint(&check));
            let report = case::run(&check, MODEL);
            assert!(report.diagnostics(&check).is_empty(), "{:?}", report.diagnostics(&check));
        }
    }

    #[test]
    fn ids_tell_types_or_ask() {
        let of = |id: &str| guess(&id.parse().unwrap()).ok();
        assert_eq!(of("s3-bucket-has-owner"), Some("AWS::S3::Bucket"));
        assert_eq!(of("sg-has-owner"), Some("AWS::EC2::SecurityGroup"));
        assert_eq!(of("ec2-instance-has-owner"), Some("AWS::EC2::Instance"));
        assert_eq!(of("iam-user-has-owner"), Some("AWS::IAM::User"));
        assert_eq!(of("vpc-has-owner"), Some("AWS::EC2::VPC"));
        assert_eq!(of("iam-has-owner"), None);
        assert_eq!(of("something-else"), None);
    }
}
