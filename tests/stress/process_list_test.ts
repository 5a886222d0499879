/** No identity stands in the arguments or the environment of any process while keygen runs. */
import { assert, assertEquals } from "../support/assert.ts";
import { peerTest } from "../support/peers.ts";
import { IS_FULL, Machine } from "../support/stress_program.ts";

const RUNS = IS_FULL ? 20 : 4;

/**
 * Prints arguments and environment of all processes below a home folder, over and over, until a file is there. A shell,
 * because Deno guards /proc.
 */
const SAMPLER = `until [ -e "$1" ]; do
  for environ in $(grep -slF "HOME=$2" /proc/[0-9]*/environ); do
    cat "$environ" "\${environ%environ}cmdline" 2>/dev/null | tr '\\0' '\\n'
  done
done`;

/** Stands before the real git: notes what it is given. */
const GIT_WRAPPER = `#!/bin/sh
{ printf '%s\\n' "$@"; env; } >> "$GIT_RECORD"
PATH="$REAL_PATH" exec git "$@"
`;

peerTest("keygen shows no identity in the process list", ["sh", "tr", "cat", "grep", "git"], async () => {
  await using machine = await Machine.create();
  const [stop, record, bin] = [`${machine.root}/stop`, `${machine.root}/record`, `${machine.root}/bin`];
  await Deno.mkdir(bin);
  await Deno.writeTextFile(`${bin}/git`, GIT_WRAPPER, { mode: 0o755 });
  const realPath = Deno.env.get("PATH") ?? "";
  const env = { PATH: `${bin}:${realPath}`, REAL_PATH: realPath, GIT_RECORD: record };
  const sampler = new Deno.Command("sh", { args: ["-c", SAMPLER, "sh", stop, machine.home], stdout: "piped" }).spawn();
  const sampling = new Response(sampler.stdout).text();
  const keysPath = `${machine.work}/keys.txt`; // in a work tree, so that git is asked
  for (let i = 0; i < RUNS; i++) {
    const { code, stderr } = await machine.run(["keygen", "--force", "--allow-in-repo"], {
      env: { ...env, SOPS_AGE_KEY_FILE: keysPath },
    });
    assertEquals(code, 0, stderr);
  }
  await machine.run(["keygen", "--force"], { env: { ...env, SOPS_AGE_KEY_FILE: `${machine.work}/others.txt` } });
  await Deno.writeTextFile(stop, "");
  const sampled = await sampling;
  await sampler.status;
  assert((await Deno.readTextFile(keysPath)).includes("AGE-SECRET-KEY-"), "there is something to find");
  assert(/^keygen$/m.test(sampled), "the sampler saw keygen run");
  assert(!sampled.includes("AGE-SECRET-KEY"), "an identity among the arguments and environments");
  const recorded = await Deno.readTextFile(record);
  assert(/^HOME=/m.test(recorded), "git was asked");
  assert(!recorded.includes("AGE-SECRET-KEY"), "an identity among what git was given");
});
