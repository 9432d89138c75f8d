//! Any bytes as a snapshot, plain or packed; what is read is written and read again the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use postura::inventory::snapshot::{Packing, read, write};
use postura::inventory::{Inventory, Wanted};
use postura::resources::MODEL;

fn written(inventory: &Inventory) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(inventory, &mut bytes, Packing::Plain).expect("memory takes all bytes");
    bytes
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(inventory) = read(bytes, MODEL, &Wanted::Everything) else { return };
    let first = written(&inventory);
    let again = read(&*first, MODEL, &Wanted::Everything).expect("what was written is a snapshot");
    assert_eq!(String::from_utf8_lossy(&first), String::from_utf8_lossy(&written(&again)));
});
