/** What happens to many files when something else happens meanwhile: Ctrl-C, another program. */
import { run } from "../../../main.ts";
import { EXIT } from "../../../lib/base/exit_code.ts";
import { findMetadata } from "../../../lib/sops/metadata/metadata.ts";
import { TEST_X25519 } from "../../keys/test_keys.ts";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { type FileHook, type TestHost, testHost } from "../../support/test_host.ts";

const { recipient: me, identity } = TEST_X25519;

/** Test keys. */
const ALICE = "age1nnex5ux37j99yml5cx8g44qfs7wrpfcrf02uhmn2y9zck97cgccsc4pfg8";
const BOB = "age1fq4fkwt0wcmyu285d4l8u92y55lfuuk3tmm0wvhw59eqlvnk6eas8lrvmh";

/** More than are written in one go. */
const FILES = 100;

const PATHS = Array.from({ length: FILES }, (_, i) => `apps/${String(i).padStart(3, "0")}.yaml`);

const SECRETS = Object.fromEntries(PATHS.map((path) => [path, "user: alice\npassword: hunter2\n"]));

function rulesFor(...recipients: readonly string[]): string {
  return `creation_rules:\n  - age: ${recipients.join()}\n`;
}

/** A repository whose files are for `me`, with a rule that also has ALICE; the hook is told of what happens from then on. */
async function repository(hook: (host: TestHost) => FileHook): Promise<TestHost> {
  const hooks: FileHook[] = [];
  const host = await testHost({
    files: { ...SECRETS, ".sops.yaml": rulesFor(me), "~/.config/sops/age/keys.txt": identity },
    beforeFileOperation: (operation, path) => hooks[0]?.(operation, path),
  });
  for (const path of PATHS) assertEquals(await run(["encrypt", "-i", path], host), EXIT.done);
  await host.writeText(".sops.yaml", rulesFor(me, ALICE));
  hooks.push(hook(host));
  return host;
}

/** @returns the files that ALICE can read; each can be opened */
async function filesOfAlice(host: TestHost): Promise<string[]> {
  const found: string[] = [];
  for (const path of PATHS) {
    const text = await host.readText(path);
    const recipients = findMetadata(new TextEncoder().encode(text), path)?.groups[0]?.keys.map(({ text }) => text);
    if (recipients?.includes(ALICE)) found.push(path);
  }
  for (const path of PATHS) assertEquals(await run(["decrypt", path], host), EXIT.done);
  return found;
}

function listStrays(host: TestHost): string[] {
  return Array.from(Deno.readDirSync(host.path("apps")), ({ name }) => `apps/${name}`)
    .filter((path) => !PATHS.includes(path));
}

for (const command of ["updatekeys", "rotate"]) {
  Deno.test(`${command} that gets Ctrl-C writes what it has begun, says what is left, and finishes with a second run`, async () => {
    await using host = await repository((host) => {
      let isFirst = true;
      return (operation) => {
        if (operation === "rename" && isFirst) assert(host.raise("SIGINT"));
        if (operation === "rename") isFirst = false;
      };
    });
    const [verb, done] = command === "rotate" ? ["rotate", "rotated"] : ["update", "updated"];
    const before = await Promise.all(PATHS.map((path) => host.readText(path)));
    assertEquals(await run([command, "-y"], host), EXIT.interrupted);
    const said = host.written("stderr");
    const after = await Promise.all(PATHS.map((path) => host.readText(path)));
    const changed = after.filter((text, i) => text !== before[i]).length;
    assert(changed > 0 && changed < FILES, `${changed} of ${FILES} files`);
    assertStringIncludes(said, `ok ${done} ${changed} files\n`);
    assertStringIncludes(
      said,
      `warning: interrupted: ${FILES - changed} files left to ${verb}; the same command finishes\n`,
    );
    assertEquals(listStrays(host), []);
    assertEquals(await run([command, "-y"], host), EXIT.done);
    const written = command === "rotate" ? FILES : FILES - changed;
    assertStringIncludes(host.written("stderr"), `ok ${done} ${written} files\n`);
    assertEquals((await filesOfAlice(host)).length, command === "rotate" ? 0 : FILES);
  });
}

Deno.test("updatekeys that gets Ctrl-C while it opens files writes none", async () => {
  await using host = await repository((host) => {
    let count = 0;
    return (operation, path) => { // the first reading of all files is that of the scan
      if (operation === "read" && path.endsWith(".yaml") && ++count === FILES + 10) host.raise("SIGINT");
    };
  });
  assertEquals(await run(["updatekeys", "-y", "--json"], host), EXIT.interrupted);
  assertStringIncludes(host.written("stderr"), `interrupted: ${FILES} files left to update`);
  assertEquals(JSON.parse(host.written("stdout")).counts, { left: FILES });
  assertEquals(await filesOfAlice(host), []);
});

Deno.test("updatekeys that gets Ctrl-C at its last file has done everything, and says nothing else", async () => {
  await using host = await repository((host) => {
    let count = 0;
    return (operation) => void (operation === "rename" && ++count === FILES && host.raise("SIGINT"));
  });
  assertEquals(await run(["updatekeys", "-y"], host), EXIT.done);
  assert(!host.written("stderr").includes("interrupted"));
  assertEquals((await filesOfAlice(host)).length, FILES);
});

/** The file that somebody changes. */
const CHANGED = "apps/005.yaml";

/** Changes a file in the moment before the run puts its own version there. */
function changing(edit: (text: string) => string): (host: TestHost) => FileHook {
  return (host) => {
    let isFirst = true;
    return (operation, path) => {
      if (operation !== "rename" || !path.endsWith("/005.yaml") || !isFirst) return;
      isFirst = false;
      Deno.writeTextFileSync(path, edit(Deno.readTextFileSync(host.path(CHANGED))));
    };
  };
}

Deno.test("updatekeys keeps what somebody has written into a file meanwhile", async () => {
  let other = "";
  await using host = await repository(changing(() => other));
  await host.writeText("other.yaml", "user: carol\n");
  assertEquals(await run(["encrypt", "-i", "--age", me, "other.yaml"], host), EXIT.done);
  other = await host.readText("other.yaml");
  assertEquals(await run(["updatekeys", "-y", "apps"], host), EXIT.done);
  assertEquals(await run(["decrypt", CHANGED], host), EXIT.done);
  assert(host.written("stdout").endsWith("user: carol\n"), "the new content stays");
  assertEquals((await filesOfAlice(host)).length, FILES);
});

Deno.test("rotate gives the new data key to nobody who came into a file meanwhile", async () => {
  let other = "";
  await using host = await repository(changing(() => other));
  await host.writeText("other.yaml", "user: carol\n");
  assertEquals(await run(["encrypt", "-i", "--age", `${me},${BOB}`, "other.yaml"], host), EXIT.done);
  other = await host.readText("other.yaml");
  assertEquals(await run(["rotate", "-y", "apps"], host), EXIT.failed);
  assertEquals(await host.readText(CHANGED), other);
  assertStringIncludes(host.written("stderr"), "its recipients are not those that were shown any more");
  assertStringIncludes(host.written("stderr"), `ok rotated ${FILES - 1} files\n`);
  assertEquals(await run(["rotate", "-y", "apps"], host), EXIT.done);
  assert(await host.readText(CHANGED) !== other);
});
