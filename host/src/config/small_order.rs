//! The few Ed25519 keys that anybody can sign for.
//!
//! They stand with the configuration, so that none of them ever becomes an approver's.

/// The encodings of the eight points of small order, sign aside. The list is libsodium's (`ge25519_has_small_order`).
#[rustfmt::skip]
pub(crate) const SMALL_ORDER: [[u8; 32]; 7] = [
    [0; 32],
    [1, 0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],
    [0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
     0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05],
    [0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
     0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a],
    [0xec, 255,255,255,255,255,255,255,255,255,255,255,255,255,255,255,
     255,255,255,255,255,255,255,255,255,255,255,255,255,255,255, 0x7f],
    [0xed, 255,255,255,255,255,255,255,255,255,255,255,255,255,255,255,
     255,255,255,255,255,255,255,255,255,255,255,255,255,255,255, 0x7f],
    [0xee, 255,255,255,255,255,255,255,255,255,255,255,255,255,255,255,
     255,255,255,255,255,255,255,255,255,255,255,255,255,255,255, 0x7f],
];

/// Whether a public key is a point of small order: for such a one a signature by nobody verifies.
pub(crate) fn is_of_small_order(key: &[u8; 32]) -> bool {
    let mut positive = *key;
    positive[31] &= 0x7f;
    SMALL_ORDER.contains(&positive)
}
