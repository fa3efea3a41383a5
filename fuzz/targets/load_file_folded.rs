#![no_main]

use libfuzzer_sys::fuzz_target;
use muckrake_fuzz::{alphabets, checks, folder};

fuzz_target!(|bytes: &[u8]| checks::production(&alphabets::load_file(bytes), folder()));
