/** Finding the encrypted files of a repository. */
import {
  readMetadata,
  type ScannedFile,
  type ScanOptions,
  scanRepository,
} from "../../../lib/repository/scan/encrypted_files.ts";
import { readLargeFile } from "../../../lib/repository/scan/large_file.ts";
import type { ScanNote } from "../../../lib/repository/scan/walk.ts";
import { assert, assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";
import { osError, type TestHost, testHost, type TestHostOptions } from "../../support/test_host.ts";

const VECTORS = new URL("../../vectors/sops/enc/", import.meta.url);
const ENCRYPTED = Deno.readTextFileSync(new URL("simple.yaml", VECTORS));

function scan(host: TestHost, options?: ScanOptions): { files: string[]; notes: string[] } {
  const notes: string[] = [];
  const onNote = ({ reason, relativePath }: ScanNote): void => void notes.push(`${reason} ${relativePath}`);
  const files = Array.from(
    scanRepository(host, host.cwd, { ...options, onNote }),
    ({ relativePath }) => relativePath,
  );
  return { files, notes };
}

/** Lays out a folder and scans it. */
async function scanned(options: TestHostOptions): Promise<{ files: string[]; notes: string[] }> {
  await using host = await testHost(options);
  return scan(host);
}

Deno.test("scanRepository() finds files by content, whatever their names, in sorted order", async () => {
  const files = {
    "z.yaml": ENCRYPTED,
    "a/b/c.secret": ENCRYPTED,
    "a.txt": ENCRYPTED,
    ".hidden/x.yml": ENCRYPTED,
    "a/plain.yaml": "sops: 1\n",
    "README.md": `# Title\n\n\`\`\`\n${ENCRYPTED}\`\`\`\n`,
    ".sops.yaml": "creation_rules: []\n",
  };
  assertEquals(await scanned({ files }), { files: [".hidden/x.yml", "a.txt", "a/b/c.secret", "z.yaml"], notes: [] });
});

Deno.test("scanRepository() gives absolute paths and metadata", async () => {
  await using host = await testHost({ files: { "s/a.yaml": ENCRYPTED } });
  const [file] = Array.from(scanRepository(host, host.cwd));
  assertEquals([file?.path, file?.metadata.format], [host.path("s/a.yaml"), "yaml"]);
});

Deno.test("scanRepository() leaves out what is no part of the repository", async () => {
  const files = {
    "node_modules/p/x.yaml": ENCRYPTED,
    ".git/x.yaml": ENCRYPTED,
    ".direnv/x.yaml": ENCRYPTED,
    "submodule/.git": "gitdir: ../.git/modules/submodule\n",
    "submodule/x.yaml": ENCRYPTED,
    "clone/.git/HEAD": "",
    "clone/deep/x.yaml": ENCRYPTED,
  };
  assertEquals(await scanned({ files }), {
    files: [],
    notes: ["nested-repository clone", "nested-repository submodule"],
  });
});

Deno.test("scanRepository() reads only files that are accepted", async () => {
  const read: string[] = [];
  await using host = await testHost({
    files: { "s/a.yaml": ENCRYPTED, "s/b.yaml": ENCRYPTED, "c.yaml": ENCRYPTED },
    beforeFileOperation: (operation, path) => void (operation === "read" && read.push(path)),
  });
  const asked: string[] = [];
  const accepts = (path: string): boolean => asked.push(path) > 0 && /^s[\\/]b\.yaml$/.test(path);
  assertEquals(scan(host, { accepts }), { files: ["s/b.yaml"], notes: [] });
  assertEquals(asked.sort(), ["c.yaml", "s/a.yaml", "s/b.yaml"]);
  assertEquals(read, [host.path("s/b.yaml")]);
});

Deno.test("scanRepository() does not follow symlinks, also when they form a loop", async () => {
  await using host = await testHost({ files: { "s/a.yaml": ENCRYPTED } });
  await Deno.symlink(host.cwd, host.path("s/up"));
  await Deno.symlink(host.path("s/a.yaml"), host.path("b.yaml"));
  await Deno.symlink(host.path("self"), host.path("self"));
  assertEquals(scan(host), { files: ["s/a.yaml"], notes: [] });
});

Deno.test("scanRepository() notes what it cannot read and goes on", async () => {
  await using host = await testHost({
    files: { "ok.yaml": ENCRYPTED, "secret/a.yaml": ENCRYPTED, "b.yaml": ENCRYPTED },
    beforeFileOperation(operation, path) {
      if (operation === "list" && /[\\/]secret$/.test(path)) throw osError("EACCES");
      if (operation === "read" && /[\\/]b\.yaml$/.test(path)) throw osError("EIO");
    },
  });
  assertEquals(scan(host), { files: ["ok.yaml"], notes: ["unreadable b.yaml", "unreadable secret"] });
  const messages: string[] = [];
  Array.from(scanRepository(host, host.cwd, { onNote: ({ message }) => void messages.push(message) }));
  assert(messages[1]?.endsWith("permission denied") ?? false, "the note says why");
});

Deno.test("scanRepository() leaves out files that vanish, and an absent root", async () => {
  await using host = await testHost({
    files: { "a.yaml": ENCRYPTED },
    beforeFileOperation: (operation, path) => operation === "read" ? Deno.removeSync(path) : undefined,
  });
  assertEquals(scan(host), { files: [], notes: [] });
  assertEquals(Array.from(scanRepository(host, host.path("absent"))), []);
});

const MIB = 1024 * 1024;

Deno.test("scanRepository() finds a large encrypted file, and takes no large file in clear for one", async () => {
  const lines = "# a line of a large file\n".repeat(17 * MIB / 25);
  const mark = "ENC[AES256_GCM,";
  const pieces = `# ${"x".repeat(16 * MIB - 9)}\n${mark}`; // the mark stands on both sides of the end of a piece
  const files = { "dump.sql": lines, "log.txt": `${lines}${mark}`, "cut.txt": pieces, "big.yaml": lines + ENCRYPTED };
  await using host = await testHost({ files: { ...files, "picture.png": "" } });
  await Deno.truncate(host.path("picture.png"), 17 * MIB);
  assertEquals(scan(host), { files: ["big.yaml"], notes: [] });
  assertEquals(
    readLargeFile(host, host.path("cut.txt"), host.files.read(host.path("cut.txt"), 16 * MIB)!)?.length,
    pieces.length,
  );
});

Deno.test("scanRepository() notes a file with encrypted values that is larger than 256 MiB", async () => {
  await using host = await testHost({ files: { "big.yaml": `${ENCRYPTED}${"#\n".repeat(8000)}` } });
  await Deno.truncate(host.path("big.yaml"), 256 * MIB + 1);
  assertEquals(scan(host), { files: [], notes: ["too-large big.yaml"] });
  assertUserError(assertThrows(() => readMetadata(host, host.path("big.yaml"))), "unsupported", /256 MiB/);
});

Deno.test("scanRepository() fails on an error that is no answer of the system", async () => {
  await using host = await testHost({
    files: { "a.yaml": ENCRYPTED },
    beforeFileOperation(operation) {
      if (operation === "read") throw new TypeError("a bug");
    },
  });
  assertThrows(() => scan(host), /a bug/);
});

Deno.test("scanRepository() lists a folder and reads a file only when somebody asks for the next one", async () => {
  const done: string[] = [];
  await using host = await testHost({
    files: { "a/1.yaml": ENCRYPTED, "a/2.yaml": ENCRYPTED, "b/3.yaml": ENCRYPTED, "c.yaml": ENCRYPTED },
    beforeFileOperation: (operation, path) => void done.push(`${operation} ${path.slice(host.cwd.length + 1)}`),
  });
  const taken: string[] = [];
  for (const { relativePath } of scanRepository(host, host.cwd)) {
    taken.push(...done.splice(0), `take ${relativePath}`);
    if (relativePath.endsWith("3.yaml")) break;
  }
  assertEquals(taken, [
    "list ",
    "list a",
    "read a/1.yaml",
    "take a/1.yaml",
    "read a/2.yaml",
    "take a/2.yaml",
    "list b",
    "read b/3.yaml",
    "take b/3.yaml",
  ]);
  assertEquals(done, [], "nothing is read ahead, and nothing after the end");
});

Deno.test("scanRepository() gives one object to all files that say the same", async () => {
  const other = ENCRYPTED.replace("lastmodified:", "encrypted_regex: ^a$\n    lastmodified:");
  await using host = await testHost({ files: { "a.yaml": ENCRYPTED, "b.yaml": ENCRYPTED, "c.yaml": other } });
  const [a, b, c]: ScannedFile[] = Array.from(scanRepository(host, host.cwd));
  assert(a !== undefined && a.metadata === b?.metadata, "the same recipients");
  assertEquals(c?.metadata, { ...a.metadata, selectors: { ...a.metadata.selectors, encrypted_regex: "^a$" } });
});

Deno.test("readMetadata() answers undefined for an absent file, a folder and a plain file", async () => {
  await using host = await testHost({ files: { "s/a.yaml": "a: 1\n", "e.yaml": ENCRYPTED } });
  for (const name of ["absent", "s", "s/a.yaml"]) assertEquals(readMetadata(host, host.path(name)), undefined);
  assertEquals((readMetadata(host, host.path("e.yaml")))?.format, "yaml");
});

Deno.test("readMetadata() tells why a file cannot be read", async () => {
  await using host = await testHost({
    files: { "a.yaml": ENCRYPTED },
    beforeFileOperation(operation) {
      if (operation === "read") throw osError("EACCES");
    },
  });
  assertUserError(assertThrows(() => readMetadata(host, host.path("a.yaml"))), "denied", /permission denied/);
});

Deno.test("scanRepository() takes what a killed run has left for no file, and says beside which one it lies", async () => {
  const encrypted = await Deno.readTextFile(new URL("../../vectors/sops/enc/simple.yaml", import.meta.url));
  await using host = await testHost({
    files: {
      "a.yaml": encrypted,
      ".a.yaml.sopsmith-tmp": encrypted,
      "b/.c.json.sopsmith-lock": encrypted,
      ".sopsmith-tmp": encrypted,
    },
  });
  const leftOvers: string[] = [];
  const files = Array.from(scanRepository(host, host.cwd, { onLeftOver: (path) => leftOvers.push(path) }));
  assertEquals(files.map(({ relativePath }) => relativePath), [".sopsmith-tmp", "a.yaml"]);
  assertEquals(leftOvers, [host.path("a.yaml"), host.path("b/c.json")]);
});
