#![no_main]

use libfuzzer_sys::fuzz_target;
use muckrake_fuzz::checks;

fuzz_target!(|text: &str| checks::query(text));
