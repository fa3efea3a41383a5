#![no_main]

use libfuzzer_sys::fuzz_target;
use muckrake_fuzz::{archives, checks, folder};

fuzz_target!(|bytes: &[u8]| checks::container(&archives::from_bytes(bytes), folder()));
