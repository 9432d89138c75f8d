//! The functions of the language: a closed list, from which its documentation is made.

use super::types::Ty;

/// What a function is asked of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receiver {
    /// Nothing: it stands alone, as `size(x)`.
    None,
    /// A list.
    List,
    /// Text.
    Text,
    /// An address range.
    Cidr,
    /// A record with protocol and ports.
    Rule,
}

impl Receiver {
    /// Whether a value of that type can be asked.
    pub fn takes(self, ty: &Ty) -> bool {
        match self {
            Self::None => false,
            Self::List => matches!(ty, Ty::List(_)),
            Self::Text => ty.is_text(),
            Self::Cidr => matches!(ty, Ty::Cidr),
            Self::Rule => matches!(ty, Ty::Record(_)),
        }
    }
}

/// A function.
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// What it is asked of.
    pub receiver: Receiver,
    /// Its arguments, each a name for what it takes.
    pub args: &'static [&'static str],
    /// The type of its answer.
    pub result: &'static str,
    /// What it answers, in full sentences.
    pub doc: &'static str,
    /// How it is written: a condition that holds for the resources of `docs/language.md`.
    pub example: &'static str,
}

impl Function {
    /// Its arguments in words.
    pub fn arguments(&self) -> String {
        match self.args {
            [] => "no arguments".into(),
            [only] => format!("one argument ({only})"),
            many => format!("{} arguments ({})", many.len(), many.join(", ")),
        }
    }
}

macro_rules! functions {
    ($($name:literal $receiver:ident [$($arg:literal),*] $result:literal $example:literal $doc:literal)*) => {
        &[$(Function {
            name: $name,
            receiver: Receiver::$receiver,
            args: &[$($arg),*],
            result: $result,
            doc: $doc,
            example: $example,
        }),*]
    };
}

/// All functions, those that stand alone first.
pub const FUNCTIONS: &[Function] = functions! {
    "has" None ["field"] "bool" "has(bucket.policy)"
        "Whether an optional field is set. False when AWS says *not configured*; unknown when it could not be read."
    "size" None ["list"] "int" "size(group.ingress) == 2"
        "The number of elements. Of a list that was cut short at least what was seen, so `size(x) < 3` may be unknown while `size(x) > 0` is true."
    "ageDays" None ["timestamp"] "int" "ageDays(user.create_date) > 90"
        "Whole days from a time to the time of the scan, rounded down; negative for the future."
    "now" None [] "timestamp" "now() > user.create_date"
        "The time of the scan."
    "duration" None ["\"90d\""] "duration" "now() - user.create_date > duration(\"90d\")"
        "A span of time: whole numbers with d, h, m, s, in this order."
    "account" None ["arn"] "string" "account(user.arn) == \"111122223333\""
        "The account id in an ARN, empty where the ARN has none. Unknown for text that is no ARN."
    "region" None ["arn"] "string" "region(topic.arn) == \"eu-west-1\""
        "The region in an ARN, empty for global resources. Unknown for text that is no ARN."
    "partition" None ["arn"] "string" "partition(user.arn) == \"aws\""
        "The partition in an ARN: aws, aws-cn, aws-us-gov. Unknown for text that is no ARN."
    "exists" List ["name", "condition"] "bool" "group.ingress.exists(rule, rule.protocol == \"tcp\")"
        "Whether the condition holds for an element at least. Unknown when it holds for none that was seen and the list is cut short."
    "all" List ["name", "condition"] "bool" "group.ingress.all(rule, rule.protocol == \"tcp\")"
        "Whether the condition holds for each element; true for an empty list."
    "exists_one" List ["name", "condition"] "bool" "group.ingress.exists_one(rule, rule.source.reaches_internet)"
        "Whether the condition holds for exactly one element."
    "filter" List ["name", "condition"] "list" "size(group.ingress.filter(rule, rule.source.reaches_internet)) == 1"
        "The elements for which the condition holds."
    "map" List ["name", "value"] "list" "\"tcp\" in group.ingress.map(rule, rule.protocol)"
        "The values of an expression for each element."
    "startsWith" Text ["text"] "bool" "group.name.startsWith(\"web-\")"
        "Whether the text begins so. Upper and lower case differ."
    "endsWith" Text ["text"] "bool" "group.name.endsWith(\"-prod\")"
        "Whether the text ends so. Upper and lower case differ."
    "contains" Text ["text"] "bool" "group.name.contains(\"prod\")"
        "Whether the text holds the other one. Upper and lower case differ."
    "matches" Text ["\"regex\""] "bool" "group.name.matches(\"^web-[0-9]+-prod$\")"
        "Whether the regular expression matches somewhere in the text. It takes time linear in the text."
    "lower" Text [] "string" "group.name.lower() == \"web-1-prod\""
        "The text with the letters A to Z in lower case."
    "isInternet" Cidr [] "bool" "group.ingress.exists(rule, has(rule.source.cidr) and rule.source.cidr.isInternet())"
        "Whether the range is 0.0.0.0/0 or ::/0."
    "contains" Cidr ["cidr"] "bool" "group.ingress.exists(rule, has(rule.source.cidr) and rule.source.cidr.contains(\"10.1.2.0/24\"))"
        "Whether every address of the other range is in this one."
    "prefixLength" Cidr [] "int" "group.ingress.exists(rule, has(rule.source.cidr) and rule.source.cidr.prefixLength() == 16)"
        "The number after the slash."
    "covers" Rule ["protocol", "ports"] "bool" "group.ingress.exists(rule, rule.covers(\"tcp\", [22, \"3000-3010\"]))"
        "Whether a rule with `protocol`, `from_port` and `to_port` lets one of the ports through. Protocol -1 covers all; tcp and udp without ports cover every port."
    "within" Rule ["protocol", "ports"] "bool" "group.ingress.all(rule, rule.within(\"tcp\", [22, 443]))"
        "Whether a rule with `protocol`, `from_port` and `to_port` is of that protocol and lets no port through but these. Protocol -1 is within nothing."
};
