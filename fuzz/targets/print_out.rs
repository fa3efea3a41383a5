#![no_main]

use libfuzzer_sys::fuzz_target;
use muckrake_fuzz::checks;

fuzz_target!(|bytes: &[u8]| checks::print_out(bytes));
