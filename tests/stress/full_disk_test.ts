/** A full disk and a file size limit change nothing, and the next run works. */
import { assertEquals, assertStringIncludes } from "../support/assert.ts";
import { CAN_MOUNT, mountSmallDisk, NEEDS_MOUNT } from "../support/small_disk.ts";
import { type Ending, Machine, type RunOptions } from "../support/stress_program.ts";

/** Both files as they are, byte for byte. */
async function contents(machine: Machine): Promise<string[]> {
  return await Promise.all([machine.keysPath, machine.configPath].map((path) => Deno.readTextFile(path)));
}

/** Runs `keygen --force` where it must fail, and then where it must work. */
async function failAndRecover(
  machine: Machine,
  options: RunOptions,
  check: (ending: Ending) => void | Promise<void>,
  recover: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const before = await contents(machine);
  const { identities, recipients } = await machine.readState();
  const ending = await machine.run(["keygen", "--force"], options);
  assertEquals(await contents(machine), before, ending.stderr);
  await check(ending);
  await recover();
  const { code, stderr } = await machine.run(["keygen", "--force"]);
  assertEquals(code, 0, stderr);
  const after = await machine.readState();
  assertEquals([after.identities.length, after.recipients.length], [identities.length + 1, recipients.length + 1]);
  assertEquals(await machine.findLeftOvers(), []);
}

for (const place of ["home", "work"] as const) {
  Deno.test({
    name: `a full disk under the ${place} folder changes nothing${NEEDS_MOUNT}`,
    ignore: !CAN_MOUNT,
    async fn() {
      await using machine = await Machine.create();
      await using _disk = await mountSmallDisk(machine[place], 64);
      await Deno.mkdir(`${machine.work}/.git`, { recursive: true });
      assertEquals((await machine.run(["keygen"])).code, 0); // on two file systems
      const filler = `${machine[place]}/filler`;
      await fill(filler);
      await failAndRecover(machine, {}, async ({ code, stderr }) => {
        assertEquals(code, 1);
        assertStringIncludes(stderr, "no space left on the device");
        assertStringIncludes(stderr, "hint: free some space");
        assertEquals(await machine.findLeftOvers(filler), []);
      }, () => Deno.remove(filler));
    },
  });
}

/** Blocks of 512 bytes: more than Deno writes into its caches, less than the keys file has. */
const LIMIT = 1000;

/** Else the limit hits Deno when it stores compiled code. */
const denoFlags = ["--no-code-cache"];

const COMMENTS = `# ${"x".repeat(70)}\n`.repeat(10_000);

Deno.test("a file size limit that kills the program changes nothing", async () => {
  await using machine = await Machine.create();
  assertEquals((await machine.run(["keygen"])).code, 0);
  await Deno.writeTextFile(machine.keysPath, COMMENTS, { append: true });
  const wrapper = ["sh", "-c", `ulimit -f ${LIMIT}; exec "$@"`, "sh"];
  await failAndRecover(machine, { wrapper, denoFlags }, async ({ code }) => {
    assertEquals(code, 128 + 25); // SIGXFSZ
    assertEquals((await machine.findLeftOvers()).length, 2); // both locks were held
  });
});

Deno.test("a file size limit that fails the write is said, and changes nothing", async () => {
  await using machine = await Machine.create();
  assertEquals((await machine.run(["keygen"])).code, 0);
  await Deno.writeTextFile(machine.keysPath, COMMENTS, { append: true });
  const wrapper = ["sh", "-c", `trap "" XFSZ; ulimit -f ${LIMIT}; exec "$@"`, "sh"];
  await failAndRecover(machine, { wrapper, denoFlags }, async ({ code, stderr }) => {
    assertEquals(code, 1);
    assertStringIncludes(stderr, "the file size limit is reached");
    assertEquals(await machine.findLeftOvers(), []);
  });
});

/** Writes a file until nothing more fits. */
async function fill(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  try {
    while (true) await file.write(new Uint8Array(1024));
  } catch {
    // full
  }
}
