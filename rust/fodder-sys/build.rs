//! Builds the C library from its sources, which lie beside this crate's as `c`, or finds the one that is installed.

use std::path::Path;

const SOURCES: &str = "c/src";

fn main() {
    println!("cargo:rerun-if-changed=c");
    #[cfg(feature = "system")]
    pkg_config::Config::new()
        .atleast_version("0.1.0")
        .probe("fodder")
        .expect("pkg-config finds no fodder");
    if !cfg!(feature = "system") {
        compile();
    }
}

/// The names between the brackets of `libfodder_names` in src/meson.build: the one list of the library's sources.
fn names(list: &str) -> Vec<&str> {
    let list = list
        .split("libfodder_names = [")
        .nth(1)
        .and_then(|rest| rest.split(']').next());
    list.expect("src/meson.build lists libfodder_names")
        .lines()
        .filter_map(|line| line.trim().strip_prefix('\'')?.strip_suffix("',"))
        .collect()
}

/// What a feature leaves out is another file, as in src/meson.build.
fn chosen(name: &str) -> &str {
    match name {
        "os/place_memory.c" if !cfg!(feature = "numa") => "os/place_none.c",
        "os/place_thread.c" if !cfg!(feature = "thread-pinning") => "os/place_unpinned.c",
        _ => name,
    }
}

fn compile() {
    let list =
        std::fs::read_to_string(format!("{SOURCES}/meson.build")).expect("the C sources are in this crate as c/");
    let files = names(&list)
        .into_iter()
        .map(|name| Path::new(SOURCES).join(chosen(name)));

    cc::Build::new()
        .files(files)
        .include("c/include")
        .include(SOURCES)
        .opt_level(2)
        .std("c11")
        .compile("fodder");
    println!("cargo:rustc-link-lib=m");
    println!("cargo:rustc-link-lib=pthread");
}
