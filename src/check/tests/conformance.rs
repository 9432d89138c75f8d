//! CEL's specification where this language has the same thing: operators, macros, strings.
//!
//! Left out because the language has no such values: maps, bytes, uint, double, null, messages,
//! `? :`, `*`, `/`, `%`, indexing, conversions, `timestamp()`, ordering of strings and booleans,
//! equality of lists. Left out because it is an error here at load, not at run: comparison of
//! different types, overflow of literals, unknown names.

use super::*;

/// Expressions that are true, in the order of the specification's chapters.
const TRUE: &[&str] = &[
    // Logical operators, with every pair of operands.
    "true && true",
    "!(true && false) && !(false && true) && !(false && false)",
    "true || true",
    "true || false",
    "false || true",
    "!(false || false)",
    "!false && !!true",
    "true or false and false",
    "!(true && false || false)",
    // Equality and order.
    "1 == 1 && !(1 == 2) && 1 != 2",
    "\"a\" == \"a\" && \"a\" != \"A\" && \"\" == ''",
    "true == true && true != false",
    "duration(\"1m\") == duration(\"60s\")",
    "1 < 2 && !(2 < 2) && 2 <= 2 && 3 > 2 && 3 >= 3 && !(2 >= 3)",
    "-1 < 0 && -9223372036854775807 < 9223372036854775807",
    "duration(\"1s\") < duration(\"1m\") && duration(\"1d\") >= duration(\"24h\")",
    // Arithmetic.
    "1 + 2 == 3 && 5 - 7 == -2 && 1 - 2 - 3 == -4",
    "-(-3) == 3 && 2 - -2 == 4",
    "duration(\"1m\") + duration(\"1m\") == duration(\"2m\")",
    "now() + duration(\"1h\") - now() == duration(\"1h\")",
    "now() - duration(\"1h\") < now()",
    // Membership.
    "2 in [1, 2, 3] && !(4 in [1, 2, 3])",
    "\"a\" in [\"a\"] && !(\"b\" in [\"a\"]) && !(\"a\" in [])",
    "true in [false, true]",
    // Macros.
    "[1, 2, 3].all(x, x > 0) && ![1, 2, 3].all(x, x > 1) && [].all(x, false)",
    "[1, 2, 3].exists(x, x > 2) && ![1, 2, 3].exists(x, x > 3) && ![].exists(x, true)",
    "[1, 2, 3].exists_one(x, x > 2) && ![1, 2, 3].exists_one(x, x > 1)",
    "![].exists_one(x, true)",
    "size([1, 2, 3].filter(x, x > 1)) == 2 && size([].filter(x, true)) == 0",
    "[1, 2].map(x, x + 1).all(y, y in [2, 3])",
    "[\"a\", \"b\"].map(x, x == \"a\").exists_one(y, y)",
    "[1, 2].all(x, [3, 4].all(y, x < y))",
    "[1, 2].exists(x, [1, 2].filter(y, y > x).exists(z, z == 2))",
    "[1, 2].filter(x, x > 1).filter(y, y > 0).map(z, z + 5).exists(w, w == 7)",
    "size([]) == 0 && size([1, 1]) == 2",
    // Strings.
    "\"foobar\".startsWith(\"foo\") && !\"foobar\".startsWith(\"bar\") && \"a\".startsWith(\"\")",
    "\"foobar\".endsWith(\"bar\") && !\"foobar\".endsWith(\"foo\") && \"\".endsWith(\"\")",
    "\"foobar\".contains(\"ob\") && !\"foobar\".contains(\"x\") && \"é\".contains(\"é\")",
    "\"foobar\".matches(\"o{2}b\") && !\"foobar\".matches(\"^o\") && \"\".matches(\"\")",
    "\"hello\".matches(\"(?i)HELLO\") && \"a\\nb\".matches(\"a\\\\sb\")",
    "r\"\\n\" == \"\\\\n\" && '\"' == \"\\\"\"",
    // What CEL has not.
    "\"ABC é\".lower() == \"abc é\" && \"ABC\".lower() != \"ABC\"",
    "not false and not (1 == 2) and not 1 in [2]",
    "account(\"arn:aws:sqs:eu-west-1:111122223333:q\") in [\"111122223333\"]",
    "ageDays(now() - duration(\"36h\")) == 1 && ageDays(now() + duration(\"1h\")) == -1",
];

#[test]
fn expressions_are_what_the_specification_says() {
    for expression in TRUE {
        for (condition, expected) in
            [((*expression).to_owned(), Verdict::Pass), (format!("!({expression})"), Verdict::Fail)]
        {
            let logic = format!("expect:\n  - that: |\n      {condition}\n    otherwise: Bad");
            let check = load(&check_text(&logic, "  - {name: a, given: {}, verdict: unknown}\n"));
            let given = serde_json::json!({});
            let inventory = case::fixture(&check, MODEL, &given, CASE_NOW).unwrap();
            let params = check.params(&Default::default()).unwrap();
            let bound = check.bind(&inventory, &params);
            let found = bound.judge(&inventory.resources(check.resource)[0]);
            assert_eq!(found.verdict, expected, "{condition}");
        }
    }
}

#[test]
fn examples_of_functions_are_expressions() {
    for function in functions::FUNCTIONS {
        let file = SourceFile::new("a.yaml", format!("a: |\n  {}\n", function.example));
        let node = yaml::read(&file).unwrap();
        let yaml::Kind::Map(entries) = node.kind else { panic!("a mapping") };
        let passage = passage::Passage::new(&file, &entries[0].value).unwrap();
        assert!(syntax::parse(&passage).is_ok(), "{}", function.example);
    }
}
