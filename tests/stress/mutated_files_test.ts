/**
 * Encrypted files that were damaged at random, through every command that reads them: an answer or an error, never a bug, a
 * plaintext beside a failure, or a value in a message.
 */
import { UserError } from "../../lib/base/error.ts";
import { EXIT } from "../../lib/base/exit_code.ts";
import { decryptFile } from "../../lib/sops/mod.ts";
import { formatScalar } from "../../lib/sops/tree/value.ts";
import { loadStore } from "../../lib/sops/choose_store.ts";
import { storeOfName } from "../../lib/sops/metadata/metadata.ts";
import { run } from "../../main.ts";
import { TEST_X25519, TEST_X25519_OTHER } from "../keys/test_keys.ts";
import { SURROUNDINGS } from "../sops/fake_keys.ts";
import { MANIFEST, openerOf, readVector } from "../sops/manifest.ts";
import { leavesOf } from "../sops/trees.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { CANARY, makeSecretDocument } from "../support/secret_documents.ts";
import { SEED } from "../support/seed.ts";
import { IS_FULL } from "../support/stress_program.ts";
import { type TestHost, testHost } from "../support/test_host.ts";
import { damage } from "../support/damage.ts";
import { Choices, mutate } from "../support/yaml_documents.ts";

const MUTATIONS = IS_FULL ? 10_000 : 400;

/** No run may take longer, in ms; a run takes about ten. */
const LONGEST_MS = 5_000;

const { recipient, identity } = TEST_X25519;
const CONFIG =
  `creation_rules:\n  - path_regex: ^new\n    age: ${recipient}\n  - age: ${recipient},${TEST_X25519_OTHER.recipient}\n`;

/** Commands on a file; `@` stands for its name. The first is tried most often. */
const COMMANDS: readonly (readonly string[])[] = [
  ["decrypt", "@"],
  ["decrypt", "--canonical", "@"],
  ["decrypt", "--output-type", "json", "@"],
  ["decrypt", "-i", "@"],
  ["get", "@", '["secret"]'],
  ["set", "@", '["secret"]', `"${CANARY}new"`],
  ["unset", "@", '["secret"]'],
  ["rotate", "--yes", "-i", "@"],
  ["updatekeys", "--yes", "@"],
  ["filestatus", "@"],
  ["exec-file", "@", "true {}"],
  ["edit", "--from", "plain", "@"],
  ["encrypt", "@"],
];

/** Runs once and checks what holds of every run. @returns the exit code and what stood on standard output */
async function tryOut(host: TestHost, args: readonly string[]): Promise<{ code: number; stdout: string }> {
  const start = host.output.length;
  const startTime = performance.now();
  const code = await run(args, host);
  const elapsedMs = performance.now() - startTime;
  const [stdout = "", stderr = ""] = ["stdout", "stderr"].map((stream) =>
    host.output.slice(start).filter((piece) => piece.stream === stream).map(({ text }) => text).join("")
  );
  assert(code !== EXIT.internal, `a bug: ${stderr}`);
  assert(elapsedMs < LONGEST_MS, `it took ${elapsedMs} ms`);
  assert(!stderr.includes(CANARY), `a value on standard error: ${stderr}`);
  assert(!stderr.includes(identity.slice(0, 20)), "an identity on standard error");
  if (code !== EXIT.done) assertEquals(stdout, "", "standard output beside a failure");
  return { code, stdout };
}

/** What the MAC is made of: every value, in order, comments and nulls left out. */
async function hashedText(name: string, text: string): Promise<string> {
  if (storeOfName(name) === "binary") return text;
  const { documents } = (await loadStore(storeOfName(name))).parse(text, name);
  return leavesOf(documents).flatMap((leaf) =>
    leaf.kind === "comment" || leaf.value instanceof Uint8Array ? [] : [formatScalar(leaf.value)]
  ).join("");
}

Deno.test(`${MUTATIONS} damaged files give an answer or an error (SOPSMITH_SEED=${SEED})`, async () => {
  await using host = await testHost({ env: { EDITOR: undefined } });
  await host.writeText("~/.config/sops/age/keys.txt", `${identity}\n`);
  await Deno.chmod(host.path("~/.config/sops/age/keys.txt"), 0o600);
  await host.writeText(".sops.yaml", CONFIG);
  const choices = new Choices(SEED);
  const codes = new Map<string, number>();
  let encrypted = "";
  let plain = "";
  let [name, hashed] = ["", ""];
  for (let i = 0; i < MUTATIONS; i++) {
    while (i % 10 === 0 || encrypted === "") {
      const document = makeSecretDocument(choices);
      await host.writeText(document.name, document.text);
      const { code, stdout } = await tryOut(host, ["encrypt", document.name]);
      if (code !== EXIT.done) continue;
      [name, plain, encrypted] = [document.name, document.text, stdout];
      hashed = await hashedText(name, plain);
      break;
    }
    const isPlain = choices.once(8);
    const damaged = damage(isPlain ? plain : encrypted, choices);
    const command = isPlain
      ? choices.pick([["encrypt", "@"], ["edit", "--from", "@", "good"]])
      : choices.once(2)
      ? COMMANDS[0]!
      : choices.pick(COMMANDS);
    await host.writeText(name, damaged);
    const written = await host.readText(name); // half a surrogate pair is none in UTF-8
    await host.writeText("plain", mutate(plain, choices));
    const args = command.map((word) => word === "@" ? name : word);
    if (args.includes("good")) {
      await host.writeText(`good-${name}`, encrypted);
      args[args.length - 1] = `good-${name}`;
    }
    try {
      const { code, stdout } = await tryOut(host, args);
      codes.set(`${args[0]} ${code}`, (codes.get(`${args[0]} ${code}`) ?? 0) + 1);
      if (code !== EXIT.done) assertEquals(await host.readText(name), written, "the file after a failure");
      else if (args[0] === "decrypt" && args.length === 2 && !isPlain) {
        assert(stdout !== "" || plain === "", "nothing was printed");
        const canonical = await tryOut(host, ["decrypt", "--canonical", name]); // holds only what SOPS reads
        assertEquals(await hashedText(name, canonical.stdout), hashed, "what was authenticated");
      } else if (["set", "unset", "rotate", "edit"].includes(args[0]!)) {
        const target = args.findLast((word) => word.endsWith(name))!;
        assertEquals((await tryOut(host, ["decrypt", target])).code, EXIT.done, "the changed file decrypts");
      }
    } catch (error) {
      const kept = await Deno.makeTempFile({ prefix: "sopsmith-damaged-", suffix: `-${name}` });
      await Deno.writeTextFile(kept, damaged);
      throw new Error(`${args.join(" ")} of ${kept}`, { cause: error });
    }
  }
  assert((codes.get("decrypt 5") ?? 0) > MUTATIONS / 20, `few files were refused: ${JSON.stringify([...codes])}`);
  assert((codes.get("decrypt 0") ?? 0) > MUTATIONS / 50, `few files were read: ${JSON.stringify([...codes])}`);
});

Deno.test(`${MUTATIONS} damaged vectors of SOPS open to their values or not at all (SOPSMITH_SEED=${SEED})`, async () => {
  const choices = new Choices(SEED);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let refused = 0;
  for (const [index, vector] of MANIFEST.entries()) {
    const path = vector.file;
    const options = { ...SURROUNDINGS, path, open: await openerOf(vector), canonical: {} };
    const content = readVector(path);
    const hashed = await hashedText(path, decoder.decode((await decryptFile(content, options)).bytes));
    for (let i = index; i < MUTATIONS; i += MANIFEST.length) {
      const damaged = damage(decoder.decode(content), choices);
      try {
        const { bytes } = await decryptFile(new TextEncoder().encode(damaged), options);
        if (!path.includes("maconly")) assertEquals(await hashedText(path, decoder.decode(bytes)), hashed, path);
      } catch (error) {
        if (!(error instanceof UserError)) throw new Error(`${path}, case ${i}`, { cause: error });
        refused++;
      }
    }
  }
  assert(refused > MUTATIONS / 4, `only ${refused} were refused`);
});
