/** Archives of a binary cache against what their narinfo says; most of it is on the pages of `nix store verify`. */
import { parseNarInfo } from "../../lib/nix/narinfo.ts";
import { type ArchiveFinding, checkArchive, MAX_ARCHIVE_BYTES } from "../../lib/nix/nar_archive.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { type TestHost, testHost, type TestHostOptions } from "../support/test_host.ts";

const CONTENT = new TextEncoder().encode("as good as an archive\n".repeat(1000));

/** What a narinfo says, where it differs from a right one. */
interface Said {
  readonly url?: string;
  readonly compression?: string;
  readonly fileSize?: number;
}

async function narInfo({ url = "nar/x.nar", compression = "none", fileSize }: Said): Promise<Uint8Array> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", CONTENT)).toBase64();
  const lines = [
    `StorePath: /nix/store/${"0".repeat(32)}-x`,
    `URL: ${url}`,
    `Compression: ${compression}`,
    ...(fileSize === undefined ? [] : [`FileSize: ${fileSize}`]),
    `NarHash: sha256-${hash}`,
    `NarSize: ${CONTENT.length}`,
  ];
  return new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""));
}

async function check(host: TestHost, said: Said): Promise<ArchiveFinding> {
  const path = host.path("x.narinfo");
  return await checkArchive(host, path, parseNarInfo(await narInfo(said), path));
}

async function checkFile(stored: Uint8Array, said: Said, options: TestHostOptions = {}): Promise<ArchiveFinding> {
  await using host = await testHost({ ...options, files: { "nar/x.nar": stored } });
  return await check(host, said);
}

async function compress(format: CompressionFormat): Promise<Uint8Array> {
  const stream = new Blob([CONTENT]).stream().pipeThrough(new CompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

Deno.test("checkArchive() unpacks what the platform can", async () => {
  assertEquals(await checkFile(CONTENT, {}), { state: "right" });
  assertEquals(await checkFile(await compress("gzip"), { compression: "gzip" }), { state: "right" });
  assertEquals(await checkFile(await compress("brotli"), { compression: "br" }), { state: "right" });
});

Deno.test("checkArchive() finds damage in what the platform unpacks", async () => {
  for (const [format, compression] of [["gzip", "gzip"], ["brotli", "br"]] as const) {
    const packed = await compress(format);
    for (const damaged of [packed.subarray(0, 30), packed.with(20, (packed[20] ?? 0) ^ 0xff), CONTENT]) {
      assertEquals((await checkFile(damaged, { compression })).state, "wrong");
    }
  }
});

Deno.test("checkArchive() never looks outside of the folder", async () => {
  await using host = await testHost({ files: { "../x.nar": CONTENT, "x.nar": CONTENT } });
  const outside = [
    "../x.nar",
    "nar/../../x.nar",
    "nar/..",
    host.path("../x.nar"),
    "file:x.nar",
    "https://cache.example.org/x.nar",
    "nar\\..\\x.nar",
    "x.nar?y",
    "C:/x.nar",
    ".",
    "./x.nar",
  ];
  for (const url of outside) assertEquals((await check(host, { url })).state, "unknown", url);
  for (const url of ["x.nar"]) assertEquals((await check(host, { url })).state, "right", url);
  for (const url of ["y.nar", "nar/x.nar", "..x.nar"]) assertEquals((await check(host, { url })).state, "missing", url);
});

Deno.test("checkArchive() takes a folder for a missing archive", async () => {
  await using host = await testHost({ files: { "nar/x.nar/y": "" } });
  assertEquals(await check(host, {}), { state: "missing" });
});

Deno.test("checkArchive() does not load an archive that is larger than its limit, or of another size than is said", async () => {
  const read: string[] = [];
  await using host = await testHost({
    files: { "nar/x.nar": "" },
    beforeFileOperation(operation, path) {
      if (operation === "read") read.push(path);
    },
  });
  await Deno.truncate(host.path("nar/x.nar"), MAX_ARCHIVE_BYTES + 1);
  const large = await check(host, {});
  assert(large.state === "unknown" && /512 MiB/.test(large.why));
  const other = await check(host, { fileSize: CONTENT.length });
  assert(other.state === "wrong" && /FileSize/.test(other.why));
  assertEquals(read, []);
});

Deno.test("checkArchive() does not know what cannot be read", async () => {
  const finding = await checkFile(CONTENT, {}, {
    beforeFileOperation(operation) {
      if (operation === "read") throw new Deno.errors.PermissionDenied("Permission denied (os error 13)");
    },
  });
  assert(finding.state === "unknown" && finding.why.startsWith("cannot read"));
});
