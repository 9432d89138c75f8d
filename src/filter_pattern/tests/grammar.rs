//! What parses, what an error says, and what single conditions match.

use serde_json::json;

use super::*;

fn matches(pattern: &str, event: &Value) -> bool {
    parse(pattern)
        .unwrap_or_else(|error| panic!("{pattern}: {error}"))
        .matches(event)
        .expect("json")
}

#[test]
fn the_simple_expressions_of_the_user_guide_match_its_event() {
    let event = json!({
        "eventType": "UpdateTrail",
        "sourceIPAddress": "111.111.111.111",
        "arrayKey": ["value", "another value"],
        "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
        "SomeObject": null,
        "ThisFlag": true,
        "cluster.name": "c",
        "latency": 50,
        "errorCode": 404
    });
    for pattern in [
        r#"{ $.eventType = "UpdateTrail" }"#,
        "{ $.sourceIPAddress != 123.123.* }",
        r#"{ $.arrayKey[0] = "value" }"#,
        "{ $.objectList[1].id = 2 }",
        "{ $.SomeObject IS NULL }",
        "{ $.SomeOtherObject NOT EXISTS }",
        "{ $.SomeOtherObject.deeper[3] NOT EXISTS }",
        "{ $.ThisFlag IS TRUE }",
        "{ $.eventType = %Trail% }",
        "{ $.arrayKey[*] = %val.{2}% }",
        r"{ $.* = %111\.111\.111\.1[0-9]{1,2}% }",
        "{ $.['cluster.name'] = \"c\" }",
        "{$.latency = *}",
        "{ $.latency >= 50 && $.latency <= 5e1 && $.latency < 50.5 && $.latency > +4.9e+1 }",
        "{ $.errorCode = 4* }",
        "{ $.errorCode != 500 }",
        "{ $.objectList[*].id = 2 }",
    ] {
        assert!(matches(pattern, &event), "{pattern}");
    }
    for pattern in [
        r#"{ $.eventType = "updateTrail" }"#,
        "{ $.eventType NOT EXISTS }",
        "{ $.SomeObject NOT EXISTS }",
        "{ $.missing != \"anything\" }",
        "{ $.missing IS NULL }",
        "{ $.arrayKey = value }",
        "{ $.arrayKey != value }",
        "{ $.objectList[2].id = 2 }",
        "{ $.ThisFlag IS FALSE }",
        "{ $.objectList[*].id = 3 }",
        "{ $.latency > 50 }",
    ] {
        assert!(!matches(pattern, &event), "{pattern}");
    }
}

#[test]
fn and_binds_tighter_than_or() {
    let event = json!({
        "user": {"id": 1, "email": "John.Stiles@example.com"},
        "users": [{"email": "John.Doe@example.com"}],
        "actions": ["GET", "PUT", "DELETE"],
        "coordinates": [[0, 1, 2]]
    });
    for (pattern, expected) in [
        (r#"{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }"#, true),
        (
            r#"{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch && $.actions[2] = nonmatch }"#,
            true,
        ),
        (
            r#"{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch) && $.actions[2] = nonmatch }"#,
            false,
        ),
        (r#"{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }"#, false),
    ] {
        assert_eq!(matches(pattern, &event), expected, "{pattern}");
    }
}

#[test]
fn blanks_and_brackets_do_not_matter() {
    let plain = parse("{ $.a = b && ($.c = d || $.e = f) }").expect("plain");
    for text in [
        "{$.a=b&&($.c=d||$.e=f)}",
        "  {\n(($.a = \"b\")) &&\t( ($.c=\"d\") || $.e=f )\n}  ",
        "{ $['a'] = b && ($.['c'] = d || $.[\"e\"] = f) }",
    ] {
        assert_eq!(parse(text).expect(text), plain, "{text}");
    }
}

#[test]
fn errors_say_where_and_what() {
    for (text, wanted) in [
        ("{ $.a == b }", "column 8: expected a value, found `=`"),
        ("{ $.a = }", "column 9: expected a value, found `}`"),
        ("{ $.a }", "column 7: expected an operator, `IS` or `NOT EXISTS`, found `}`"),
        ("{ $.a IS NOT NULL }", "column 10: expected `NULL`, `TRUE` or `FALSE`, found `N`"),
        ("{ $.a NOT }", "column 11: expected `EXISTS`, found `}`"),
        ("{ $.a > b }", "column 9: expected a number, found `b`"),
        ("{ $.a = b", "column 10: expected `&&`, `||` or `}`, found the end"),
        ("{ ($.a = b }", "column 12: expected `&&`, `||` or `)`, found `}`"),
        ("{ $.a = b } x", "column 13: expected the end of the pattern, found `x`"),
        ("{ $.ä = \"b }", "column 9: a string is not closed"),
        ("{ $.a = \"b\\n\" }", "column 12: the escape `\\n` is not known"),
        ("{ $.a = %b }", "column 9: a regular expression is not closed"),
        (
            "{ $.a = %(b)% }",
            "column 9: regular expression: `(` is not supported in filter patterns",
        ),
        (
            "{ eventName = b }",
            "column 3: expected a selector that begins with `$.`, or `(`, found `e`",
        ),
        ("{ $[0] = b }", "column 7: expected a property before an array index, found ` `"),
        ("{ $ = b }", "column 4: expected `.`, found ` `"),
        ("{ $.a[1000] = b }", "column 7: an array index above 999"),
        ("{ $.a[99999999999999999999999] = b }", "column 7: an array index above 999"),
        ("{ $.a['b = c }", "column 8: a property name is not closed"),
        ("{ $.a = b & $.c = d }", "column 11: expected `&&`, `||` or `}`, found `&`"),
        (
            "{ !($.a = b) }",
            "column 3: expected a selector that begins with `$.`, or `(`, found `!`",
        ),
        ("{}", "column 2: expected a selector that begins with `$.`, or `(`, found `}`"),
    ] {
        let error = parse(text).expect_err(text);
        assert_eq!(error.to_string(), wanted, "{text}");
    }
}

#[test]
fn hostile_texts_end_in_an_error_and_not_in_a_crash() {
    let deep = format!("{{ {}$.a = b{} }}", "(".repeat(3_000), ")".repeat(3_000));
    assert_eq!(parse(&deep).expect_err("deep").problem, Problem::TooDeep);
    let long = format!("{{ $.a = {} }}", "x".repeat(MAX_LENGTH));
    assert_eq!(parse(&long).expect_err("long").problem, Problem::TooLong);
    let many = format!("{{ {} }}", vec!["$.a=b"; MAX_CONDITIONS + 1].join("||"));
    assert_eq!(parse(&many).expect_err("many").problem, Problem::TooManyConditions);
    let segments = format!("{{ ${} = b }}", ".a".repeat(MAX_SEGMENTS + 1));
    assert_eq!(parse(&segments).expect_err("segments").problem, Problem::SelectorTooLong);
    for text in ["{", "{$", "{$.", "{$.a[", "{$.a=\"\\", "{$.a=%", "{$.a IS", "{ $.a = \u{0} }"] {
        let _ = parse(text);
    }
}

#[test]
fn other_languages_are_told_apart() {
    let event = json!({"eventName": "CreateTrail"});
    for text in ["", "   ", "\" \""] {
        assert_eq!(parse(text).expect(text).matches(&event), Some(true), "{text:?}");
    }
    for text in ["CreateTrail", "?CreateTrail ?StopLogging", "%Trail%", "[ip, user, ...]"] {
        assert_eq!(parse(text).expect(text).matches(&event), None, "{text:?}");
    }
}
