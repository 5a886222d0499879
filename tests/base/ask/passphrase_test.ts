import type { ErrorKind } from "../../../lib/base/error.ts";
import type { Host } from "../../../lib/base/host/host.ts";
import {
  type PassphraseRequest,
  readNewPassphrase,
  readPassphrase,
  unlockWithPassphrase,
} from "../../../lib/base/ask/passphrase.ts";
import { assert, assertEquals, assertRejects, assertUserError } from "../../support/assert.ts";
import { osError, type TestHost, testHost, type TestHostOptions } from "../../support/test_host.ts";

const REQUEST: PassphraseRequest = {
  object: '"~/.ssh/id"',
  variable: "TEST_PASSPHRASE",
  instead: "set TEST_PASSPHRASE",
};

/** A host with somebody at the terminal who types these lines. */
function atTerminal(answers: readonly string[], options: TestHostOptions = {}): Promise<TestHost> {
  return testHost({ terminal: ["stdin", "stderr"], answers, ...options });
}

async function assertRefused(
  body: () => Promise<unknown>,
  kind: ErrorKind,
  message: RegExp,
): Promise<readonly string[]> {
  return assertUserError(await assertRejects(body), kind, message).hints;
}

function fromFile(host: TestHost, name: string): PassphraseRequest {
  return { ...REQUEST, source: { from: "file", path: host.path(name) } };
}

Deno.test("readPassphrase() prefers the named place to the variable, and the variable to the terminal", async () => {
  const files = { "pass.txt": "from file\n" };
  const env = { TEST_PASSPHRASE: "from variable" };
  await using all = await atTerminal(["typed"], { files, env });
  assertEquals((await readPassphrase(all, fromFile(all, "pass.txt"))).revealText(), "from file");
  assertEquals((await readPassphrase(all, REQUEST)).revealText(), "from variable");
  assertEquals(all.written("stderr"), "");
  await using typed = await atTerminal(["typed"], { env: { TEST_PASSPHRASE: "" } });
  assertEquals((await readPassphrase(typed, REQUEST)).revealText(), "typed");
  assertEquals(typed.written("stderr"), 'passphrase of "~/.ssh/id": \n');
  await using without = await atTerminal(["typed"], { env });
  const { variable: _, ...noVariable } = REQUEST;
  assertEquals((await readPassphrase(without, noVariable)).revealText(), "typed");
});

Deno.test("readPassphrase() takes line breaks off the end of a file, and nothing else", async () => {
  for (
    const [content, expected] of [
      ["a b\n", "a b"],
      ["a b\r\n\r\n", "a b"],
      [" a ", " a "],
      ["\n a\nb\n", "\n a\nb"],
      ["pässwörd 🔑\n", "pässwörd 🔑"],
      ["\n", ""],
      ["", ""],
    ] as const
  ) {
    await using host = await testHost({ files: { "pass.txt": content } });
    assertEquals((await readPassphrase(host, fromFile(host, "pass.txt"))).revealText(), expected);
  }
});

Deno.test("readPassphrase() reads standard input to its end, but asks where it is a terminal", async () => {
  const request: PassphraseRequest = { ...REQUEST, source: { from: "standard input" } };
  await using piped = await testHost({ stdin: "from a pipe\n" });
  assertEquals((await readPassphrase(piped, request)).revealText(), "from a pipe");
  await using typed = await atTerminal(["typed"], { env: { TEST_PASSPHRASE: "from variable" } });
  assertEquals((await readPassphrase(typed, request)).revealText(), "typed");
});

Deno.test("readPassphrase() refuses what cannot be a passphrase", async () => {
  await using host = await testHost({
    files: { "binary": Uint8Array.of(0xff, 0xfe, 0x00), "long": "x".repeat(64 * 1024 + 1) },
  });
  const read = (name: string): () => Promise<unknown> => () => readPassphrase(host, fromFile(host, name));
  await assertRefused(read("binary"), "malformed", /^cannot use the passphrase from ".*binary": it is not UTF-8 text$/);
  await assertRefused(
    read("long"),
    "malformed",
    /^cannot use the passphrase from ".*long": it is longer than 65536 bytes$/,
  );
  await assertRefused(read("none"), "not-found", /^cannot read the passphrase from ".*none": no such file$/);
  await assertRefused(read("."), "io", /it is a folder/);
  const hints = await assertRefused(
    () => readPassphrase(host, REQUEST),
    "usage",
    /^cannot ask for the passphrase of "~/,
  );
  assertEquals(hints, ["set TEST_PASSPHRASE"]);
});

Deno.test("readPassphrase() says that a file may not be read", async () => {
  await using host = await testHost({
    files: { "pass.txt": "x" },
    beforeFileOperation(operation, path) {
      if (operation === "read" && path.endsWith("pass.txt")) throw osError("EACCES");
    },
  });
  await assertRefused(
    () => readPassphrase(host, fromFile(host, "pass.txt")),
    "denied",
    /^cannot read the passphrase from/,
  );
});

Deno.test("readPassphrase() reads a descriptor by its path, and says that it has to be a pipe", async () => {
  await using host = await testHost();
  const paths: string[] = [];
  const withDescriptor = (answer: () => Uint8Array | undefined): Host => ({
    ...host,
    files: {
      ...host.files,
      read(path) {
        paths.push(path);
        return answer();
      },
    },
  });
  const fromDescriptor = (): PassphraseRequest => ({ ...REQUEST, source: { from: "descriptor", number: 3 } });
  const open = withDescriptor(() => new TextEncoder().encode("secret\n"));
  const request = fromDescriptor();
  assertEquals((await readPassphrase(open, request)).revealText(), "secret");
  assertEquals((await readPassphrase(open, { ...request, object: "another key" })).revealText(), "secret");
  assertEquals(paths, ["/dev/fd/3"], "a pipe can be read once");
  const message = /^cannot read the passphrase from descriptor 3: it is not open or not a pipe, expected a pipe$/;
  const refuse = (): never => {
    throw osError("EACCES");
  };
  for (const answer of [() => undefined, refuse]) {
    const hints = await assertRefused(() => readPassphrase(withDescriptor(answer), fromDescriptor()), "io", message);
    assertEquals(hints.length, 1);
  }
});

Deno.test("readNewPassphrase() wants it typed twice", async () => {
  await using host = await atTerminal(["one", "two", "three", "three"]);
  assertEquals((await readNewPassphrase(host, REQUEST)).revealText(), "three");
  assert(host.written("stderr").includes("these were two different ones\n"));
  await using lost = await atTerminal(["1", "2", "3", "4", "5", "6", "7", "7"]);
  await assertRefused(
    () => readNewPassphrase(lost, REQUEST),
    "cancelled",
    /^no passphrase: two different ones 3 times$/,
  );
});

Deno.test("readNewPassphrase() refuses an empty one, and does not ask twice for one that is not typed", async () => {
  await using host = await atTerminal([""], { files: { "empty": "\n", "pass.txt": "x\n" } });
  const message = /^the passphrase is empty, expected at least one character$/;
  await assertRefused(() => readNewPassphrase(host, REQUEST), "refused", message);
  await assertRefused(() => readNewPassphrase(host, fromFile(host, "empty")), "refused", message);
  assertEquals((await readNewPassphrase(host, fromFile(host, "pass.txt"))).revealText(), "x");
});

/** Opens with the right passphrase alone; counts how often it was tried. */
function lock(right: string): { tries: string[]; attempt: Parameters<typeof unlockWithPassphrase<string>>[2] } {
  const tries: string[] = [];
  return {
    tries,
    attempt(passphrase): Promise<string | undefined> {
      tries.push(passphrase.revealText());
      return Promise.resolve(passphrase.revealText() === right ? "opened" : undefined);
    },
  };
}

Deno.test("unlockWithPassphrase() lets a person type it three times", async () => {
  await using host = await atTerminal(["a", "b", "right"]);
  const { tries, attempt } = lock("right");
  assertEquals(await unlockWithPassphrase(host, REQUEST, attempt), "opened");
  assertEquals(tries, ["a", "b", "right"]);
  assertEquals(host.written("stderr").match(/wrong passphrase/g)?.length, 2);
  await using lost = await atTerminal(["a", "b", "c", "right"]);
  const message = /^cannot open "~\/\.ssh\/id": wrong passphrase$/;
  assertEquals(
    await assertRefused(() => unlockWithPassphrase(lost, REQUEST, lock("right").attempt), "denied", message),
    [],
  );
});

Deno.test("unlockWithPassphrase() tries one that is not typed once, and says where it came from", async () => {
  await using host = await atTerminal(["right"], {
    files: { "pass.txt": "wrong" },
    env: { TEST_PASSPHRASE: "wrong" },
    stdin: "wrong",
  });
  const { tries, attempt } = lock("right");
  const from = async (request: PassphraseRequest): Promise<string | undefined> => {
    return (await assertRefused(() => unlockWithPassphrase(host, request, attempt), "denied", /wrong passphrase$/))[0];
  };
  assertEquals(await from(REQUEST), "check the passphrase that the variable TEST_PASSPHRASE holds");
  const path = host.path("pass.txt");
  assertEquals(await from(fromFile(host, "pass.txt")), `check the passphrase that "${path}" holds`);
  assertEquals(tries, ["wrong", "wrong"]);
  assertEquals(host.written("stderr"), "");
});

Deno.test("unlockWithPassphrase() passes on what the attempt throws", async () => {
  await using host = await atTerminal(["x"]);
  const failure = new Error("broken");
  assertEquals(await assertRejects(() => unlockWithPassphrase(host, REQUEST, () => Promise.reject(failure))), failure);
});
