#![no_main]

use libfuzzer_sys::fuzz_target;
use muckrake_fuzz::{checks, folder};

fuzz_target!(|bytes: &[u8]| checks::production(bytes, folder()));
