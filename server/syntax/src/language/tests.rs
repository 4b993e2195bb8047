use super::*;
use registry::Registry;

#[test]
fn the_registry_is_well_formed() {
    // The file itself, so that the message says what is wrong with it.
    if let Err(error) = Registry::from_toml(include_str!("../../../../grammars/languages.toml")) {
        panic!("{error}");
    }
    assert!(Language::all().count() >= 110);
}
