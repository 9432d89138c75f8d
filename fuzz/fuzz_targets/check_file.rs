//! Any text as a check file: the YAML reader, the loader, the linter; and what loads is tested.
#![no_main]

use libfuzzer_sys::fuzz_target;
use postura::check::{Library, case, lint};
use postura::diagnostic::SourceFile;
use postura::resources::MODEL;

fuzz_target!(|text: &str| {
    let file = SourceFile::new("a-check.yaml", text);
    let (library, diagnostics) = Library::load([file].into_iter(), MODEL.catalog, None);
    assert!(!library.checks().is_empty() || !diagnostics.is_empty());
    for check in library.checks() {
        let report = case::run(check, MODEL);
        for diagnostic in diagnostics.iter().chain(&lint(check)).chain(&report.diagnostics(check)) {
            assert!(check.file.text.get(diagnostic.span.range()).is_some(), "{diagnostic}");
        }
    }
    for diagnostic in &diagnostics {
        assert!(diagnostic.file.text.get(diagnostic.span.range()).is_some(), "{diagnostic}");
    }
});
