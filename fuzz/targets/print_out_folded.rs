#![no_main]

use libfuzzer_sys::fuzz_target;
use muckrake_fuzz::{alphabets, checks};

fuzz_target!(|bytes: &[u8]| checks::print_out(alphabets::print(bytes).as_bytes()));
