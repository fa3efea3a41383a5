//! Writes the small hostile messages and their README to a folder.
//!
//! `cargo run -p muckrake-sample --example hostile -- fixtures/hostile`

use std::fs;
use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let folder: PathBuf = std::env::args_os()
        .nth(1)
        .unwrap_or_else(|| "hostile".into())
        .into();
    fs::create_dir_all(&folder)?;
    for hostile in muckrake_sample::hostile::small() {
        fs::write(folder.join(hostile.name), &hostile.bytes)?;
    }
    fs::write(folder.join("README.md"), muckrake_sample::hostile::readme())
}
