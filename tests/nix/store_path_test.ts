import { hashSha256 } from "../../lib/nix/hash.ts";
import {
  deriveStorePath,
  findStorePath,
  formatStorePath,
  isStoreBaseName,
  isStoreHash,
} from "../../lib/nix/store_path.ts";
import { assert, assertEquals } from "../support/assert.ts";

const HASH = "9yfk8g7dqlncksm208cb3g2b7rk1hbrd";

Deno.test("findStorePath() takes a path of any store apart, and formatStorePath() joins it", () => {
  for (
    const path of [`/nix/store/${HASH}-plain`, `/a/${HASH}-x.1+_?=-Y`, `/tmp/a b/store/${HASH}-${"n".repeat(211)}`]
  ) {
    const found = findStorePath(path);
    assertEquals(found && formatStorePath(found), path);
    assertEquals(found?.hash, HASH);
  }
});

Deno.test("findStorePath() finds none where Nix has none", () => {
  const paths = [
    "",
    HASH,
    `${HASH}-plain`,
    `/${HASH}-plain`,
    `nix/store/${HASH}-plain`,
    `/nix/store/${HASH}`,
    `/nix/store/${HASH}-`,
    `/nix/store/${HASH}-plain/`,
    `/nix/store/${HASH}-plain/bin`,
    `/nix//store/${HASH}-plain`,
    `/nix/../store/${HASH}-plain`,
    `/nix/./store/${HASH}-plain`,
    `/nix/store/${HASH.replace("9", "e")}-plain`,
    `/nix/store/${HASH.slice(1)}-plain`,
    `/nix/store/${HASH.toUpperCase()}-plain`,
    `/nix/store/${HASH}-a b`,
    `/nix/store/${HASH}-ä`,
    `/nix/store/${HASH}-.`,
    `/nix/store/${HASH}-..`,
    `/nix/store/${HASH}-.-x`,
    `/nix/store/${HASH}-${"n".repeat(212)}`,
    `/nix/store/${HASH}-plain\n`,
  ];
  for (const path of paths) assertEquals(findStorePath(path), undefined, path);
});

Deno.test("isStoreBaseName() and isStoreHash() take exactly their part", () => {
  assert(isStoreBaseName(`${HASH}-plain`));
  assert(isStoreHash(HASH));
  assertEquals(isStoreBaseName(`/nix/store/${HASH}-plain`), false);
  assertEquals(isStoreBaseName(HASH), false);
  assertEquals(isStoreHash(`${HASH}-plain`), false);
});

Deno.test("deriveStorePath() makes the path that nix makes of builtins.toFile", async () => {
  const path = await deriveStorePath("text", await hashSha256("x"), { storeFolder: "/nix/store", name: "x" });
  assertEquals(formatStorePath(path), "/nix/store/fl9d7p1wby9wxs70dy3zpr4n3xahlscd-x");
});
