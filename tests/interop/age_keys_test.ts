/**
 * Keys against the real `age-keygen`, `age` and `sops`, in both directions.
 *
 * @module
 */
import { UserError } from "../../lib/base/error.ts";
import { deriveRecipient, generateIdentity } from "../../lib/keys/age/identity.ts";
import { planAppendIdentity } from "../../lib/keys/file/append.ts";
import { parseKeysFile } from "../../lib/keys/file/keys_file.ts";
import { parseRecipient } from "../../lib/keys/age/recipient_parse.ts";
import { UNUSABLE_FILES, USABLE_FILES } from "../keys/file/keys_file_cases.ts";
import { RECIPIENTS, REFUSED_RECIPIENTS } from "../keys/age/recipient_cases.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { peerTest } from "../support/peers.ts";
import { SEED } from "../support/seed.ts";
import { seededRandom } from "../support/test_host.ts";

/** How many identities of each kind are compared in one run of `age-keygen -y`. */
const COMPARED = 100;

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<Run> {
  const output = await new Deno.Command(command, {
    args: [...args],
    env: { SOPS_DISABLE_VERSION_CHECK: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  return { code: output.code, stdout: decoder.decode(output.stdout), stderr: decoder.decode(output.stderr) };
}

/** Runs `body` with a folder that is removed afterwards. */
async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "sopsmith-age-" });
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function isAccepted(recipient: string): boolean {
  try {
    parseRecipient(recipient);
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

function join(content: string | Uint8Array, tail: string): Uint8Array {
  const head = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return Uint8Array.from([...head, ...new TextEncoder().encode(tail)]);
}

peerTest("deriveRecipient() agrees with age-keygen -y", ["age-keygen"], () =>
  withFolder(async (folder) => {
    const random = seededRandom(SEED);
    const identities = Array.from(
      { length: 2 * COMPARED },
      (_, i) => generateIdentity(i % 2 === 0 ? "x25519" : "hybrid", random),
    );
    const file = `${folder}/keys.txt`;
    await Deno.writeTextFile(file, identities.map((identity) => `${identity.revealText()}\n`).join(""));
    const { code, stdout } = await run("age-keygen", ["-y", file]);
    assertEquals(code, 0);
    const derived: string[] = [];
    for (const identity of identities) derived.push(await deriveRecipient(identity));
    assertEquals(derived, stdout.trimEnd().split("\n"), `seed ${SEED}`);
    for (const recipient of derived) assertEquals(parseRecipient(recipient).text, recipient);
  }));

for (const [kind, flags] of [["x25519", []], ["hybrid", ["-pq"]]] as const) {
  peerTest(`parseKeysFile() reads what age-keygen ${flags.join("")} writes`, ["age-keygen"], async () => {
    const { stdout } = await run("age-keygen", flags);
    const file = parseKeysFile(new TextEncoder().encode(stdout), "keys.txt");
    assertEquals(file.problems, []);
    const [entry] = file.entries;
    assert(entry !== undefined && entry.comments.created !== undefined);
    assertEquals(entry.kind, kind);
    assertEquals(entry.comments.publicKey, await deriveRecipient(entry.secret));
  });

  peerTest(`age decrypts with a ${kind} identity appended here`, ["age"], () =>
    withFolder(async (folder) => {
      const identity = generateIdentity(kind, seededRandom(SEED));
      const recipient = await deriveRecipient(identity);
      const before = parseKeysFile(
        join(`# mine\r\n${generateIdentity("x25519", seededRandom(2)).revealText()}`, ""),
        "k",
      );
      const mark = { vault: "a, config: b\n", config: "/repo\r/.sops.yaml" };
      const content = planAppendIdentity(before, { created: new Date(), mark, recipient, identity });
      await Deno.writeFile(`${folder}/keys.txt`, content);
      await Deno.writeTextFile(`${folder}/plain`, "hello");
      const encrypted = await run("age", ["-r", recipient, "-o", `${folder}/secret`, `${folder}/plain`]);
      assertEquals(encrypted.code, 0, encrypted.stderr);
      const decrypted = await run("age", ["-d", "-i", `${folder}/keys.txt`, `${folder}/secret`]);
      assertEquals(decrypted.stdout, "hello", decrypted.stderr);
    }));
}

peerTest("parseKeysFile() finds exactly the files that sops drops", ["sops"], (t) =>
  withFolder(async (folder) => {
    const identity = generateIdentity("x25519", seededRandom(SEED));
    const secret = `${folder}/secret.yaml`;
    await Deno.writeTextFile(secret, "a: b\n");
    const sops = (args: readonly string[], keys: string): Promise<Run> =>
      run("sops", args, { HOME: folder, XDG_CONFIG_HOME: folder, SOPS_AGE_KEY_FILE: keys });
    const encrypted = await sops(["encrypt", "-i", "--age", await deriveRecipient(identity), secret], "");
    assertEquals(encrypted.code, 0, encrypted.stderr);
    const contents = [...Object.entries(USABLE_FILES), ...Object.entries(UNUSABLE_FILES)];
    for (const [what, [content]] of contents) {
      await t.step(what, async () => {
        // The only identity that fits stands last, so that it counts only if sops takes everything before it.
        const bytes = join(content, `\n${identity.revealText()}\n`);
        const file = parseKeysFile(bytes, "keys.txt");
        assertEquals(file.problems.length === 0, what in USABLE_FILES);
        await Deno.writeFile(`${folder}/keys.txt`, bytes);
        const { code, stdout, stderr } = await sops(["decrypt", secret], `${folder}/keys.txt`);
        assertEquals(code === 0 && stdout === "a: b\n", file.problems.length === 0, stderr);
      });
    }
  }));

peerTest("parseRecipient() agrees with age", ["age"], async (t) => {
  // Plugins are left out: age runs them.
  const texts = [...RECIPIENTS.map(([text]) => text), ...Object.values(REFUSED_RECIPIENTS).map(([text]) => text)];
  for (const text of texts.filter((each) => !/^age1(?!pq1).*1/.test(each))) {
    await t.step(text.slice(0, 40), async () => {
      const { code, stderr } = await run("age", ["-r", text]);
      assertEquals(isAccepted(text), code === 0, stderr);
    });
  }
});
