/** Files whose names are odd: each is found, named so that it moves nothing on the screen, and typed so that a shell finds it. */
import { run } from "../../../main.ts";
import { EXIT } from "../../../lib/base/exit_code.ts";
import { TEST_X25519, TEST_X25519_OTHER } from "../../keys/test_keys.ts";
import { assert, assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { peerTest } from "../../support/peers.ts";
import { type TestHost, testHost } from "../../support/test_host.ts";

const NAMES = [
  "-rf",
  "new\nline.yaml",
  '"quoted".yaml',
  "it's.yaml",
  "$(touch pwned).yaml",
  "a b\ttab.yaml",
  "back\\slash.yaml",
  "esc\u{1b}[31mred.yaml",
  "\u202egnp.yaml",
  "übung 🔑.yaml",
  "Case.yaml",
  ...(Deno.build.os === "linux" ? ["case.yaml"] : []),
];

/** Encrypted files whose rule wants somebody else besides. */
async function machine(): Promise<TestHost> {
  const host = await testHost({
    files: {
      ".sops.yaml": `creation_rules:\n  - age: ${TEST_X25519.recipient},${TEST_X25519_OTHER.recipient}\n`,
      "~/.config/sops/age/keys.txt": TEST_X25519.identity,
      ...Object.fromEntries(NAMES.map((name) => [name, "a: 1\n"])),
    },
  });
  for (const name of NAMES) {
    assertEquals(await run(["encrypt", "-i", "--age", TEST_X25519.recipient, "--", name], host), EXIT.done);
  }
  return host;
}

/** @returns what a run prints on the standard output */
async function printed(host: TestHost, ...args: string[]): Promise<string> {
  const start = host.written("stdout").length;
  await run(args, host);
  return host.written("stdout").slice(start);
}

peerTest("check names every file so that a shell finds it again", ["sh"], async () => {
  await using host = await machine();
  const { findings } = JSON.parse(await printed(host, "check", "--json")) as {
    findings: { file: string; next: string }[];
  };
  assertEquals(findings.map(({ file }) => host.paths.basename(file)).sort(), NAMES.toSorted());
  for (const { file, next } of findings) {
    const line = `printf '%s\\n' ${next.replace(/^sopsmith /, "")} end`;
    const { stdout } = await new Deno.Command("sh", { args: ["-c", line], cwd: host.cwd }).output();
    const name = host.paths.relative(host.cwd, file);
    const word = name.startsWith("-") ? `./${name}` : name;
    assertEquals(new TextDecoder().decode(stdout), `updatekeys\n${word}\nend\n`, next);
  }
});

Deno.test("check, status and access give a file one line, whatever its name", async () => {
  await using host = await machine();
  for (const args of [["check"], ["status"], ["access"], ["updatekeys", "--dry-run"]]) {
    const text = await printed(host, ...args);
    for (const sign of ["\t", "\u001b", "\u202e"]) assert(!text.includes(sign), text);
    if (args[0] === "access") continue; // one line for all that the same people read
    for (const name of ["new\\u{a}line.yaml", "a b\\u{9}tab.yaml", "esc\\u{1b}[31mred.yaml", "\\u{202e}gnp.yaml"]) {
      assertStringIncludes(text, name);
    }
  }
});

Deno.test("check --sarif gives the name of every file back", async () => {
  await using host = await machine();
  const { runs: [log] } = JSON.parse(await printed(host, "check", "--sarif"));
  const places = log.results.map(({ locations: [place] }: {
    locations: { physicalLocation: { artifactLocation: { uri: string } } }[];
  }) => place!.physicalLocation.artifactLocation.uri);
  assertEquals(places.map(decodeURIComponent).sort(), NAMES.toSorted());
  for (const uri of places) assert(/^[\w.~!*'()%-]+$/.test(uri), uri);
});

peerTest("a name that is not UTF-8 is said, and fails what had to look at it", ["sh"], async () => {
  await using host = await machine();
  const copy =
    'mkdir "$(printf "d\\377")" && cp Case.yaml "$(printf "b\\377.yaml")" && cp Case.yaml "$(printf "d\\377")"';
  const { success } = await new Deno.Command("sh", { args: ["-c", copy], cwd: host.cwd }).output();
  if (!success) return; // a system that has no such names
  for (const args of [["status"], ["access"], ["updatekeys", "-y"], ["rotate", "-y"], ["check"]]) {
    const start = host.written("stderr").length;
    assertEquals(await run(args, host), EXIT.failed, args[0]);
    const said = host.written("stderr").slice(start);
    for (const name of ["b\ufffd.yaml", "d\ufffd"]) {
      assertStringIncludes(said, `cannot read "${name}": its name is not UTF-8`);
    }
  }
});
