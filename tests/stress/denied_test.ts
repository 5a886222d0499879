/** Places that cannot be written, or are not what they should be: a message, and nothing changed. */
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { peerTest } from "../support/peers.ts";
import { joinWrapped } from "../support/printed_steps.ts";
import { type Ending, Machine } from "../support/stress_program.ts";
import { giveToUnprivileged, UNPRIVILEGED, UNPRIVILEGED_PEERS } from "../support/stress_user.ts";

const AGE_FOLDER = "home/.config/sops/age";

/** One arrangement: what is done to a machine that has a key, and what `keygen --force` must say then. */
interface Arrangement {
  readonly name: string;
  readonly arrange: (machine: Machine) => Promise<void>;
  readonly message: RegExp;
  /** Variables of the run; `<root>` stands for the machine's folder. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const REFUSED: readonly Arrangement[] = [
  {
    name: "the folder of the keys file is read-only",
    arrange: (machine) => Deno.chmod(`${machine.root}/${AGE_FOLDER}`, 0o500),
    message: /^error: cannot write "~\/\.config\/sops\/age\/keys\.txt": permission denied$/m,
  },
  {
    name: "the folder of .sops.yaml is read-only",
    arrange: (machine) => Deno.chmod(machine.work, 0o500),
    message: /^error: cannot write "\.sops\.yaml": permission denied$/m,
  },
  {
    name: "the keys file is read-only",
    arrange: (machine) => Deno.chmod(machine.keysPath, 0o400),
    message: /^error: cannot write "~\/\.config\/sops\/age\/keys\.txt": it is read-only/m,
  },
  {
    name: ".sops.yaml is read-only",
    arrange: (machine) => Deno.chmod(machine.configPath, 0o444),
    message: /^error: cannot write "\.sops\.yaml": it is read-only/m,
  },
  {
    name: "the keys file may not be read",
    arrange: (machine) => Deno.chmod(machine.keysPath, 0o200),
    message: /^error: cannot read "~\/\.config\/sops\/age\/keys\.txt": permission denied$/m,
  },
  {
    name: ".sops.yaml may not be read",
    arrange: (machine) => Deno.chmod(machine.configPath, 0o200),
    message: /^error: cannot read "\.sops\.yaml": permission denied$/m,
  },
  {
    name: "the folder of the keys file may not be entered",
    arrange: (machine) => Deno.chmod(`${machine.root}/${AGE_FOLDER}`, 0o600),
    message: /^error: cannot read "~\/\.config\/sops\/age\/keys\.txt": permission denied$/m,
  },
  {
    name: "the keys file is a folder",
    async arrange(machine) {
      await Deno.remove(machine.keysPath);
      await Deno.mkdir(machine.keysPath);
    },
    message: /^error: cannot use "~\/\.config\/sops\/age\/keys\.txt": it is a folder, expected a file$/m,
  },
  {
    name: ".sops.yaml is a folder",
    async arrange(machine) {
      await Deno.remove(machine.configPath);
      await Deno.mkdir(machine.configPath);
    },
    message: /^error: cannot (?:use|read) "\.sops\.yaml": it is a folder, expected a file$/m,
  },
  {
    name: "the keys file is a symlink to nothing",
    async arrange(machine) {
      await Deno.remove(machine.keysPath);
      await Deno.symlink("missing", machine.keysPath);
    },
    message:
      /^error: cannot use "~\/\.config\/sops\/age\/keys\.txt": it is a symlink to something that does not exist$/m,
  },
  {
    name: ".sops.yaml is a symlink to nothing",
    async arrange(machine) {
      await Deno.remove(machine.configPath);
      await Deno.symlink("missing", machine.configPath);
    },
    message: /^error: cannot (?:use|read) "\.sops\.yaml": it is a symlink to something that does not exist$/m,
  },
  {
    name: "a folder above the keys file is a symlink to nothing",
    async arrange(machine) {
      await Deno.remove(`${machine.home}/.config`, { recursive: true });
      await Deno.symlink("missing", `${machine.home}/.config`);
    },
    message: /^error: cannot use "~\/\.config": it is a symlink to something that does not exist$/m,
  },
  {
    name: "a folder above the keys file is a file",
    async arrange(machine) {
      await Deno.remove(`${machine.home}/.config`, { recursive: true });
      await Deno.writeTextFile(`${machine.home}/.config`, "");
    },
    message: /^error: cannot read "~\/\.config\/sops\/age\/keys\.txt": a part of the path is a file/m,
  },
  {
    name: "HOME is not set",
    arrange: () => Promise.resolve(),
    env: { HOME: undefined },
    message: /^error: .*HOME/m,
  },
  {
    name: "HOME is empty",
    arrange: () => Promise.resolve(),
    env: { HOME: "" },
    message: /^error: .*HOME/m,
  },
  {
    name: "HOME is a folder that may not be written",
    arrange: (machine) => Deno.mkdir(`${machine.root}/other`, { mode: 0o555 }),
    env: { HOME: "<root>/other" },
    message: /^error: cannot make the folder of "~?.*keys\.txt": permission denied$/m,
  },
];

for (const { name, arrange, message, env = {} } of REFUSED) {
  peerTest(`keygen changes nothing when ${name}`, UNPRIVILEGED_PEERS, async () => {
    await using machine = await Machine.create();
    assertEquals((await machine.run(["keygen"])).code, 0);
    await arrange(machine);
    await giveToUnprivileged(machine);
    const before = await snapshot(machine.root);
    const { code, stdout, stderr } = await runAsUser(machine, ["keygen", "--force"], env);
    assertEquals([code, stdout], [1, ""], stderr);
    assert(message.test(joinWrapped(stderr).join("\n")), stderr);
    assertStringIncludes(stderr, "\nhint: ");
    assertEquals(await snapshot(machine.root), before);
  });
}

peerTest("keygen that has nothing to do needs no write permission anywhere", UNPRIVILEGED_PEERS, async () => {
  await using machine = await Machine.create();
  const made = await machine.run(["keygen"]);
  for (const folder of [`${machine.root}/${AGE_FOLDER}`, machine.work]) await Deno.chmod(folder, 0o500);
  for (const file of [machine.keysPath, machine.configPath]) await Deno.chmod(file, 0o400);
  await giveToUnprivileged(machine);
  const before = await snapshot(machine.root);
  const { code, stdout, stderr } = await runAsUser(machine, ["keygen"]);
  assertEquals([code, stdout], [0, made.stdout], stderr);
  assertEquals(await snapshot(machine.root), before);
});

peerTest("keygen makes the first key as an unprivileged user", UNPRIVILEGED_PEERS, async () => {
  await using machine = await Machine.create();
  await giveToUnprivileged(machine);
  const { code, stderr } = await runAsUser(machine, ["keygen"]);
  assertEquals(code, 0, stderr);
  const { identities, recipients } = await machine.readState();
  assertEquals([identities.length, recipients], [1, identities]);
});

Deno.test("keygen writes through symlinks to files and folders elsewhere, and keeps them", async () => {
  await using machine = await Machine.create();
  const dotfiles = `${machine.root}/dotfiles`;
  await Deno.mkdir(`${dotfiles}/sops/age`, { recursive: true });
  await Deno.mkdir(`${machine.home}/.config`);
  await Deno.symlink("../../dotfiles/sops", `${machine.home}/.config/sops`);
  await Deno.writeTextFile(`${dotfiles}/sops.yaml`, "creation_rules: []\n");
  await Deno.symlink("../dotfiles/sops.yaml", machine.configPath);
  const { code, stderr } = await machine.run(["keygen"]);
  assertEquals(code, 0, stderr);
  assert((await Deno.lstat(`${machine.home}/.config/sops`)).isSymlink);
  assert((await Deno.lstat(machine.configPath)).isSymlink);
  assert((await Deno.lstat(`${dotfiles}/sops/age/keys.txt`)).isFile);
  const { identities, recipients } = await machine.readState();
  assertEquals([identities.length, recipients], [1, identities]);
});

peerTest(
  "keygen that may not write .sops.yaml leaves no identity behind, and works later",
  UNPRIVILEGED_PEERS,
  async () => {
    await using machine = await Machine.create();
    await giveToUnprivileged(machine);
    await Deno.chmod(machine.work, 0o555);
    const refused = await runAsUser(machine, ["keygen"]);
    assertEquals(refused.code, 1, refused.stderr);
    assertEquals(await machine.readState(), { identities: [], recipients: [] });
    await Deno.chmod(machine.work, 0o755);
    const { code, stderr } = await runAsUser(machine, ["keygen"]);
    assertEquals(code, 0, stderr);
    const { identities, recipients } = await machine.readState();
    assertEquals([identities.length, recipients], [1, identities]);
    assertEquals(await machine.findLeftOvers(), []);
  },
);

async function runAsUser(
  machine: Machine,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<Ending> {
  const filled = Object.entries(env).map(([name, value]) => [name, value?.replace("<root>", machine.root)]);
  return await machine.run(args, { wrapper: UNPRIVILEGED, env: Object.fromEntries(filled) });
}

/** @returns path, mode, and content or target of everything below a folder, as far as it may be looked at */
async function snapshot(folder: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    lines.push(`${path} ${await describe(path, entry)}`, ...(entry.isDirectory ? await snapshot(path) : []));
  }
  return lines.sort();
}

async function describe(path: string, entry: Deno.DirEntry): Promise<string> {
  try {
    const { mode, mtime } = await Deno.lstat(path);
    const shownMode = mode?.toString(8) ?? "";
    if (entry.isDirectory) return shownMode;
    return `${shownMode} ${mtime?.getTime()} ${await (entry.isSymlink
      ? Deno.readLink(path)
      : Deno.readTextFile(path))}`;
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) return "may not be looked at";
    throw error;
  }
}
