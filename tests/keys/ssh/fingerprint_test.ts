import { findSshFingerprint } from "../../../lib/keys/ssh/fingerprint.ts";
import { findSshPublicKey } from "../../../lib/keys/ssh/public_key.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { PRIVATE_KEYS } from "./build.ts";

Deno.test("findSshFingerprint() is what ssh-keygen -l shows", async () => {
  for (const { public: line, fingerprint } of PRIVATE_KEYS) {
    const key = findSshPublicKey(line);
    assert(key !== undefined);
    assertEquals(await findSshFingerprint(key), fingerprint);
  }
});

Deno.test("findSshFingerprint() of something that is no Base64 is undefined", async () => {
  assertEquals(await findSshFingerprint({ type: "ssh-ed25519", encoded: "AAA", comment: "" }), undefined);
});
