/**
 * Keys for tests. TEST KEYS: public, worthless, never to be used for anything that should stay secret.
 *
 * @module
 */

/** An X25519 test key pair, both halves made by age-keygen. */
export const TEST_X25519 = {
  identity: "AGE-SECRET-KEY-1SHVFS36YPK4SYU7AY8ZCUTFMNR9SL7DLXAKWYL9WFUC033RE9KASWW78XT",
  recipient: "age1veek2wfs944qsd5xlx20qhy3ty90cxd5syl3truey3v2y79x9vlq4vhvfc",
} as const;

/** Another X25519 test key pair. */
export const TEST_X25519_OTHER = {
  identity: "AGE-SECRET-KEY-1ZTHQ28EWJM6NKNKMCU2VQV0DF3HT2NEDNG5HJTG7SPPYUCUC6H5SZVPK6A",
  recipient: "age1fq4fkwt0wcmyu285d4l8u92y55lfuuk3tmm0wvhw59eqlvnk6eas8lrvmh",
} as const;

/** The private half of a hybrid test key; its recipient has 1959 characters and begins and ends like this. */
export const TEST_HYBRID = {
  identity: "AGE-SECRET-KEY-PQ-1TJSVUYHJ9AKG8DTJXGAHC3WJRDRNGYKHFTKNDL6E2TSTACKY0CWQ0A7V9P",
  recipientStart: "age1pq10fgpmpfx",
  recipientEnd: "sd5fyetha",
} as const;

/** A plugin identity and recipient in the form of age-plugin-yubikey, with zero bytes as data. */
export const TEST_PLUGIN = {
  identity: "AGE-PLUGIN-YUBIKEY-1QQQQQQQQQQQQQQQYDYHHH",
  recipient: "age1yubikey1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqjrljxx",
} as const;

/** An ssh public key made for the tests. */
export const TEST_SSH_ED25519 =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBbFa9N45Qri/WVPkQCnqCpMuWv+A8dLScNGbeU+MSbd test-key@sopsmith";

/** An RSA public key of 2048 bits made for the tests. */
export const TEST_SSH_RSA =
  "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDPnJRYJLa4kTHRozoYGX4T1n7RW7lsTtdnbjYr7av24oY9quZAal/lB1sLWuZ1sKp4JBqV/9SoKAkR4mpTiHQOfvc2NQ6VDL8AWnDLgsm2kyYyII5To4KHzxMm+L4y8JtFFCU2K05c0Xs8gxieZPjE8uaicz78fBzinYgp4t7jb1ZNySRaC+T4zjwT+9a4rXDiKl+5HHWojhK9LCSdcMY2O3XNtrJzfD++L2uOAzHOkbTpE1uPwb9chY8HErj+myG1B9zcm+dZGXeUN1WNM+CUKJ2HuNUy0TNadNDrkSIpWwin/ok6PPOZZGG7fo6hgalnyQTXYrpBqZF5dDWOYkn1 test-key@sopsmith";

/** An RSA public key of 1024 bits (made up), which age refuses. */
export const TEST_SSH_RSA_SMALL =
  "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDFAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ== test-key@sopsmith";
