//! The permission table as text: a change of rights shows as a change of this file.

use service::iam::matrix;

#[test]
fn the_permission_table_is_what_was_agreed() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/permissions.txt");
    let printed = matrix::printed();
    if std::env::var_os("LOADLINE_BLESS").is_some() {
        std::fs::write(path, &printed).unwrap();
    }
    let agreed = std::fs::read_to_string(path).unwrap();
    assert_eq!(printed, agreed, "rights changed; LOADLINE_BLESS=1 agrees to it");
}
