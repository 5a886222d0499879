/** Finding the encrypted files of a repository. */
import { readMetadata, scanEncryptedFiles, type ScanOptions } from "../../../lib/repository/scan/encrypted_files.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import { osError, type TestHost, testHost, type TestHostOptions } from "../../support/test_host.ts";

const VECTORS = new URL("../../vectors/sops/enc/", import.meta.url);
const ENCRYPTED = Deno.readTextFileSync(new URL("simple.yaml", VECTORS));

async function scan(host: TestHost, options?: ScanOptions): Promise<{ files: string[]; notes: string[] }> {
  const { files, notes } = await scanEncryptedFiles(host, host.cwd, options);
  return {
    files: files.map(({ relativePath }) => relativePath),
    notes: notes.map(({ reason, relativePath }) => `${reason} ${relativePath}`),
  };
}

/** Lays out a folder and scans it. */
async function scanned(options: TestHostOptions): Promise<{ files: string[]; notes: string[] }> {
  await using host = await testHost(options);
  return await scan(host);
}

Deno.test("scanEncryptedFiles() finds files by content, whatever their names, in sorted order", async () => {
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

Deno.test("scanEncryptedFiles() gives absolute paths and metadata", async () => {
  await using host = await testHost({ files: { "s/a.yaml": ENCRYPTED } });
  const { files: [file] } = await scanEncryptedFiles(host, host.cwd);
  assertEquals([file?.path, file?.metadata.version], [host.path("s/a.yaml"), "3.13.2"]);
});

Deno.test("scanEncryptedFiles() leaves out what is no part of the repository", async () => {
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

Deno.test("scanEncryptedFiles() reads only files that are accepted", async () => {
  const read: string[] = [];
  await using host = await testHost({
    files: { "s/a.yaml": ENCRYPTED, "s/b.yaml": ENCRYPTED, "c.yaml": ENCRYPTED },
    beforeFileOperation: (operation, path) => void (operation === "read" && read.push(path)),
  });
  const asked: string[] = [];
  const accepts = (path: string): boolean => asked.push(path) > 0 && path === "s/b.yaml";
  assertEquals(await scan(host, { accepts }), { files: ["s/b.yaml"], notes: [] });
  assertEquals(asked.sort(), ["c.yaml", "s/a.yaml", "s/b.yaml"]);
  assertEquals(read, [host.path("s/b.yaml")]);
});

Deno.test("scanEncryptedFiles() does not follow symlinks, also when they form a loop", async () => {
  await using host = await testHost({ files: { "s/a.yaml": ENCRYPTED } });
  await Deno.symlink(host.cwd, host.path("s/up"));
  await Deno.symlink(host.path("s/a.yaml"), host.path("b.yaml"));
  await Deno.symlink(host.path("self"), host.path("self"));
  assertEquals(await scan(host), { files: ["s/a.yaml"], notes: [] });
});

Deno.test("scanEncryptedFiles() notes what it cannot read and goes on", async () => {
  await using host = await testHost({
    files: { "ok.yaml": ENCRYPTED, "secret/a.yaml": ENCRYPTED, "b.yaml": ENCRYPTED },
    beforeFileOperation(operation, path) {
      if (operation === "list" && path.endsWith("/secret")) throw osError("EACCES");
      if (operation === "read" && path.endsWith("/b.yaml")) throw osError("EIO");
    },
  });
  assertEquals(await scan(host), { files: ["ok.yaml"], notes: ["unreadable b.yaml", "unreadable secret"] });
  const { notes } = await scanEncryptedFiles(host, host.cwd);
  assert(notes[1]?.message.endsWith("permission denied") ?? false, "the note says why");
});

Deno.test("scanEncryptedFiles() leaves out files that vanish, and an absent root", async () => {
  await using host = await testHost({
    files: { "a.yaml": ENCRYPTED },
    beforeFileOperation: (operation, path) => operation === "read" ? Deno.remove(path) : undefined,
  });
  assertEquals(await scan(host), { files: [], notes: [] });
  assertEquals(await scanEncryptedFiles(host, host.path("absent")), { files: [], notes: [] });
});

Deno.test("scanEncryptedFiles() notes a file larger than 16 MiB", async () => {
  await using host = await testHost({ files: { "big.yaml": ENCRYPTED } });
  await Deno.truncate(host.path("big.yaml"), 16 * 1024 * 1024 + 1);
  assertEquals(await scan(host), { files: [], notes: ["too-large big.yaml"] });
  assertUserError(await assertRejects(() => readMetadata(host, host.path("big.yaml"))), "unsupported", /16 MiB/);
});

Deno.test("scanEncryptedFiles() fails on an error that is no answer of the system", async () => {
  await using host = await testHost({
    files: { "a.yaml": ENCRYPTED },
    beforeFileOperation(operation) {
      if (operation === "read") throw new TypeError("a bug");
    },
  });
  await assertRejects(() => scan(host), /a bug/);
});

Deno.test("scanEncryptedFiles() never holds more than 8 files and 32 folders at a time", async () => {
  const running = { list: 0, read: 0 };
  const most = { list: 0, read: 0 };
  const files = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`d${i}/a.yaml`, ENCRYPTED]));
  await using host = await testHost({ files });
  const { list, read } = host.files;
  const count = (name: "list" | "read"): void => void (most[name] = Math.max(most[name], ++running[name]));
  const counted = {
    ...host,
    files: {
      ...host.files,
      async *list(path: string): ReturnType<typeof list> {
        count("list");
        yield* list(path);
        running.list--;
      },
      async read(path: string, maxBytes: number): ReturnType<typeof read> {
        count("read");
        return await read(path, maxBytes).finally(() => running.read--);
      },
    },
  };
  assertEquals((await scanEncryptedFiles(counted, host.cwd)).files.length, 100);
  assert(most.read <= 8 && most.list <= 32 && most.read > 1, JSON.stringify(most));
});

Deno.test("readMetadata() answers undefined for an absent file, a folder and a plain file", async () => {
  await using host = await testHost({ files: { "s/a.yaml": "a: 1\n", "e.yaml": ENCRYPTED } });
  for (const name of ["absent", "s", "s/a.yaml"]) assertEquals(await readMetadata(host, host.path(name)), undefined);
  assertEquals((await readMetadata(host, host.path("e.yaml")))?.format, "yaml");
});

Deno.test("readMetadata() tells why a file cannot be read", async () => {
  await using host = await testHost({
    files: { "a.yaml": ENCRYPTED },
    beforeFileOperation(operation) {
      if (operation === "read") throw osError("EACCES");
    },
  });
  assertUserError(await assertRejects(() => readMetadata(host, host.path("a.yaml"))), "denied", /permission denied/);
});
